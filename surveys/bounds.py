"""What a published count allows to say: in words, with bounds, and beside another one.

A class is small and days differ, so most of what goes up and down means nothing. Two shares
are called clearly different only where chance, the day itself and the coding of the counts
(R1) together cannot explain it. There are no p-values here, and no ranks.
"""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from enum import StrEnum
from functools import cache, lru_cache
from math import hypot, sqrt
from statistics import NormalDist

from msgspec import Struct
from msgspec.structs import astuple

from surveys.release import Interval, coded
from surveys.rounds import response_rate

DOUBT = 0.05  # how often a survey in which nothing changed may be called clearly changed
DAY = 0.03
"""What the students of one round have in common because of the day: an intraclass correlation.

A test, the heat or a substitute teacher moves a whole class. At 0.03 a share of one half goes
up and down by some nine percentage points of itself. That is a modest allowance: of Dutch
mathematics teachers, lessons were found to differ about as much as the students in them
(Bijlsma, dissertation on the Impact! tool, table 2.2). Without it even a class that answers
by chance alone is called clearly changed in up to 8% of surveys, as Newcombe's interval is an
approximation. With it the promise of `DOUBT` is kept where days differ by up to 8 percentage
points, 10 where students' opinions last; `python -m tests.bench simulation` prints the rest.
"""
SPEAKS_FOR_THE_CLASS = 0.7  # of the announced students


class Level(StrEnum):
    """A published count in words."""

    ALMOST_EVERYBODY = "almost everybody"
    MORE_THAN_HALF = "more than half"
    ABOUT_HALF = "about half"
    LESS_THAN_HALF = "less than half"
    ALMOST_NOBODY = "almost nobody"


class Change(StrEnum):
    """How two shares differ, as far as can be said."""

    CLEARLY_MORE = "clearly more"
    NORMAL = "normal variation"
    CLEARLY_LESS = "clearly less"
    TOO_EARLY = "too early"  # good to discuss, not yet a trend


class Share(Struct, frozen=True):
    """A published share, from 0 to 1, worth `n` answers that have nothing in common."""

    low: float
    high: float
    n: float

    @property
    def middle(self) -> float:
        return (self.low + self.high) / 2

    @property
    def exact(self) -> bool:
        return self.low == self.high


class Signal(Struct, frozen=True):
    """What would be clear, in counts or in per cent: `more` and upwards, `less` and downwards."""

    more: int | None
    less: int | None


class Parts(Struct, frozen=True):
    """The places of a class as one bar, in the order in which it is drawn.

    What top- and bottom-coding leaves open stands beside what is certain, so that a top-coded
    result fills its bar.
    """

    positive: int
    perhaps_positive: int
    remainder: int
    perhaps_negative: int
    negative: int
    absent: int

    @property
    def places(self) -> int:
        return sum(astuple(self))


def level(count: Interval, n: int) -> Level:
    if count.high == n and 2 * count.low > n:
        return Level.ALMOST_EVERYBODY
    if count.low == 0 and 2 * count.high < n:
        return Level.ALMOST_NOBODY
    middle = (count.low + count.high) / (2 * n)
    if middle > 0.6:
        return Level.MORE_THAN_HALF
    return Level.ABOUT_HALF if middle >= 0.4 else Level.LESS_THAN_HALF


def remainder(positive: Interval, negative: Interval, n: int) -> Interval:
    """In between, skipped and does not apply, as one count that is never split."""
    return Interval(
        low=max(0, n - positive.high - negative.high), high=n - positive.low - negative.low
    )


def if_all_had_answered(count: Interval, n: int, places: int) -> Interval:
    """The count among all students, whatever the others would have answered.

    Assumes nothing of those who did not take part (Horowitz and Manski, 1998).
    """
    return Interval(low=count.low, high=count.high + places - n)


def speaks_for_the_class(n: int, places: int) -> bool:
    return response_rate(n, places) >= SPEAKS_FOR_THE_CLASS


