"""A history is played against a running service: a school moves in, and each event happens.

What is kept here of what students answered is the truth, against which the adversary is judged.
What is kept of who answered when is what the adversary sees from the back of the classroom.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import date, timedelta
from random import Random
from uuid import UUID

import httpx

from service import sessions
from service.storage import accounts, groups, people, rounds, schools, surveys, tenancy
from service.storage.schools import School
from surveys import noticing
from surveys.access import Role
from surveys.release import Rule
from surveys.rounds import Group, GroupKind, Survey
from tests.adversary.constraints import Form, Seat
from tests.adversary.histories import (
    Agrees,
    Answer,
    Asks,
    Closes,
    ComesTooLate,
    Declares,
    Event,
    Extends,
    Filled,
    History,
    Passes,
    Raises,
    RenewsScreen,
    Retries,
    SchoolClass,
    promised,
)
from tests.house import A_TUESDAY, HASH, Running

STAFF = {
    "owner": Role.TEACHER,
    "colleague": Role.TEACHER,
    "leader": Role.LEADER,
    "administrator": Role.ADMINISTRATOR,
    "adviser": Role.ADVISER,
}
ROLES = ("nobody", "student", *STAFF, "stranger")
"""Who looks: `nobody` holds a code, a link or an address that was overheard; `student` has
answered on this device; `stranger` teaches at another school."""

AGREEMENT = "We start quietly."
CARD = re.compile(r"<b>([0-9A-Z]{5} [0-9A-Z]{5})</b>")


class RoundSeen:
    """A round as everybody in the classroom sees it."""

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


class Played:
    """A school in the middle of its history."""

    def __init__(self, running: Running, history: History) -> None:
        self.running = running
        self.history = history
        self.random = Random(history.seed)
        self.small_classes = history.small_classes
        self.truth: dict[Seat, Form] = {}
        self.rounds: list[RoundSeen] = []
        self.open: dict[int, RoundSeen] = {}
        self.sent: dict[Seat, tuple[str, str]] = {}  # the way in and the nonce
        self.surveys: dict[int, Survey] = {}
        self.agreements: dict[int, str] = {}
        self.people: dict[str, UUID] = {}
        self.visitors = {role: running.visitor("en") for role in ROLES}
        for visitor in self.visitors.values():
            visitor.headers["Accept-Encoding"] = "identity"
        self.signed_in_at = A_TUESDAY

    @property
    def owner(self) -> httpx.AsyncClient:
        return self.visitors["owner"]

    async def move_in(self) -> None:
        self.running.clock.present = A_TUESDAY
        house = self.running.service.house
        self.school_id, other = house.new_id(), house.new_id()
        async with tenancy.school(house.pool, self.school_id) as connection:
            school = School(self.school_id, "Het Kompas", "nl", small_classes=self.small_classes)
            await schools.add(connection, school)
            for name, role in STAFF.items():
                self.people[name] = await self.employ(connection, self.school_id, name, role)
            for number, class_ in enumerate(self.history.classes):
                self.surveys[number] = await self.start_class(connection, class_)
        async with tenancy.school(house.pool, other) as connection:
            await schools.add(connection, School(other, "De Brug", "nl"))
            self.people["stranger"] = await self.employ(connection, other, "stranger", Role.TEACHER)
        self.schools = dict.fromkeys(STAFF, self.school_id) | {"stranger": other}
        await self.sign_in()
        await self.show_to_others()

    async def show_to_others(self) -> None:
        """All that a teacher may show is shown: to a colleague, and on the board of a team."""
        reply = await self.owner.post("/boards", data={"name": "Our team"})
        self.board_id = reply.headers["location"].removeprefix("/boards/")
        page = (await self.owner.get(f"/boards/{self.board_id}")).text
        found = re.search(r"/board/([0-9a-f]{32})", page)
        assert found, page
        self.board = found[1]
        colleague = {str(self.people["colleague"]): "yes"}
        await self.owner.post(f"/boards/{self.board_id}/members", data=colleague)
        for survey in self.surveys.values():
            await self.owner.post(f"/surveys/{survey.survey_id}/sharing", data=colleague)
            line = {"survey": str(survey.survey_id), "on_screen": "yes"}
            await self.owner.post(f"/boards/{self.board_id}/lines", data=line)

    async def employ(self, connection, school_id: UUID, name: str, role: Role) -> UUID:
        account_id = self.running.service.house.new_id()
        await accounts.add(
            connection,
            account_id=account_id,
            email=f"{account_id.hex}@example.org",
            name=name.title(),
            password_hash=HASH,
            language="en",
        )
        await people.grant(connection, school_id, account_id, role)
        return account_id

    async def start_class(self, connection, class_: SchoolClass) -> Survey:
        house = self.running.service.house
        group = Group(
            school_id=self.school_id,
            group_id=house.new_id(),
            name=class_.name,
            kind=GroupKind.CLASS,
            stage=class_.stage,
            year_group=None,
            school_year=2026,
            members=len(class_.students),
        )
        await groups.add(connection, group)
        await groups.add_teacher(connection, self.school_id, group.group_id, self.people["owner"])
        survey = Survey(
            self.school_id,
            house.new_id(),
            group.group_id,
            self.people["owner"],
            class_.instrument,
        )
        await surveys.add(connection, survey)
        return survey

    async def sign_in(self) -> None:
        """Sessions end after some hours; nobody fills in a password for each of them here."""
        house = self.running.service.house
        async with house.pool.acquire() as connection:
            for name, account_id in self.people.items():
                cookie = await sessions.start(connection, house, account_id, self.schools[name])
                self.visitors[name].cookies.set(cookie.key, cookie.value or "")
        self.signed_in_at = self.running.clock.present

    async def play(self, look: Callable[[Event | None], Awaitable[None]]) -> None:
        await self.move_in()
        await look(None)
        for event in self.history.events:
            if await self.happen(event):
                if self.running.clock.present - self.signed_in_at > timedelta(hours=11):
                    await self.sign_in()
                await look(event)

    async def leave(self) -> None:
        for visitor in self.visitors.values():
            await visitor.aclose()
            self.running.visitors.remove(visitor)

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
        if event.class_ not in self.open:
            return False
        round = self.open[event.class_]
        match event:
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
            case Closes():
                await self.close(round, by_clock=event.by_clock)
            case ComesTooLate():
                reply = await self.send(round.code, "f" * 32, event.filled)
                assert reply.status_code in (403, 410), reply.text
            case Agrees():
                self.agreements[event.class_] = AGREEMENT
                form = {"agreement": AGREEMENT, "about": round.instrument.closed[0].id}
                await self.owner.post(f"/surveys/{round.survey.survey_id}/discussion", data=form)
        return True

    async def declare(self, small_classes: bool) -> None:
        form = {"school": "Het Kompas", "school_language": "nl"}
        form |= {"small_classes": "1"} if small_classes else {}
        reply = await self.visitors["administrator"].post("/school/settings", data=form)
        assert reply.status_code == 303, reply.text
        self.small_classes = small_classes

    async def ask(self, event: Asks) -> bool:
        self.open.pop(event.class_, None)
        await self.running.service.keeper.fill_stock()
        survey = self.surveys[event.class_]
        form = {"members": str(event.members), "open_for": event.open_for}
        form |= {"cards": "yes"} if event.cards else {}
        reply = await self.owner.post(f"/surveys/{survey.survey_id}/ask", data=form)
        if reply.status_code != 303:  # not yet
            return False
        round = RoundSeen(
            id=reply.headers["location"].removeprefix("/rounds/"),
            survey=survey,
            rule=promised(self.history.classes[event.class_], self.small_classes),
            places=event.members,
            opened_on=self.running.clock.present.date(),
            by_card=event.cards,
            agreement=self.agreements.get(event.class_, ""),
        )
        self.open[event.class_] = round
        self.rounds.append(round)
        await self.learn_links(round)
        if round.by_card:
            await self.print_cards(round)
        return True

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
        form = {item: "" if value is None else str(value) for item, value in filled.choices.items()}
        visitor = self.visitors["nobody"]
        reply = await visitor.post(f"/{way}", data={**form, **filled.texts, "nonce": nonce})
        visitor.cookies.clear()
        return reply

    def count(self, round: RoundSeen, seat: Seat, filled: Filled) -> None:
        round.arrivals.append(seat)
        self.truth[seat] = {item.id: filled.choices[item.id] for item in round.instrument.closed}

    async def raise_places(self, round: RoundSeen, more: int) -> None:
        await self.owner.post(f"/rounds/{round.id}/places", data={"more": str(more)})
        house = self.running.service.house
        async with tenancy.school(house.pool, self.school_id) as connection:
            now = await rounds.get(connection, self.school_id, UUID(round.id))
        assert now
        round.places = now.places
        if round.by_card:
            await self.print_cards(round)

    async def close(self, round: RoundSeen, *, by_clock: bool) -> None:
        house = self.running.service.house
        if by_clock:
            async with tenancy.school(house.pool, self.school_id) as connection:
                now = await rounds.get(connection, self.school_id, UUID(round.id))
            assert now
            self.running.clock.present = now.closes_at + timedelta(minutes=1)
        else:
            reply = await self.owner.post(f"/rounds/{round.id}/closure")
            assert reply.status_code == 303, reply.text
        await self.running.service.keeper.work()
        round.closed_on = self.running.clock.present.date()
