"""Wellbeing over time: both ends are followed, and a change is called only where it is clear."""

from uuid import UUID

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from surveys import bounds, cells, wellbeing
from surveys.bounds import DOUBT, Change, Share
from surveys.cells import Asked, Past
from surveys.instrument import Instrument
from surveys.release import WELLBEING, Interval, Release, Told, coded
from surveys.waves import Pool, by_year_group
from surveys.wellbeing import SEASON, Trend, worth
from tests.bench import wellbeing as simulated
from tests.surveys.examples import EVERY_KIND
from tests.surveys.test_cells import A_DAY, past, wave, year
from tests.surveys.test_waves import both_views, school, schools

CLASSES = 10  # of 25 students


def only(item: str) -> Instrument:
    return replace(EVERY_KIND, items=tuple(one for one in EVERY_KIND.items if one.id == item))


def pool(n: int, groups: int, well: int = 0, unwell: int = 0) -> Pool:
    told = Told("calm", coded(well, n, WELLBEING.d), coded(unwell, n, WELLBEING.d))
    of_groups = tuple(UUID(int=number) for number in range(groups))
    return Pool(of_groups, Release(n, WELLBEING.d, (told,)))


def of_year(well: int, unwell: int, number: int = 1, groups: int = CLASSES) -> Past:
    """A wave in which so many of 250 students of year 1 were calm, and so many were not."""
    (only_year,) = year(1)
    told = pool(25 * CLASSES, groups, well, unwell)
    return cells.past(wave(number), A_DAY, {only_year: Asked(told.groups, 25 * CLASSES)}, [told])


def calm(*counts: tuple[int, int]) -> Trend:
    pasts = [of_year(*each, number=number) for number, each in enumerate(counts)]
    found = wellbeing.trend(only("calm"), pasts, year(1))
    assert found
    return found


# What is followed


@both_views
@given(schools())
def test_a_trend_holds_the_waves_that_told_of_its_cell(view, there):
    found = past(view, there)
    for years in found.cells:
        seen = wellbeing.trend(EVERY_KIND, [found, found], years)
        assert seen
        assert len(seen.points) == 2
        assert [each.item for each in seen.items] == list(EVERY_KIND.closed)
    for one in found.asked:
        assert (wellbeing.trend(EVERY_KIND, [found], (one,)) is None) == ((one,) not in found.cells)


def test_a_wave_that_merged_a_year_is_not_in_its_trend():
    alone = past(by_year_group, school([20] * 4, [20] * 3, [20] * 3))
    merged = past(by_year_group, school([20] * 4, [20], [20] * 3))
    seen = wellbeing.trend(EVERY_KIND, [alone, merged, alone], year(2))
    assert seen
    assert len(seen.points) == 2
    together = wellbeing.trend(EVERY_KIND, [alone, merged, alone], year(2, 3))
    assert together
    assert len(together.points) == 1


def test_a_wave_that_asked_other_years_is_not_in_the_trend_of_all():
    """Everybody in spring, when the oldest had left, is not everybody in autumn."""
    autumn = past(by_year_group, school([20] * 4, [20] * 3, [20] * 3))
    spring = past(by_year_group, school([20] * 4, [20] * 3))
    seen = wellbeing.trend(EVERY_KIND, [autumn, spring], spring.everybody)
    assert seen
    assert len(seen.points) == 1


def test_of_six_in_a_hundred_who_are_not_well_it_tells_exactly():
    seen = calm((200, 15))
    (item,) = seen.items
    assert item.unwell.last.interval == Interval(15, 15)
    assert item.unwell.last.percents == (6, 6)
    assert item.well.last.percents == (80, 80)


def test_who_answered_is_told_of_who_was_asked():
    there = school([20, 20, 20])
    seen = wellbeing.trend(EVERY_KIND, [past(by_year_group, there)], year(1))
    assert seen
    assert (seen.last.n, seen.last.places, seen.last.groups) == (60, 180, 3)
    assert seen.last.percent == 33
    assert not seen.last.speaks_for_all


def test_what_to_talk_about_is_where_most_are_not_well():
    """Not where fewest do well: in between lies no need for help."""
    items = (
        Told("calm", Interval(100, 100), Interval(10, 10)),
        Told("noise", Interval(200, 200), Interval(30, 30)),
    )
    instrument = replace(
        EVERY_KIND, items=tuple(one for one in EVERY_KIND.items if one.id in ("calm", "noise"))
    )
    told = pool(250, 10)
    told = Pool(told.groups, replace(told.told, items=items))
    (only_year,) = year(1)
    found = cells.past(wave(), A_DAY, {only_year: Asked(told.groups, 250)}, [told])
    seen = wellbeing.trend(instrument, [found], year(1))
    assert seen
    assert seen.strength
    assert seen.strength.item.id == "noise"
    assert seen.talk_about.item.id == "calm"


