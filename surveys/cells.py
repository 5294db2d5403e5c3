"""What a wave told, by cell: of all whom it asked, of a stage, of a year group, and in which parts.

A cell is a set of year groups that was fixed before the wave opened, or neighbours that R4 merged
to be told of at all. What is shown of it is a pool or a sum of pools, so there is nothing here to
subtract that was not published apart.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import groupby
from uuid import UUID

from msgspec import Struct

from surveys import bounds, waves
from surveys.bounds import Parts
from surveys.instrument import Stage
from surveys.release import Interval, Told
from surveys.waves import Pool, Total, Wave

STAGES = [*Stage]  # in the order of a life at school


class Year(Struct, frozen=True):
    """A year group of a stage, or the groups of it that have none."""

    stage: Stage
    year_group: int | None

    @property
    def standing(self) -> tuple[int, int]:
        return STAGES.index(self.stage), self.year_group or 0


Years = tuple[Year, ...]
"""The year groups of a cell, in the order of the school."""


class Asked(Struct, frozen=True):
    """The groups of a year that a wave asked, and how many answers they could give."""

    groups: tuple[UUID, ...]
    places: int


class Past(Struct, frozen=True):
    """A wave that was told: whom it asked, its pools by their years, and its cells.

    Years stand in the order of the school, as they were then. `cells` are told of in a pool or
    in a sum of pools; others are not, even where pools would add up to them.
    """

    wave: Wave
    on: date
    asked: Mapping[Year, Asked]
    pools: Mapping[Years, Sequence[Pool]]
    cells: tuple[Years, ...]

    @property
    def everybody(self) -> Years:
        return tuple(self.asked)


class Count(Struct, frozen=True):
    """How many of n."""

    interval: Interval
    n: int

    @property
    def percents(self) -> tuple[int, int]:
        return round(100 * self.interval.low / self.n), round(100 * self.interval.high / self.n)

    def if_all_had_answered(self, places: int) -> "Count":
        return Count(bounds.if_all_had_answered(self.interval, self.n, places), places)


class Sides(Struct, frozen=True):
    """Those who do well by an item, and those who do not."""

    well: Count
    unwell: Count

    @property
    def parts(self) -> Parts:
        return bounds.parts(self.well.interval, self.unwell.interval, self.well.n, self.well.n)

    @property
    def remainder(self) -> Count:
        between = bounds.remainder(self.well.interval, self.unwell.interval, self.well.n)
        return Count(between, self.well.n)


class Part(Struct, frozen=True):
    """What a wave told of some of a cell: of a year group, of a class, of small classes together.

    Classes have names; a year group has none. Without items too few of them answered.
    """

    years: Years
    names: tuple[str, ...]
    items: tuple[Sides, ...]


def past(wave: Wave, on: date, asked: Mapping[Year, Asked], pools: Iterable[Pool]) -> Past:
    years = tuple(asked)
    place = {group: at for at, year in enumerate(years) for group in asked[year].groups}
    by_years: dict[Years, list[Pool]] = {}
    for pool in pools:
        places = {place[group] for group in pool.groups}
        by_years.setdefault(tuple(years[at] for at in sorted(places)), []).append(pool)
    stages = [tuple(same) for _, same in groupby(years, key=lambda year: year.stage)]
    fixed = dict.fromkeys([years, *stages, *by_years])
    cells = [cell for cell in fixed if waves.may_be_added(inside(by_years, cell))]
    return Past(wave, on, asked, by_years, tuple(cells))


def inside(pools: Mapping[Years, Sequence[Pool]], years: Years) -> list[Pool]:
    """The pools of a cell; none where one of them reaches beyond it."""
    cell = set(years)
    if any(not cell.isdisjoint(of) and not cell.issuperset(of) for of in pools):
        return []
    return [pool for of, same in pools.items() if of[0] in cell for pool in same]


def by_instrument(found: Iterable[Wave]) -> list[list[Wave]]:
    """R6: a list for each version of a question list, which alone can be followed."""
    lists: dict[tuple[str, int], list[Wave]] = {}
    for wave in found:
        lists.setdefault((wave.instrument.key, wave.instrument.version), []).append(wave)
    return list(lists.values())


# Which cells there are


def total(past: Past, years: Years) -> Total | None:
    """None where the wave did not tell of the cell as such."""
    return waves.total(inside(past.pools, years)) if years in past.cells else None


def followed(found: Iterable[Past]) -> list[Years]:
    """Every cell of which one of these waves told: those that hold others first."""
    told = {years for each in found for years in each.cells}

    def place(years: Years) -> tuple[bool, int, tuple[int, int]]:
        holds_others = any(set(other) < set(years) for other in told)
        return not holds_others, -len(years) if holds_others else 0, years[0].standing

    return sorted(told, key=place)


def within(years: Years, told: Iterable[Years]) -> Years | None:
    """The next larger cell, which shows what is not told by itself."""
    larger = [each for each in told if set(years) < set(each)]
    return min(larger, key=len, default=None)


def untold(past: Past) -> dict[Years | None, Years]:
    """The year groups that a wave asked and did not tell of by themselves, by what shows them."""
    found: dict[Years | None, Years] = {}
    for year in past.asked:
        if (year,) not in past.cells:
            larger = within((year,), past.cells)
            found[larger] = (*found.get(larger, ()), year)
    return found


# Its parts


def parts(past: Past, years: Years, names: Mapping[UUID, str]) -> list[Part]:
    """What a wave told of a cell in parts: year groups, and classes where a year was not told.

    Classes stand there only where their students were told so before, by year and by name.
    """
    smaller = [each for each in past.cells if set(each) < set(years)]
    smallest = [each for each in smaller if not any(set(one) < set(each) for one in smaller)]
    totals = {each: total(past, each) for each in smallest}
    found = [Part(each, (), sides(sum_.n, sum_.items)) for each, sum_ in totals.items() if sum_]
    if past.wave.by_class:
        beside = [year for year in years if not any(year in each for each in smallest)]
        found += [part for year in beside for part in classes(past, year, names)]
    return sorted(found, key=lambda part: years.index(part.years[0]))


def classes(past: Past, year: Year, names: Mapping[UUID, str]) -> list[Part]:
    """In the order of their names, never in that of their results."""
    left = set(past.asked[year].groups)
    found = []
    for pool in inside(past.pools, (year,)):
        left -= set(pool.groups)
        together = tuple(sorted(names[group_id] for group_id in pool.groups))
        found.append(Part((year,), together, sides(pool.told.n, pool.told.items)))
    found += [Part((year,), (names[group_id],), ()) for group_id in left]
    return sorted(found, key=lambda part: part.names)


def sides(n: int, items: Iterable[Told]) -> tuple[Sides, ...]:
    return tuple(Sides(Count(told.positive, n), Count(told.negative, n)) for told in items)
