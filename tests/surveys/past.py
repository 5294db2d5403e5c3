"""Rounds that a survey may have behind it."""

from collections.abc import Sequence
from datetime import date, timedelta

from hypothesis import strategies as st

from surveys.release import LESSON, Release, Told, TooFew, coded, release
from surveys.trends import Point
from tests.surveys.examples import EVERY_KIND, answers_to, instruments

START = date(2026, 9, 7)
CLASS = 28


def told(n: int, **positive: int) -> Release:
    """A release of n answers: how many are positive by item, the others negative or skipped."""
    return Release(
        n=n,
        d=LESSON.d,
        items=tuple(
            Told(
                item.id,
                coded(positive.get(item.id, 0), n, LESSON.d),
                coded(n - positive.get(item.id, n), n, LESSON.d),
            )
            for item in EVERY_KIND.closed
        ),
    )


def weekly(*releases: Release | TooFew) -> list[Point]:
    return [
        Point(number, START + timedelta(weeks=number - 1), CLASS, release)
        for number, release in enumerate(releases, start=1)
    ]


def calm_weekly(counts: Sequence[int]) -> list[Point]:
    """Rounds of 24 answers, of which so many found it calm."""
    return weekly(*[told(24, calm=count) for count in counts])


@st.composite
def surveys(draw):
    """An instrument and up to six rounds of it, of whatever answers."""
    instrument = draw(instruments)
    points = []
    for number in range(1, draw(st.integers(0, 6)) + 1):
        answers = draw(st.lists(answers_to(instrument), min_size=6, max_size=14))
        points.append(
            Point(
                number,
                START + timedelta(weeks=number),
                len(answers) + draw(st.integers(0, 5)),
                release(instrument, answers, LESSON),
            )
        )
    return instrument, points
