"""A running service with the same small cast, so that readers know them.

School `Het Kompas`: teacher `ilse`, teacher `omar`, leader `wim`, administrator `ada`; Ilse's
classes 2B (24 students) and, in primary, Groep 6. Another school, `De Brug`, has teacher `eva`.
The leader and the administrator have a second factor, whose secret is `SECRET`. Everything is
real but the clock and the randomness, which tests set.
"""

import asyncio
import re
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx
import pyotp
import pytest
import uvicorn
from asyncpg import Connection

from service import passwords, pepper_file, second_factor, starting
from service.app import Front, Service, create_app
from service.listening import CHANGED
from service.patience import Patient
from service.sealing import Pepper
from service.settings import Settings
from service.storage import (
    accounts,
    governing,
    groups,
    people,
    schools,
    second_factors,
    surveys,
    tenancy,
)
from service.storage.schools import School
from surveys import instrument
from surveys.access import Role
from surveys.instrument import Instrument, Stage
from surveys.rounds import Group, GroupKind, Survey

ZONE = ZoneInfo("Europe/Amsterdam")
A_TUESDAY = datetime(2026, 9, 8, 10, 0, tzinfo=ZONE)
PASSWORD = "een lang wachtwoord"
HASH = passwords.HASHER.hash(PASSWORD)
PEPPER = Pepper(bytes(range(32)))
SECRET = "STEMLOKAALSTEMLOKAALSTEMLOKAAL22"
START_TOKEN = "the token in the terminal"
NONCE = re.compile(r'name="nonce"\s+value="([0-9a-f]+)"')


class Clock:
    def __init__(self, present: datetime = A_TUESDAY) -> None:
        self.present = present

    def __call__(self) -> datetime:
        return self.present

    def go(self, **by: float) -> None:
        self.present += timedelta(**by)


class Cast:
    """Ids by name; filled by `settle`."""

    school: UUID
    other_school: UUID
    people: dict[str, UUID]
    classes: dict[str, Group]


class Straight(httpx.AsyncBaseTransport):
    """Requests go straight to the application; of an event stream its first message comes back."""

    def __init__(self, app: Front) -> None:
        self.app = app

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        asked = [{"type": "http.request", "body": await request.aread()}]
        answered = asyncio.Event()
        head: dict[str, Any] = {}
        body: list[bytes] = []

        async def receive() -> Any:
            if asked:
                return asked.pop()
            await answered.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                head.update(message)
            elif not answered.is_set():
                body.append(message.get("body", b""))
                streamed = any(b"event-stream" in value for _, value in head["headers"])
                if not message.get("more_body") or (streamed and body[-1]):
                    answered.set()

        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": request.method,
            "scheme": request.url.scheme,
            "path": request.url.path,
            "raw_path": request.url.raw_path.split(b"?")[0],
            "query_string": request.url.query,
            "root_path": "",
            "headers": [(name.lower(), value) for name, value in request.headers.raw],
            "client": ("127.0.0.1", 1234),
            "server": (request.url.host, request.url.port),
        }
        await self.app(scope, receive, send)
        return httpx.Response(head["status"], headers=head["headers"], content=b"".join(body))