# Changes


def test_no_change_is_called_before_three_waves():
    (item,) = calm((50, 150)).items
    assert (item.well.change, item.unwell.change) == (None, None)
    (item,) = calm((50, 150), (230, 10)).items
    assert item.well.change is item.unwell.change is Change.TOO_EARLY
    assert item.well.signal is None
    (item,) = calm((50, 150), (50, 150), (230, 10)).items
    assert item.well.change is Change.CLEARLY_MORE
    assert item.unwell.change is Change.CLEARLY_LESS


def test_those_who_are_not_well_are_tested_for_themselves():
    """The middle may empty to both sides: as many do well, and clearly more do not."""
    seen = calm((150, 10), (150, 10), (150, 60))
    (item,) = seen.items
    assert item.well.change is Change.NORMAL
    assert item.unwell.change is Change.CLEARLY_MORE
    assert [(called.item.id, called.unwell, called.change) for called in seen.clear] == [
        ("calm", True, Change.CLEARLY_MORE)
    ]


def test_a_change_of_a_few_is_normal():
    (item,) = calm((190, 20), (190, 20), (200, 15)).items
    assert item.well.change is item.unwell.change is Change.NORMAL


def test_more_questions_share_one_doubt():
    """What is clear of one question is no longer so of many, on both sides of each."""
    shares = Share(0.7, 0.7, 120), Share(0.85, 0.85, 120)
    assert bounds.change(*shares, DOUBT / 2) is Change.CLEARLY_MORE
    assert bounds.change(*shares, DOUBT / 40) is Change.NORMAL
    points = calm((175, 20), (175, 20), (211, 20)).points
    told = [point.items[0].well for point in points]
    assert wellbeing.line(points, told, DOUBT / 2).change is Change.CLEARLY_MORE
    assert wellbeing.line(points, told, DOUBT / 40).change is Change.NORMAL


@given(st.integers(0, 250), st.integers(0, 250))
def test_the_signal_is_where_the_call_begins(before, last):
    (item,) = calm((before, 0), (before, 0), (last, 0)).items
    assert item.well.signal
    more, less = item.well.signal.more, item.well.signal.less
    share = round(100 * last / 250, 6)
    if item.well.change is Change.CLEARLY_MORE and 3 < last < 247:
        assert more is not None
        assert share > more - 1
    if item.well.change is Change.NORMAL and 3 < last < 247:
        assert more is None or share < more
        assert less is None or share > less


def test_other_classes_are_not_compared_without_a_word():
    assert calm((200, 15), (190, 15)).alike
    fewer = wellbeing.trend(
        only("calm"), [of_year(200, 15), of_year(200, 15, number=2, groups=3)], year(1)
    )
    assert fewer
    assert not fewer.alike


# What a total is worth


@given(st.integers(10, 34))
def test_a_class_is_worth_as_much_as_on_the_class_page(n):
    assert worth([pool(n, 1)]) == pytest.approx(bounds.share(Interval(5, 5), n).n)


@given(st.lists(st.tuples(st.integers(30, 300), st.integers(3, 12)), min_size=1, max_size=12))
def test_a_total_is_worth_fewer_answers_than_it_has_and_no_school_more_than_its_moment(pools):
    found = worth([pool(n, groups) for n, groups in pools])
    assert 0 < found < sum(n for n, _ in pools)
    assert found < 1 / SEASON


@given(st.integers(30, 300), st.integers(3, 11))
def test_the_same_answers_from_more_classes_are_worth_more(n, groups):
    assert worth([pool(n, groups)]) < worth([pool(n, groups + 1)])


def test_ten_classes_told_apart_or_together_are_worth_the_same():
    assert worth([pool(25, 1)] * 10) == pytest.approx(worth([pool(250, 10)]))


@pytest.mark.parametrize("cell", simulated.CELLS[:3], ids=lambda cell: cell.name)
def test_where_nothing_changed_at_most_one_page_in_twenty_says_so(cell):
    """With moods of classes and a moment of the school as large as we allow for."""
    chance = np.random.default_rng(simulated.SEED)
    found = simulated.alarms(chance, cell, simulated.MOODS[2], simulated.MOMENTS[1], pages=400)
    assert found <= 100 * DOUBT
