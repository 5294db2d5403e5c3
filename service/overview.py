"""Wellbeing over time as the leader reads it: cells of a question list, up to one of its waves."""

from collections.abc import Mapping, Sequence
from datetime import date
from urllib.parse import urlencode
from uuid import UUID

from asyncpg import Connection
from msgspec import Struct

from service import courses, wellbeing_charts
from service.courses import Course, Mark
from service.storage import pasts
from service.wellbeing_charts import Chart
from service.wording import Wording
from surveys import cells, wellbeing
from surveys.cells import Count, Part, Past, Years
from surveys.instrument import Instrument, Stage
from surveys.release import Interval
from surveys.waves import Wave
from surveys.wellbeing import ItemTrend, Trend

# The cell in an address: all that were asked, and every cell below each other as it is printed.
EVERYBODY, EACH = "", "each"


class Looked(Struct, frozen=True):
    """Which question list is looked at, through which of its waves, and which of its cells.

    `cells` are those that may be chosen, by their names in an address; `chosen` is one of these
    names, or `EACH`. `later` are the waves after the one up to which is looked.
    """

    pasts: Sequence[Past]
    later: Sequence[Wave]
    cells: Mapping[str, Years]
    chosen: str

    @property
    def last(self) -> Past:
        return self.pasts[-1]

    @property
    def instrument(self) -> Instrument:
        return self.last.wave.instrument

    @property
    def others(self) -> list[Wave]:
        """The waves after which one may look instead, the latest first."""
        return [*reversed(self.later), *(past.wave for past in reversed(self.pasts[:-1]))]

    @property
    def of_staff(self) -> bool:
        return self.instrument.stages == (Stage.STAFF,)

    @property
    def shown(self) -> list[tuple[Years, Past]]:
        """Each cell with the last wave that told of it; the last wave where none did."""
        chosen = self.cells.values() if self.chosen == EACH else [self.cells[self.chosen]]
        return [(years, self.told_last(years)) for years in chosen]

    def told_last(self, years: Years) -> Past:
        return next((past for past in reversed(self.pasts) if years in past.cells), self.last)

    def address(self, chosen: str | None = None, until: Wave | None = None) -> str:
        """Of this page with another cell, or up to another wave."""
        wave = until or self.last.wave
        latest = self.later[-1] if self.later else self.last.wave
        asked = {
            "of": name_of(self.instrument),
            "cell": self.chosen if chosen is None else chosen,
            "until": "" if wave is latest else str(wave.wave_id),
        }
        return "/wellbeing?" + urlencode({name: value for name, value in asked.items() if value})


class Choice(Struct, frozen=True):
    """A question list that may be looked at; `ended` where newer questions took its place."""

    instrument: Instrument
    address: str
    chosen: bool
    ended: date | None


class Decision(Struct, frozen=True):
    """What the school decided after a wave."""

    number: int
    on: date
    text: str


class Section(Struct, frozen=True):
    """One cell as it is shown; without a trend there are only classes."""

    years: Years
    past: Past
    trend: Trend | None
    charts: Sequence[Chart]
    parts: Sequence[Part]
    untold: Mapping[Years | None, Years]


def by_list(found: Sequence[Wave]) -> list[list[Wave]]:
    """The waves that were told, by version of a question list; those of the staff last."""
    lists = cells.by_instrument(wave for wave in found if wave.released_on)
    return sorted(lists, key=lambda waves: Stage.STAFF in waves[-1].instrument.stages)


async def looked_at(
    connection: Connection, lists: Sequence[Sequence[Wave]], asked: Mapping[str, str]
) -> Looked:
    """What an address asks for; what is not there, or no longer, is the latest and everybody."""
    waves = list_of(lists, asked.get("of", ""))
    ends = {str(wave.wave_id): number for number, wave in enumerate(waves, start=1)}
    end = ends.get(asked.get("until", ""), len(waves))
    told = await told_of(connection, waves[:end])
    everybody = told[-1].everybody
    followed = {slug(years): years for years in cells.followed(told) if years != everybody}
    chosen = asked.get("cell", EVERYBODY)
    return Looked(
        pasts=told,
        later=waves[end:],
        cells={EVERYBODY: everybody, **followed},
        chosen=chosen if chosen in (EACH, *followed) else EVERYBODY,
    )


