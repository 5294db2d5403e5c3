"""A scale says no more than its items, and "clearly" no more often than it promises."""

from functools import cache
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from statsmodels.stats.proportion import confint_proportions_2indep

from surveys import bounds, trends
from surveys.answers import Answers
from surveys.bounds import DOUBT, Change
from surveys.instrument import Instrument, library
from surveys.release import LESSON, Release, Told, TooFew, coded, release
from surveys.trends import ItemTrend, ScaleTrend, trend
from tests.surveys.examples import EVERY_KIND, answers_to
from tests.surveys.past import CLASS, told, weekly

CALM, NOISE = EVERY_KIND.closed[:2]
TWO_SCALES = library()["lesfeedback"]


def scale_of(instrument: Instrument, *rounds: Release | TooFew) -> ScaleTrend:
    return trend(instrument, weekly(*rounds)).scales[0]


# What is said


def own_average(answer: Answers) -> float:
    """Of the items of the scale, the share that a student finds to go well."""
    calm, noise, *_ = answer.choices
    return ((calm in EVERY_KIND.positive(CALM)) + (noise in EVERY_KIND.positive(NOISE))) / 2


@given(st.lists(answers_to(EVERY_KIND), min_size=LESSON.k, max_size=20))
def test_the_average_of_the_students_lies_between_the_bounds(answers):
    true = np.mean([own_average(answer) for answer in answers])
    (score,) = scale_of(EVERY_KIND, release(EVERY_KIND, answers, LESSON)).scores
    assert score.share.low - 1e-12 <= true <= score.share.high + 1e-12
    low, high = score.percents
    assert low - 0.5 <= 100 * true <= high + 0.5


@pytest.mark.parametrize(
    ("calm", "noise", "percents"),
    [
        (12, 12, (50, 50)),
        (13, 14, (56, 56)),  # 27 of 48
        (24, 12, (70, 75)),  # 22 or more of 24, and 12 of 24
        (24, 24, (91, 100)),  # outwards, so that both bounds stay true
        (0, 0, (0, 9)),
    ],
)
def test_a_score_is_told_in_whole_per_cents(calm, noise, percents):
    (score,) = scale_of(EVERY_KIND, told(24, calm=calm, noise=noise)).scores
    assert score.percents == percents


def test_a_scale_is_told_of_two_items_or_more():
    (scale,) = trend(EVERY_KIND, weekly(told(24, calm=12))).scales
    assert scale.items == (CALM, NOISE)
    items = tuple(replace(item, scale=None) if item == NOISE else item for item in EVERY_KIND.items)
    assert trend(replace(EVERY_KIND, items=items), weekly(told(24, calm=12))).scales == ()


# Clearly more, clearly less


@pytest.mark.parametrize(
    ("before", "after"), list(product([(4, 9), (12, 12), (20, 3), (21, 19)], repeat=2))
)
def test_a_change_is_that_of_newcombe_s_interval(before, after):
    """statsmodels' interval, of as many answers as Kish's design effect leaves of 24."""
    rounds = [told(24, calm=calm, noise=noise) for calm, noise in (before, before, after)]
    worth = 24 / (1 + 23 * bounds.DAY)
    earlier, later = (sum(counts) / 48 * worth for counts in (before, after))
    low, high = confint_proportions_2indep(
        later, worth, earlier, worth, method="newcomb", compare="diff", alpha=DOUBT
    )
    expected = (
        Change.CLEARLY_MORE if low > 0 else Change.CLEARLY_LESS if high < 0 else Change.NORMAL
    )
    assert scale_of(EVERY_KIND, *rounds).change is expected


def alike(instrument: Instrument, positive: int) -> Release:
    """A round in which so many of 24 were positive on every item."""
    count = coded(positive, 24, LESSON.d), coded(24 - positive, 24, LESSON.d)
    items = tuple(Told(item.id, *count) for item in instrument.closed)
    return Release(n=24, d=LESSON.d, items=items)


def test_scales_share_the_doubt():
    """What is clear for the only scale of a survey may be chance where there are two."""
    items = tuple(item for item in TWO_SCALES.items if item.scale != "learning")
    only_one = replace(TWO_SCALES, items=items, scales={"basis": TWO_SCALES.scales["basis"]})
    for instrument, change in (only_one, Change.CLEARLY_MORE), (TWO_SCALES, Change.NORMAL):
        rounds = [alike(instrument, count) for count in (8, 8, 17)]
        assert scale_of(instrument, *rounds).change is change


# False alarms


@cache
def called(scale: str, before: tuple[int, ...], after: tuple[int, ...], n: int) -> bool:
    """Whether a scale of lesson feedback, one of two, is called changed between two rounds."""
    items = [item for item in TWO_SCALES.closed if item.scale == scale][: len(before)]
    rounds = [
        Release(
            n=n,
            d=LESSON.d,
            items=tuple(
                Told(item.id, coded(count, n, LESSON.d), coded(n - count, n, LESSON.d))
                for item, count in zip(items, counts, strict=True)
            ),
        )
        for counts in (before, before, after)
    ]
    results = [
        ItemTrend(
            item=item,
            results=tuple(
                trends.result(point, release, release.of(item.id))
                for point, release in zip(weekly(*rounds), rounds, strict=True)
            ),
            change=None,
            signal=None,
        )
        for item in items
    ]
    shown = trends.scale_trend(scale, TWO_SCALES.scales[scale], results, DOUBT / 2)
    return shown.change is not Change.NORMAL


def counts(chance: np.random.Generator, likely: float, alike: float, n: int) -> tuple[int, ...]:
    """Positive answers to three items by n students, each of whom answers some of them alike."""
    first = chance.random(n) < likely
    answers = [
        np.where(chance.random(n) < alike, first, chance.random(n) < likely) for _ in range(3)
    ]
    return tuple(sorted(int(answer.sum()) for answer in answers))


@pytest.mark.parametrize("n", [LESSON.k, 17, CLASS])
@pytest.mark.parametrize("alike", [0.0, 0.5, 1.0])
def test_of_twenty_surveys_in_which_nothing_changed_at_most_one_has_a_scale_called_changed(
    n, alike
):
    """However much the items of a scale have in common; two scales, a thousand surveys each."""
    chance = np.random.default_rng(20260907)
    for likely in (0.5, 0.65, 0.8):
        alarms = [
            any(
                called(scale, counts(chance, likely, alike, n), counts(chance, likely, alike, n), n)
                for scale in TWO_SCALES.scales
            )
            for _ in range(1000)
        ]
        assert np.mean(alarms) <= DOUBT
