"""Two schools side by side, each with one of everything that an address can name."""

import re
from collections.abc import Iterator
from uuid import UUID

import asyncpg
import httpx
import pytest
from msgspec import Struct

from surveys.instrument import library
from tests.house import Running

SCHOOLS_TABLES = """
    select c.relname as name, c.relrowsecurity as enabled, c.relforcerowsecurity as forced
    from pg_class c
    join pg_index i on i.indrelid = c.oid and i.indisprimary
    join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]
    where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attname = 'school_id'
    order by c.relname
"""

GOOD = {item.id: "4" for item in library()["lesfeedback"].closed}
FORM = {
    "members": "20",
    "instrument": "lesfeedback",
    "agreement": "Van een ander",
    "item": "clarity",
    "name": "Van een ander",
    "kind": "class",
    "stage": "secondary",
    "school_year": "2026",
    "more": "1",
    "access": "off",
    "role": "teacher",
    "given": "yes",
    "ended": "yes",
    "text": "Van een ander",
    "toml": "key = 1",
    "lesfeedback.clarity": "on",
}
"""What makes each form of the staff's do something, where somebody may send it."""


class TwoSchools(Struct, frozen=True):
    """Het Kompas and De Brug have each asked, been answered, agreed and been asked for a talk.

    Each holds everything that an address can name: of Ilse, and of Eva at the other school.
    """

    house: Running
    ilses: dict[str, UUID]
    evas: dict[str, UUID]


@pytest.fixture
async def two_schools(house: Running) -> TwoSchools:
    return TwoSchools(house, await lived(house, "ilse", "2B"), await lived(house, "eva", "1A"))


async def lived(house: Running, teacher: str, class_: str) -> dict[str, UUID]:
    """Everything that an address can name, of one teacher."""
    visitor = await house.staff(teacher)
    survey = await house.survey(class_, owner=teacher)
    told = await house.open_round(visitor, survey)
    code = await house.code(visitor, told)
    for number in range(10):
        form = {**GOOD, "top": f"{number}: een zin aan {teacher}"}
        assert (await house.answer(code, form)).status_code == 200
    await house.close(visitor, told)
    agreement = {"agreement": f"Een afspraak met {teacher}", "item": "clarity"}
    await visitor.post(f"/surveys/{survey.survey_id}/agreements", data=agreement)
    await visitor.post(f"/surveys/{survey.survey_id}/discussion", data=agreement)
    other = await house.survey(class_, "doelmeting", owner=teacher)
    opened = await house.open_round(visitor, other)
    board = await visitor.post("/boards", data={"name": f"Het bord van {teacher}"})
    await visitor.post(f"{board.headers['location']}/actions", data={"text": "Koffie halen"})
    board_id = UUID(board.headers["location"].removeprefix("/boards/"))
    look = await asyncpg.connect(house.dsn)
    action_id = await look.fetchval(
        "select action_id from board_action where board_id = $1", board_id
    )
    request_id = await look.fetchval(
        """
        insert into talk_request (school_id, request_id, name, asked_on)
        values ($1, gen_random_uuid(), 'Een leerling', '2026-09-08')
        returning request_id
        """,
        survey.school_id,
    )
    wave_id = await look.fetchval(
        """
        insert into wave (school_id, wave_id, instrument, by_class, cards, opened_on, closes_at)
        select school_id, gen_random_uuid(), instrument, true, true, '2026-09-08', '2026-09-30'
        from survey
        where survey_id = $1
        returning wave_id
        """,
        survey.survey_id,
    )
    invitation_id = await look.fetchval(
        """
        insert into invitation (token_hash, school_id, invitation_id, email, name, role, expires_on)
        values (decode(md5($2), 'hex'), $1, gen_random_uuid(), 'n@example.org', 'Noor', 'teacher',
                '2026-09-20')
        returning invitation_id
        """,
        survey.school_id,
        teacher,
    )
    governing_id = await look.fetchval(
        """
        with board as (
            insert into governing_board (governing_id, name)
            values (gen_random_uuid(), gen_random_uuid()::text)
            returning governing_id
        ),
        yes as (
            insert into governing_school (school_id, governing_id, joined_on, joined_by)
            select $1, governing_id, '2026-09-08', $2 from board
        )
        insert into governing_wave (school_id, governing_id, wave_id)
        select $1, governing_id, $3 from board
        returning governing_id
        """,
        survey.school_id,
        house.cast.people[teacher],
        wave_id,
    )
    provider_id = await look.fetchval(
        """
        insert into provider (school_id, provider_id, preset, name, issuer, client_id, secret)
        values ($1, gen_random_uuid(), 'other', $2, 'https://login.example.org', 'x', 'y')
        returning provider_id
        """,
        survey.school_id,
        f"Inloggen van {teacher}",
    )
    comment_id = await look.fetchval("select comment_id from comment where round_id = $1", told)
    known = "select session_id from session where account_id = $1"
    here = await look.fetchval(known, house.cast.people[teacher])
    await house.staff(teacher)  # on another device
    elsewhere = f"{known} and session_id <> $2"
    session_id = await look.fetchval(elsewhere, house.cast.people[teacher], here)
    await look.close()
    assert comment_id
    assert action_id
    return {
        "group_id": survey.group_id,
        "survey_id": survey.survey_id,
        "round_id": UUID(told),
        "open_round_id": UUID(opened),
        "comment_id": comment_id,
        "account_id": house.cast.people[teacher],
        "request_id": request_id,
        "invitation_id": invitation_id,
        "board_id": board_id,
        "action_id": action_id,
        "wave_id": wave_id,
        "governing_id": governing_id,
        "session_id": session_id,
        "provider_id": provider_id,
        "school_id": survey.school_id,
    }


async def schools_tables(catalog: asyncpg.Connection) -> list[str]:
    return [row["name"] for row in await catalog.fetch(SCHOOLS_TABLES)]


def routes(house: Running) -> Iterator[tuple[str, str, list[str]]]:
    """Method, path and the names of the ids in it; a student's page goes by its code alone."""
    for route in house.app.routes:
        ids = [name for name, each in route.path_parameters.items() if each.type is UUID]
        for method, handler in getattr(route, "route_handler_map", {}).items():
            found = handler[0] if isinstance(handler, tuple) else handler
            if ids and method != "OPTIONS" and not found.opt.get("student"):
                yield method, route.path, ids


WORDS = {"into": "en", "item": "clarity", "key": "basis"}
"""What is in an address besides ids, so that it is of a page that is there."""


def address(path: str, ids: dict[str, UUID]) -> str:
    whole = {**WORDS, **ids}
    return re.sub(r"\{(\w+):\w+\}", lambda found: str(whole[found[1]]), path)


async def rows_of(look: asyncpg.Connection, table: str, school_id: UUID) -> list[str]:
    rows = await look.fetch(
        f"select t::text as row from {table} t where school_id = $1 order by 1", school_id
    )
    return [row["row"] for row in rows]


async def everything_of(look: asyncpg.Connection, school_id: UUID) -> dict[str, list[str]]:
    tables = [*await schools_tables(look), "code", "invitation"]
    return {table: await rows_of(look, table, school_id) for table in tables}


async def ask(visitor: httpx.AsyncClient, method: str, path: str) -> httpx.Response:
    if method == "GET":
        return await visitor.get(path)
    reply = await visitor.request(method, path, data=FORM)
    if reply.status_code == 400:  # a form that holds a file comes in parts
        return await visitor.request(
            method, path, files={name: (None, FORM[name]) for name in FORM}
        )
    return reply
