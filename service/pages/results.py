"""The class page: what was told of each round, in words, in a chart, and what was agreed on."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from asyncpg import Connection
from litestar import Request, Router, get, post
from litestar.di import NamedDependency as Named
from litestar.params import FromPath
from litestar.response import Redirect, Template
from msgspec import Struct

from service import class_page, opening, planning, telling
from service.class_page import Beside, Told
from service.house import House
from service.ownership import may_ask, own_round, own_survey
from service.rendering import language_of, page
from service.storage import (
    agreements,
    guesses,
    people,
    practices,
    releases,
    rounds,
    surveys,
    tenancy,
    visits,
)
from service.storage.people import Member
from surveys.access import Role, Viewer
from surveys.rounds import LONGEST_PLAN, Group, Round, Survey
from surveys.trends import Trend

Visit = Request[Any, Any, Any]


class Onwards(Struct, frozen=True):
    """How asking goes on, as long as the class is still the teacher's.

    `first` is the day from which it may be asked again, None while one of its questions is open.
    """

    last: Round | None
    first: date | None
    planned: date | None
    later: UUID | None
    still_taught: bool


class OwnWords(Struct, frozen=True):
    """What was written in the last round, and whom to turn to where a text worries."""

    texts: Sequence[telling.OwnWords]
    advisers: Sequence[Member]


@get("/surveys/{survey_id:uuid}")
async def show(
    request: Visit,
    survey_id: FromPath[UUID],
    house: Named[House],
    viewer: Named[Viewer],
) -> Template:
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        survey, group = await own_survey(connection, viewer, survey_id)
        asked = await rounds.of_survey(connection, viewer.school_id, survey_id)
        told = await what_was_told(connection, survey, asked)
        beside = await what_stands_beside(connection, asked, told.trend)
        own_words = await what_was_written(connection, survey, asked)
        onwards = await what_comes_next(house, connection, viewer, group, asked, told)
    language, at = language_of(request), f"/surveys/{survey_id}"
    return page(
        request,
        "results/show.html",
        viewer=viewer,
        group=group,
        **class_page.shown(house.fragments, language, told, beside, at),
        own_words=own_words,
        onwards=onwards,
        stuck=onwards.last is not None and onwards.last.is_stuck(house.clock()),
        most_weeks=LONGEST_PLAN,
        mails=house.mail is not None,
        handed_on="handed_on" in request.query_params,
        today=house.today(),
    )


async def what_was_told(connection: Connection, survey: Survey, asked: Sequence[Round]) -> Told:
    trend = await telling.trend_of_rounds(connection, survey, asked)
    about = trend.talk_about.item.id if trend.talk_about else ""
    return Told(
        survey=survey,
        trend=trend,
        agreed=await agreements.of_survey(connection, survey.school_id, survey.survey_id),
        worked=await practices.about(connection, survey.school_id, about),
        band=await telling.band_of(connection, survey),
    )


async def what_stands_beside(
    connection: Connection, asked: Sequence[Round], trend: Trend
) -> Beside:
    """The page tells of the last round that has a release."""
    told = trend.items[0].last
    for round in asked:
        if told and round.number == told.number:
            return Beside(
                guess=await guesses.of_round(connection, round.school_id, round.round_id),
                visit=await visits.of_round(connection, round.school_id, round.round_id),
            )
    return Beside()


async def what_was_written(
    connection: Connection, survey: Survey, asked: Sequence[Round]
) -> OwnWords | None:
    texts = await telling.own_words(connection, survey, asked[-1]) if asked else []
    if not texts:
        return None
    return OwnWords(texts, await people.active(connection, survey.school_id, Role.ADVISER))


async def what_comes_next(
    house: House,
    connection: Connection,
    viewer: Viewer,
    group: Group,
    asked: Sequence[Round],
    told: Told,
) -> Onwards:
    survey, text = told.survey, told.agreement.text if told.agreement else ""
    return Onwards(
        last=asked[-1] if asked else None,
        first=await opening.first_day_with(house, connection, survey, text),
        planned=await planning.next_day(house, connection, survey) if survey.every_weeks else None,
        later=await surveys.following(connection, survey.school_id, survey.survey_id),
        still_taught=await may_ask(connection, viewer, group),
    )


@post("/rounds/{round_id:uuid}/comments/{comment_id:uuid}/removal")
async def put_away(
    round_id: FromPath[UUID],
    comment_id: FromPath[UUID],
    house: Named[House],
    viewer: Named[Viewer],
) -> Redirect:
    """A text that is put away is gone for good."""
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        round, _, _ = await own_round(connection, viewer, round_id)
        await releases.put_away(connection, viewer.school_id, round_id, comment_id)
    return Redirect(f"/surveys/{round.survey_id}", status_code=303)


router = Router("/", route_handlers=[show, put_away])
