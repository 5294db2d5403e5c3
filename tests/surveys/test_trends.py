"""A trend says no more than its rounds, and nothing before there are three of them."""

from datetime import timedelta

from hypothesis import given
from msgspec.structs import replace

from surveys import trends
from surveys.bounds import Change, Level, Signal
from surveys.instrument import Instrument
from surveys.release import LESSON, Interval, Release, TooFew, release
from surveys.trends import trend
from tests.surveys.examples import EVERY_KIND, choosing
from tests.surveys.past import CLASS, START, calm_weekly, surveys, told, weekly


def only(item: str) -> Instrument:
    """The instrument with one of its closed items alone."""
    return replace(EVERY_KIND, items=tuple(one for one in EVERY_KIND.items if one.id == item))


# Rounds


def test_a_result_is_what_the_round_told():
    calm = trend(EVERY_KIND, weekly(told(24, calm=13))).of("calm").last
    assert calm is not None
    assert (calm.number, calm.on, calm.n, calm.places) == (1, START, 24, CLASS)
    assert (calm.positive, calm.negative) == (Interval(13, 13), Interval(11, 11))
    assert calm.remainder == Interval(0, 0)
    assert calm.level is Level.ABOUT_HALF
    assert calm.if_all_had_answered == Interval(13, 17)
    assert calm.speaks_for_the_class
    assert calm.share.low == calm.share.high == 13 / 24


def test_a_round_with_too_few_answers_is_a_point_without_results():
    seen = trend(EVERY_KIND, weekly(told(24, calm=13), TooFew(7), told(24, calm=12)))
    assert [point.number for point in seen.points] == [1, 2, 3]
    assert [result.number for result in seen.of("calm").results] == [1, 3]


def test_before_the_first_release_there_is_nothing_to_say():
    for points in ([], weekly(TooFew(7))):
        seen = trend(EVERY_KIND, points)
        assert seen.strength is None
        assert seen.talk_about is None
        for item in seen.items:
            assert (item.last, item.before, item.change, item.signal) == (None,) * 4
        assert [scale.scores for scale in seen.scales] == [()]


@given(surveys())
def test_every_closed_item_is_followed_through_every_released_round(survey):
    instrument, points = survey
    seen = trend(instrument, points)
    released = [point.number for point in points if isinstance(point.told, Release)]
    assert [item.item for item in seen.items] == list(instrument.closed)
    assert all([r.number for r in item.results] == released for item in seen.items)
    assert all([s.number for s in scale.scores] == released for scale in seen.scales)


# Changes


def test_no_trend_is_called_before_three_rounds():
    one, two = told(24, calm=3), told(24, calm=24)
    assert trend(EVERY_KIND, weekly(one)).of("calm").change is None
    second = trend(EVERY_KIND, weekly(one, two)).of("calm")
    assert second.change is Change.TOO_EARLY
    assert second.signal is None
    assert trend(EVERY_KIND, weekly(one, TooFew(3), two)).of("calm").change is Change.TOO_EARLY
    assert trend(EVERY_KIND, weekly(one, one, two)).of("calm").change is Change.CLEARLY_MORE


def test_a_change_is_the_last_round_against_the_one_before():
    assert trend(EVERY_KIND, calm_weekly([3, 22, 22, 3])).of("calm").change is Change.CLEARLY_LESS
    assert trend(EVERY_KIND, calm_weekly([3, 22, 22])).of("calm").change is Change.NORMAL


def test_normal_variation_says_from_which_count_it_would_be_clear():
    calm = trend(only("calm"), calm_weekly([12, 12, 15])).of("calm")
    assert calm.change is Change.NORMAL
    assert calm.signal == Signal(more=21, less=3)


def test_many_questions_need_a_larger_change_than_one():
    rounds = calm_weekly([12, 8, 18])
    assert trend(only("calm"), rounds).of("calm").change is Change.CLEARLY_MORE
    assert trend(EVERY_KIND, rounds).of("calm").change is Change.NORMAL


# Scales


