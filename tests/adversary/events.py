"""A history as plain values: a school, what it asks its classes, and what happens.

Classes and surveys are named by their places in it.
"""

from collections.abc import Mapping

from msgspec import Struct

from surveys.instrument import Instrument, Stage
from surveys.release import Rule, rule
from tests.adversary.constraints import Form


class Filled(Struct, frozen=True):
    """What a student fills in."""

    choices: Form
    texts: Mapping[str, str]


class Asks(Struct, frozen=True):
    """The teacher opens a round of a survey."""

    survey: int
    members: int
    open_for: str
    cards: bool
    focus: str = ""


class Answer(Struct, frozen=True):
    """Students send their answers, all at once or one alone."""

    survey: int
    filled: Mapping[str, Filled]


class Retries(Struct, frozen=True):
    """The same page once more, perhaps with something else filled in: it counts once."""

    survey: int
    student: str
    filled: Filled


class Raises(Struct, frozen=True):
    survey: int
    more: int


class Extends(Struct, frozen=True):
    survey: int


class RenewsScreen(Struct, frozen=True):
    survey: int


class Guesses(Struct, frozen=True):
    """The teacher guesses what the class will say, of every ten."""

    survey: int
    of_ten: Mapping[str, int]


class Visits(Struct, frozen=True):
    """A colleague sees the lesson and fills in the same questions."""

    survey: int
    choices: Form


class Closes(Struct, frozen=True):
    """By the teacher, or by the clock."""

    survey: int
    by_clock: bool


class ComesTooLate(Struct, frozen=True):
    survey: int
    student: str
    filled: Filled


class Agrees(Struct, frozen=True):
    """The class and its teacher agree on something, about one of the questions."""

    survey: int
    about: str


class OpensWave(Struct, frozen=True):
    """The leader asks many classes the same, each as a survey of the school itself."""

    surveys: tuple[int, ...]
    by_class: bool
    cards: bool
    days: int


class ExtendsWave(Struct, frozen=True):
    """By a week."""

    survey: int


class EndsWave(Struct, frozen=True):
    """By the leader, or by the clock; all is told at once."""

    survey: int
    by_clock: bool


class Decides(Struct, frozen=True):
    """The leader tells the students what the school does with it."""

    survey: int


class Declares(Struct, frozen=True):
    """The administrator declares that the school has small classes, or no longer."""

    small_classes: bool


class Passes(Struct, frozen=True):
    days: int


Event = (
    Asks
    | Answer
    | Retries
    | Raises
    | Extends
    | RenewsScreen
    | Guesses
    | Visits
    | Closes
    | ComesTooLate
    | Agrees
    | OpensWave
    | ExtendsWave
    | EndsWave
    | Decides
    | Declares
    | Passes
)


class SchoolClass(Struct, frozen=True):
    """`steady` students answer alike whenever they are asked: what the absentee figure assumes.

    Their opinions are drawn from `opinions`.
    """

    name: str
    stage: Stage
    students: tuple[str, ...]
    steady: bool
    opinions: int
    year_group: int | None = None


class Asked(Struct, frozen=True):
    """What a class is asked again and again, by its teacher or in waves of the school.

    `in_band` counts in the band in which the school's classes lie.
    """

    class_: int
    instrument: Instrument
    in_band: bool = False
    by_school: bool = False


class History(Struct, frozen=True):
    seed: int
    small_classes: bool
    classes: tuple[SchoolClass, ...]
    surveys: tuple[Asked, ...]
    events: tuple[Event, ...] = ()

    def promised(self, survey: int, *, small_classes: bool) -> Rule:
        purpose = self.surveys[survey].instrument.purpose
        return rule(purpose, small_classes=small_classes)
