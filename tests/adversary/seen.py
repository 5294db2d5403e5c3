"""A round as everybody in the classroom sees it: who answers when, never what."""

from collections.abc import Mapping
from datetime import date

from msgspec import Struct

from surveys import noticing
from surveys.release import Rule
from surveys.rounds import Survey
from tests.adversary.constraints import Form, Seat


class Agreed(Struct, frozen=True):
    """What a class and its teacher agreed on, about one of the questions of a survey."""

    text: str
    about: str
    on: date


class RoundSeen:
    def __init__(
        self,
        id: str,
        survey: Survey,
        rule: Rule,
        places: int,
        opened_on: date,
        *,
        by_card: bool,
        agreement: str,
    ) -> None:
        self.id = id
        self.survey = survey
        self.instrument = noticing.asked(survey.instrument, agreement)
        self.rule = rule
        self.places = places
        self.opened_on = opened_on
        self.by_card = by_card
        self.closed_on: date | None = None
        self.code = ""
        self.screen = ""
        self.cards: list[str] = []
        self.arrivals: list[Seat] = []
        self.guess: Mapping[str, int] = {}  # of every ten, by item
        self.visit: Form = {}
        self.pages: dict[str, str] = {}  # what has to be the same each time that it is read

    @property
    def on(self) -> date:
        return self.closed_on or self.opened_on

    @property
    def shows_result(self) -> bool:
        return self.closed_on is not None and len(self.arrivals) >= self.rule.k

    def way_in(self) -> str:
        """A card out of the box, where there are cards; the class's code else."""
        return self.cards.pop() if self.cards else self.code

    def first(self, n: int) -> list[Seat]:
        """Who the n answers are from of which something is told."""
        assert n <= len(self.arrivals), "more answers are told of than were given"
        return self.arrivals[:n]