async def told_of(connection: Connection, waves: Sequence[Wave]) -> list[Past]:
    school_id, ids = waves[0].school_id, [wave.wave_id for wave in waves]
    asked = await pasts.asked(connection, school_id, ids)
    pools = await pasts.pools(connection, school_id, ids)
    return [
        cells.past(wave, wave.released_on, asked[wave.wave_id], pools[wave.wave_id])
        for wave in waves
        if wave.released_on
    ]


async def names_of_classes(connection: Connection, looked: Looked) -> dict[UUID, str]:
    """As they were; of waves that told of classes only."""
    waves = [past.wave for _, past in looked.shown if past.wave.by_class]
    if not waves:
        return {}
    return await pasts.names(connection, waves[0].school_id, [wave.wave_id for wave in waves])


def list_of(lists: Sequence[Sequence[Wave]], name: str) -> Sequence[Wave]:
    """That of the newest version where only a key is named; else what students were asked last."""
    by_name = {name_of(waves[-1].instrument): waves for waves in lists}
    by_key = {waves[-1].instrument.key: waves for waves in lists}
    of_students = [waves for waves in lists if Stage.STAFF not in waves[-1].instrument.stages]
    latest = max(of_students or lists, key=lambda waves: waves[-1].closes_at)
    return by_name.get(name) or by_key.get(name) or latest


def choices(lists: Sequence[Sequence[Wave]], looked: Looked) -> list[Choice]:
    newest = {waves[-1].instrument.key: waves for waves in lists}
    return [
        Choice(
            instrument=waves[-1].instrument,
            address=f"/wellbeing?{urlencode({'of': name_of(waves[-1].instrument)})}",
            chosen=waves[0].wave_id == looked.pasts[0].wave.wave_id,
            ended=None if waves in newest.values() else waves[-1].released_on,
        )
        for waves in lists
    ]


def name_of(instrument: Instrument) -> str:
    return f"{instrument.key}.{instrument.version}"


def slug(years: Years) -> str:
    return ".".join(f"{year.stage}-{year.year_group or 0}" for year in years)


def decisions(found: Sequence[Past]) -> list[Decision]:
    taken = [
        (past.wave.decided_on, past.wave.decision)
        for past in found
        if past.wave.decision and past.wave.decided_on
    ]
    return [Decision(number, on, text) for number, (on, text) in enumerate(sorted(taken), start=1)]


def sections(looked: Looked, names: Mapping[UUID, str], wording: Wording) -> list[Section]:
    """In the words of the page; `names` are those of classes."""
    marks = [Mark(each.on, each.number) for each in decisions(looked.pasts)]
    return [
        Section(
            years=years,
            past=past,
            trend=(trend := wellbeing.trend(looked.instrument, looked.pasts, years)),
            charts=charts_of(trend, marks, wording) if trend else (),
            parts=cells.parts(past, years, names),
            untold=cells.untold(past) if years == past.everybody else {},
        )
        for years, past in looked.shown
    ]


def charts_of(trend: Trend, marks: Sequence[Mark], wording: Wording) -> list[Chart]:
    """One of each item, and the last of those who took part."""
    days = [point.on for point in trend.points]
    time = courses.time(days, marks, wording.language)
    took_part = [Count(Interval(each.n, each.n), each.places) for each in trend.points]
    lines = [
        *(sides(item, wording) for item in trend.items),
        [course(wording.took_part, took_part, wording)],
    ]
    return [wellbeing_charts.chart(time, each) for each in lines]


def sides(item: ItemTrend, wording: Wording) -> list[Course]:
    return [
        course(wording.well, item.well.counts, wording),
        course(wording.unwell, item.unwell.counts, wording, whole=False),
    ]


def course(name: str, counts: Sequence[Count], wording: Wording, *, whole: bool = True) -> Course:
    spots = [courses.spot(count) for count in counts]
    return Course(name, whole, spots, [wording.told(count) for count in counts])
