"""One thing comes next: what the class waits for most."""

from datetime import date, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from surveys.rounds import Round, State
from surveys.turns import Standing, Step, turn
from tests.surveys.test_rounds import OPEN

TODAY = date(2026, 10, 6)


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def round_of(days: int, state: State = State.RELEASED) -> Round:
    closed_on = None if state is State.OPEN else ago(days)
    return replace(OPEN, state=state, opened_on=ago(days), closed_on=closed_on)


def standing(number: int, latest: Round | None, wait: int | None = 0, **more: date) -> Standing:
    """`wait` is in how many days it may be asked; None while a round is open."""
    may_ask_on = None if wait is None else TODAY + timedelta(days=wait)
    return Standing(UUID(int=number), latest, may_ask_on, **more)


def next_of(*standings: Standing) -> int | None:
    found = turn(standings, TODAY)
    return found.int if found else None


RUNNING = standing(1, round_of(0, State.OPEN), None)
TOLD = standing(2, round_of(2), 5)
AGREED = standing(3, round_of(3), 4, agreed_on=ago(2))
PLANNED = standing(4, round_of(14), planned_on=TODAY)
LONG_AGO = standing(5, round_of(30))
NEVER = standing(6, None)


def test_an_open_round_comes_before_all_else():
    assert next_of(LONG_AGO, TOLD, RUNNING, PLANNED) == 1


def test_a_result_waits_for_its_conversation():
    assert next_of(LONG_AGO, TOLD, PLANNED) == 2
    assert next_of(standing(7, round_of(4), 3), TOLD) == 2  # the newest is talked about first


def test_after_an_agreement_the_next_class_has_its_turn():
    assert next_of(LONG_AGO, AGREED) == 5
    assert next_of(AGREED) is None
    earlier = standing(8, round_of(3), 4, agreed_on=ago(10))
    assert next_of(earlier, LONG_AGO) == 8


def test_what_is_planned_comes_before_what_waited_longer():
    assert next_of(LONG_AGO, PLANNED) == 4
    tomorrow = replace(PLANNED, planned_on=ago(-1))
    assert next_of(LONG_AGO, tomorrow) == 5


def test_who_was_never_asked_waited_longest():
    assert next_of(LONG_AGO, NEVER) == 6


def test_a_result_is_the_next_step_only_until_it_may_be_asked_again():
    assert TOLD.step(TODAY) is Step.RESULT
    assert LONG_AGO.step(TODAY) is Step.ASK
    assert standing(1, round_of(1, State.TOO_FEW)).step(TODAY) is Step.ASK
    assert standing(1, round_of(0, State.CLOSED), None).step(TODAY) is Step.WAIT
    assert standing(1, round_of(2), None).step(TODAY) is Step.RESULT  # asked by another survey


@given(st.lists(st.sampled_from([RUNNING, TOLD, AGREED, PLANNED, LONG_AGO, NEVER]), unique=True))
def test_there_is_one_turn_or_none_and_it_can_be_taken(standings):
    found = turn(standings, TODAY)
    taken = [each for each in standings if each.survey_id == found]
    assert len(taken) <= 1
    assert all(each.step(TODAY) is not Step.WAIT for each in taken)
    if any(each is not AGREED for each in standings):
        assert taken
