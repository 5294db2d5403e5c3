"""What has been told of a survey so far, as one Trend. Releases only: there is nothing else."""

from collections.abc import Iterable, Sequence
from typing import Any

from asyncpg import Connection
from babel.numbers import format_percent
from jinja2 import Environment
from msgspec import Struct

from service import charts
from service.charts import Chart
from service.sparks import Mark, Spark, spark
from service.storage import releases, rounds
from service.storage.agreements import Agreement
from service.storage.releases import Comment, Told
from surveys import trends, waves
from surveys.instrument import Item, Purpose, library, said
from surveys.noticing import NOTICED
from surveys.release import TooFew
from surveys.rounds import Round, Survey, response_rate
from surveys.trends import ItemTrend, Point, ScaleTrend, Trend
from surveys.waves import Pool

Band = dict[str, tuple[int, int]]
"""By item: between which per cents the middle half of the school's classes lies."""


class OwnWords(Struct, frozen=True):
    """What students wrote to one question; only praise stands there unfolded."""

    item: Item
    comments: tuple[Comment, ...]
    unfolded: bool


async def trend_of(connection: Connection, survey: Survey) -> Trend:
    asked = await rounds.of_survey(connection, survey.school_id, survey.survey_id)
    return await trend_of_rounds(connection, survey, asked)


async def trend_of_rounds(connection: Connection, survey: Survey, asked: Sequence[Round]) -> Trend:
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


async def band_of(connection: Connection, survey: Survey) -> Band:
    """R6: between which shares the middle half of the school's classes lies, by item.

    Of the same question list only, from five classes on, and only of teachers who opted in.
    Own surveys have none: nobody else asks the same. Nor has wellbeing, which is the class's own.
    """
    instrument = survey.instrument
    if library().get(instrument.key) != instrument or instrument.purpose is not Purpose.LESSON:
        return {}
    told = await releases.of_band(connection, survey.school_id, instrument.key, instrument.version)
    pools = [Pool((group_id,), release) for group_id, release in told.items()]
    spreads = {item.id: waves.spread(pools, item.id) for item in instrument.closed}
    return {item: (spread[0], spread[2]) for item, spread in spreads.items() if spread}


def chart(
    item: ItemTrend,
    agreed: Sequence[Agreement],
    templates: Environment,
    language: str,
    band: Band,
) -> Chart:
    """Of an item that was told, in the words of the page."""
    words: Any = templates.get_template("results/words.html").make_module({"language": language})
    return charts.chart(
        said(item.item.text, language),
        item.results,
        [str(words.count(result)) for result in item.results],
        marks_of(agreed),
        language,
        band.get(item.item.id),
    )


def scale_chart(
    scale: ScaleTrend, agreed: Sequence[Agreement], templates: Environment, language: str
) -> Chart:
    words: Any = templates.get_template("results/words.html").make_module({"language": language})
    return charts.chart(
        said(scale.scale.name, language),
        scale.scores,
        [str(words.percents(score)) for score in scale.scores],
        marks_of(agreed),
        language,
    )


def sparks_of(items: Iterable[ItemTrend], agreed: Sequence[Agreement]) -> dict[str, Spark]:
    """A small drawing of each item that was told, by id."""
    marks = marks_of(agreed)
    return {each.item.id: spark(each.results, marks) for each in items if each.results}


def marks_of(agreed: Sequence[Agreement]) -> list[Mark]:
    return [Mark(agreement.agreed_on, agreement.text) for agreement in agreed]


def response_of(trend: Trend, language: str) -> str:
    """The response rate of the last round that was told, "" where there is none."""
    last = trend.items[0].last
    return format_percent(response_rate(last.n, last.places), locale=language) if last else ""


async def own_words(connection: Connection, survey: Survey, round: Round) -> list[OwnWords]:
    """Tops first: who reads a tip has read what goes well before."""
    written = await releases.comments(connection, round.school_id, round.round_id)
    found = [
        OwnWords(
            item,
            tuple(comment for comment in written if comment.item == item.id),
            unfolded=asks_for_praise(item),
        )
        for item in survey.instrument.open
    ]
    return sorted((each for each in found if each.comments), key=lambda each: not each.unfolded)


def asks_for_praise(item: Item) -> bool:
    """A top, as our own lists name it; picked into an own survey it keeps that name at its end."""
    return item.id.split("-")[-1] == "top"


def noticed(last: Point) -> trends.Result | None:
    """How many notice the agreement; None where the last round did not ask."""
    if isinstance(last.told, TooFew):
        return None
    told = [told for told in last.told.items if told.item == NOTICED]
    return trends.result(last, last.told, told[0]) if told else None


def effect_of(trend: Trend, agreement: Agreement | None) -> trends.Effect | None:
    """Whether what was agreed on helped; None where it is about no question."""
    if agreement is None or not agreement.item:
        return None
    return trends.effect(trend.of(agreement.item), agreement.agreed_on)
