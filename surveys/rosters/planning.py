"""What a roster would change of a school: shown first, then done, all of it or nothing."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from surveys.rosters.roster import Class, Person, Roster, Teaching
from surveys.rounds import Group


class Held(Struct, frozen=True):
    """A group that is there. `imported`: it came out of files, and so ends by files."""

    group: Group
    imported: bool

    @property
    def ended(self) -> bool:
        return self.group.ended_on is not None


class Way(StrEnum):
    """How somebody of the files comes to teach here."""

    TEACHES = "teaches"
    HERE = "here"
    BARRED = "barred"
    WAITING = "waiting"
    INVITED = "invited"


class Colleague(Struct, frozen=True):
    """Somebody who has an account and works at this school."""

    account_id: UUID
    email: str
    teaches: bool
    barred: bool  # the access was ended


class Known(Struct, frozen=True):
    """A person of the files, and the account that is theirs, once they have one here."""

    person: Person
    account_id: UUID | None


class Present(Struct, frozen=True):
    """The school as it is: groups and people by the ids of the files."""

    school: str
    groups: Mapping[str, Held]
    people: Mapping[str, Known]
    teaching: frozenset[Teaching]
    colleagues: tuple[Colleague, ...]
    waiting: frozenset[str]  # e-mail addresses with an invitation as a teacher


class Change(Struct, frozen=True):
    """A class that is there already, before and after.

    One that had ended begins again; one that a teacher made is adopted: it follows the files now.
    """

    sourced_id: str
    before: Group
    after: Group
    adopted: bool

    @property
    def begins_again(self) -> bool:
        return self.before.ended_on is not None


class End(Struct, frozen=True):
    """A class that ends; what was told of it stays."""

    sourced_id: str
    group: Group


class Plan(Struct, frozen=True):
    """All that an import does."""

    school: str
    new: tuple[Class, ...]
    changed: tuple[Change, ...]
    ended: tuple[End, ...]
    invited: tuple[Person, ...]
    waiting: tuple[Person, ...]  # invited before
    here: tuple[Person, ...]  # who work here and are no teachers: nobody gets a role silently
    barred: tuple[Person, ...]  # whose access was ended
    people: tuple[Known, ...]
    gone: tuple[Known, ...]
    teaches: tuple[Teaching, ...]
    no_longer: tuple[Teaching, ...]
    namesakes: tuple[str, ...]  # new classes named as one that a teacher made
    other_school: bool

    @property
    def does_nothing(self) -> bool:
        parts = self.new, self.changed, self.ended, self.invited, self.gone
        return not any((*parts, self.teaches, self.no_longer))


def plan(roster: Roster, present: Present) -> Plan:
    """Groups that teachers made by themselves stay as they are, unless the files name their id."""
    accounts = {each.email: each.account_id for each in present.colleagues}
    people = tuple(known(each, present, accounts) for each in roster.people)
    ways = by_way(people, present)
    own = {held.group.name for held in present.groups.values() if not held.imported}
    new = tuple(
        each for each in roster.classes if each.members and each.sourced_id not in present.groups
    )
    ended = tuple(ending(roster, present))
    gone = tuple(leaving(roster, present))
    return Plan(
        school=roster.school or present.school,
        new=new,
        changed=tuple(changes(roster, present)),
        ended=ended,
        invited=tuple(ways[Way.INVITED]),
        waiting=tuple(ways[Way.WAITING]),
        here=tuple(ways[Way.HERE]),
        barred=tuple(ways[Way.BARRED]),
        people=people,
        gone=gone,
        teaches=tuple(sorted(beginning(roster, present, people))),
        no_longer=tuple(sorted(stopping(roster, present, ended, gone))),
        namesakes=tuple(sorted({each.name for each in new} & own)),
        other_school=bool(present.school and roster.school not in ("", present.school)),
    )


# People


def by_way(people: Iterable[Known], present: Present) -> Mapping[Way, Sequence[Person]]:
    ways = {each.email: way_of(each) for each in present.colleagues}
    found: defaultdict[Way, list[Person]] = defaultdict(list)
    for each in people:
        email = each.person.email
        not_here = Way.WAITING if email in present.waiting else Way.INVITED
        found[ways.get(email, not_here)].append(each.person)
    return found


def way_of(one: Colleague) -> Way:
    if one.barred:
        return Way.BARRED
    return Way.TEACHES if one.teaches else Way.HERE


def known(person: Person, present: Present, accounts: Mapping[str, UUID]) -> Known:
    """With the account that the id stood for before, or that has the address.

    Who has an account says oneself at which address: what the files say of it changes nothing.
    """
    before = present.people.get(person.sourced_id)
    if before is None or before.account_id is None:
        return Known(person, accounts.get(person.email))
    return Known(replace(person, email=before.person.email), before.account_id)


def leaving(roster: Roster, present: Present) -> Iterator[Known]:
    named = {each.sourced_id for each in roster.people}
    for sourced_id, each in present.people.items():
        if (roster.full and sourced_id not in named) or sourced_id in roster.gone_people:
            yield each


# Classes


def changes(roster: Roster, present: Present) -> Iterator[Change]:
    for each in roster.classes:
        held = present.groups.get(each.sourced_id)
        if held is None:
            continue
        after = as_said(held.group, each)
        if after != held.group or not held.imported:
            yield Change(each.sourced_id, held.group, after, adopted=not held.imported)


def ending(roster: Roster, present: Present) -> Iterator[End]:
    """What vanished from a full roster, or is named as gone; nothing that a teacher made."""
    named = {each.sourced_id for each in roster.classes}
    for sourced_id, held in present.groups.items():
        vanished = roster.full and sourced_id not in named
        if held.imported and not held.ended and (vanished or sourced_id in roster.gone_classes):
            yield End(sourced_id, held.group)


# Who teaches what


def beginning(roster: Roster, present: Present, people: Iterable[Known]) -> Iterator[Teaching]:
    """What the files did not say before, and all of who has come since."""
    without = {id for id, each in present.people.items() if each.account_id is None}
    came = {each.person.sourced_id for each in people if each.account_id} & without
    for pair in roster.teaching:
        if pair not in present.teaching or pair[1] in came:
            yield pair


def stopping(
    roster: Roster, present: Present, ended: Iterable[End], gone: Iterable[Known]
) -> Iterator[Teaching]:
    """What the files no longer say. Who taught a class that is over stays with it."""
    going_on = {each.sourced_id for each in roster.classes}
    over = {id for id, held in present.groups.items() if held.ended and id not in going_on}
    over |= {each.sourced_id for each in ended}
    left = {each.person.sourced_id for each in gone}
    for pair in present.teaching - set(roster.teaching):
        named = pair in roster.gone_teaching or pair[1] in left
        if pair[0] not in over and (roster.full or named):
            yield pair


def as_said(group: Group, said: Class) -> Group:
    return replace(
        group,
        name=said.name,
        kind=said.kind,
        stage=said.stage,
        year_group=said.year_group,
        school_year=said.school_year,
        members=said.members or group.members,
        subject=said.subject,
        ended_on=None,
    )


def group_of(said: Class, school_id: UUID, group_id: UUID) -> Group:
    """A new class as a group of the school."""
    return Group(
        school_id=school_id,
        group_id=group_id,
        name=said.name,
        kind=said.kind,
        stage=said.stage,
        year_group=said.year_group,
        school_year=said.school_year,
        members=said.members,
        subject=said.subject,
    )


def class_of(sourced_id: str, group: Group) -> Class:
    """A group of the school as files would say it."""
    return Class(
        sourced_id=sourced_id,
        name=group.name,
        kind=group.kind,
        stage=group.stage,
        year_group=group.year_group,
        school_year=group.school_year,
        members=group.members,
        subject=group.subject,
    )
