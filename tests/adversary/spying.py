"""The adversary at work: it looks at every page that an event can change, and keeps every fact.

All who look put together what they see. That is more than any one of them knows, and so what
this adversary cannot find out, none of them can.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

import httpx
from msgspec import Struct

from tests.adversary import pages
from tests.adversary.answering import TEXTS
from tests.adversary.constraints import Known, Question, Seat, chose, nobody_empty, questions
from tests.adversary.events import (
    Agrees,
    Asks,
    Closes,
    ComesTooLate,
    Decides,
    Declares,
    EndsWave,
    Event,
    Guesses,
    OpensWave,
    Passes,
    Raises,
    Visits,
)
from tests.adversary.playing import Played
from tests.adversary.school import ROLES
from tests.adversary.seen import RoundSeen
from tests.adversary.solver import Claim, Knowledge, ambiguity, claims
from tests.house import NONCE

UNCHANGING = (
    "/surveys/{survey_id}",
    "/surveys/{survey_id}/questions/{item}",
    "/surveys/{survey_id}/scales/{key}",
    "/shared/{survey_id}",
    "/boards/{board_id}",
    "/board/{token}",
    "/school",
    "/classes",
    "/{code}",
)
"""Pages that tell nothing of the present moment, such as how many have answered."""


WHILE_OPEN = (
    ("owner", "/surveys/{survey_id}"),
    ("owner", "/rounds/{round_id}"),
    ("owner", "/rounds/{round_id}/participation"),
    ("owner", "/rounds/{round_id}/closure"),
    ("nobody", "/screen/{token}"),
    ("nobody", "/screen/{token}/participation"),
)
WHAT_STUDENTS_READ = (("nobody", "/{code}"), ("student", "/{code}"))
WHAT_WAS_TOLD = (
    ("owner", "/surveys/{survey_id}"),
    ("owner", "/surveys/{survey_id}/discussion"),
    ("owner", "/surveys/{survey_id}/questions/{item}"),
    ("owner", "/surveys/{survey_id}/scales/{key}"),
    ("owner", "/surveys/{survey_id}/results.csv"),
    ("colleague", "/shared/{survey_id}"),
    ("colleague", "/boards/{board_id}"),
    ("nobody", "/board/{token}"),
)
WHILE_OPEN_IN_WAVE = (
    *(look for look in WHILE_OPEN if look != ("owner", "/surveys/{survey_id}")),
    ("leader", "/waves/{wave_id}"),
    ("leader", "/waves/{wave_id}/closure"),
)
OWN_CLASS_PAGE = (("owner", "/surveys/{survey_id}"),)
CHANGED_BY: Mapping[type, tuple[tuple[str, str], ...]] = {
    Asks: (*WHILE_OPEN, *WHAT_STUDENTS_READ, ("owner", "/classes")),
    Raises: (*WHILE_OPEN, *WHAT_STUDENTS_READ),
    Closes: (*WHILE_OPEN, *WHAT_STUDENTS_READ, *WHAT_WAS_TOLD, ("owner", "/classes")),
    ComesTooLate: WHAT_WAS_TOLD,
    Agrees: (*WHAT_STUDENTS_READ, *WHAT_WAS_TOLD, ("owner", "/classes")),
    Declares: (("administrator", "/school"), *WHILE_OPEN, *WHAT_STUDENTS_READ),
    Passes: (),
    Guesses: (),
    Visits: (),
}
CHANGED_IN_WAVE: Mapping[type, tuple[tuple[str, str], ...]] = {
    OpensWave: (*WHILE_OPEN_IN_WAVE, *WHAT_STUDENTS_READ, ("owner", "/classes")),
    Raises: (*WHILE_OPEN_IN_WAVE, *WHAT_STUDENTS_READ),
    Closes: (*WHILE_OPEN_IN_WAVE, *WHAT_STUDENTS_READ, ("owner", "/classes")),
    EndsWave: (
        *WHILE_OPEN_IN_WAVE,
        *WHAT_STUDENTS_READ,
        ("owner", "/classes"),
        ("leader", "/wellbeing?cell=each"),
        ("governor", "/schools"),
    ),
    ComesTooLate: (("leader", "/waves/{wave_id}"),),
    Decides: (("leader", "/waves/{wave_id}"), *WHAT_STUDENTS_READ),
}
"""The pages that an event can change, each with a role that gets it."""


class Seen(Struct, frozen=True):
    """A page as somebody got it."""

    role: str
    route: str
    status: int
    headers: tuple[tuple[str, str], ...]
    text: str


class Doubt(Struct, frozen=True):
    """What is left open of one student's answer to one item.

    `otherwise` students of the `others` who do not collude could have answered otherwise, where
    `colluders` tell each other what they chose.
    """

    round: str
    item: str
    claim: Claim
    colluders: int
    others: int
    otherwise: int
    d: int

    @property
    def proven(self) -> bool:
        return self.otherwise == 0 and self.claim.settles

    @property
    def broken(self) -> bool:
        return self.otherwise < min(self.d - self.colluders, self.others)


class Adversary:
    def __init__(self, played: Played, sweeps_at: int = -1) -> None:
        """`sweeps_at` is the number of the event after which everybody tries every page."""
        self.played = played
        self.sweeps_at = sweeps_at
        self.looks = 0
        self.seen: list[Seen] = []
        self.read: set[tuple[str, str]] = set()
        self.facts: dict[Known, None] = {}

    async def look(self, event: Event | None) -> None:
        await self.played.running.settled()
        round = self.round_of(event)
        changed = CHANGED_IN_WAVE if round and round.wave else CHANGED_BY
        usual = WHILE_OPEN_IN_WAVE if round and round.wave else WHILE_OPEN
        wanted = set(changed.get(type(event), usual) if round else ())
        if isinstance(event, Closes | EndsWave):
            wanted |= {("leader", route) for route in pages.READERS if "{" not in route}
        if self.looks == self.sweeps_at:
            tells = (*pages.READERS, *pages.STREAMS)
            wanted |= {(role, route) for role in ROLES for route in tells}
        for role, route in sorted(wanted):
            await self.fetch(role, route, round)
        for other in self.changed_too(event, round):
            for role, route in WHAT_STUDENTS_READ if other.wave else OWN_CLASS_PAGE:
                await self.fetch(role, route, other)
        self.looks += 1

    def changed_too(self, event: Event | None, round: RoundSeen | None) -> list[RoundSeen]:
        """An event of a wave is one for all its classes; and where the school's classes lie stands
        on the pages of all that count in it."""
        if round and round.wave and isinstance(event, OpensWave | EndsWave | Decides):
            return [one for one in round.wave.rounds.values() if one is not round]
        surveys = self.played.history.surveys
        in_band = [number for number in self.played.open if surveys[number].in_band]
        if isinstance(event, Closes) and event.survey in in_band:
            return [self.played.open[number] for number in in_band]
        return []

    def round_of(self, event: Event | None) -> RoundSeen | None:
        survey = (
            event.surveys[0] if isinstance(event, OpensWave) else getattr(event, "survey", None)
        )
        if survey in self.played.open:
            return self.played.open[survey]
        return self.played.rounds[-1] if self.played.rounds else None

    async def fetch(self, role: str, route: str, round: RoundSeen | None) -> bool:
        """Reads a page as this role gets it; whether the role gets it at all."""
        path = self.path(route, round)
        if path is None:
            return False
        visitor = self.played.school.visitors[role]
        if role == "student" and round:
            number = len(self.played.rounds_of(round.survey))
            visitor.cookies.set(f"round-{number}", "answered")
        if route in pages.STREAMS:
            reply = await first_message(visitor, path)
        else:
            reply = await visitor.get(path)
        assert reply.status_code < 500, (route, reply.text)
        assert role == "owner" or not any(text in reply.text for text in TEXTS), route  # R7
        headers = tuple(sorted(set(reply.headers.items()) - {("date", reply.headers.get("date"))}))
        self.seen.append(Seen(role, route, reply.status_code, headers, reply.text))
        shown = NONCE.sub("", reply.text)  # a random number, another one on each page
        if route not in UNCHANGING or (route, shown) not in self.read:
            self.read.add((route, shown))
            self.facts |= dict.fromkeys(pages.read(route, reply, self.played, round))
        return reply.status_code < 300

    def path(self, route: str, round: RoundSeen | None) -> str | None:
        """The address of a route; None while there is nothing yet that it could be about."""
        if "{" not in route:
            return route
        if round is None:
            return None
        if "{wave_id}" in route and not round.wave:
            return None
        asked, scales = round.instrument.closed, sorted(round.instrument.scales) or ["none"]
        names = {
            "item": asked[self.looks % len(asked)].id,
            "key": scales[self.looks % len(scales)],
            "wave_id": round.wave.id if round.wave else "",
            "code": round.code,
            "token": self.played.school.board if route.startswith("/board/") else round.screen,
            "board_id": self.played.school.board_id,
            "round_id": round.id,
            "survey_id": str(round.survey.survey_id),
            "group_id": str(round.survey.group_id),
            "school_id": str(self.played.school.school_id),
        }
        return re.sub(r"{(\w+)}", lambda found: names[found[1]], route)

    # What follows from it

    def knowledge(self) -> Knowledge:
        rounds = self.played.rounds
        seats = [seat for round in rounds for seat in round.arrivals]
        asked = {
            round.id: {question.item: question for question in questions(round.instrument)}
            for round in rounds
        }
        facts = list(self.facts)
        for round in rounds:
            facts += nobody_empty(round.arrivals, round.instrument)
        return Knowledge(seats, asked, facts)

    def doubts(self) -> Iterator[Doubt]:
        """Of what is counted as one, by item: each claim about one student of each cell."""
        known = self.knowledge()
        together = {
            tuple(one.id for one in round.told_with): round.told_with
            for round in self.played.rounds
        }
        for ids, rounds in together.items():
            for question in known.questions[ids[0]].values():
                about = known.about(ids, question.item)
                for colluders in range(rounds[0].rule.d):
                    yield from self.doubts_of(about, rounds, question, colluders)

    def doubts_of(
        self, about: Knowledge, rounds: Sequence[RoundSeen], question: Question, colluders: int
    ) -> Iterator[Doubt]:
        arrivals = [seat for round in rounds for seat in round.arrivals]
        together = self.rarest(arrivals, question)[:colluders]
        others = frozenset(arrivals) - set(together)
        if len(together) < colluders or not others:
            return
        told = [
            chose(seat, question.item, self.played.truth[seat][question.item]) for seat in together
        ]
        known = Knowledge(about.seats, about.questions, [*about.facts, *told])
        for cell in known.cells():
            if cell[0] not in others:
                continue
            for claim in claims(question):
                otherwise = ambiguity(known, cell[0], question.item, claim, others)
                yield Doubt(
                    round=cell[0].round,
                    item=question.item,
                    claim=claim,
                    colluders=colluders,
                    others=len(others),
                    otherwise=otherwise,
                    d=rounds[0].rule.d,
                )

    def rarest(self, arrivals: Sequence[Seat], question: Question) -> list[Seat]:
        """Who answered as few others did: as colluders, they leave the others least in doubt."""
        truth = self.played.truth

        def alike(seat: Seat) -> int:
            (mine,) = (c for c in question.classes if truth[seat][question.item] in c)
            return sum(truth[other][question.item] in mine for other in arrivals)

        return sorted(arrivals, key=lambda seat: (alike(seat), seat))


async def first_message(visitor: httpx.AsyncClient, path: str) -> httpx.Response:
    """Of an event stream, what is told at once."""
    async with visitor.stream("GET", path) as reply:
        lines = []
        async for line in reply.aiter_lines():
            lines.append(line)
            if line.startswith("data:"):
                break
    return httpx.Response(reply.status_code, headers=reply.headers, text="\n".join(lines))
