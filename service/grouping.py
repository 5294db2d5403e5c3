"""The form of a group: what may be filled in, and the group that comes of it."""

import re
from collections.abc import Mapping
from uuid import UUID

from service.house import House
from surveys.instrument import Stage
from surveys.rounds import Group, GroupKind, is_number_of_members, school_year_began

Form = dict[str, str]

DEFAULT_MEMBERS = 28


def problems_of_group(form: Mapping[str, str]) -> dict[str, str]:
    found = {} if is_number_of_members(form.get("members", "")) else {"members": "wrong"}
    if not 0 < len(form.get("name", "").strip()) <= 40:
        found["name"] = "missing"
    if form.get("kind") not in set(GroupKind):
        found["kind"] = "missing"
    if form.get("stage") not in set(Stage):
        found["stage"] = "missing"
    year_group = form.get("year_group", "").strip()
    if year_group and not re.fullmatch("[1-8]", year_group):
        found["year_group"] = "wrong"
    if not re.fullmatch("20[0-9]{2}", form.get("school_year", "")):
        found["school_year"] = "wrong"
    return found


def group_of(form: Mapping[str, str], school_id: UUID, group_id: UUID) -> Group:
    year_group = form.get("year_group", "").strip()
    return Group(
        school_id=school_id,
        group_id=group_id,
        name=form["name"].strip(),
        kind=GroupKind(form["kind"]),
        stage=Stage(form["stage"]),
        year_group=int(year_group) if year_group else None,
        school_year=int(form["school_year"]),
        members=int(form["members"]),
        subject=form.get("subject", "").strip()[:40],
    )


def defaults(house: House) -> Form:
    return {
        "kind": GroupKind.CLASS,
        "stage": Stage.SECONDARY,
        "members": str(DEFAULT_MEMBERS),
        "school_year": str(school_year_began(house.today()).year),
    }


def filled_from(group: Group) -> Form:
    return {
        "name": group.name,
        "kind": group.kind,
        "stage": group.stage,
        "year_group": str(group.year_group or ""),
        "school_year": str(group.school_year),
        "members": str(group.members),
        "subject": group.subject,
    }
