"""R4's cells for research, across schools that take part: nothing finer, and no school by name.

Students are safe in each cell by R1 and R4. Here it is the school that might be recognised, and
what would follow by subtraction:

- A cell is told of only where at least five schools have one of the same school year, question
  list, stage and year group. A single vocational school would otherwise stand there as itself.
- The month stands beside it only where five schools asked that stage that list in that month.
- Of a stage either all of its year groups are told apart or none is. With all but one of them the
  stage as a whole would tell of that one too.

How many took part stays exact, or the intervals would mean nothing; so a very large school may
still be recognised by its size. The page on which a school says yes says so, and the codebook.
"""

from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import attrgetter

from msgspec import Struct
from msgspec.structs import replace

from surveys import cells, tables
from surveys.cells import Past, Years
from surveys.instrument import Instrument, Stage
from surveys.rounds import school_year_began
from surveys.waves import Total

LEAST_SCHOOLS = 5
COLUMNS = (
    "school",
    "wave",
    "school_year",
    "month",
    "instrument",
    "version",
    "stage",
    "year_group",
    "year_groups",
    "groups",
    "item",
    "n",
    "positive_low",
    "positive_high",
    "negative_low",
    "negative_high",
)

Stratum = tuple[int, str, int, Stage, int | None]
"""School year, question list and its version, stage, year group."""


class Cell(Struct, frozen=True):
    """A cell of one school's wave. Without `year_group` it is the whole of its stage."""

    school: int
    wave: int  # the school's first, second ...: what belongs together
    school_year: int  # in which it begins
    month: int | None
    instrument: Instrument
    stage: Stage
    year_group: int | None
    year_groups: int
    groups: int
    told: Total

    @property
    def stratum(self) -> Stratum:
        key, version = self.instrument.key, self.instrument.version
        return self.school_year, key, version, self.stage, self.year_group

    @property
    def season(self) -> tuple[Hashable, ...]:
        """When a stage was asked what, by month; whichever of its year groups it is."""
        return *self.stratum[:-1], self.month

    @property
    def of(self) -> tuple[int, int, Stage]:
        """The stage of a school's wave that it is a part of."""
        return self.school, self.wave, self.stage


def recorded(schools: Mapping[int, Sequence[Past]]) -> list[Cell]:
    """What is in the file, of schools by their numbers: by number, then in the order of time."""
    found = [
        each
        for school, pasts in sorted(schools.items())
        for wave, past in enumerate(sorted(pasts, key=attrgetter("on")), start=1)
        for each in of_wave(school, wave, past)
    ]
    kept = unrecognised(found)
    in_month = Counter(season for season, _ in {(each.season, each.school) for each in kept})
    return [
        each if in_month[each.season] >= LEAST_SCHOOLS else replace(each, month=None)
        for each in kept
    ]


def of_wave(school: int, wave: int, past: Past) -> Iterator[Cell]:
    """Each stage as a whole, and its year groups where all of them are told apart."""
    for _, of_stage in groupby(past.asked, key=attrgetter("stage")):
        years = tuple(of_stage)
        whole = cell(school, wave, past, years)
        if whole:
            yield whole
        apart = [cell(school, wave, past, (year,)) for year in years]
        if len(years) > 1 and all(each and each.year_group for each in apart):
            yield from filter(None, apart)


def cell(school: int, wave: int, past: Past, years: Years) -> Cell | None:
    told = cells.total(past, years)
    if told is None:
        return None
    return Cell(
        school=school,
        wave=wave,
        school_year=school_year_began(past.on).year,
        month=past.on.month,
        instrument=past.wave.instrument,
        stage=years[0].stage,
        year_group=years[0].year_group if len(years) == 1 else None,
        year_groups=len(years),
        groups=sum(len(past.asked[year].groups) for year in years),
        told=told,
    )


def unrecognised(found: Sequence[Cell]) -> Sequence[Cell]:
    """Without the cells that too few schools have, and the year groups that these would leave."""
    schools = Counter(stratum for stratum, _ in {(each.stratum, each.school) for each in found})
    few = {stratum for stratum, n in schools.items() if n < LEAST_SCHOOLS}
    broken = {each.of for each in found if each.stratum in few and each.year_group}
    kept = [
        each
        for each in found
        if each.stratum not in few and not (each.year_group and each.of in broken)
    ]
    return kept if len(kept) == len(found) else unrecognised(kept)


def rows(found: Sequence[Cell]) -> Iterator[list[tables.Cell]]:
    """The file, a line for each item of a cell, its first line naming the columns."""
    yield [*COLUMNS]
    for each in found:
        about: list[tables.Cell] = [
            each.school,
            each.wave,
            each.school_year,
            each.month or "",
            each.instrument.key,
            each.instrument.version,
            each.stage,
            each.year_group or "",
            each.year_groups,
            each.groups,
        ]
        for item in each.told.items:
            counts = (item.positive.low, item.positive.high, item.negative.low, item.negative.high)
            yield [*about, item.item, each.told.n, *counts]
