"""R5 and R8: when a group may be asked again, how many may answer, and what the class sees."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from itertools import combinations
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from surveys import release
from surveys.instrument import Instrument, Purpose, library
from surveys.rounds import (
    DOTS,
    LONGEST_PLAN,
    MOST_MEMBERS,
    MOST_RAISED,
    WAIT,
    Asked,
    Round,
    State,
    dots,
    is_number_of_members,
    latest_closing,
    may_be_asked_on,
    planned_on,
    response_rate,
    shares_an_item,
)

TEACHER, COLLEAGUE = UUID(int=1), UUID(int=2)
LESSON, WELLBEING = library()["lesfeedback"], library()["schoolpuls"]
TODAY = date(2025, 11, 3)
NOW = datetime(2025, 11, 3, 10, 0, tzinfo=UTC)

OPEN = Round(
    school_id=UUID(int=3),
    round_id=UUID(int=4),
    survey_id=UUID(int=5),
    number=1,
    state=State.OPEN,
    opened_on=TODAY,
    closes_at=NOW,
    closed_on=None,
    members=28,
    raised=0,
    code="K7PM4XQ2",
    rule=release.LESSON,
)


def asked(
    instrument: Instrument,
    closed_on: date | None,
    *,
    owner: UUID = TEACHER,
    state: State = State.RELEASED,
) -> Asked:
    return Asked(owner, instrument.purpose, state, closed_on, instrument.closed)


def in_days(days: int) -> date:
    return TODAY + timedelta(days=days)


# Waiting times (R5)


def test_what_was_never_asked_may_be_asked_today():
    assert may_be_asked_on(LESSON, TEACHER, [], TODAY) == TODAY


def test_a_lesson_item_comes_back_after_a_week():
    assert may_be_asked_on(LESSON, TEACHER, [asked(LESSON, TODAY)], TODAY) == in_days(7)
    assert may_be_asked_on(LESSON, TEACHER, [asked(LESSON, in_days(-6))], TODAY) == in_days(1)
    assert may_be_asked_on(LESSON, TEACHER, [asked(LESSON, in_days(-7))], TODAY) == TODAY


def test_a_wellbeing_item_comes_back_after_four_weeks():
    assert may_be_asked_on(WELLBEING, TEACHER, [asked(WELLBEING, TODAY)], TODAY) == in_days(28)
    assert may_be_asked_on(WELLBEING, TEACHER, [asked(WELLBEING, in_days(-28))], TODAY) == TODAY


def test_two_teachers_ask_about_their_own_lessons_on_one_day():
    assert may_be_asked_on(LESSON, COLLEAGUE, [asked(LESSON, TODAY, owner=TEACHER)], TODAY) == TODAY


def test_wellbeing_waits_whoever_asks():
    earlier = [asked(WELLBEING, TODAY, owner=TEACHER)]
    assert may_be_asked_on(WELLBEING, COLLEAGUE, earlier, TODAY) == in_days(28)


def test_calling_a_wellbeing_item_a_lesson_item_does_not_shorten_its_wait():
    disguised = replace(WELLBEING, purpose=Purpose.LESSON)
    assert may_be_asked_on(disguised, COLLEAGUE, [asked(WELLBEING, TODAY)], TODAY) == in_days(28)
    assert may_be_asked_on(WELLBEING, COLLEAGUE, [asked(disguised, TODAY)], TODAY) == in_days(28)


def test_other_items_do_not_wait():
    assert may_be_asked_on(WELLBEING, TEACHER, [asked(LESSON, TODAY)], TODAY) == TODAY


def test_one_item_in_common_is_enough_to_wait():
    one_of_them = replace(LESSON, key="own", items=LESSON.closed[:1])
    assert may_be_asked_on(one_of_them, TEACHER, [asked(LESSON, TODAY)], TODAY) == in_days(7)


def test_own_words_do_not_make_an_instrument_wait():
    assert shares_an_item(LESSON, LESSON.items)
    assert not shares_an_item(LESSON, LESSON.open)


@pytest.mark.parametrize("state", [State.OPEN, State.CLOSED])
def test_nothing_is_asked_twice_at_a_time(state):
    closed_on = TODAY if state is State.CLOSED else None
    assert may_be_asked_on(LESSON, TEACHER, [asked(LESSON, closed_on, state=state)], TODAY) is None


def test_a_round_of_which_nothing_was_told_starts_no_wait():
    earlier = [asked(LESSON, TODAY, state=State.TOO_FEW)]
    assert may_be_asked_on(LESSON, TEACHER, earlier, TODAY) == TODAY


def test_the_latest_of_many_rounds_decides():
    earlier = [asked(LESSON, in_days(-days)) for days in (30, 2, 12)]
    assert may_be_asked_on(LESSON, TEACHER, earlier, TODAY) == in_days(5)


attempts = st.lists(
    st.tuples(
        st.sampled_from(["lesfeedback", "schoolpuls", "doelmeting"]),
        st.sampled_from([TEACHER, COLLEAGUE]),
        st.sampled_from([State.RELEASED, State.TOO_FEW]),
        st.integers(0, 12),  # days since the attempt before
        st.integers(0, 7),  # days that the round stays open
    ),
    max_size=40,
)


@given(attempts)
def test_whatever_a_school_tries_two_results_on_one_item_lie_apart(tries):
    today = TODAY
    past: list[Asked] = []
    told = []
    for key, owner, state, pause, length in tries:
        instrument = library()[key]
        today += timedelta(days=pause)
        if may_be_asked_on(instrument, owner, past, today) == today:
            opened_on, today = today, today + timedelta(days=length)
            past.append(asked(instrument, today, owner=owner, state=state))
            if state is State.RELEASED:
                told.append((key, owner, opened_on, today))
    for (key, owner, _, closed_on), (again, by, opened_on, _) in combinations(told, 2):
        purpose = library()[key].purpose
        if key == again and (owner == by or purpose is Purpose.WELLBEING):
            assert opened_on - closed_on >= WAIT[purpose]


@given(attempts, st.sampled_from(["lesfeedback", "schoolpuls"]))
def test_who_waits_until_the_day_that_was_named_may_ask_on_it(tries, key):
    instrument, owner = library()[key], TEACHER
    past = [
        asked(library()[other], in_days(-pause), owner=teacher, state=state)
        for other, teacher, state, pause, _ in tries
    ]
    first = may_be_asked_on(instrument, owner, past, TODAY)
    assert first is not None
    assert TODAY <= first <= in_days(28)
    assert may_be_asked_on(instrument, owner, past, first) == first


# Places and closing times (R5)


def test_a_round_has_as_many_places_as_announced_students():
    assert OPEN.places == 28
    assert replace(OPEN, raised=2).places == 30


@pytest.mark.parametrize(
    ("raised", "more", "allowed"),
    [(0, 1, True), (0, 2, True), (1, 1, True), (0, 3, False), (1, 2, False), (2, 1, False)],
)
def test_places_are_raised_by_two_at_most(raised, more, allowed):
    assert replace(OPEN, raised=raised).may_raise(more) is allowed


@pytest.mark.parametrize("more", [0, -1, -28])
def test_places_are_never_taken_away(more):
    assert not replace(OPEN, raised=2).may_raise(more)


def test_a_group_has_one_to_sixty_members():
    assert [n for n in range(100) if is_number_of_members(str(n))] == list(range(1, 61))


@pytest.mark.parametrize("typed", ["", " 7", "-7", "+7", "7.0", "٧", "²", "zeven", "7" * 10_000])
def test_what_is_no_number_of_members_is_refused(typed):
    assert not is_number_of_members(typed)


def test_a_round_takes_answers_until_its_closing_time():
    second = timedelta(seconds=1)
    assert OPEN.takes_answers(NOW - second)
    assert not OPEN.takes_answers(NOW)
    assert not OPEN.takes_answers(NOW + second)


@pytest.mark.parametrize("state", set(State) - {State.OPEN})
def test_a_round_that_was_closed_takes_no_answers_any_more(state):
    assert not replace(OPEN, state=state).takes_answers(NOW - timedelta(days=1))


def test_a_round_of_one_teacher_closes_within_a_week():
    assert latest_closing(NOW) == NOW + timedelta(days=7)


# Participation while open (R8)


def test_the_response_rate_is_a_share_of_the_announced_students():
    assert response_rate(0, 28) == 0
    assert response_rate(21, 28) == 0.75
    assert response_rate(30, 28) == 1


def test_a_dot_is_a_full_tenth_of_the_class():
    assert [dots(n, 20) for n in range(17)] == [n // 2 for n in range(16)] + [None]


def test_the_screen_never_shows_the_last_few():
    for places in range(1, MOST_MEMBERS + MOST_RAISED + 1):
        for n in range(places + 1):
            share = Fraction(n, places)
            full_dots = share * DOTS // 1
            assert dots(n, places) == (full_dots if share < Fraction(8, 10) else None)


@given(
    weeks=st.integers(0, LONGEST_PLAN),
    last=st.dates(date(2020, 1, 1), date(2040, 1, 1)),
    wait=st.integers(0, 40),
)
def test_a_plan_falls_on_a_school_day_and_never_before_the_wait_is_over(weeks, last, wait):
    first = last + timedelta(days=wait)
    day = planned_on(weeks, last, first)
    assert day.weekday() < 5
    earliest = max(last + timedelta(weeks=weeks), first)
    assert earliest <= day <= earliest + timedelta(days=2)


def test_a_round_that_should_have_been_counted_is_found_to_be_stuck():
    assert not OPEN.is_stuck(NOW + timedelta(minutes=30))
    assert OPEN.is_stuck(NOW + timedelta(hours=2))
    later = NOW + timedelta(days=5)
    closed = replace(OPEN, closes_at=later, state=State.CLOSED, closed_on=TODAY)
    assert not closed.is_stuck(NOW + timedelta(hours=2))
    assert closed.is_stuck(NOW + timedelta(days=1))
    assert not replace(OPEN, state=State.RELEASED).is_stuck(NOW + timedelta(days=9))
