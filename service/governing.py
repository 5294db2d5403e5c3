"""What a governing board reads: of each school that said yes its totals, from wave to wave."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from msgspec import Struct

from service import overview
from service.house import House
from service.storage import consents, schools, tenancy, waves
from service.wellbeing_charts import Chart
from service.wording import Wording
from surveys import governing
from surveys.cells import Past
from surveys.governing import GoverningBoard
from surveys.instrument import Instrument, Stage
from surveys.wellbeing import Trend


class Told(Struct, frozen=True):
    """A school and its waves that the board is shown, as far as they were told, by list."""

    name: str
    pasts: Mapping[str, Sequence[Past]]


class Seen(Struct, frozen=True):
    """A school by one question list; without a trend nothing of it was told yet."""

    name: str
    trend: Trend | None
    charts: Sequence[Chart]  # an item each, and the response


async def told(house: House, board: GoverningBoard) -> list[Told]:
    """In the order of their names, never in that of their results."""
    async with house.pool.acquire() as connection, connection.transaction():
        said_yes = await consents.schools_of(connection, board.governing_id)
    found = [await told_by(house, board, school_id) for school_id in said_yes]
    return sorted(found, key=lambda school: school.name.casefold())


async def told_by(house: House, board: GoverningBoard, school_id: UUID) -> Told:
    """One school, looked into as that school: what it did not show is not asked for."""
    async with tenancy.school(house.pool, school_id) as connection:
        school = await schools.get(connection, school_id)
        shown = await consents.shown(connection, school_id, board.governing_id)
        asked = await waves.of_school(connection, school_id)
        lists = overview.by_list([wave for wave in asked if wave.wave_id in shown])
        pasts = {
            overview.name_of(found[-1].instrument): await overview.told_of(connection, found)
            for found in lists
        }
    return Told(school.name, pasts)


def lists(found: Sequence[Told]) -> list[Instrument]:
    """The question lists of which a school told: first those of students, what was asked last."""
    ends = [(name, pasts[-1]) for school in found for name, pasts in school.pasts.items()]
    last = dict(sorted(ends, key=lambda end: end[1].on))
    newest = sorted(last.values(), key=lambda past: past.on, reverse=True)
    instruments = [past.wave.instrument for past in newest]
    return sorted(instruments, key=lambda instrument: Stage.STAFF in instrument.stages)


def seen(found: Sequence[Told], instrument: Instrument, words: Wording) -> list[Seen]:
    name = overview.name_of(instrument)
    trends = [governing.trend(school.pasts.get(name, ())) for school in found]
    return [drawn(school.name, trend, words) for school, trend in zip(found, trends, strict=True)]


def drawn(name: str, trend: Trend | None, words: Wording) -> Seen:
    return Seen(name, trend, overview.charts_of(trend, (), words) if trend else ())


def bands(found: Sequence[Seen], instrument: Instrument) -> list[tuple[int, int] | None]:
    """By item, in the order in which they are asked."""
    trends = [school.trend for school in found if school.trend]
    return [governing.band(trends, index) for index in range(len(instrument.closed))]