class Running:
    """A service over HTTP, and a look inside for what no page shows."""

    def __init__(
        self,
        app: Front,
        settings: Settings,
        dsn: str,
        clock: Clock,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.app = app
        self.settings = settings
        self.dsn = dsn
        self.clock = clock
        self.transport = transport
        self.cast = Cast()
        self.visitors: list[httpx.AsyncClient] = []

    @property
    def url(self) -> str:
        return self.settings.url

    @property
    def service(self) -> Service:
        service: Service = self.app.state.service
        return service

    async def settled(self) -> None:
        """Returns once every process has heard of what changed until now.

        Messages come in their order, so when this one has come the others have, too.
        """
        house, nothing = self.service.house, self.service.house.new_id()
        async with house.listening.round(nothing) as happened:
            await house.pool.execute("select pg_notify($1, $2)", CHANGED, str(nothing))
            await happened.wait()

    def visitor(self, language: str = "nl") -> httpx.AsyncClient:
        visitor = httpx.AsyncClient(
            base_url=self.url,
            headers={"Accept-Language": language},
            timeout=30,
            transport=self.transport,
            verify=False,  # there is no TLS here, and to prepare it takes 30 ms
        )
        self.visitors.append(visitor)
        return visitor

    async def staff(
        self, name: str, language: str = "nl", *, dawdles: bool = False
    ) -> httpx.AsyncClient:
        """Somebody who is signed in, with the second factor where one is needed.

        Tests travel in time; only who dawdles is asked for the password again after that.
        """
        visitor, email = self.visitor(language), f"{name}@example.org"
        await self.set_up_second_factor(email)
        reply = await visitor.post("/signin", data={"email": email, "password": PASSWORD})
        assert reply.status_code == 303, reply.text
        if reply.headers["location"].startswith("/signin/code"):
            reply = await visitor.post("/signin/code", data={"code": self.code_now()})
            assert reply.status_code == 303, reply.text
        if not dawdles:
            awake = "update session set used_at = expires_at where used_at = $1"
            await self.service.house.pool.execute(awake, self.clock())
        return visitor

    def code_now(self) -> str:
        """What the phone of everybody here shows."""
        return pyotp.TOTP(SECRET).at(self.clock())

    async def set_up_second_factor(self, email: str) -> None:
        """For who needs one and has none. Where there is one it forgets its last code: the clock
        stands still, and the phone would show no other one."""
        pool = self.service.house.pool
        account = await accounts.by_email(pool, email)
        assert account
        async with pool.acquire() as connection, connection.transaction():
            if not await needs_second_factor(connection, account.account_id):
                return
            sealed = second_factor.seal(self.service.house.pepper, account.account_id, SECRET)
            await second_factors.replace(connection, account.account_id, sealed)

    async def add_class(
        self,
        name: str,
        members: int,
        teacher: str = "ilse",
        kind: GroupKind = GroupKind.CLASS,
        stage: Stage = Stage.SECONDARY,
    ) -> None:
        """One more class of Het Kompas, or another group."""
        house = self.service.house
        group = Group(
            school_id=self.cast.school,
            group_id=house.new_id(),
            name=name,
            kind=kind,
            stage=stage,
            year_group=None if stage is Stage.STAFF else 2,
            school_year=2026,
            members=members,
        )
        self.cast.classes[name] = group
        async with tenancy.school(house.pool, group.school_id) as connection:
            await groups.add(connection, group)
            await groups.add_teacher(
                connection, group.school_id, group.group_id, self.cast.people[teacher]
            )

    async def survey(
        self, class_: str, chosen: str | Path | Instrument = "lesfeedback", owner: str = "ilse"
    ) -> Survey:
        """A survey of a class that is there already, without a round.

        `chosen` is an instrument, the file of one, or the key of one that comes along.
        """
        match chosen:
            case Instrument():
                asked = chosen
            case Path():
                asked = instrument.read(chosen.read_bytes(), chosen.name)
            case key:
                asked = instrument.library()[key]
        group, house = self.cast.classes[class_], self.service.house
        survey = Survey(
            group.school_id, house.new_id(), group.group_id, self.cast.people[owner], asked
        )
        async with tenancy.school(house.pool, group.school_id) as connection:
            await surveys.add(connection, survey)
        return survey

    async def open_round(self, teacher: httpx.AsyncClient, survey: Survey, **form: str) -> str:
        """Opens a round over HTTP; returns its id."""
        await self.service.keeper.fill_stock()
        reply = await teacher.post(f"/surveys/{survey.survey_id}/ask", data=form)
        assert reply.status_code == 303, reply.text
        return reply.headers["location"].removeprefix("/rounds/")

    async def code(self, teacher: httpx.AsyncClient, round_id: str) -> str:
        page = (await teacher.get(f"/rounds/{round_id}")).text
        found = re.search(re.escape(self.url) + r"/([0-9A-Z]{8})\b", page)
        assert found, page
        return found[1]

    async def answer(self, code: str, form: Mapping[str, Any]) -> httpx.Response:
        """One student, on a phone of their own."""
        async with self.visitor() as student:
            page = await student.get(f"/{code}")
            nonce = NONCE.search(page.text)
            posted = {**form, **({"nonce": nonce[1]} if nonce else {})}
            return await student.post(f"/{code}", data=posted)

    async def close(self, teacher: httpx.AsyncClient, round_id: str) -> None:
        """Closes over HTTP, and waits for the keeper to have counted."""
        reply = await teacher.post(f"/rounds/{round_id}/closure")
        assert reply.status_code == 303, reply.text
        await self.service.keeper.work()


async def needs_second_factor(connection: Connection, account_id: UUID) -> bool:
    if await governing.boards_of(connection, account_id):
        return True
    for school_id in await accounts.schools_of(connection, account_id):
        await tenancy.enter(connection, school_id)
        member = await people.get(connection, school_id, account_id)
        if member and not member.roles.isdisjoint({Role.LEADER, Role.ADMINISTRATOR}):
            return True
    return False


@asynccontextmanager
async def served(
    dsn: str, place: Path, protocol: type[Patient] = Patient, **changed: Any
) -> AsyncIterator[Running]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    app, settings, clock = wired(dsn, place, port, **changed)
    config = starting.listening(settings, app)
    config.http = protocol
    config.timeout_graceful_shutdown = 3  # an event stream that a failing test left open ends too
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
        if task.done():
            task.result()
    running = Running(app, settings, dsn, clock)
    try:
        yield running
    finally:
        for visitor in running.visitors:
            await visitor.aclose()
        server.should_exit = True
        await task


@asynccontextmanager
async def in_process(dsn: str, place: Path, **changed: Any) -> AsyncIterator[Running]:
    """The same service without a socket: requests go straight to the application."""
    app, settings, clock = wired(dsn, place, port=80, **changed)
    async with app.lifespan():
        running = Running(app, settings, dsn, clock, Straight(app))
        try:
            yield running
        finally:
            for visitor in running.visitors:
                await visitor.aclose()


def wired(dsn: str, place: Path, port: int, **changed: Any) -> tuple[Front, Settings, Clock]:
    values = {
        "url": f"http://127.0.0.1:{port}",
        "host": "127.0.0.1",
        "port": port,
        "database": dsn,
        "data": place / "data",
        "keys": (place / "keys",),
        "pepper": place / "pepper",
        "zone": ZONE,
    }
    settings = Settings(**{**values, **changed})
    clock = Clock()
    there = settings.pepper.exists()
    pepper = pepper_file.read(settings.pepper) if there else PEPPER
    app = create_app(settings, dsn, pepper, clock=clock, entropy=Random(7), start_token=START_TOKEN)
    return app, settings, clock


async def settle(running: Running) -> None:
    """The standing cast moves in."""
    house = running.service.house
    cast = running.cast
    cast.school, cast.other_school = house.new_id(), house.new_id()
    cast.people = {}
    cast.classes = {}
    staff = {
        cast.school: {
            "ilse": [Role.TEACHER],
            "omar": [Role.TEACHER],
            "wim": [Role.LEADER],
            "ada": [Role.ADMINISTRATOR],
        },
        cast.other_school: {"eva": [Role.TEACHER]},
    }
    taught = {
        "2B": (cast.school, "ilse", Stage.SECONDARY, 24),
        "Groep 6": (cast.school, "ilse", Stage.PRIMARY, 26),
        "1A": (cast.other_school, "eva", Stage.SECONDARY, 20),
    }
    for school_id, name in ((cast.school, "Het Kompas"), (cast.other_school, "De Brug")):
        async with tenancy.school(house.pool, school_id) as connection:
            await schools.add(connection, School(school_id, name, "nl"))
            for person, roles in staff[school_id].items():
                cast.people[person] = house.new_id()
                await accounts.add(
                    connection,
                    account_id=cast.people[person],
                    email=f"{person}@example.org",
                    name=person.title(),
                    password_hash=HASH,
                    language="nl",
                )
                for role in roles:
                    await people.grant(connection, school_id, cast.people[person], role)
                if Role.TEACHER not in roles:
                    sealed = second_factor.seal(PEPPER, cast.people[person], SECRET)
                    await second_factors.replace(connection, cast.people[person], sealed)
            for class_, (of_school, teacher, stage, members) in taught.items():
                if of_school != school_id:
                    continue
                group = Group(
                    school_id=school_id,
                    group_id=house.new_id(),
                    name=class_,
                    kind=GroupKind.CLASS,
                    stage=stage,
                    year_group=2,
                    school_year=2026,
                    members=members,
                )
                cast.classes[class_] = group
                await groups.add(connection, group)
                await groups.add_teacher(
                    connection, school_id, group.group_id, cast.people[teacher]
                )


@pytest.fixture
async def empty_house(database: str, place: Path) -> AsyncIterator[Running]:
    """A service in which nobody has an account yet."""
    async with served(database, place) as running:
        yield running


@pytest.fixture
async def house(empty_house: Running) -> Running:
    await settle(empty_house)
    return empty_house
