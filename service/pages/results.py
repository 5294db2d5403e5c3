"""The class page: what was told of each round, in words, in a chart, and what was agreed on."""

from typing import Any
from uuid import UUID

from babel.numbers import format_percent
from jinja2 import Environment
from litestar import Request, Router, get, post
from litestar.di import NamedDependency as Named
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect, Template

from service import charts, opening
from service.charts import Chart, Mark
from service.house import House
from service.ownership import own_round, own_survey
from service.rendering import form_page, language_of
from service.storage import agreements, releases, rounds, tenancy
from service.storage.agreements import Agreement
from surveys import trends
from surveys.access import Viewer
from surveys.instrument import said
from surveys.noticing import NOTICED
from surveys.release import TooFew
from surveys.rounds import Round, State, response_rate
from surveys.trends import Point

Form = dict[str, str]
Visit = Request[Any, Any, Any]

LONGEST_AGREEMENT = 140


@get("/surveys/{survey_id:uuid}")
async def show(
    request: Visit,
    survey_id: FromPath[UUID],
    house: Named[House],
    viewer: Named[Viewer],
    templates: Named[Environment],
) -> Template:
    return await class_page(request, survey_id, house, viewer, templates, {})


@post("/surveys/{survey_id:uuid}/agreements", status_code=200)
async def agree(
    request: Visit,
    survey_id: FromPath[UUID],
    data: URLEncodedBody[Form],
    house: Named[House],
    viewer: Named[Viewer],
    templates: Named[Environment],
) -> Template | Redirect:
    text = data.get("agreement", "").strip()
    if "language" in data or not 0 < len(text) <= LONGEST_AGREEMENT:
        problems = {"agreement": "long" if text else "missing"}
        return await class_page(request, survey_id, house, viewer, templates, data, problems)
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        survey, _ = await own_survey(connection, viewer, survey_id)
        about = data.get("item", "")
        agreement = Agreement(
            school_id=viewer.school_id,
            agreement_id=house.new_id(),
            survey_id=survey.survey_id,
            item=about if about in {item.id for item in survey.instrument.closed} else "",
            text=text,
            agreed_on=house.today(),
        )
        await agreements.add(connection, agreement)
    return Redirect(f"/surveys/{survey_id}", status_code=303)


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


async def class_page(
    request: Visit,
    survey_id: UUID,
    house: House,
    viewer: Viewer,
    templates: Environment,
    form: Form,
    problems: dict[str, str] | None = None,
) -> Template:
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        survey, group = await own_survey(connection, viewer, survey_id)
        asked = await rounds.of_survey(connection, viewer.school_id, survey_id)
        told = await releases.of_survey(connection, viewer.school_id, survey_id)
        agreed = await agreements.of_survey(connection, viewer.school_id, survey_id)
        first = await opening.first_day(house, connection, survey)
        last = asked[-1] if asked else None
        comments = (
            await releases.comments(connection, viewer.school_id, last.round_id) if last else []
        )
    points = [point(round, told[round.round_id]) for round in asked if round.round_id in told]
    trend = trends.trend(survey.instrument, points)
    present = agreed[-1] if agreed else None
    language = language_of(request, form)
    return form_page(
        request,
        "results/show.html",
        form,
        problems,
        viewer=viewer,
        survey=survey,
        group=group,
        last=last,
        running=last if last and last.state in (State.OPEN, State.CLOSED) else None,
        trend=trend,
        response=response_of(trend, language),
        charts=charts_of(trend, agreed, templates, language),
        agreement=present,
        noticed=noticed(points[-1]) if points else None,
        effect=effect_of(trend, present),
        too_few=points[-1].told if points and isinstance(points[-1].told, TooFew) else None,
        k=last.rule.k if last else 0,
        agreements=agreed,
        comments=comments,
        first=first,
        today=house.today(),
    )


def response_of(trend: trends.Trend, language: str) -> str:
    """The response rate of the last round that was told, "" where there is none."""
    last = trend.items[0].last
    return format_percent(response_rate(last.n, last.places), locale=language) if last else ""


def charts_of(
    trend: trends.Trend, agreed: list[Agreement], templates: Environment, language: str
) -> dict[str, Chart]:
    """The items that were told more than once, by id, in the words of the page."""
    words = templates.get_template("results/words.html").make_module({"language": language})
    return {
        each.item.id: charts.chart(
            said(each.item.text, language),
            each,
            [str(words.count(result)) for result in each.results],  # type: ignore[attr-defined]
            [Mark(agreement.agreed_on, agreement.text) for agreement in agreed],
            language,
        )
        for each in trend.items
        if each.before
    }


def noticed(last: Point) -> trends.Result | None:
    """How many notice the agreement; None where the last round did not ask."""
    if isinstance(last.told, TooFew):
        return None
    told = [told for told in last.told.items if told.item == NOTICED]
    return trends.result(last, last.told, told[0]) if told else None


def effect_of(trend: trends.Trend, agreement: Agreement | None) -> trends.Effect | None:
    """Whether what was agreed on helped; None where it is about no question."""
    if agreement is None or not agreement.item:
        return None
    return trends.effect(trend.of(agreement.item), agreement.agreed_on)


def point(round: Round, told: releases.Told) -> Point:
    return Point(
        number=round.number,
        on=round.closed_on or round.opened_on,
        places=round.places,
        told=told,
        focus=round.focus,
    )


router = Router("/", route_handlers=[show, agree, put_away])
