"""A history is played against a running service: a school moves in, and each event happens.

What is kept here of what students answered is the truth, against which the adversary is judged.
What is kept of who answered when is what the adversary sees from the back of the classroom.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from random import Random
from uuid import UUID

import httpx

from service.storage import rounds, tenancy
from surveys.rounds import Round, State, Survey
from tests.adversary.constraints import Form, Seat
from tests.adversary.events import (
    Agrees,
    Answer,
    Asks,
    Closes,
    ComesTooLate,
    Decides,
    Declares,
    EndsWave,
    Event,
    Extends,
    ExtendsWave,
    Filled,
    Guesses,
    History,
    OpensWave,
    Passes,
    Raises,
    RenewsScreen,
    Retries,
    Visits,
)
from tests.adversary.leading import CARD, Leader
from tests.adversary.school import NAME, SchoolSeen
from tests.adversary.seen import Agreed, RoundSeen, WaveSeen
from tests.house import Running

AGREEMENT = "We start quietly."
VISITOR = "Mister Fox"


class Played:
    """A school in the middle of its history."""

    def __init__(self, running: Running, history: History) -> None:
        self.running = running
        self.history = history
        self.school = SchoolSeen(running, history)
        self.leader = Leader(self.school)
        self.random = Random(history.seed)
        self.small_classes = history.small_classes
        self.truth: dict[Seat, Form] = {}
        self.rounds: list[RoundSeen] = []
        self.waves: list[WaveSeen] = []
        self.open: dict[int, RoundSeen] = {}  # the last round of each survey
        self.sent: dict[Seat, tuple[str, str]] = {}  # the way in and the nonce
        self.agreements: dict[UUID, list[Agreed]] = {}  # by survey, in the order of their making

    @property
    def owner(self) -> httpx.AsyncClient:
        return self.school.owner

    def rounds_of(self, survey: Survey) -> list[RoundSeen]:
        return [one for one in self.rounds if one.survey.survey_id == survey.survey_id]

    async def play(self, look: Callable[[Event | None], Awaitable[None]]) -> None:
        await self.school.move_in()
        await look(None)
        for event in self.history.events:
            if await self.happen(event):
                if self.running.clock.present > self.school.signed_in_until:
                    await self.school.sign_in()
                await look(event)

    async def happen(self, event: Event) -> bool:
        """Whether it could happen: a round that may not be opened yet takes its events along."""
        self.running.clock.go(seconds=3)
        match event:
            case Declares():
                await self.declare(event.small_classes)
                return True
            case Passes():
                self.running.clock.go(days=event.days)
                return True
            case Asks():
                return await self.ask(event)
            case OpensWave():
                return await self.open_wave(event)
        if event.survey not in self.open:
            return False
        return await self.happen_in(self.open[event.survey], event)

    async def happen_in(self, round: RoundSeen, event: Event) -> bool:
        match event:
            case ComesTooLate() if not round.takes_answers:
                reply = await self.send(round.code, "f" * 32, event.filled)
                assert reply.status_code in (403, 410), reply.text
            case Agrees():
                await self.agree(round.survey, event.about)
            case EndsWave() if round.wave and not round.closed_on:
                await self.leader.end(round.wave, by_clock=event.by_clock)
                await self.count_what_is_due()
            case Decides() if round.wave and round.closed_on:
                await self.leader.decide(round.wave)
            case _ if not round.takes_answers:  # perhaps it closed with another one, by the clock
                return False
            case ExtendsWave() if round.wave:
                await self.leader.extend(round.wave)
            case Answer():
                await self.answer(round, event.filled)
            case Retries():
                await self.retry(round, event)
            case Raises():
                await self.raise_places(round, event.more)
            case Extends():
                await self.owner.post(f"/rounds/{round.id}/extension")
            case RenewsScreen():
                await self.owner.post(f"/rounds/{round.id}/screen")
                await self.learn_links(round)
            case Guesses():
                await self.guess(round, event.of_ten)
            case Visits():
                await self.visit(round, event.choices)
            case Closes():
                await self.close(round, by_clock=event.by_clock)
        return True

    async def declare(self, small_classes: bool) -> None:
        form = {"school": NAME, "school_language": "nl", "results_years": "1", "words_days": ""}
        form |= {"small_classes": "1"} if small_classes else {}
        reply = await self.school.visitors["administrator"].post("/school/settings", data=form)
        assert reply.status_code == 303, reply.text
        self.small_classes = small_classes

    async def ask(self, event: Asks) -> bool:
        self.open.pop(event.survey, None)
        await self.running.service.keeper.fill_stock()
        survey = self.school.surveys[event.survey]
        form = {"members": str(event.members), "open_for": event.open_for, "focus": event.focus}
        form |= {"cards": "yes"} if event.cards else {}
        reply = await self.owner.post(f"/surveys/{survey.survey_id}/ask", data=form)
        if reply.status_code != 303:  # not yet
            return False
        agreed = self.agreements.get(survey.survey_id)
        round = RoundSeen(
            id=reply.headers["location"].removeprefix("/rounds/"),
            survey=survey,
            rule=self.history.promised(event.survey, small_classes=self.small_classes),
            places=event.members,
            opened_on=self.running.clock.present.date(),
            by_card=event.cards,
            agreement=agreed[-1].text if agreed else "",
        )
        self.open[event.survey] = round
        self.rounds.append(round)
        await self.learn_links(round)
        if round.by_card:
            await self.print_cards(round)
        return True

    async def open_wave(self, event: OpensWave) -> bool:
        await self.running.service.keeper.fill_stock()
        wave = await self.leader.open_wave(event)
        for number in event.surveys:
            self.open.pop(number, None)
            if wave:
                self.open[number] = wave.rounds[self.school.surveys[number].group_id]
                self.rounds.append(self.open[number])
                await self.learn_links(self.open[number])
        if wave:
            self.waves.append(wave)
        if wave and wave.cards:
            await self.leader.print_cards(wave)
        return wave is not None

    async def learn_links(self, round: RoundSeen) -> None:
        page = (await self.owner.get(f"/rounds/{round.id}")).text
        found = re.search(re.escape(self.running.url) + r"/([0-9A-Z]{8})\b", page)
        assert found, page
        round.code = found[1]
        found = re.search(r"/screen/([0-9a-f]{32})", page)
        assert found, page
        round.screen = found[1]

    async def print_cards(self, round: RoundSeen) -> None:
        page = (await self.owner.post(f"/rounds/{round.id}/cards")).text
        round.cards += [symbols.replace(" ", "") for symbols in CARD.findall(page)]

    async def answer(self, round: RoundSeen, filled: Mapping[str, Filled]) -> None:
        """Who sends at once arrives at once; in which order, nobody can tell."""
        ways = {
            student: (round.way_in(), f"{self.random.getrandbits(128):032x}") for student in filled
        }
        replies = await asyncio.gather(
            *(self.send(*way, filled[student]) for student, way in ways.items())
        )
        for student, reply in zip(ways, replies, strict=True):
            seat = Seat(round.id, student)
            self.sent[seat] = ways[student]
            if reply.status_code == 200:
                self.count(round, seat, filled[student])
            else:
                assert reply.status_code in (403, 409), reply.text

    async def retry(self, round: RoundSeen, event: Retries) -> None:
        """The first answer stands, unless there was no place for it."""
        seat = Seat(round.id, event.student)
        if seat not in self.sent:
            return
        reply = await self.send(*self.sent[seat], event.filled)
        if reply.status_code == 200 and seat not in self.truth:
            self.count(round, seat, event.filled)

    async def send(self, way: str, nonce: str, filled: Filled) -> httpx.Response:
        """On a phone of one's own, which keeps no cookie here."""
        visitor = self.school.visitors["nobody"]
        form = {**fields(filled.choices), **filled.texts, "nonce": nonce}
        reply = await visitor.post(f"/{way}", data=form)
        visitor.cookies.clear()
        return reply

    def count(self, round: RoundSeen, seat: Seat, filled: Filled) -> None:
        round.arrivals.append(seat)
        self.truth[seat] = {item.id: filled.choices[item.id] for item in round.instrument.closed}

    async def raise_places(self, round: RoundSeen, more: int) -> None:
        await self.owner.post(f"/rounds/{round.id}/places", data={"more": str(more)})
        round.places = (await self.stored(round)).places
        if round.by_card:
            await self.print_cards(round)

    async def guess(self, round: RoundSeen, of_ten: Mapping[str, int]) -> None:
        reply = await self.owner.post(f"/rounds/{round.id}/guess", data=fields(of_ten))
        assert reply.status_code == 303, reply.text
        round.guess = of_ten

    async def visit(self, round: RoundSeen, choices: Form) -> None:
        await self.owner.post(f"/rounds/{round.id}/visit")
        page = (await self.owner.get(f"/rounds/{round.id}/guess")).text
        found = re.search(r"/visit/[0-9a-f]{32}", page)
        assert found, page
        form = {**fields(choices), "name": VISITOR}
        reply = await self.school.visitors["nobody"].post(found[0], data=form)
        assert reply.status_code == 200, reply.text
        round.visit = choices

    async def close(self, round: RoundSeen, *, by_clock: bool) -> None:
        """A class of a wave then waits for the others."""
        if by_clock:
            closes_at = (await self.stored(round)).closes_at
            self.running.clock.present = closes_at + timedelta(minutes=1)
        else:
            reply = await self.owner.post(f"/rounds/{round.id}/closure")
            assert reply.status_code == 303, reply.text
        round.has_stopped = True
        await self.count_what_is_due()

    async def count_what_is_due(self) -> None:
        await self.running.service.keeper.work()
        for one in self.open.values():
            if (await self.stored(one)).state not in (State.OPEN, State.CLOSED):
                one.closed_on = one.closed_on or self.running.clock.present.date()

    async def agree(self, survey: Survey, about: str) -> None:
        form = {"agreement": AGREEMENT, "about": about}
        await self.owner.post(f"/surveys/{survey.survey_id}/discussion", data=form)
        agreed = Agreed(AGREEMENT, about, self.running.clock.present.date())
        self.agreements.setdefault(survey.survey_id, []).append(agreed)

    async def stored(self, round: RoundSeen) -> Round:
        """What no page shows: whether it was closed by the clock, and when it will be."""
        house = self.running.service.house
        async with tenancy.school(house.pool, self.school.school_id) as connection:
            found = await rounds.get(connection, self.school.school_id, UUID(round.id))
        assert found
        return found


def fields(form: Mapping[str, int | None]) -> dict[str, str]:
    return {item: "" if value is None else str(value) for item, value in form.items()}
