"""Wellbeing over time: a cell of the school from wave to wave, and what of it is a clear change.

A trend holds only the waves in which its cell was told as such. Of each item it has two lines:
the share that does well, and the share that does not. A mean would hide the lower end, and what
is unequal shows there first.
"""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from msgspec import Struct

from surveys import bounds, cells, waves
from surveys.bounds import DAY, DOUBT, Change, Share, Signal
from surveys.cells import Count, Past, Sides, Years
from surveys.instrument import Instrument, Item
from surveys.rounds import response_rate
from surveys.waves import Pool

SEASON = 0.0016
"""What all students of a school have in common at one moment: an intraclass correlation.

A week of tests, the dark months or a fine outing moves a whole school, which no number of classes
averages out. At 0.0016 a share of one half goes up and down by two percentage points of itself,
and no total is worth more than 625 answers. The number is chosen, not measured: two waves differ
by so little even where nothing lasting happened, and a change of one student in ten still shows.
"""
LEAST_WAVES = 3  # no change is called before
ALIKE = 0.75  # as many groups asked: otherwise two waves are about other students


class Point(Struct, frozen=True):
    """A wave as it was told of a cell. `worth`: its answers, had they nothing in common."""

    wave_id: UUID
    on: date
    groups: int
    places: int
    n: int
    worth: float
    items: tuple[Sides, ...]

    @property
    def percent(self) -> int:
        return round(100 * response_rate(self.n, self.places))

    @property
    def speaks_for_all(self) -> bool:
        return bounds.speaks_for_the_class(self.n, self.places)


class Line(Struct, frozen=True):
    """One side of an item, from wave to wave; `change` is the last against the one before.

    `signal` is what the last one would have had to be, in per cent.
    """

    counts: tuple[Count, ...]
    change: Change | None
    signal: Signal | None

    @property
    def last(self) -> Count:
        return self.counts[-1]

    @property
    def before(self) -> Count:
        return self.counts[-2]


class Called(Struct, frozen=True):
    """A side of an item that clearly changed."""

    item: Item
    unwell: bool
    change: Change


class ItemTrend(Struct, frozen=True):
    """Those who do well by an item, those who do not, and how far classes lie apart (R4)."""

    item: Item
    well: Line
    unwell: Line
    spread: tuple[int, int, int] | None

    @property
    def called(self) -> list[Called]:
        """What changed for sure since the wave before."""
        changes = (False, self.well.change), (True, self.unwell.change)
        return [
            Called(self.item, unwell, change)
            for unwell, change in changes
            if change in (Change.CLEARLY_MORE, Change.CLEARLY_LESS)
        ]


class Trend(Struct, frozen=True):
    """A cell through the waves that told of it, of which there is at least one."""

    years: Years
    points: tuple[Point, ...]
    items: tuple[ItemTrend, ...]

    @property
    def last(self) -> Point:
        return self.points[-1]

    @property
    def strength(self) -> ItemTrend | None:
        """The item by which most do well, where these are more than half. Ties: asked first."""
        strong = [each for each in self.items if 2 * each.well.last.interval.low > self.last.n]
        return max(strong, key=lambda each: each.well.last.interval.low, default=None)

    @property
    def talk_about(self) -> ItemTrend:
        """The item by which most do not do well."""
        others = [each for each in self.items if each is not self.strength] or self.items
        return max(others, key=lambda each: each.unwell.last.interval.low)

    @property
    def clear(self) -> list[Called]:
        return [called for each in self.items for called in each.called]

    @property
    def alike(self) -> bool:
        """Whether the last two waves asked about as many groups of the cell."""
        groups = [point.groups for point in self.points[-2:]]
        return min(groups) >= ALIKE * max(groups)


def trend(instrument: Instrument, found: Sequence[Past], years: Years) -> Trend | None:
    """A cell through the waves of one instrument version; None where none of them told of it."""
    told = [(each, made) for each in found if (made := point(each, years))]
    if not told:
        return None
    points, last = [made for _, made in told], cells.inside(told[-1][0].pools, years)
    items = range(len(instrument.closed))
    return Trend(
        years=years,
        points=tuple(points),
        items=tuple(item_trend(instrument, index, points, last) for index in items),
    )


def point(past: Past, years: Years) -> Point | None:
    total = cells.total(past, years)
    if total is None:
        return None
    asked = [past.asked[year] for year in years]
    return Point(
        wave_id=past.wave.wave_id,
        on=past.on,
        groups=sum(len(each.groups) for each in asked),
        # A class may have been given a place or two more than it announced.
        places=max(total.n, sum(each.places for each in asked)),
        n=total.n,
        worth=worth(cells.inside(past.pools, years)),
        items=cells.sides(total.n, total.items),
    )


def item_trend(
    instrument: Instrument, index: int, points: Sequence[Point], last: Sequence[Pool]
) -> ItemTrend:
    """Each side of each item could stand out by chance, so all of them share the doubt equally."""
    item = instrument.closed[index]
    doubt = DOUBT / (2 * len(instrument.closed))
    return ItemTrend(
        item=item,
        well=line(points, [point.items[index].well for point in points], doubt),
        unwell=line(points, [point.items[index].unwell for point in points], doubt),
        spread=waves.spread(last, item.id),
    )


def line(points: Sequence[Point], counts: Sequence[Count], doubt: float) -> Line:
    if len(counts) < LEAST_WAVES:
        too_early = Change.TOO_EARLY if len(counts) > 1 else None
        return Line(counts=tuple(counts), change=too_early, signal=None)
    before, last = share(counts[-2], points[-2].worth), share(counts[-1], points[-1].worth)
    return Line(
        counts=tuple(counts),
        change=bounds.change(before, last, doubt),
        signal=bounds.clear(before, 100, lambda per_cent: exactly(per_cent, last.n), doubt),
    )


def share(count: Count, worth: float) -> Share:
    return Share(count.interval.low / count.n, count.interval.high / count.n, worth)


def exactly(per_cent: int, worth: float) -> Share:
    return Share(per_cent / 100, per_cent / 100, worth)


def worth(pools: Sequence[Pool]) -> float:
    """The answers of a total over Kish's design effect: how many they would be, drawn one by one.

    Two students of one class have DAY in common, two of different classes SEASON. How large the
    classes of a pool were is not known afterwards, so they count as equally large: where they
    differ by a fifth, the design effect is some 4% of itself too small.
    """
    n = sum(pool.told.n for pool in pools)
    same_class = sum(pool.told.n**2 / len(pool.groups) for pool in pools)
    return n * n / (n + (same_class - n) * DAY + (n * n - same_class) * SEASON)
