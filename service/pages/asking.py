"""Asking a class: choosing what to ask, and opening a round of it."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from asyncpg import Connection
from litestar import Request, Router, get, post
from litestar.di import NamedDependency as Named
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect, Template

from service import opening, versioning
from service.house import House
from service.opening import NotYet
from service.ownership import own_group, survey_to_ask
from service.rendering import form_page
from service.storage import audit, rounds, surveys, tenancy
from surveys import instrument
from surveys.access import Viewer
from surveys.deeds import Verb
from surveys.instrument import Instrument
from surveys.rounds import Group, Round, Survey, is_number_of_members, latest_closing

Form = dict[str, str]
Visit = Request[Any, Any, Any]
Answer = Template | Redirect

LONGEST_FOCUS = 140


@get("/classes/{group_id:uuid}/ask")
async def choose(
    request: Visit, group_id: FromPath[UUID], house: Named[House], viewer: Named[Viewer]
) -> Template:
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        group = await own_group(connection, viewer, group_id)
    form = {"members": str(group.members), "open_for": "hour"}
    return ask_page(request, viewer, group, form)


@post("/classes/{group_id:uuid}/ask", status_code=200)
async def ask(
    request: Visit,
    group_id: FromPath[UUID],
    data: URLEncodedBody[Form],
    house: Named[House],
    viewer: Named[Viewer],
) -> Answer:
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        group = await own_group(connection, viewer, group_id)
        chosen = instrument.library().get(data.get("instrument", ""))
        problems = problems_of_asking(data, group, chosen)
        if "language" in data or problems or chosen is None:
            return ask_page(request, viewer, group, data, problems)
        survey = await survey_of(house, connection, viewer, group, chosen)
        opened = await open_as_filled_in(house, connection, viewer, survey, data)
        if isinstance(opened, NotYet):
            if not await rounds.of_survey(connection, viewer.school_id, survey.survey_id):
                await surveys.remove(connection, viewer.school_id, survey.survey_id)
            problems = {"instrument": "not yet"}
            return ask_page(request, viewer, group, data, problems, not_yet=opened)
    return Redirect(f"/rounds/{opened.round_id}", status_code=303)


@get("/surveys/{survey_id:uuid}/ask")
async def choose_again(
    request: Visit, survey_id: FromPath[UUID], house: Named[House], viewer: Named[Viewer]
) -> Template:
    """The same survey again, with what may differ from round to round."""
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        survey, group = await survey_to_ask(connection, viewer, survey_id)
        form = {"members": str(group.members), "open_for": "hour"}
        return await again_page(request, house, connection, viewer, survey, group, form)


@post("/surveys/{survey_id:uuid}/ask", status_code=200)
async def ask_again(
    request: Visit,
    survey_id: FromPath[UUID],
    data: URLEncodedBody[Form],
    house: Named[House],
    viewer: Named[Viewer],
) -> Answer:
    """From the list of classes with nothing filled in: the class as it is, for an hour."""
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        survey, group = await survey_to_ask(connection, viewer, survey_id)
        form = {"members": str(group.members), "open_for": "hour", **data}
        problems = problems_of_asking(form, group, survey.instrument)
        if "language" in data or problems:
            return await again_page(
                request, house, connection, viewer, survey, group, form, problems
            )
        opened = await open_as_filled_in(house, connection, viewer, survey, form)
        if isinstance(opened, NotYet):
            return await again_page(request, house, connection, viewer, survey, group, form)
    return Redirect(f"/rounds/{opened.round_id}", status_code=303)


async def open_as_filled_in(
    house: House, connection: Connection, viewer: Viewer, survey: Survey, form: Form
) -> Round | NotYet:
    opened = await opening.open_round(
        house,
        connection,
        survey,
        members=int(form["members"]),
        closes_at=closing(house.clock(), form.get("open_for", "")),
        cards="cards" in form,
        focus=form.get("focus", "").strip(),
    )
    if isinstance(opened, Round):
        await audit.note(connection, viewer, Verb.ROUND_OPENED, opened.round_id, house.clock())
    return opened


async def survey_of(
    house: House, connection: Connection, viewer: Viewer, group: Group, chosen: Instrument
) -> Survey:
    """The teacher's series with this instrument and version, begun where there is none yet."""
    for survey in await surveys.owned_by(connection, viewer.school_id, viewer.account_id):
        same = (survey.instrument.key, survey.instrument.version) == (chosen.key, chosen.version)
        if same and survey.group_id == group.group_id:
            return survey
    begun = Survey(viewer.school_id, house.new_id(), group.group_id, viewer.account_id, chosen)
    await surveys.add(connection, begun)
    return begun


def closing(now: datetime, open_for: str) -> datetime:
    """When a round closes by itself: in an hour, tomorrow at the end of school, or in a week."""
    tomorrow = datetime.combine(now.date() + timedelta(days=1), time(17), now.tzinfo)
    return {"tomorrow": tomorrow, "week": latest_closing(now)}.get(
        open_for, now + timedelta(hours=1)
    )


def problems_of_asking(
    form: Mapping[str, str], group: Group, chosen: Instrument | None
) -> dict[str, str]:
    found = {} if is_number_of_members(form.get("members", "")) else {"members": "wrong"}
    if chosen is None or (chosen.stages and group.stage not in chosen.stages):
        found["instrument"] = "missing"
    if len(form.get("focus", "").strip()) > LONGEST_FOCUS:
        found["focus"] = "long"
    return found


def ask_page(
    request: Visit,
    viewer: Viewer,
    group: Group,
    form: Form,
    problems: dict[str, str] | None = None,
    not_yet: NotYet | None = None,
) -> Template:
    suited = [found for found in instrument.library().values() if group.stage in found.stages]
    return form_page(
        request,
        "classes/ask.html",
        form,
        problems,
        viewer=viewer,
        group=group,
        instruments=suited,
        not_yet=not_yet,
    )


async def again_page(
    request: Visit,
    house: House,
    connection: Connection,
    viewer: Viewer,
    survey: Survey,
    group: Group,
    form: Form,
    problems: dict[str, str] | None = None,
) -> Template:
    is_own = await versioning.is_newest(connection, survey)
    return form_page(
        request,
        "classes/again.html",
        form,
        problems,
        viewer=viewer,
        group=group,
        survey=survey,
        first=await opening.first_day(house, connection, survey),
        today=house.today(),
        is_own=is_own,
        may_change=is_own and not await versioning.being_asked(connection, survey),
    )


router = Router("/", route_handlers=[choose, ask, choose_again, ask_again])