def test_a_score_is_the_average_of_published_shares():
    seen = trend(EVERY_KIND, weekly(told(24, calm=24, noise=12)))
    (scale,) = seen.scales
    (score,) = scale.scores
    assert score.share.low == (22 / 24 + 12 / 24) / 2
    assert score.share.high == (24 / 24 + 12 / 24) / 2
    assert score.percents == (70, 75)


def test_a_scale_changes_by_the_rules_of_one_question():
    """An average of several items is never taken for more answers than there were students."""
    rounds = weekly(*[told(24, calm=count, noise=count) for count in (12, 8, 18)])
    (scale,) = trend(EVERY_KIND, rounds).scales
    alone = trend(only("calm"), rounds).of("calm")
    assert scale.change is alone.change is Change.CLEARLY_MORE
    assert scale.scores[-1].share == alone.results[-1].share


# What stands on top


def test_the_strength_is_what_most_students_surely_say():
    seen = trend(EVERY_KIND, weekly(told(24, calm=20, noise=24, help=9, step=15)))
    assert seen.strength is seen.of("noise")
    assert seen.talk_about is seen.of("help")


def test_what_was_asked_first_stands_first():
    seen = trend(EVERY_KIND, weekly(told(24, calm=23, noise=24, help=2, step=0)))
    assert seen.strength is seen.of("calm")
    assert seen.talk_about is seen.of("help")


def test_where_nothing_goes_well_there_is_no_strength_but_always_something_to_talk_about():
    seen = trend(EVERY_KIND, weekly(told(24, calm=12, noise=4, help=5, step=6)))
    assert seen.strength is None
    assert seen.talk_about is seen.of("noise")


def test_the_only_question_is_talked_about():
    seen = trend(only("calm"), weekly(told(24, calm=24)))
    assert seen.strength is None
    assert seen.talk_about is seen.of("calm")


@given(surveys())
def test_the_strength_is_never_what_to_talk_about(survey):
    seen = trend(*survey)
    released = any(item.results for item in seen.items)
    assert (seen.talk_about is not None) == released
    assert seen.strength is None or seen.strength is not seen.talk_about


# A goal


def calm_in(*counts: int) -> trends.ItemTrend:
    return trend(EVERY_KIND, calm_weekly(counts)).of("calm")


def test_a_goal_is_two_rounds_before_against_two_after():
    """As on the class page: 11 and 12, then 18 and 20 of 24."""
    seen = trends.effect(calm_in(20, 11, 12, 18, 20, 3), START + timedelta(weeks=2))
    assert [result.positive.low for result in seen.before] == [11, 12]
    assert [result.positive.low for result in seen.after] == [18, 20]
    assert seen.change is Change.CLEARLY_MORE


def test_a_goal_is_not_judged_before_its_second_round():
    calm = calm_in(11, 12, 18)
    assert trends.effect(calm, START + timedelta(weeks=1)).change is Change.TOO_EARLY
    assert trends.effect(calm, START).change is Change.TOO_EARLY
    assert trends.effect(calm_in(), START).change is Change.TOO_EARLY


def test_a_goal_may_come_no_nearer():
    assert trends.effect(calm_in(11, 12, 14, 13), START + timedelta(weeks=1)).change is (
        Change.NORMAL
    )
    assert trends.effect(calm_in(20, 18, 11, 9), START + timedelta(weeks=1)).change is (
        Change.CLEARLY_LESS
    )


def test_a_goal_alone_carries_less_doubt_than_one_of_many_questions():
    calm = calm_in(11, 12, 18, 20)
    assert calm.change is Change.NORMAL
    assert trends.effect(calm, START + timedelta(weeks=1)).change is Change.CLEARLY_MORE


def test_skipped_answers_are_the_remainder():
    answers = [choosing(4)] * 6 + [choosing(None, 1)] * 6
    seen = trend(EVERY_KIND, weekly(release(EVERY_KIND, answers, LESSON)))
    calm = seen.of("calm").last
    assert calm is not None
    assert calm.positive == Interval(6, 6)
    assert calm.remainder == Interval(4, 6)
