"""Bounds agree with the textbooks, and "clearly" is said only where it is clear."""

from itertools import pairwise, product
from math import isclose

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import astuple
from scipy.stats import betabinom, binom
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from surveys import bounds
from surveys.bounds import DOUBT, Change, Level, Parts, Share, Signal
from surveys.release import LESSON, SMALL_CLASSES, WELLBEING, Interval, Rule, coded

RULES = [LESSON, WELLBEING, SMALL_CLASSES]
LARGEST_CLASS = 32

rules = st.sampled_from(RULES)
sizes = st.integers(SMALL_CLASSES.k, 60)
doubts = st.sampled_from([DOUBT, DOUBT / 4, DOUBT / 9])


@st.composite
def published(draw):
    """A count of n as it may be told, with what it was."""
    rule = draw(rules)
    n = draw(st.integers(rule.k, 60))
    count = draw(st.integers(0, n))
    return coded(count, n, rule.d), n


@st.composite
def published_pairs(draw):
    """What may be told of an item: positive, negative, n, places; and the counts behind it."""
    rule = draw(rules)
    n = draw(st.integers(rule.k, 60))
    positive = draw(st.integers(0, n))
    negative = draw(st.integers(0, n - positive))
    places = n + draw(st.integers(0, 10))
    return (
        (coded(positive, n, rule.d), coded(negative, n, rule.d), n, places),
        (positive, negative),
    )


def told(count: int, n: int, d: int = LESSON.d) -> Share:
    return bounds.share(coded(count, n, d), n)


# In words


@pytest.mark.parametrize(
    ("count", "n", "said"),
    [
        (Interval(22, 24), 24, Level.ALMOST_EVERYBODY),
        (Interval(21, 21), 24, Level.MORE_THAN_HALF),
        (Interval(15, 15), 24, Level.MORE_THAN_HALF),
        (Interval(12, 12), 20, Level.ABOUT_HALF),
        (Interval(8, 8), 20, Level.ABOUT_HALF),
        (Interval(7, 7), 20, Level.LESS_THAN_HALF),
        (Interval(0, 2), 24, Level.ALMOST_NOBODY),
        (Interval(4, 5), 5, Level.ALMOST_EVERYBODY),
        (Interval(0, 1), 5, Level.ALMOST_NOBODY),
        (Interval(44, 48), 50, Level.MORE_THAN_HALF),  # a total of several groups
        (Interval(0, 2), 2, Level.ABOUT_HALF),  # touches both ends: it tells nothing
    ],
)
def test_a_published_count_has_a_word(count, n, said):
    assert bounds.level(count, n) is said


@given(published())
def test_the_word_of_a_released_count_is_true_of_every_count_it_may_stand_for(count_of_n):
    count, n = count_of_n
    said = bounds.level(count, n)
    assert (said is Level.ALMOST_EVERYBODY) == (count.high == n)
    assert (said is Level.ALMOST_NOBODY) == (count.low == 0)
    if said is Level.ALMOST_EVERYBODY:
        assert count.low > n / 2
    if said is Level.ALMOST_NOBODY:
        assert count.high < n / 2


# What is left open


@given(published_pairs())
def test_the_remainder_holds_the_true_one(pair):
    (positive, negative, n, _), (true_positive, true_negative) = pair
    remainder = bounds.remainder(positive, negative, n)
    assert 0 <= remainder.low <= n - true_positive - true_negative <= remainder.high <= n


def test_with_the_others_it_would_be_between_two_counts():
    """As on the class page: 13 of 24 is 13 to 17 of the 28."""
    assert bounds.if_all_had_answered(Interval(13, 13), 24, 28) == Interval(13, 17)
    assert bounds.if_all_had_answered(Interval(22, 24), 24, 28) == Interval(22, 28)


@given(published(), st.data())
def test_whatever_the_absent_think_the_bounds_hold_it(count_of_n, data):
    count, n = count_of_n
    absent = data.draw(st.integers(0, 20))
    true = data.draw(st.integers(count.low, count.high)) + data.draw(st.integers(0, absent))
    bound = bounds.if_all_had_answered(count, n, n + absent)
    assert bound.low <= true <= bound.high <= n + absent


