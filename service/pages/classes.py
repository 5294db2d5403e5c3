"""My classes: what each is asked, and the one button that asks it."""

from typing import Any
from uuid import UUID

from asyncpg import Connection
from litestar import Request, Router, get, post
from litestar.di import NamedDependency as Named
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect, Template
from msgspec import Struct

from service import opening, planning
from service.grouping import defaults, filled_from, group_of, problems_of_group
from service.house import House
from service.ownership import own_group
from service.rendering import form_page, page
from service.storage import agreements, audit, groups, mentors, rounds, surveys, tenancy
from surveys.access import Role, Viewer
from surveys.deeds import Verb
from surveys.rounds import Group, Round, Survey
from surveys.turns import Standing, Step, turn

Form = dict[str, str]
Visit = Request[Any, Any, Any]
Answer = Template | Redirect


class Asked(Struct, frozen=True):
    """A survey of a class as the teacher's list shows it: no figures, the class may be looking."""

    survey: Survey
    standing: Standing
    step: Step
    agreement: str


class Card(Struct, frozen=True):
    """A class on its teacher's list."""

    group: Group
    asked: tuple[Asked, ...]

    def holds(self, survey_id: UUID | None) -> bool:
        return any(each.survey.survey_id == survey_id for each in self.asked)


class Earlier(Struct, frozen=True):
    """A survey of a class that has ended, or that somebody else teaches now."""

    survey: Survey
    group: Group | None


NO_CLASSES: dict[str, Any] = {"cards": [], "waves": [], "earlier": []}
"""The list of who is no teacher, or is none any more."""


@get("/classes")
async def mine(request: Visit, house: Named[House], viewer: Named[Viewer]) -> Template:
    if not viewer.is_a(Role.TEACHER):
        return page(request, "classes/mine.html", viewer=viewer, **NO_CLASSES)
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
        asked_by_school = await mentors.asked_of(connection, viewer.school_id, viewer.account_id)
        known = {card.group.group_id for card in cards}
        earlier = [
            Earlier(survey, await groups.get(connection, viewer.school_id, survey.group_id))
            for survey in owned
            if survey.group_id not in known and survey.survey_id in last
        ]
    next_one = turn([each.standing for card in cards for each in card.asked], house.today())
    cards.sort(key=lambda card: not card.holds(next_one))  # else as they were
    return page(
        request,
        "classes/mine.html",
        viewer=viewer,
        cards=cards,
        turn=None if asked_by_school else next_one,
        waves=asked_by_school,
        earlier=earlier,
        today=house.today(),
    )


async def card_line(
    house: House, connection: Connection, survey: Survey, latest: Round | None
) -> Asked:
    agreement = await agreements.present(connection, survey.school_id, survey.survey_id)
    planned = await planning.next_day(house, connection, survey) if survey.every_weeks else None
    standing = Standing(
        survey_id=survey.survey_id,
        latest=latest,
        may_ask_on=await opening.first_day(house, connection, survey),
        agreed_on=agreement.agreed_on if agreement else None,
        planned_on=planned,
    )
    return Asked(
        survey=survey,
        standing=standing,
        step=standing.step(house.today()),
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
        await audit.note(connection, viewer, Verb.GROUP_MADE, group.group_id, house.clock())
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
        await audit.note(connection, viewer, Verb.GROUP_CHANGED, group_id, house.clock())
    return Redirect("/classes", status_code=303)


def group_page(
    request: Visit,
    viewer: Viewer,
    group: Group | None,
    form: Form,
    problems: dict[str, str] | None = None,
) -> Template:
    return form_page(request, "classes/group.html", form, problems, viewer=viewer, group=group)


router = Router("/", route_handlers=[mine, new, add, edit, change])
