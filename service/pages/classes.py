"""My classes: what each is asked, and the one button that asks it."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from asyncpg import Connection
from litestar import Request, Router, get, post
from litestar.di import NamedDependency as Named
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect, Template
from msgspec import Struct

from service import opening
from service.house import House
from service.ownership import own_group
from service.rendering import form_page, page
from service.storage import agreements, groups, rounds, surveys, tenancy, waves
from surveys.access import Role, Viewer
from surveys.instrument import Stage
from surveys.rounds import (
    Group,
    GroupKind,
    Round,
    Survey,
    is_number_of_members,
    school_year_began,
)

Form = dict[str, str]
Visit = Request[Any, Any, Any]
Answer = Template | Redirect

DEFAULT_MEMBERS = 28


class Asked(Struct, frozen=True):
    """A survey of a class as the teacher's list shows it: no figures, the class may be looking."""

    survey: Survey
    latest: Round | None
    may_ask_on: date | None
    agreement: str


class Card(Struct, frozen=True):
    """A class on its teacher's list."""

    group: Group
    asked: tuple[Asked, ...]


@get("/classes")
async def mine(request: Visit, house: Named[House], viewer: Named[Viewer]) -> Template:
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        taught = await groups.taught_by(connection, viewer.school_id, viewer.account_id)
        owned = await surveys.owned_by(connection, viewer.school_id, viewer.account_id)
        latest = await rounds.latest_of_owner(connection, viewer.school_id, viewer.account_id)
        last = {round.survey_id: round for round in latest}
        replaced = {survey.follows for survey in owned}
        cards = [
            Card(
                group,
                tuple(
                    [
                        await card_line(house, connection, survey, last.get(survey.survey_id))
                        for survey in owned
                        if survey.group_id == group.group_id and survey.survey_id not in replaced
                    ]
                ),
            )
            for group in taught
        ]
        asked_by_school = await waves.running_of_teacher(
            connection, viewer.school_id, viewer.account_id
        )
    return page(
        request,
        "classes/mine.html",
        viewer=viewer,
        cards=cards,
        waves=asked_by_school,
        today=house.today(),
    )


async def card_line(
    house: House, connection: Connection, survey: Survey, latest: Round | None
) -> Asked:
    agreement = await agreements.present(connection, survey.school_id, survey.survey_id)
    return Asked(
        survey=survey,
        latest=latest,
        may_ask_on=await opening.first_day(house, connection, survey),
        agreement=agreement.text if agreement else "",
    )


@get("/classes/new")
async def new(request: Visit, house: Named[House], viewer: Named[Viewer]) -> Template:
    return group_page(request, viewer, None, defaults(house))


@post("/classes/new", status_code=200)
async def add(
    request: Visit, data: URLEncodedBody[Form], house: Named[House], viewer: Named[Viewer]
) -> Answer:
    if not viewer.is_a(Role.TEACHER):
        raise NotFoundException
    problems = problems_of_group(data)
    if "language" in data or problems:
        return group_page(request, viewer, None, data, problems)
    group = group_of(data, viewer.school_id, house.new_id())
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        await groups.add(connection, group)
        await groups.add_teacher(connection, viewer.school_id, group.group_id, viewer.account_id)
    return Redirect(f"/classes/{group.group_id}/ask", status_code=303)


@get("/classes/{group_id:uuid}/edit")
async def edit(
    request: Visit, group_id: FromPath[UUID], house: Named[House], viewer: Named[Viewer]
) -> Template:
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        group = await own_group(connection, viewer, group_id)
    return group_page(request, viewer, group, filled_from(group))


@post("/classes/{group_id:uuid}/edit", status_code=200)
async def change(
    request: Visit,
    group_id: FromPath[UUID],
    data: URLEncodedBody[Form],
    house: Named[House],
    viewer: Named[Viewer],
) -> Answer:
    problems = problems_of_group(data)
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        group = await own_group(connection, viewer, group_id)
        if "language" in data or problems:
            return group_page(request, viewer, group, data, problems)
        await groups.change(connection, group_of(data, viewer.school_id, group_id))
    return Redirect("/classes", status_code=303)


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


def group_page(
    request: Visit,
    viewer: Viewer,
    group: Group | None,
    form: Form,
    problems: dict[str, str] | None = None,
) -> Template:
    return form_page(request, "classes/group.html", form, problems, viewer=viewer, group=group)


router = Router("/", route_handlers=[mine, new, add, edit, change])
