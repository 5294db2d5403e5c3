"""Wellbeing over time as it grows: a school of 60 classes after 1, 3 and 9 school years of waves.

Waves of the past are put there directly: what is measured is reading them. The last wave is asked
over HTTP: its leader opens it, 1,500 students answer, and the keeper tells what they say.
"""

import asyncio
import json
from datetime import date, timedelta
from random import Random
from urllib.parse import urlencode
from uuid import UUID

import asyncpg
import httpx
from msgspec import Struct, structs

from service import sessions
from service.app import Service
from service.storage import accounts, groups, people, schools, tenancy
from service.storage.schools import School
from surveys.access import Role
from surveys.instrument import Stage, library
from surveys.rounds import Group
from surveys.waves import Member
from tests import past_waves
from tests.bench import _load
from tests.bench._schools import NOBODYS_PASSWORD
from tests.bench._serving import Machine, connected, serving
from tests.house import NONCE

SCHOOL_YEARS = (1, 3, 9)
WAVES_A_YEAR = 3
CLASSES = dict.fromkeys(range(1, 7), [25] * 10)  # by year group: 60 of 25 students
PULSE = library()["schoolpuls"]
CONNECTIONS = 32
VISITS = 40
SEED = 20270611


class Visited(Struct):
    school_years: int
    waves: int
    view: str
    page: str
    cpu_ms: float
    bytes: int


def main() -> None:
    rows = asyncio.run(measured())
    print(f"{'years':>6}{'waves':>6}  {'told of':<12}{'page':<12}{'CPU ms':>8}{'bytes':>9}")
    for row in rows:
        print(
            f"{row.school_years:>6}{row.waves:>6}  {row.view:<12}{row.page:<12}"
            f"{row.cpu_ms:>8.2f}{row.bytes:>9}"
        )
    longest = next(row for row in rows if row.school_years == max(SCHOOL_YEARS))
    print(
        json.dumps(
            {
                "bench": "school",
                "cpu_ms": longest.cpu_ms,
                "bytes": longest.bytes,
                "rows": [structs.asdict(row) for row in rows],
            }
        )
    )


async def measured() -> list[Visited]:
    random = Random(SEED)
    found = []
    async with serving() as machine, machine.inside() as service:
        for by_class in (False, True):
            for years in SCHOOL_YEARS:
                leader = await a_school(service, random)
                await the_past(
                    machine, leader, service.house.today(), years, random, by_class=by_class
                )
                await the_present(machine, service, leader, random, by_class=by_class)
                for page, address in (("everybody", "/wellbeing"), ("a year", A_YEAR)):
                    view = "classes" if by_class else "year groups"
                    found.append(await visited(machine, leader, address, years, view, page))
    return found


A_YEAR = "/wellbeing?of=schoolpuls&cell=secondary-3"


class Leader(Struct, frozen=True):
    """Of a school of 60 classes, signed in."""

    school_id: UUID
    cookies: dict[str, str]
    classes: list[Group]


async def a_school(service: Service, random: Random) -> Leader:
    house, school_id, account_id = service.house, service.house.new_id(), service.house.new_id()
    classes = past_waves.classes(school_id, random, CLASSES, Stage.SECONDARY)
    async with tenancy.school(house.pool, school_id) as connection:
        await schools.add(connection, School(school_id, "School", "nl"))
        await accounts.add(
            connection,
            account_id=account_id,
            email=f"{account_id.hex}@example.org",
            name="Leader",
            password_hash=NOBODYS_PASSWORD,
            language="nl",
        )
        await people.grant(connection, school_id, account_id, Role.LEADER)
        for group in classes:
            await groups.add(connection, group)
        cookie = await sessions.start(connection, house, account_id, school_id, by_provider=True)
    return Leader(school_id, {cookie.key: cookie.value or ""}, classes)


def likely(member: Member) -> tuple[float, float]:
    """One year group is doing worse."""
    return (0.62, 0.2) if member.year_group == 3 else (0.8, 0.06)


