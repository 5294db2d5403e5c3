"""Groups are asked surveys in rounds: a round's states, its places, and when one may be opened."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from surveys.instrument import Instrument, Item, Purpose, Stage, same_item
from surveys.release import Rule

WAIT = {Purpose.LESSON: timedelta(days=7), Purpose.WELLBEING: timedelta(days=28)}
LONGEST_WAIT = max(WAIT.values())
LONGEST = timedelta(days=7)  # a round of one teacher; a wave may last 28 days
AUGUST = 8  # a school year begins on the first of August
LONGEST_PLAN = 8  # weeks between two rounds
SATURDAY = 5
COUNTED_WITHIN = timedelta(hours=1)
MOST_RAISED = 2  # places added to the announced number of students
MOST_MEMBERS = 60
DOTS = 10  # on the class's screen one dot is a tenth of the class
MOST_HAVE_FINISHED = 0.8


class State(StrEnum):
    """Where a round is; `RELEASED` and `TOO_FEW` are the end of it."""

    OPEN = "open"
    CLOSED = "closed"  # no more answers; the keeper has yet to count
    RELEASED = "released"
    TOO_FEW = "too few"


class GroupKind(StrEnum):
    """What sort of group is asked."""

    CLASS = "class"
    LESSON = "lesson"  # a lesson group of one teacher and subject
    TEAM = "team"


class Group(Struct, frozen=True):
    """A class, a lesson group or a team. Its members are a number: no student is ever stored.

    A group that ended is asked no more; its results stay.
    """

    school_id: UUID
    group_id: UUID
    name: str
    kind: GroupKind
    stage: Stage
    year_group: int | None
    school_year: int  # the year in which it begins
    members: int
    subject: str = ""
    ended_on: date | None = None


class Survey(Struct, frozen=True):
    """An instrument asked of a group again and again: the points of one trend.

    Other questions are another trend: a changed survey is a new one, which `follows` this one.
    Its teacher may plan to ask it every so many weeks. What the school asks in waves has no owner.
    """

    school_id: UUID
    survey_id: UUID
    group_id: UUID
    owner: UUID | None
    instrument: Instrument
    follows: UUID | None = None
    every_weeks: int | None = None
    in_band: bool = False  # its teacher lets it count in the school's band


class Round(Struct, frozen=True):
    """One asking. `members` is the announced number of students, `raised` what was added to it.

    With `cards`, each answer needs a printed one-time card; otherwise the class shares the code.
    """

    school_id: UUID
    round_id: UUID
    survey_id: UUID
    number: int
    state: State
    opened_on: date
    closes_at: datetime
    closed_on: date | None
    members: int
    raised: int
    rule: Rule  # as it was when the round opened: what its students were promised
    code: str
    cards: bool = False
    agreement: str = ""  # of the class when the round opened: its students are asked after it
    focus: str = ""  # "what are we trying this lesson?", read by the students
    wave_id: UUID | None = None

    @property
    def places(self) -> int:
        return self.members + self.raised

    def takes_answers(self, now: datetime) -> bool:
        return self.state is State.OPEN and now < self.closes_at

    def is_stuck(self, now: datetime) -> bool:
        """Whether it should have been counted long ago: its key is lost, or its keeper is down."""
        waits = self.state in (State.OPEN, State.CLOSED)
        closed_before = self.closed_on is not None and self.closed_on < now.date()
        return waits and (closed_before or self.closes_at + COUNTED_WITHIN < now)

    def may_raise(self, more: int) -> bool:
        """R5: each place added could let the answers of those who came late be subtracted."""
        return more > 0 and self.raised + more <= MOST_RAISED


class Asked(Struct, frozen=True):
    """A round in which a group was asked some items: what decides when they may come back."""

    owner: UUID | None
    purpose: Purpose
    state: State
    closed_on: date | None
    items: tuple[Item, ...]


def may_be_asked_on(
    instrument: Instrument, owner: UUID | None, asked: Iterable[Asked], today: date
) -> date | None:
    """R5: the first day on which a group may be asked these items, None while one is open.

    Two releases of the same question a day apart differ by those who were absent in one of
    them; a waiting time lets opinions move, so that the difference says nothing of a child.
    Lesson items wait per teacher, wellbeing items whoever asks; a round of which nothing was
    told starts no wait.
    """
    first = today
    for earlier in asked:
        if not shares_an_item(instrument, earlier.items):
            continue
        wellbeing = Purpose.WELLBEING in (instrument.purpose, earlier.purpose)
        if not wellbeing and earlier.owner != owner:
            continue
        if earlier.state in (State.OPEN, State.CLOSED):
            return None
        if earlier.state is State.RELEASED and earlier.closed_on is not None:
            wait = WAIT[Purpose.WELLBEING if wellbeing else Purpose.LESSON]
            first = max(first, earlier.closed_on + wait)
    return first


def planned_on(every_weeks: int, last: date, first: date) -> date:
    """The school day on which a survey is to be asked again, and not before it may be."""
    day = max(last + timedelta(weeks=every_weeks), first)
    return day + timedelta(days=(7 - day.weekday()) if day.weekday() >= SATURDAY else 0)


def shares_an_item(instrument: Instrument, items: Sequence[Item]) -> bool:
    return any(same_item(one, other) for one in instrument.closed for other in items)


def latest_closing(opening: datetime) -> datetime:
    """Every round has a closing time, so that no answers lie sealed for ever."""
    return opening + LONGEST


def school_year_began(day: date) -> date:
    """The first day of the school year in which a day lies."""
    return date(day.year if day.month >= AUGUST else day.year - 1, AUGUST, 1)


def is_number_of_members(text: str) -> bool:
    """Whether what was filled in is a number of students that a group can have."""
    digits = text.isascii() and text.isdecimal() and len(text) <= len(str(MOST_MEMBERS))
    return digits and 1 <= int(text) <= MOST_MEMBERS  # int() refuses thousands of digits


def response_rate(n: int, members: int) -> float:
    """Answers per announced student, at most 1 (AAPOR's RR1 where all are eligible)."""
    return min(1.0, n / members)


def dots(n: int, places: int) -> int | None:
    """R8: how many of ten dots the class's screen shows, None from 80%: "most have finished".

    The screen never shows the last few, so that nobody turns round to look at them.
    """
    share = n / places
    return None if share >= MOST_HAVE_FINISHED else int(share * DOTS)
