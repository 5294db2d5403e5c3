"""A trend as a small drawing without a script: what the elements of an SVG take as they are."""

from collections.abc import Sequence
from datetime import date, timedelta

from msgspec import Struct

from surveys.trends import Result, Score

WIDTH, HEIGHT, EDGE = 240, 64, 6

Told = Result | Score
"""An item or a scale in one round."""


class Mark(Struct, frozen=True):
    """An agreement on the time axis."""

    on: date
    text: str


class Spark(Struct, frozen=True):
    """A trend as a drawing without a script: what the elements of an SVG take as they are.

    All dots are one path, and so are all bars and all marks: a page holds hundreds of them.
    """

    width: int
    height: int
    band: str
    line: str
    dots: str
    bars: str
    marks: str


def span(results: Sequence[Told], marks: Sequence[Mark]) -> tuple[date, date]:
    """The time axis, with room beside its first and last day."""
    days = [result.on for result in results] + [mark.on for mark in marks]
    edge = max(timedelta(days=2), (max(days) - min(days)) / 12)
    return min(days) - edge, max(days) + edge


def spark(results: Sequence[Told], marks: Sequence[Mark]) -> Spark:
    """The same as `trend_figure`: dots for exact shares, bars between the bounds of coded ones."""
    first, last = span(results, marks)

    def across(on: date) -> float:
        return round(WIDTH * ((on - first) / (last - first)), 1)

    def down(share: float) -> float:
        return round(EDGE + (HEIGHT - 2 * EDGE) * (1 - share), 1)

    shares = [(across(result.on), result.share) for result in results]
    upper = [(x, down(share.high)) for x, share in shares]
    lower = [(x, down(share.low)) for x, share in shares]
    ends = [(x, high, low) for (x, high), (_, low) in zip(upper, lower, strict=True)]
    return Spark(
        width=WIDTH,
        height=HEIGHT,
        band=points(upper + lower[::-1]),
        line=points([(x, down(share.middle)) for x, share in shares]),
        dots="".join(f"M{x:g} {high:g}h0" for x, high, low in ends if high == low),
        bars="".join(f"M{x:g} {high:g}V{low:g}" for x, high, low in ends if high != low),
        marks="".join(f"M{across(mark.on):g} 0V{HEIGHT}" for mark in marks),
    )


def points(places: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:g},{y:g}" for x, y in places)
