"""Lines through the waves of a school: what they show, and the time axis that they share."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise

from msgspec import Struct

from service.charts import apart, day_in, percent
from surveys.cells import Count
from surveys.rounds import AUGUST, school_year_began

MONTHS, YEARS = 5, 4  # up to so many waves have their month below them; so many years fit
NUMBERS = 14  # of decisions, that do not touch
COVERED = 4  # percentage points of a range that a dot covers


class Mark(Struct, frozen=True):
    """A decision on the time axis, by its number in the list that stands below."""

    on: date
    number: int


class Spot(Struct, frozen=True):
    """A share in per cent, or where it lies."""

    low: float
    high: float

    @property
    def middle(self) -> float:
        return round((self.low + self.high) / 2, 2)

    @property
    def is_range(self) -> bool:
        return self.high - self.low > COVERED


class Course(Struct, frozen=True):
    """One line: a spot for each wave, and each in words. Dashed where not `whole`."""

    name: str
    whole: bool
    spots: Sequence[Spot]
    said: Sequence[str]


class Time(Struct, frozen=True):
    """The time axis that all charts of a cell share."""

    days: Sequence[date]
    said: Sequence[str]
    first: date
    last: date
    labels: Sequence[tuple[date, str]]
    years: Sequence[date]
    marks: Sequence[Mark]
    numbers: Sequence[Mark]

    def part(self, day: date) -> float:
        """Where a day lies, from 0 to 1."""
        return (day - self.first) / (self.last - self.first)


def time(days: Sequence[date], marks: Sequence[Mark], language: str) -> Time:
    """With room beside the first and the last of these days, of which there is at least one."""
    there = [*days, *(mark.on for mark in marks)]
    edge = max(timedelta(days=10), (max(there) - min(there)) / 16)
    first, last = min(there) - edge, max(there) + edge
    numbered = apart([mark.on for mark in marks], (last - first) / NUMBERS)
    starts = [date(year, AUGUST, 1) for year in range(first.year, last.year + 1)]
    years = [day for day in starts if first < day < last]
    return Time(
        days=days,
        said=[day_in(day, "d MMMM y", language) for day in days],
        first=first,
        last=last,
        labels=labels(days, first, last, years, language),
        years=years,
        marks=marks,
        numbers=[mark for mark in marks if mark.on in numbered],
    )


def labels(
    days: Sequence[date], first: date, last: date, years: Sequence[date], language: str
) -> list[tuple[date, str]]:
    """What stands below the axis: the months of a few waves, the school years of many."""
    if len(days) > MONTHS:
        spans = pairwise([first, *years, last])
        asked = [(start, end) for start, end in spans if any(start <= day < end for day in days)]
        middles = [start + (end - start) / 2 for start, end in asked]
        return [(day, named(day)) for day in middles[:: -(-len(middles) // YEARS)]]
    shown = apart(days, (last - first) / MONTHS)
    openings = {school_year_began(day): day for day in reversed(shown)}.values()
    months = [(day, day_in(day, "MMM", language)) for day in shown]
    return [
        (day, f"{month}<br>{named(day)}" if day in openings else month) for day, month in months
    ]


def named(day: date) -> str:
    """The school year in which a day lies."""
    year = school_year_began(day).year
    return f"{year}–{(year + 1) % 100:02}"


def spot(count: Count) -> Spot:
    low, high = count.interval.low, count.interval.high
    return Spot(percent(low / count.n), percent(high / count.n))
