"""The class page as it grows: with 3, 40 and 400 rounds, alone and among 4,000 schools.

`again` is a page that somebody looked at since the last round, `first` one that nobody did. Beside
them stands the page where one signs in: machines are not equally fast all day.
Releases of the past are put there directly: what is measured is reading them. The other schools
hold a million releases; a page that reads its own only does not notice.
"""

import asyncio
import json
from datetime import date, timedelta
from uuid import UUID

import httpx
import msgspec
from msgspec import Struct, structs

from service import sessions
from service.storage import tenancy
from surveys.instrument import library
from surveys.release import Interval, Release, Told
from tests.bench._schools import new_survey, school_with_rounds
from tests.bench._serving import Machine, connected, serving

ROUNDS = (3, 40, 400)
OTHER_SCHOOLS = 4_000
RELEASES_EACH = 250
VISITS = 400  # the clock of a process ticks a hundred times a second
FIRST_LOOKS = 20  # each at a survey of its own
THE_LAST = date(2026, 10, 30)  # round, of those of the past


class Visited(Struct):
    schools: int
    rounds: int
    cpu_ms: float
    cpu_ms_first: float
    bytes: int


def main() -> None:
    rows, fixed = asyncio.run(measured())
    print("CPU ms, database included")
    print(f"{'schools':>9}{'rounds':>8}{'again':>9}{'first':>9}{'bytes':>9}")
    for row in rows:
        times = f"{row.cpu_ms:>9.2f}{row.cpu_ms_first:>9.2f}"
        print(f"{row.schools:>9}{row.rounds:>8}{times}{row.bytes:>9}")
    alone, among = (
        next(row for row in rows if row.rounds == 40 and row.schools == schools)
        for schools in (1, OTHER_SCHOOLS)
    )
    print(
        f"the page where one signs in: {fixed:.2f}; 40 rounds: {among.cpu_ms / fixed:.1f} times it"
    )
    print(
        json.dumps(
            {
                "cpu_ms": among.cpu_ms,
                "cpu_ms_fixed": fixed,
                "bytes": among.bytes,
                "cpu_ms_first": among.cpu_ms_first,
                "cpu_ms_alone": alone.cpu_ms,
                "rows": [structs.asdict(row) for row in rows],
            }
        )
    )


async def measured() -> tuple[list[Visited], float]:
    """Of each number of rounds; and milliseconds of the page where one signs in."""
    async with serving() as machine:
        async with machine.inside() as service:
            await service.keeper.fill_stock()
            first = (await school_with_rounds(service, "School", 1))[0]
            async with tenancy.school(service.house.pool, first.school_id) as connection:
                teacher = await connection.fetchval("select account_id from membership limit 1")
                pages = {
                    rounds: [
                        (
                            await new_survey(
                                connection, service, first.school_id, teacher, f"{rounds}, {number}"
                            )
                        ).survey_id
                        for number in range(1 + 2 * FIRST_LOOKS)
                    ]
                    for rounds in ROUNDS
                }
                cookie = await sessions.start(connection, service.house, teacher, first.school_id)
                cookies = {cookie.key: cookie.value or ""}
        for rounds, surveys in pages.items():
            for number, survey_id in enumerate(surveys):
                the_last = THE_LAST - timedelta(days=number)
                await tell(machine, first.school_id, survey_id, rounds, the_last)
        alone = [
            await visited(machine, cookies, 1, rounds, surveys[: 1 + FIRST_LOOKS])
            for rounds, surveys in pages.items()
        ]
        await crowd(machine, first.school_id)
        among = [
            await visited(
                machine, cookies, OTHER_SCHOOLS, rounds, [surveys[0], *surveys[1 + FIRST_LOOKS :]]
            )
            for rounds, surveys in pages.items()
        ]
        fixed = await signing_in(machine)
    return alone + among, fixed


async def signing_in(machine: Machine) -> float:
    async with httpx.AsyncClient(base_url=machine.url) as visitor:
        before = machine.cpu_seconds()
        for _ in range(VISITS):
            assert (await visitor.get("/signin")).status_code == 200
        return round(1000 * (machine.cpu_seconds() - before) / VISITS, 2)


async def visited(
    machine: Machine, cookies: dict[str, str], schools: int, rounds: int, surveys: list[UUID]
) -> Visited:
    """The first of the surveys again and again, and each of the others once."""
    one, *others = surveys
    async with httpx.AsyncClient(base_url=machine.url, cookies=cookies) as teacher:

        async def look(survey_id: UUID) -> int:
            page = await teacher.get(f"/surveys/{survey_id}")
            assert page.status_code == 200
            return len(page.content)

        for _ in range(5):
            size = await look(one)
        before = machine.cpu_seconds()
        for _ in range(VISITS):
            await look(one)
        between = machine.cpu_seconds()
        for other in others:
            await look(other)
        after = machine.cpu_seconds()
    again, first = (between - before) / VISITS, (after - between) / len(others)
    return Visited(schools, rounds, round(1000 * again, 2), round(1000 * first, 2), size)


async def tell(
    machine: Machine, school_id: UUID, survey_id: UUID, rounds: int, the_last: date
) -> None:
    """Released rounds of the past, a week apart."""
    connection = await connected(machine)
    first = the_last - timedelta(weeks=rounds)
    await connection.execute(
        """
        with asked as (
            insert into round (school_id, round_id, survey_id, number, state, opened_on,
                               closes_at, closed_on, members, k, d, code)
            select $1, gen_random_uuid(), $2, n, 'released', $3::date + 7 * n,
                   $3::date + 7 * n, $3::date + 7 * n, 28, 8, 2, ''
            from generate_series(1, $4::integer) n
            returning school_id, round_id
        )
        insert into release (school_id, round_id, told)
        select school_id, round_id, $5 from asked
        """,
        school_id,
        survey_id,
        first,
        rounds,
        msgspec.json.encode(release()).decode(),
    )
    await connection.close()


def release() -> Release:
    items = library()["lesfeedback"].closed
    return Release(
        n=26,
        d=2,
        items=tuple(Told(item.id, Interval(14, 14), Interval(7, 7)) for item in items),
    )


async def crowd(machine: Machine, like: UUID) -> None:
    """Thousands of other schools, each with a survey and its releases."""
    connection = await connected(machine)
    await connection.execute(
        f"""
        create table crowd as
            select gen_random_uuid() as school_id, gen_random_uuid() as group_id,
                   gen_random_uuid() as survey_id
            from generate_series(1, {OTHER_SCHOOLS});
        insert into school (school_id, name, language) select school_id, 'Other', 'nl' from crowd;
        insert into grp (school_id, group_id, name, kind, stage, school_year, members)
            select school_id, group_id, 'Class', 'class', 'secondary', 2026, 28 from crowd;
        insert into survey (school_id, survey_id, group_id, owner, instrument)
            select c.school_id, c.survey_id, c.group_id, s.owner, s.instrument
            from crowd c, (select * from survey where school_id = '{like}' limit 1) s;
        insert into round (school_id, round_id, survey_id, number, state, opened_on, closes_at,
                           closed_on, members, k, d, code)
            select school_id, gen_random_uuid(), survey_id, n, 'released', '2026-01-01',
                   '2026-01-01', '2026-01-01', 28, 8, 2, ''
            from crowd, generate_series(1, {RELEASES_EACH}) n;
        insert into release (school_id, round_id, told)
            select r.school_id, r.round_id, t.told
            from crowd join round r using (school_id, survey_id),
                 (select told from release limit 1) t;
        analyze;
        """,
    )
    await connection.close()
