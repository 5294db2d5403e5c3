"""Schools' totals for a governing board, or for a partner such as a network of schools.

A board sees of a school that said yes what all of it says together, wave by wave, and nothing of
a year group or a class. Schools stand beside each other in the order of their names: nobody is
ranked, and between which shares half of them lie is told from five schools on.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from statistics import quantiles
from uuid import UUID

from msgspec import Struct

from surveys import wellbeing
from surveys.cells import Past
from surveys.waves import Member, middle, standing, stepped
from surveys.wellbeing import Trend

LEAST_SCHOOLS_FOR_BAND = 5
AT_MOST_APART = timedelta(days=366)  # the last waves of the schools in a band
LONGEST_NAME = 80
NEARLY_ALL = 0.75  # of those whom a question list suits: fewer are not the school


class GoverningBoard(Struct, frozen=True):
    """Who governs schools, or works with several of them."""

    governing_id: UUID
    name: str


def asks_the_school(asked: Iterable[Member], suited: Iterable[Member]) -> bool:
    """Whether what these groups say is told of the school, and not of some part of it.

    A wave of one year group among several would tell a board of that year.
    """
    asked, suited = list(asked), list(suited)
    students = sum(member.members for member in asked)
    everybody = sum(member.members for member in suited)
    years_asked, years = ({standing(one) for one in each} for each in (asked, suited))
    return students >= NEARLY_ALL * everybody and (len(years_asked) > 1 or len(years) == 1)


def trend(found: Sequence[Past]) -> Trend | None:
    """A school as a whole through waves of one instrument version, each told of all it asked.

    How far its classes lie apart is left out: that is the school's own.
    """
    points = [made for past in found if (made := wellbeing.point(past, past.everybody))]
    if not points:
        return None
    instrument = found[-1].wave.instrument
    return Trend(
        years=found[-1].everybody,
        points=tuple(points),
        items=tuple(
            wellbeing.item_trend(instrument, index, points, ())
            for index in range(len(instrument.closed))
        ),
    )


def band(trends: Sequence[Trend], index: int) -> tuple[int, int] | None:
    """Between which shares of students who do well by an item the middle half of schools lies.

    Quartiles in steps of five points, of the last wave of each; None below five schools.
    """
    newest = max((each.last.on for each in trends), default=None)
    recent = [each.last for each in trends if newest and newest - each.last.on <= AT_MOST_APART]
    if len(recent) < LEAST_SCHOOLS_FOR_BAND:
        return None
    shares = [middle(point.items[index].well.interval, point.n) for point in recent]
    low, _, high = quantiles(shares, n=4, method="inclusive")
    return stepped(low), stepped(high)
