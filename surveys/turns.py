"""Whose turn it is: of all that a teacher may do, the one thing that comes next."""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from surveys.rounds import Round, State


class Step(StrEnum):
    """What comes next with a survey."""

    ROUND = "round"  # it is open
    RESULT = "result"  # it waits until it may be asked again: time to talk about it
    ASK = "ask"
    WAIT = "wait"


class Standing(Struct, frozen=True):
    """How a survey stands. `agreed_on` is of the agreement that holds."""

    survey_id: UUID
    latest: Round | None
    may_ask_on: date | None
    agreed_on: date | None = None
    planned_on: date | None = None

    def step(self, today: date) -> Step:
        state = self.latest.state if self.latest else None
        if state is State.OPEN:
            return Step.ROUND
        if self.may_ask_on is not None and self.may_ask_on <= today:
            return Step.ASK
        return Step.RESULT if state is State.RELEASED else Step.WAIT

    @property
    def talked_about(self) -> bool:
        """Whether the class has agreed on something since its last result."""
        told_on = self.latest.closed_on if self.latest else None
        return self.agreed_on is not None and (told_on is None or told_on <= self.agreed_on)


def turn(standings: Sequence[Standing], today: date) -> UUID | None:
    """What is being asked, then the newest result that was not talked about, then what is planned.

    Else who was not asked for longest. None where there is nothing to do.
    """
    at = {step: [each for each in standings if each.step(today) is step] for step in Step}
    told = [each for each in at[Step.RESULT] if not each.talked_about]
    planned = [each for each in at[Step.ASK] if each.planned_on and each.planned_on <= today]
    if told and not at[Step.ROUND]:
        return max(told, key=asked_on).survey_id
    waiting = at[Step.ROUND] or planned or at[Step.ASK]
    return min(waiting, key=asked_on).survey_id if waiting else None


def asked_on(standing: Standing) -> date:
    return standing.latest.opened_on if standing.latest else date.min