def test_seven_in_ten_speak_for_the_class():
    assert bounds.speaks_for_the_class(7, 10)
    assert bounds.speaks_for_the_class(21, 30)
    assert not bounds.speaks_for_the_class(19, 28)


def test_a_top_coded_result_fills_its_bar():
    assert bounds.parts(Interval(22, 24), Interval(0, 2), 24, 28) == Parts(22, 2, 0, 0, 0, 4)
    assert bounds.parts(Interval(0, 2), Interval(22, 24), 24, 24) == Parts(0, 0, 0, 2, 22, 0)
    assert bounds.parts(Interval(13, 13), Interval(7, 7), 24, 28) == Parts(13, 0, 4, 0, 7, 4)
    assert bounds.parts(Interval(13, 13), Interval(0, 2), 24, 24) == Parts(13, 0, 9, 2, 0, 0)


@given(published_pairs())
def test_a_bar_is_as_long_as_the_class(pair):
    (positive, negative, n, places), _ = pair
    parts = bounds.parts(positive, negative, n, places)
    assert min(astuple(parts)) >= 0
    assert parts.places == places


# Formulas


@given(sizes, st.data(), doubts)
def test_wilson_is_wilson(n, data, doubt):
    count = data.draw(st.integers(0, n))
    ours = bounds.wilson(count / n, n, doubt)
    theirs = proportion_confint(count, n, alpha=doubt, method="wilson")
    assert np.allclose(ours, theirs, atol=1e-12)


@given(sizes, sizes, st.data(), doubts)
def test_newcombe_is_newcombe(n_before, n_after, data, doubt):
    before = data.draw(st.integers(0, n_before))
    after = data.draw(st.integers(0, n_after))
    low, high = confint_proportions_2indep(
        after, n_after, before, n_before, method="newcomb", compare="diff", alpha=doubt
    )
    exactly_before = Share(before / n_before, before / n_before, n_before)
    exactly_after = Share(after / n_after, after / n_after, n_after)
    assert isclose(bounds.least_difference(exactly_before, exactly_after, doubt), low, abs_tol=1e-9)
    assert isclose(
        -bounds.least_difference(exactly_after, exactly_before, doubt), high, abs_tol=1e-9
    )


def test_newcombe_s_own_example():
    """56 of 70 and 48 of 80: 0.0524 to 0.3339 (Newcombe 1998, table II, contrast a)."""
    one, other = Share(0.8, 0.8, 70), Share(0.6, 0.6, 80)
    assert round(bounds.least_difference(other, one, DOUBT), 4) == 0.0524
    assert round(-bounds.least_difference(one, other, DOUBT), 4) == 0.3339


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=4))
def test_rounds_together_are_worth_less_than_their_answers(rounds):
    counts = [Interval(low, low) for low, _ in rounds]
    ns = [low + more + 1 for low, more in rounds]
    share = bounds.together(counts, ns)
    assert isclose(share.middle, sum(low for low, _ in rounds) / sum(ns))
    assert 1 - 1e-9 <= share.n <= sum(ns) + 1e-9
    # The variance of a count of correlated answers, written out (Kish 1965).
    variance = sum(n + n * (n - 1) * bounds.DAY for n in ns)
    assert isclose(sum(ns) ** 2 / share.n, variance)


# Clearly more, clearly less


@given(published(), published(), doubts)
def test_less_is_more_seen_from_the_other_side(one, other, doubt):
    before, after = (bounds.share(count, n) for count, n in (one, other))
    flipped = {
        Change.CLEARLY_MORE: Change.CLEARLY_LESS,
        Change.CLEARLY_LESS: Change.CLEARLY_MORE,
        Change.NORMAL: Change.NORMAL,
    }
    assert bounds.change(after, before, doubt) is flipped[bounds.change(before, after, doubt)]
    mirrored = [Share(1 - share.high, 1 - share.low, share.n) for share in (before, after)]
    assert isclose(
        bounds.least_difference(before, after, doubt),
        bounds.least_difference(mirrored[1], mirrored[0], doubt),
        abs_tol=1e-9,
    )


