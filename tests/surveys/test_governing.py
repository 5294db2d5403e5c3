"""What a governing board may read of a school, and of its schools together."""

from datetime import date, timedelta
from uuid import UUID

from surveys import governing
from surveys.bounds import Change
from surveys.governing import asks_the_school
from surveys.instrument import Stage
from surveys.waves import Member, total
from surveys.wellbeing import Trend
from tests.surveys.test_research import FOUR_YEARS, SECONDARY, Classes, past

FIVE_YEARS: Classes = FOUR_YEARS | {(SECONDARY, 5): 3}


def groups(*years: int | None, members: int = 25, stage: Stage = SECONDARY) -> list[Member]:
    """A group for each of these years."""
    return [
        Member(UUID(int=number), f"{year}{number}", stage, year, members)
        for number, year in enumerate(years)
    ]


def told(*each: date, classes: Classes = FOUR_YEARS) -> Trend:
    pasts = [past(classes, on=on, seed=number) for number, on in enumerate(each)]
    found = governing.trend(pasts)
    assert found
    return found


# Whether a wave is one of the whole school


def test_a_wave_of_all_classes_is_one_of_the_school() -> None:
    school = groups(1, 1, 2, 2, 3, 3)
    assert asks_the_school(school, school)


def test_a_class_that_could_not_be_asked_does_not_matter_and_half_the_school_does() -> None:
    school = groups(1, 1, 2, 2, 3, 3, 4, 4)
    assert asks_the_school(school[1:], school)
    assert not asks_the_school(school[:5], school)


def test_one_year_of_several_is_not_the_school_however_large_it_is() -> None:
    school = groups(*[1] * 9, 2)
    assert not asks_the_school(school[:9], school)
    assert asks_the_school(school, school)


def test_a_school_of_one_year_and_a_school_of_teams_are_asked_as_a_whole() -> None:
    for school in (groups(3, 3, 3), groups(None, None, None, stage=Stage.STAFF)):
        assert asks_the_school(school, school)


# Its trend


def test_a_trend_is_made_of_the_totals_of_all_that_each_wave_asked() -> None:
    waves = [past(seed=number, on=date(2026, 9 + number, 9)) for number in range(3)]
    found = governing.trend(waves)
    assert found
    sums = [total([pool for pools in each.pools.values() for pool in pools]) for each in waves]
    assert [point.n for point in found.points] == [each.n for each in sums if each]
    first = sums[0]
    assert first
    assert found.points[0].items[0].well.interval == first.items[0].positive


def test_a_school_that_grows_by_a_year_goes_on_with_one_trend() -> None:
    found = governing.trend([past(on=date(2026, 9, 9)), past(FIVE_YEARS, on=date(2027, 1, 9))])
    assert found
    assert [point.groups for point in found.points] == [12, 15]
    assert found.items[0].well.change is Change.TOO_EARLY


def test_how_far_the_classes_lie_apart_is_the_schools_own() -> None:
    found = governing.trend([past(class_level=True)])
    assert found
    assert [item.spread for item in found.items] == [None] * len(found.items)


def test_of_a_wave_with_too_few_nothing_is_told() -> None:
    few: Classes = {(SECONDARY, 1): 2, (SECONDARY, 2): 1}
    assert governing.trend([past(few, size=9)]) is None
    assert governing.trend([]) is None


# The band


def test_the_band_is_told_from_five_schools_on_in_steps_of_five() -> None:
    schools = [told(date(2026, 9, 1 + number)) for number in range(5)]
    assert governing.band(schools[:4], 0) is None
    band = governing.band(schools, 0)
    assert band
    low, high = band
    assert low <= high
    assert low % 5 == high % 5 == 0
    assert governing.band([], 0) is None


def test_a_school_that_asked_long_ago_is_not_in_the_band() -> None:
    today = date(2026, 9, 1)
    schools = [told(today) for _ in range(4)]
    long_ago = told(today - governing.AT_MOST_APART - timedelta(days=1))
    assert governing.band([*schools, long_ago], 0) is None
    assert governing.band([*schools, told(today - governing.AT_MOST_APART)], 0)
