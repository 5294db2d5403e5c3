"""A result to look at before the first round: made up, of a class that does not exist.

It was calculated from counts as every result is, so that nothing in it is finer than real ones.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from surveys.instrument import Instrument, Text, library
from surveys.release import LESSON, Release, Told, coded
from surveys.trends import Point

CLASS = "2B"
PLACES = 28
ANSWERED = (25, 26, 24, 25, 24, 26)  # one round a week
POSITIVE: Mapping[str, Sequence[int]] = {
    "climate": (23, 25, 23, 25, 23, 25),
    "order": (17, 19, 18, 17, 18, 19),
    "clarity": (10, 11, 11, 10, 20, 23),
    "adapting": (16, 15, 15, 17, 16, 17),
    "interaction": (19, 18, 18, 20, 18, 19),
    "activating": (14, 17, 15, 15, 16, 16),
    "checking": (18, 17, 16, 18, 17, 19),
}
SKIPPED = 1
ABOUT = "clarity"
AGREED_AFTER = 4  # rounds
AGREEMENT: Text = {"nl": "Eerst overleggen in tweetallen", "en": "First talk it over in pairs"}


def instrument() -> Instrument:
    return library()["lesfeedback"]


def points(today: date) -> list[Point]:
    """The rounds of the last weeks, the last one yesterday."""
    return [
        Point(number=number, on=day_of(number, today), places=PLACES, told=told(number, n))
        for number, n in enumerate(ANSWERED, 1)
    ]


def day_of(number: int, today: date) -> date:
    return today - timedelta(days=1, weeks=len(ANSWERED) - number)


def told(number: int, n: int) -> Release:
    items = [
        Told(
            item=item.id,
            positive=coded(POSITIVE[item.id][number - 1], n, LESSON.d),
            negative=coded(max(0, n - POSITIVE[item.id][number - 1] - SKIPPED), n, LESSON.d),
        )
        for item in instrument().closed
    ]
    return Release(n=n, d=LESSON.d, items=tuple(items))
