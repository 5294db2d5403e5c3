"""Showing a survey to a colleague, by name; the colleague reads, and nothing more."""

from typing import Any
from uuid import UUID

from asyncpg import Connection
from litestar import Request, Router, get, post
from litestar.di import NamedDependency as Named
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect, Template
from msgspec import Struct

from service import telling
from service.house import House
from service.ownership import own_survey, survey_of, survey_to_read
from service.rendering import page
from service.storage import agreements, audit, people, shares, surveys, tenancy
from service.storage.people import Member
from surveys import access
from surveys.access import Viewer
from surveys.deeds import Verb
from surveys.rounds import Group, Survey

Form = dict[str, str]
Visit = Request[Any, Any, Any]


class Shown(Struct, frozen=True):
    """A survey that a colleague shows."""

    survey: Survey
    group: Group
    by: str


@get("/surveys/{survey_id:uuid}/sharing")
async def choose(
    request: Visit, survey_id: FromPath[UUID], house: Named[House], viewer: Named[Viewer]
) -> Template:
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        survey, group = await own_survey(connection, viewer, survey_id)
        return page(
            request,
            "sharing/choose.html",
            viewer=viewer,
            survey=survey,
            group=group,
            colleagues=await colleagues(connection, viewer),
            shared=await shares.of_survey(connection, viewer.school_id, survey_id),
            saved="saved" in request.query_params,
        )


@post("/surveys/{survey_id:uuid}/sharing")
async def share(
    survey_id: FromPath[UUID],
    data: URLEncodedBody[Form],
    house: Named[House],
    viewer: Named[Viewer],
) -> Redirect:
    """Who is ticked sees it from now on; who is not no longer does."""
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        await own_survey(connection, viewer, survey_id)
        known = await colleagues(connection, viewer)
        ticked = [member.account_id for member in known if str(member.account_id) in data]
        before = await shares.of_survey(connection, viewer.school_id, survey_id)
        await shares.replace(connection, viewer.school_id, survey_id, ticked)
        for verb, changed in (
            (Verb.SURVEY_SHARED, set(ticked) - before),
            (Verb.SURVEY_UNSHARED, before - set(ticked)),
        ):
            if changed:
                await audit.note(connection, viewer, verb, survey_id, house.clock())
        in_band = "in_band" in data
        await surveys.set_in_band(connection, viewer.school_id, survey_id, in_band=in_band)
    return Redirect(f"/surveys/{survey_id}/sharing?saved=yes", status_code=303)


@get("/shared")
async def shown_to_me(request: Visit, house: Named[House], viewer: Named[Viewer]) -> Template:
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        found = await shares.with_account(connection, viewer.school_id, viewer.account_id)
        if not access.works_with_results(viewer.roles):
            found = frozenset()
        names: dict[UUID | None, str] = {
            member.account_id: member.name
            for member in await people.of_school(connection, viewer.school_id)
        }
        shown = [await shown_survey(connection, viewer, each, names) for each in found]
    shown.sort(key=lambda each: (each.by, each.group.name))
    return page(request, "sharing/mine.html", viewer=viewer, shown=shown)


@get("/shared/{survey_id:uuid}")
async def show(
    request: Visit,
    survey_id: FromPath[UUID],
    house: Named[House],
    viewer: Named[Viewer],
) -> Template:
    """R7: the texts of students are for their teacher, and are never shared."""
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        survey, group = await survey_to_read(connection, viewer, survey_id)
        trend = await telling.trend_of(connection, survey)
        agreed = await agreements.of_survey(connection, viewer.school_id, survey_id)
    return page(
        request,
        "sharing/show.html",
        viewer=viewer,
        survey=survey,
        group=group,
        trend=trend,
        sparks=telling.sparks_of(trend.items, agreed),
        agreement=agreed[-1] if agreed else None,
    )


async def colleagues(connection: Connection, viewer: Viewer) -> list[Member]:
    return [
        member
        for member in await people.of_school(connection, viewer.school_id)
        if member.ended_on is None
        and member.account_id != viewer.account_id
        and access.works_with_results(member.roles)
    ]


async def shown_survey(
    connection: Connection, viewer: Viewer, survey_id: UUID, names: dict[UUID | None, str]
) -> Shown:
    survey, group = await survey_of(connection, viewer.school_id, survey_id)
    return Shown(survey, group, names.get(survey.owner, ""))


router = Router("/", route_handlers=[choose, share, shown_to_me, show])