async def the_past(
    machine: Machine,
    leader: Leader,
    today: date,
    years: int,
    random: Random,
    *,
    by_class: bool,
) -> None:
    """All waves but the last, three in a school year."""
    connection = await connected(machine)
    for number in range(years * WAVES_A_YEAR - 1, 0, -1):
        wave = past_waves.a_wave(
            leader.school_id,
            UUID(bytes=random.randbytes(16), version=4),
            PULSE,
            today - number * timedelta(days=365 // WAVES_A_YEAR),
            by_class=by_class,
            decision="Elke mentor praat deze maand met elke leerling" if number % 3 == 0 else "",
        )
        ballots = past_waves.answering(PULSE, leader.classes, likely, random)
        pools = past_waves.pools(wave, leader.classes, ballots)
        await past_waves.keep(connection, wave, leader.classes, pools)
    await connection.close()


async def the_present(
    machine: Machine, service: Service, leader: Leader, random: Random, *, by_class: bool
) -> None:
    """The last wave, as a school lives it."""
    told = "select released_on from wave where wave_id = $1"
    async with httpx.AsyncClient(base_url=machine.url, cookies=leader.cookies, timeout=60) as own:
        form = {f"group.{group.group_id}": "yes" for group in leader.classes} | {
            "view": "class" if by_class else "year",
            "until": (service.house.today() + timedelta(days=7)).isoformat(),
            "step": "open",
        }
        opened = await own.post(f"/waves/new/{PULSE.key}", data=form)
        assert opened.status_code == 303, opened.text
        wave = opened.headers["location"]
        wave_id = UUID(wave.removeprefix("/waves/"))
        connection = await connected(machine)
        await everybody_answers(machine, connection, wave_id, random)
        assert (await own.post(f"{wave}/closure")).status_code == 303
        while not await connection.fetchval(told, wave_id):
            await asyncio.sleep(0.1)
        await connection.close()


async def everybody_answers(
    machine: Machine, connection: asyncpg.Connection, wave_id: UUID, random: Random
) -> None:
    """Each on a page of one's own, sealed as it comes in."""
    rows = await connection.fetch(
        """
        select r.code, g.group_id, g.name, g.stage, g.year_group, g.members
        from round r
        join survey s using (school_id, survey_id)
        join wave_group g on g.wave_id = r.wave_id and g.group_id = s.group_id
        where r.wave_id = $1
        """,
        wave_id,
    )
    requests = []
    async with httpx.AsyncClient(base_url=machine.url) as phone:
        for row in rows:
            member = Member(
                row["group_id"], row["name"], row["stage"], row["year_group"], row["members"]
            )
            for _ in range(member.members):
                nonce = NONCE.search((await phone.get(f"/{row['code']}")).text)
                assert nonce
                answer = past_waves.an_answer(PULSE, *likely(member), random)
                chosen = zip((item.id for item in PULSE.closed), answer.choices, strict=True)
                form = {name: value for name, value in chosen if value is not None}
                body = urlencode({"nonce": nonce[1], **form}).encode()
                requests.append(_load.post(f"/{row['code']}", body))
    replies = await _load.load(machine.url, requests, CONNECTIONS)
    assert set(replies.statuses) == {200}, set(replies.statuses)


async def visited(
    machine: Machine, leader: Leader, address: str, years: int, view: str, page: str
) -> Visited:
    async with httpx.AsyncClient(base_url=machine.url, cookies=leader.cookies) as own:
        for _ in range(5):
            reply = await own.get(address)
        assert reply.status_code == 200
        before = machine.cpu_seconds()
        for _ in range(VISITS):
            reply = await own.get(address)
        cpu = machine.cpu_seconds() - before
    cost = round(1000 * cpu / VISITS, 2)
    return Visited(years, years * WAVES_A_YEAR, view, page, cost, len(reply.content))
