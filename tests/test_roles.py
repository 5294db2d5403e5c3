"""Several processes on one PostgreSQL: two serve pages, two keep keys; one dies, none is missed."""

import asyncio
import json
import re
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import httpx
import pytest

from tests.house import NONCE
from tests.phones import set_up
from tests.test_commands import PASSWORD, Command, Place, answering, free_port

ANSWER = {"clarity": "4", "order": "3"}
WITHIN = 20.0  # seconds


class Fleet:
    """Two places that serve pages, two that keep, one database and one pepper."""

    def __init__(self, path: Path, dsn: str) -> None:
        self.dsn = dsn
        self.pages = [self.place(path, name) for name in ("pages-1", "pages-2")]
        self.keepers = [self.place(path, name) for name in ("keeper-1", "keeper-2")]
        self.shared = {"STEMLOKAAL_DATABASE": dsn, "STEMLOKAAL_PEPPER": str(path / "pepper")}
        self.running: dict[str, Command] = {}
        self.stack = AsyncExitStack()

    def place(self, path: Path, name: str) -> Place:
        folder = path / name
        folder.mkdir()
        return Place(folder)

    async def start(self, place: Place, role: str) -> Command:
        place.port = free_port()
        place.url = f"http://127.0.0.1:{place.port}"
        own = {"STEMLOKAAL_PORT": str(place.port)}
        started = place.started("serve", "--role", role, **self.shared, **own)
        command = await self.stack.enter_async_context(started)
        await command.says("Stemlokaal is at" if role == "pages" else "A keeper is at work")
        if role == "pages":
            await answering(place.url)
        self.running[place.path.name] = command
        return command

    def kill(self, place: Place) -> None:
        self.running[place.path.name].process.send_signal(signal.SIGKILL)

    def keys(self, place: Place) -> set[str]:
        return {path.stem for path in (place.path / "keys").glob("*.key")}


@pytest.fixture
async def fleet(database: str, place: Path) -> AsyncIterator[Fleet]:
    fleet = Fleet(place, database)
    async with fleet.stack:
        for keeper in fleet.keepers:
            await fleet.start(keeper, "keeper")
        for pages in fleet.pages:
            await fleet.start(pages, "pages")
        yield fleet


async def teacher_of(fleet: Fleet) -> httpx.AsyncClient:
    """The first person of a new school, who also teaches, and has a class."""
    first = fleet.pages[0]
    token = (await fleet.running["pages-1"].says("fill in this token")).rsplit(" ", 1)[1]
    client = httpx.AsyncClient(base_url=first.url, headers={"Accept-Language": "en"}, timeout=30)
    teacher = await fleet.stack.enter_async_context(client)
    form = {"token": token, "school": "Het Kompas", "school_language": "nl", "name": "Ada"}
    form |= {"email": "ada@example.org", "password": PASSWORD}
    assert (await teacher.post("/start", data=form)).status_code == 303
    await set_up(teacher, datetime.now(UTC))
    connection = await asyncpg.connect(fleet.dsn)
    await connection.execute(
        "insert into membership (school_id, account_id, role) "
        "select school_id, account_id, 'teacher' from membership on conflict do nothing"
    )
    await connection.close()
    return teacher


async def ask(teacher: httpx.AsyncClient, class_: str) -> tuple[str, str]:
    """A round of a new class: its id and its code."""
    group = {"name": class_, "kind": "class", "stage": "secondary", "members": "20"}
    group |= {"school_year": "2026", "year_group": "2"}
    made = await teacher.post("/classes/new", data=group)
    assert made.status_code == 303, made.text
    form = {"instrument": "lesfeedback", "members": "20", "open_for": "hour"}
    opened = await teacher.post(made.headers["location"], data=form)
    assert opened.status_code == 303, opened.text
    page = (await teacher.get(opened.headers["location"])).text
    found = re.search(r"/([0-9A-Z]{8})\b(?!-)", page)  # with a dash after it, it begins an id
    assert found
    return opened.headers["location"].removeprefix("/rounds/"), found[1]


async def answer(place: Place, code: str) -> int:
    async with httpx.AsyncClient(base_url=place.url, timeout=30) as student:
        nonce = NONCE.search((await student.get(f"/{code}")).text)
        assert nonce
        return (await student.post(f"/{code}", data={**ANSWER, "nonce": nonce[1]})).status_code


