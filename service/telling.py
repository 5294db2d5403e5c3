"""What has been told of a survey so far, as one Trend. Releases only: there is nothing else."""

from asyncpg import Connection
from jinja2 import Environment

from service import charts
from service.charts import Chart, Mark
from service.storage import releases, rounds
from service.storage.agreements import Agreement
from service.storage.releases import Told
from surveys import trends
from surveys.instrument import said
from surveys.rounds import Round, Survey
from surveys.trends import Point, Trend


async def trend_of(connection: Connection, survey: Survey) -> Trend:
    asked = await rounds.of_survey(connection, survey.school_id, survey.survey_id)
    told = await releases.of_survey(connection, survey.school_id, survey.survey_id)
    points = [point(round, told[round.round_id]) for round in asked if round.round_id in told]
    return trends.trend(survey.instrument, points)


def point(round: Round, told: Told) -> Point:
    return Point(
        number=round.number,
        on=round.closed_on or round.opened_on,
        places=round.places,
        told=told,
        focus=round.focus,
    )


def charts_of(
    trend: Trend, agreed: list[Agreement], templates: Environment, language: str
) -> dict[str, Chart]:
    """The items that were told, by id, in the words of the page."""
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
        if each.results
    }
