"""A round as everybody in the classroom sees it, or a wave: who answers, never what."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from msgspec import Struct

from surveys import noticing
from surveys.instrument import Instrument
from surveys.release import Rule
from surveys.rounds import Survey
from surveys.waves import Member, classes, merged
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
        agreement: str = "",
        wave: "WaveSeen | None" = None,
    ) -> None:
        self.id = id
        self.survey = survey
        self.instrument = noticing.asked(survey.instrument, agreement)
        self.rule = rule
        self.places = places
        self.opened_on = opened_on
        self.by_card = by_card
        self.wave = wave
        self.has_stopped = False  # takes no more answers
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
    def takes_answers(self) -> bool:
        return not (self.has_stopped or self.closed_on)

    @property
    def told_with(self) -> list["RoundSeen"]:
        """The rounds whose answers are counted as one, this one among them."""
        return self.wave.counted_with(self) if self.wave else [self]

    @property
    def shows_result(self) -> bool:
        """Of a wave's rounds only those of which the school is told as of a class."""
        alone = self.told_with == [self]
        return alone and self.closed_on is not None and len(self.arrivals) >= self.rule.k

    def way_in(self) -> str:
        """A card out of the box, where there are cards; the class's code else."""
        return self.cards.pop() if self.cards else self.code

    def first(self, n: int) -> list[Seat]:
        """Who the n answers are from of which something is told."""
        assert n <= len(self.arrivals), "more answers are told of than were given"
        return self.arrivals[:n]


class WaveSeen:
    """Rounds that a school opened together, by group."""

    def __init__(self, id: str, *, by_class: bool, cards: bool) -> None:
        self.id = id
        self.by_class = by_class
        self.cards = cards
        self.members: list[Member] = []
        self.rounds: dict[UUID, RoundSeen] = {}

    def pools(self) -> list[list[RoundSeen]]:
        """R4: whose answers are counted as one, once the wave has ended. It is no secret."""
        sizes = {group: len(round.arrivals) for group, round in self.rounds.items()}
        (rule,) = {round.rule for round in self.rounds.values()}
        cells = classes(self.members, sizes, rule) if self.by_class else merged(self.members, sizes)
        found = [[self.rounds[member.group_id] for member in cell] for cell in cells]
        return [pool for pool in found if sum(len(one.arrivals) for one in pool) >= rule.k]

    @property
    def instrument(self) -> Instrument:
        return next(iter(self.rounds.values())).instrument

    @property
    def ended_on(self) -> date | None:
        return next(iter(self.rounds.values())).closed_on

    def named(self, class_: str) -> RoundSeen:
        (group,) = (member.group_id for member in self.members if member.name == class_)
        return self.rounds[group]

    def year_of(self, round: RoundSeen) -> int:
        return self.member(round).year_group or 0

    def members_of(self, round: RoundSeen) -> int:
        return self.member(round).members

    def member(self, round: RoundSeen) -> Member:
        return next(one for one in self.members if one.group_id == round.survey.group_id)

    def counted_with(self, round: RoundSeen) -> list[RoundSeen]:
        return next((pool for pool in self.pools() if round in pool), [round])