async def told(fleet: Fleet) -> int:
    connection = await asyncpg.connect(fleet.dsn)
    try:
        return int(await connection.fetchval("select count(*) from release"))
    finally:
        await connection.close()


async def keeper_of(fleet: Fleet, round_id: str) -> Place:
    """Who holds the key of a round."""
    connection = await asyncpg.connect(fleet.dsn)
    key = await connection.fetchval("select public_key from round where round_id = $1", round_id)
    await connection.close()
    (keeper,) = (each for each in fleet.keepers if key.hex() in fleet.keys(each))
    return keeper


async def until_told(fleet: Fleet, number: int) -> None:
    async with asyncio.timeout(WITHIN):
        while await told(fleet) < number:
            await asyncio.sleep(0.05)


async def test_what_is_opened_here_is_answered_there_and_closed_by_who_holds_the_key(
    fleet: Fleet,
) -> None:
    teacher = await teacher_of(fleet)
    rounds = [await ask(teacher, f"{number}A") for number in range(1, 5)]
    for _, code in rounds:
        for number in range(8):
            assert await answer(fleet.pages[number % 2], code) == 200
    for round_id, _ in rounds:
        await keeper_of(fleet, round_id)
    for round_id, _ in rounds:
        assert (await teacher.post(f"/rounds/{round_id}/closure")).status_code == 303
    await until_told(fleet, 4)
    connection = await asyncpg.connect(fleet.dsn)
    async with asyncio.timeout(WITHIN):
        while await connection.fetchval("select count(*) from round where public_key notnull"):
            await asyncio.sleep(0.05)
    assert await connection.fetchval("select count(*) from envelope") == 0
    stock = {row[0].hex() for row in await connection.fetch("select public_key from key_stock")}
    await connection.close()
    for keeper in fleet.keepers:
        assert fleet.keys(keeper) <= stock, "a key of a round is left"


async def test_a_round_waits_for_the_keeper_that_holds_its_key(fleet: Fleet) -> None:
    """The other keeper neither closes it nor calls its key destroyed."""
    teacher = await teacher_of(fleet)
    round_id, code = await ask(teacher, "1A")
    for _ in range(8):
        assert await answer(fleet.pages[1], code) == 200
    mine = await keeper_of(fleet, round_id)
    fleet.kill(mine)
    assert (await teacher.post(f"/rounds/{round_id}/closure")).status_code == 303
    await asyncio.sleep(1)
    assert await told(fleet) == 0
    assert await keeper_of(fleet, round_id) is mine
    await fleet.start(mine, "keeper")
    await until_told(fleet, 1)


async def test_participation_is_live_across_processes(fleet: Fleet) -> None:
    teacher = await teacher_of(fleet)
    round_id, code = await ask(teacher, "1A")
    seen: list[int] = []
    async with teacher.stream("GET", f"/rounds/{round_id}/participation") as stream:
        assert await answer(fleet.pages[1], code) == 200
        async with asyncio.timeout(WITHIN):
            async for line in stream.aiter_lines():
                if line.startswith("data:"):
                    seen.append(json.loads(line.removeprefix("data:"))["n"])
                if seen[-1:] == [1]:
                    break
    assert seen[-1] == 1


async def test_one_that_is_killed_takes_no_acknowledged_answer_along(fleet: Fleet) -> None:
    teacher = await teacher_of(fleet)
    round_id, code = await ask(teacher, "1A")
    acknowledged: list[int] = []

    async def phone(place: Place) -> None:
        with suppress(httpx.TransportError):
            acknowledged.append(await answer(place, code))

    phones = [asyncio.create_task(phone(fleet.pages[number % 2])) for number in range(20)]
    await asyncio.sleep(0.15)
    fleet.kill(fleet.pages[1])
    await asyncio.gather(*phones)
    connection = await asyncpg.connect(fleet.dsn)
    stored = await connection.fetchval("select count(*) from envelope")
    await connection.close()
    assert set(acknowledged) == {200}
    assert stored >= len(acknowledged) >= 10
    page = (await teacher.get(f"/rounds/{round_id}")).text
    assert f"<output data-n>{stored}</output>" in page


async def test_roles_need_a_database_that_they_share(place: Path) -> None:
    said = await Place(place).refused("serve", "--role", "keeper")
    assert "STEMLOKAAL_DATABASE" in said