@given(published(), rules, sizes, doubts)
def test_a_higher_count_is_never_less_clearly_more(before, rule, n, doubt):
    earlier = bounds.share(before[0], before[1])
    least = [
        bounds.least_difference(earlier, told(count, n, rule.d), doubt) for count in range(n + 1)
    ]
    assert all(one <= following + 1e-12 for one, following in pairwise(least))


@given(published(), published(), doubts)
def test_what_is_clear_is_clear_for_every_count_it_may_stand_for(one, other, doubt):
    before, after = (bounds.share(count, n) for count, n in (one, other))
    said = bounds.change(before, after, doubt)
    if said is not Change.NORMAL:
        for earlier, later in product(
            range(one[0].low, one[0].high + 1), range(other[0].low, other[0].high + 1)
        ):
            exactly_before = bounds.share(Interval(earlier, earlier), one[1])
            exactly_after = bounds.share(Interval(later, later), other[1])
            assert bounds.change(exactly_before, exactly_after, doubt) is said


@given(published(), doubts)
def test_nothing_changed_is_never_clear(count_of_n, doubt):
    share = bounds.share(count_of_n[0], count_of_n[1])
    assert bounds.change(share, share, doubt) is Change.NORMAL


@given(published(), rules, sizes, doubts)
def test_the_signal_is_where_it_becomes_clear(before, rule, n, doubt):
    earlier = bounds.share(before[0], before[1])
    changes = [bounds.change(earlier, told(count, n, rule.d), doubt) for count in range(n + 1)]
    assert bounds.signal(earlier, n, rule.d, doubt) == Signal(
        more=min((c for c in range(n + 1) if changes[c] is Change.CLEARLY_MORE), default=None),
        less=max((c for c in range(n + 1) if changes[c] is Change.CLEARLY_LESS), default=None),
    )


def test_after_almost_everybody_nothing_is_clearly_more():
    assert bounds.signal(told(24, 24), 24, LESSON.d, DOUBT).more is None


# False alarms, exactly


def clear(n: int, d: int, doubt: float) -> np.ndarray:
    """Which pairs of counts of n are called clearly different: one where they are, else zero."""
    shares = [told(count, n, d) for count in range(n + 1)]
    return np.array(
        [
            [bounds.change(one, other, doubt) is not Change.NORMAL for other in shares]
            for one in shares
        ],
        dtype=float,
    )


def false_alarms(n: int, d: int, items: int, probabilities: list[np.ndarray]) -> float:
    """The most surveys of independent items in which nothing changed that are called changed."""
    pairs = clear(n, d, DOUBT / items)
    return max(1 - (1 - float(p @ pairs @ p)) ** items for p in probabilities)


@pytest.mark.parametrize("rule", RULES, ids=["lesson", "wellbeing", "small classes"])
@pytest.mark.parametrize("items", [1, 4, 9])
def test_of_twenty_surveys_in_which_nothing_changed_at_most_one_is_called_changed(rule, items):
    for n in range(rule.k, LARGEST_CLASS + 1):
        by_chance = [binom.pmf(np.arange(n + 1), n, p) for p in np.linspace(0.05, 0.5, 19)]
        assert false_alarms(n, rule.d, items, by_chance) <= DOUBT


@pytest.mark.parametrize("items", [1, 4, 9])
def test_nor_when_days_differ_by_seven_percentage_points(items):
    """Days that move each item by itself, with an intraclass correlation of 0.02."""
    for n in range(LESSON.k, LARGEST_CLASS + 1):
        by_day = [
            betabinom.pmf(np.arange(n + 1), n, p * 49, (1 - p) * 49)
            for p in np.linspace(0.05, 0.5, 10)
        ]
        assert round(false_alarms(n, LESSON.d, items, by_day), 3) <= DOUBT


def test_without_the_allowance_for_the_day_there_would_be_more(monkeypatch):
    monkeypatch.setattr(bounds, "DAY", 0.0)
    n = 17
    by_chance = [binom.pmf(np.arange(n + 1), n, 0.5)]
    assert 0.07 < false_alarms(n, LESSON.d, 9, by_chance) < 0.08


def test_a_rule_for_every_purpose_leaves_room_between_its_ends():
    """`level` and `parts` rely on it: no released count is near 0 and near n at once."""
    assert all(isinstance(rule, Rule) and rule.k > 2 * rule.d for rule in RULES)