def parts(positive: Interval, negative: Interval, n: int, places: int) -> Parts:
    """The bar of a class; where both ends leave something open, the longer end is filled first."""
    between = n - positive.low - negative.low
    perhaps_positive = min(positive.high - positive.low, between)
    perhaps_negative = min(negative.high - negative.low, between)
    if positive.low >= negative.low:
        perhaps_negative = min(perhaps_negative, between - perhaps_positive)
    else:
        perhaps_positive = min(perhaps_positive, between - perhaps_negative)
    return Parts(
        positive=positive.low,
        perhaps_positive=perhaps_positive,
        remainder=between - perhaps_positive - perhaps_negative,
        perhaps_negative=perhaps_negative,
        negative=negative.low,
        absent=places - n,
    )


def share(count: Interval, n: int) -> Share:
    """The share of one round.

    What its answers are worth is their number over Kish's design effect, 1 + (n - 1) DAY.
    """
    return Share(low=count.low / n, high=count.high / n, n=n / design_effect(n))


def together(counts: Sequence[Interval], ns: Sequence[int]) -> Share:
    """The share of some rounds taken together, of which the i-th had counts[i] of ns[i]."""
    n = sum(ns)
    return Share(
        low=sum(count.low for count in counts) / n,
        high=sum(count.high for count in counts) / n,
        n=n * n / sum(one * design_effect(one) for one in ns),
    )


def design_effect(n: int) -> float:
    return 1 + (n - 1) * DAY


def change(before: Share, after: Share, doubt: float) -> Change:
    """Whether two shares clearly differ, at the least favourable of what was published.

    The two rounds count as independent. A class is mostly the same students, whose opinions
    last; that makes chance differences smaller, so this errs towards "normal variation".
    """
    if least_difference(before, after, doubt) > 0:
        return Change.CLEARLY_MORE
    if least_difference(after, before, doubt) > 0:
        return Change.CLEARLY_LESS
    return Change.NORMAL


@lru_cache(maxsize=10_000)  # classes are alike: the same few counts come again and again
def signal(before: Share, n: int, d: int, doubt: float) -> Signal:
    """The least count of n that would be clearly more than before, and the most clearly less.

    None where no count would be: nothing is clearly more than "almost everybody".
    """
    return clear(before, n, lambda count: share(coded(count, n, d), n), doubt)


def clear(before: Share, most: int, share_of: Callable[[int], Share], doubt: float) -> Signal:
    """Where from 0 to `most` a clear change begins, in a share that rises with it."""

    def changed(count: int) -> Change:
        return change(before, share_of(count), doubt)

    counts = range(most + 1)
    more = bisect_left(counts, True, key=lambda count: changed(count) is Change.CLEARLY_MORE)
    less = bisect_left(counts, True, key=lambda count: changed(count) is not Change.CLEARLY_LESS)
    return Signal(more=more if more <= most else None, less=less - 1 if less > 0 else None)


def least_difference(before: Share, after: Share, doubt: float) -> float:
    """How much more `after` is at least: the lower bound of the difference of two shares.

    Newcombe's hybrid score interval (1998, Statistics in Medicine 17, 873-890, method 10), at
    the published bounds that lie closest together.
    """
    earlier, later = before.high, after.low
    _, earlier_at_most = wilson(earlier, before.n, doubt)
    later_at_least, _ = wilson(later, after.n, doubt)
    return later - earlier - hypot(later - later_at_least, earlier_at_most - earlier)


@cache
def quantile(doubt: float) -> float:
    """How many standard errors leave out this share of what chance does, half at either end."""
    return NormalDist().inv_cdf(1 - doubt / 2)


def wilson(share: float, n: float, doubt: float) -> tuple[float, float]:
    """The score interval of a share of n answers (Wilson, 1927)."""
    z = quantile(doubt)
    centre = share + z * z / (2 * n)
    margin = z * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    return (centre - margin) / scale, (centre + margin) / scale
