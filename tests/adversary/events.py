"""What happens in a school, as plain values. A survey is named by its place in the history."""

from collections.abc import Mapping

from msgspec import Struct

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
    | Declares
    | Passes
)
