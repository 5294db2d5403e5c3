"""The turn of the school year: what becomes of each group, proposed and then decided."""

import re
from collections.abc import Iterable
from datetime import date
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from surveys.instrument import Stage
from surveys.rounds import Group, GroupKind

JULY = 7  # from then on schools think of the year that comes
LAST_YEAR = {Stage.PRIMARY: 8, Stage.SECONDARY: 6, Stage.VOCATIONAL: 4}
LAST_YEAR_GROUP = 8
A_YEAR_GROUP = re.compile(r"(?<!\d)[1-8](?!\d)")


class Fate(StrEnum):
    """What becomes of a group."""

    UP = "up"  # the same students, a year further: their series of results goes on
    STAY = "stay"
    END = "end"


class Proposal(Struct, frozen=True):
    """What most schools would do with a group; the school decides."""

    group: Group
    fate: Fate
    name: str


def coming_year(today: date) -> int:
    """The school year that groups are to belong to, by the year in which it begins."""
    return today.year if today.month >= JULY else today.year - 1


def proposals(groups: Iterable[Group], today: date) -> list[Proposal]:
    """For the groups that are still of an earlier school year."""
    return [proposal(group) for group in groups if group.school_year < coming_year(today)]


def proposal(group: Group) -> Proposal:
    """A lesson group ends with its lessons; who sits in it next year are others."""
    year = year_group_of(group)
    if group.kind is GroupKind.LESSON:
        return Proposal(group, Fate.END, group.name)
    if group.kind is GroupKind.TEAM or year is None or group.stage not in LAST_YEAR:
        return Proposal(group, Fate.STAY, group.name)
    if year >= LAST_YEAR[group.stage]:
        return Proposal(group, Fate.END, group.name)
    return Proposal(group, Fate.UP, next_name(group.name, year))


def year_group_of(group: Group) -> int | None:
    """As it was filled in, or as the name says it: 2 of 2B."""
    found = A_YEAR_GROUP.search(group.name)
    return group.year_group or (int(found[0]) if found else None)


def next_name(name: str, year: int) -> str:
    """3B of 2B, Groep 7 of Groep 6; a name without the year stays as it is."""
    return re.sub(rf"(?<!\d){year}(?!\d)", str(year + 1), name, count=1)


def turned(group: Group, fate: Fate, name: str, today: date) -> Group:
    """The group as it is from now on."""
    if fate is Fate.END:
        return replace(group, ended_on=today)
    year = year_group_of(group)
    moved_up = min(year + 1, LAST_YEAR_GROUP) if year and fate is Fate.UP else group.year_group
    return replace(group, name=name, year_group=moved_up, school_year=coming_year(today))
