"""A school keeps less long than the promise if it likes, and never longer."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from surveys.keeping import MOST_YEARS, Keeping
from surveys.rounds import school_year_began

days = st.dates(date(2020, 1, 1), date(2040, 12, 31))
keepings = st.builds(Keeping, st.integers(1, MOST_YEARS), st.one_of(st.none(), st.integers(1, 366)))


@given(keepings, days)
def test_own_words_never_outlive_the_school_year(keeping: Keeping, today: date) -> None:
    assert school_year_began(today) <= keeping.words_from(today)


@given(keepings, days)
def test_no_school_keeps_a_result_longer_than_the_promise(keeping: Keeping, today: date) -> None:
    assert Keeping().results_from(today) <= keeping.results_from(today)


@given(st.integers(1, MOST_YEARS), days)
def test_a_result_of_this_school_year_is_always_kept(years: int, today: date) -> None:
    assert Keeping(years).results_from(today) <= school_year_began(today)


def test_nine_school_years_are_this_one_and_the_eight_before() -> None:
    assert Keeping().results_from(date(2030, 7, 31)) == date(2021, 8, 1)
    assert Keeping().results_from(date(2030, 8, 1)) == date(2022, 8, 1)
    assert Keeping(1).results_from(date(2030, 8, 1)) == date(2030, 8, 1)


def test_own_words_may_go_sooner() -> None:
    today = date(2027, 3, 1)
    assert Keeping(words_days=30).words_from(today) == today - timedelta(days=30)
    assert Keeping(words_days=90).words_from(date(2026, 9, 1)) == date(2026, 8, 1)
