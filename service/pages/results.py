"""The class page: what was told of each round, in words, in a chart, and what was agreed on."""

from typing import Any
from uuid import UUID

from litestar import Request, Router, get, post
from litestar.di import NamedDependency as Named
from litestar.params import FromPath
from litestar.response import Redirect, Template

from service import class_page, opening, planning, telling
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
from surveys import suggestions, trends
from surveys.access import Role, Viewer
from surveys.release import TooFew
from surveys.rounds import LONGEST_PLAN, Round, State

Visit = Request[Any, Any, Any]


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
        trend = await telling.trend_of_rounds(connection, survey, asked)
        about = trend.talk_about.item.id if trend.talk_about else ""
        worked = await practices.about(connection, viewer.school_id, about)
        band = await telling.band_of(connection, survey)
        agreed = await agreements.of_survey(connection, viewer.school_id, survey_id)
        present = agreed[-1] if agreed else None
        text = present.text if present else ""
        first = await opening.first_day_with(house, connection, survey, text)
        last = asked[-1] if asked else None
        still_taught = await may_ask(connection, viewer, group)
        later = await surveys.following(connection, viewer.school_id, survey_id)
        planned = await planning.next_day(house, connection, survey) if survey.every_weeks else None
        told_of = round_told(asked, trend)
        guess = await guesses.of_round(connection, viewer.school_id, told_of) if told_of else None
        visit = await visits.of_round(connection, viewer.school_id, told_of) if told_of else None
        own_words = await telling.own_words(connection, survey, last) if last else []
        advisers = (
            await people.active(connection, viewer.school_id, Role.ADVISER) if own_words else []
        )
    latest = trend.points[-1] if trend.points else None
    effect = telling.effect_of(trend, present)
    language = language_of(request)
    return page(
        request,
        "results/show.html",
        viewer=viewer,
        survey=survey,
        group=group,
        last=last,
        running=last if last and last.state in (State.OPEN, State.CLOSED) else None,
        stuck=last is not None and last.is_stuck(house.clock()),
        trend=trend,
        response=telling.response_of(trend, language),
        from_round_to_round=class_page.from_round_to_round(
            house.fragments, language, trend, agreed, effect, band
        ),
        questions=class_page.questions(
            house.fragments,
            language,
            survey.instrument,
            trend,
            agreed,
            at=f"/surveys/{survey_id}",
            guess=guess,
            visit=visit,
        ),
        suggestions=suggestions.about(trend.talk_about.item) if trend.talk_about else (),
        worked=worked,
        agreement=present,
        noticed=telling.noticed(latest) if latest else None,
        effect=effect,
        too_few=latest.told if latest and isinstance(latest.told, TooFew) else None,
        k=last.rule.k if last else 0,
        agreements=agreed,
        own_words=own_words,
        advisers=advisers,
        later=later,
        still_taught=still_taught,
        planned=planned,
        most_weeks=LONGEST_PLAN,
        mails=house.mail is not None,
        first=first,
        handed_on="handed_on" in request.query_params,
        today=house.today(),
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


def round_told(asked: list[Round], trend: trends.Trend) -> UUID | None:
    """The round that the page tells of: the last one that has a release."""
    last = trend.items[0].last
    return next((each.round_id for each in asked if last and each.number == last.number), None)


router = Router("/", route_handlers=[show, put_away])
