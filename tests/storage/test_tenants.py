"""A school sees its own and nothing else: held by the database, by each statement, by each route.

The lists of tables, statements and routes come from the catalog, from the source and from the
running application, so that what is added later cannot be forgotten here.
"""

import ast
import importlib
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest
from msgspec import Struct

import service.storage
from service.app import pool_as
from service.storage import tenancy
from surveys.instrument import library
from tests.house import Running

ROLES = {"stemlokaal_pages", "stemlokaal_keeper", "stemlokaal_ballots"}
FUNCTIONS = {"hand_in", "participation", "anything_sealed"}
"""All that the pages may do with envelopes: put one in, count, ask whether there is any."""

WITHOUT_A_SCHOOL = {
    "account",
    "code",
    "governing_board",  # it has schools, and is of none
    "governing_invitation",
    "governing_member",
    "invitation",
    "key_stock",
    "migration",
    "pepper_mark",  # nobody but the owner reads it
    "reminder",  # when to look at a school again, and nothing of what is there
    "session",
}
"""Tables that are asked before there is a school to be asked in."""

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


@pytest.fixture
async def catalog(database: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(database)
    yield connection
    await connection.close()


async def schools_tables(catalog: asyncpg.Connection) -> list[str]:
    return [row["name"] for row in await catalog.fetch(SCHOOLS_TABLES)]


# The database


async def test_row_level_security_is_forced_on_every_table_of_a_school(
    catalog: asyncpg.Connection,
) -> None:
    tables = await catalog.fetch(SCHOOLS_TABLES)
    assert len(tables) > 10
    assert [row["name"] for row in tables if not (row["enabled"] and row["forced"])] == []


async def test_a_table_is_a_schools_own_or_is_known_to_be_without_one(
    catalog: asyncpg.Connection,
) -> None:
    every = await catalog.fetch(
        "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'"
    )
    others = {row["relname"] for row in every} - set(await schools_tables(catalog))
    assert others <= WITHOUT_A_SCHOOL


async def test_what_pages_and_keeper_see_is_bound_to_the_school_that_is_set(
    catalog: asyncpg.Connection,
) -> None:
    policies = await catalog.fetch("select tablename, policyname, roles, qual from pg_policies")
    wider = {
        (row["tablename"], row["policyname"])
        for row in policies
        if "current_school()" not in (row["qual"] or "")
    }
    assert wider == {
        ("envelope", "hand_in"),  # of the function alone, whose role nobody can be
        ("round", "hand_in"),
        ("membership", "own_membership"),  # where somebody works, asked at sign-in
        ("governing_school", "own_schools"),  # which schools said yes to a board
        ("membership", "every_membership"),  # whether there is another school when one is deleted
        ("school", "every_school"),  # the keeper goes round the schools
    }


async def test_the_services_roles_own_nothing_and_bypass_nothing(
    catalog: asyncpg.Connection,
) -> None:
    roles = await catalog.fetch(
        """
        select rolname, rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolcanlogin
                        or rolreplication as mighty
        from pg_roles
        where rolname like 'stemlokaal%'
        """
    )
    assert {row["rolname"] for row in roles} == ROLES
    assert not any(row["mighty"] for row in roles)
    assert (
        await catalog.fetch(
            """
        select roleid::regrole, member::regrole
        from pg_auth_members
        where member::regrole::text like 'stemlokaal%'
        """
        )
        == []
    )
    owned = await catalog.fetch(
        """
        select relowner::regrole::text as owner, relname as what from pg_class
        union all select proowner::regrole::text, proname from pg_proc
        union all select nspowner::regrole::text, nspname from pg_namespace
        union all select typowner::regrole::text, typname from pg_type
        union all select datdba::regrole::text, datname from pg_database
        """
    )
    assert {(row["owner"], row["what"]) for row in owned if row["owner"] in ROLES} == {
        ("stemlokaal_ballots", function) for function in FUNCTIONS
    }


async def test_nobody_but_us_may_call_our_functions_or_make_tables(
    catalog: asyncpg.Connection,
) -> None:
    for function in FUNCTIONS:
        callers = await catalog.fetchval(
            """
            select array_agg(rolname::text)
            from pg_roles r, pg_proc p
            where p.proname = $1 and has_function_privilege(r.oid, p.oid, 'execute')
              and not r.rolsuper
            """,
            function,
        )
        assert set(callers) == {"stemlokaal_pages", "stemlokaal_ballots"}
    for role in ROLES:
        assert not await catalog.fetchval(
            "select has_schema_privilege($1, 'public', 'create')", role
        )


async def test_the_pages_can_neither_read_nor_write_an_envelope_but_by_the_function(
    catalog: asyncpg.Connection,
) -> None:
    await catalog.execute("set role stemlokaal_pages")
    for statement in (
        "select from envelope",
        "select count(*) from envelope",
        "select ballot from envelope",
        "table envelope",
        "insert into envelope select gen_random_uuid(), gen_random_uuid(), '', '', ''",
        "insert into envelope select * from envelope on conflict do nothing",
        "update envelope set sealed = ''",
        "delete from envelope",
        "truncate envelope",
        "copy envelope to stdout",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await catalog.execute(statement)
    assert await catalog.fetch("select * from hand_in('{}', '{}', '{}', '{}', '{}', now())") == []


async def test_the_pages_cannot_make_or_change_a_release_and_the_keeper_no_envelope(
    catalog: asyncpg.Connection,
) -> None:
    forbidden = {
        "stemlokaal_pages": {
            "release": "insert update delete truncate",
            "comment": "insert update truncate",
            "envelope": "select insert update delete truncate references trigger",
            "key_stock": "insert truncate",
            "audit": "update delete truncate",
            "school": "delete truncate",
        },
        "stemlokaal_keeper": {
            "envelope": "insert update truncate references trigger",
            "release": "update delete truncate",
            "comment": "update truncate",
            "account": "select insert update truncate",
            "audit": "select insert update truncate",
            "membership": "select insert update delete truncate",
            "agreement": "select insert update delete truncate",
        },
        "stemlokaal_ballots": {
            "release": "select insert update delete truncate",
            "comment": "select insert update delete truncate",
            "envelope": "update delete truncate",
        },
    }
    allowed = [
        (role, table, privilege)
        for role, tables in forbidden.items()
        for table, privileges in tables.items()
        for privilege in privileges.split()
        if await catalog.fetchval("select has_table_privilege($1, $2, $3)", role, table, privilege)
    ]
    assert allowed == []


async def test_nothing_that_touches_an_answer_has_a_time_or_an_order(
    catalog: asyncpg.Connection,
) -> None:
    columns = await catalog.fetch(
        """
        select table_name, column_name, data_type
        from information_schema.columns
        where table_schema = 'public' and table_name in ('envelope', 'release', 'comment', 'pool')
        """
    )
    assert {row["data_type"] for row in columns} == {
        "uuid",
        "ARRAY",  # of the groups of a pool
        "bytea",
        "jsonb",
        "integer",  # a pool's place in the order of the school
        "text",
    }
    assert await catalog.fetch("select * from pg_sequences") == []
    assert await catalog.fetch("select * from pg_trigger where not tgisinternal") == []
    assert await catalog.fetchval("show track_commit_timestamp") == "off"


# Schools side by side


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
    comment_id = await look.fetchval("select comment_id from comment where round_id = $1", told)
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
    }


async def test_a_connection_without_a_school_sees_nothing_of_any(two_schools: TwoSchools) -> None:
    look = await asyncpg.connect(two_schools.house.dsn)
    tables = await schools_tables(look)
    for role in "stemlokaal_pages", "stemlokaal_keeper":
        async with pool_as(role, two_schools.house.dsn) as pool:
            for table in tables:
                if (role, table) == ("stemlokaal_keeper", "school"):
                    continue  # it goes round the schools
                if await look.fetchval("select has_table_privilege($1, $2, 'select')", role, table):
                    assert await pool.fetchval(f"select count(*) from {table}") == 0, table
    await look.close()


async def test_a_connection_of_one_school_sees_and_changes_no_other(
    two_schools: TwoSchools,
) -> None:
    cast = two_schools.house.cast
    look = await asyncpg.connect(two_schools.house.dsn)
    seen = 0
    for table in await schools_tables(look):
        before = await rows_of(look, table, cast.other_school)
        async with tenancy.school(two_schools.house.service.house.pool, cast.school) as connection:
            may = {
                each: await look.fetchval(
                    "select has_table_privilege('stemlokaal_pages', $1, $2)", table, each
                )
                for each in ("select", "update", "delete")
            }
            own = await rows_of(look, table, cast.school)
            if may["select"]:
                ids = await connection.fetch(f"select distinct school_id from {table}")
                assert {row["school_id"] for row in ids} <= {cast.school}, table
                seen += len(ids)
            if may["update"]:
                theirs = f"update {table} set school_id = school_id where school_id = $1"
                assert await connection.execute(theirs, cast.other_school) == "UPDATE 0"
            if may["update"] and own:
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    async with connection.transaction():
                        await connection.execute(
                            f"update {table} set school_id = $1", cast.other_school
                        )
            if may["delete"]:
                theirs = f"delete from {table} where school_id = $1"
                assert await connection.execute(theirs, cast.other_school) == "DELETE 0"
        assert await rows_of(look, table, cast.other_school) == before
    assert seen > 6
    await look.close()


async def test_how_many_answered_is_told_to_their_own_school_alone(two_schools: TwoSchools) -> None:
    cast = two_schools.house.cast
    round_id = two_schools.evas["open_round_id"]
    count = "select participation($1, $2)"
    async with tenancy.school(two_schools.house.service.house.pool, cast.school) as connection:
        assert await connection.fetchval(count, cast.other_school, round_id) == 0
        assert await connection.fetchval(count, cast.school, round_id) == 0


async def test_a_connection_goes_back_without_its_school_and_with_its_role(
    two_schools: TwoSchools,
) -> None:
    pool = two_schools.house.service.house.pool
    for _ in range(20):
        async with tenancy.school(pool, two_schools.house.cast.school) as connection:
            assert await connection.fetchval("select current_user") == "stemlokaal_pages"
        async with pool.acquire() as connection:
            assert await connection.fetchval("select current_user") == "stemlokaal_pages"
            assert not await connection.fetchval("select current_setting('app.school', true)")


# Each statement


def statements() -> Iterator[tuple[str, str]]:
    """Every piece of SQL in `service/storage`, with the function in which it stands."""
    for path in sorted(Path(service.storage.__file__).parent.glob("*.py")):
        module = importlib.import_module(f"service.storage.{path.stem}")
        for function in ast.walk(ast.parse(path.read_text())):
            if isinstance(function, ast.AsyncFunctionDef):
                docstring = ast.get_docstring(function, clean=False)
                for text in texts(function, vars(module)):
                    if text != docstring and SQL.match(text):
                        yield f"{path.stem}.{function.name}", " ".join(text.split())


SQL = re.compile(r"\s*(with|select|insert|update|delete)\s", re.IGNORECASE)
TABLE = re.compile(r"\b(?:from|join|into|update)\s+(\w+)")
BOUND = re.compile(r"\bschool_id = (\$\d|\w+\.school_id)|insert into \w+ \((\w+, )?school_id\b")


def texts(function: ast.AST, names: dict[str, Any]) -> Iterator[str]:
    """The strings of a function; an f-string with what its module puts into it."""
    parts: set[int] = set()
    for node in ast.walk(function):
        match node:
            case ast.JoinedStr(values=[ast.Constant(value=str(beginning)), *_]):
                parts |= {id(part) for part in node.values}
                if SQL.match(beginning):
                    yield eval(compile(ast.Expression(node), "sql", "eval"), dict(names))
            case ast.Constant(value=str(text)) if id(node) not in parts:
                yield text


ACROSS_SCHOOLS = {
    "consents.schools_of",  # those that said yes to a board, by a policy of their own
    "accounts.schools_of",  # at sign-in: one's own memberships, by a policy of their own
    "accounts.belongs_to",  # whether an account is known anywhere else, by the same policy
    "erasure.drop_accounts",  # the keeper deletes who works nowhere any more
    "restoring.close_open_rounds",  # the operator's, as the owner, before anybody comes in
    "schools.every",  # the keeper goes round the schools, by a policy of its own
}


async def test_every_statement_names_its_school(catalog: asyncpg.Connection) -> None:
    tables = set(await schools_tables(catalog))
    found = [(where, sql) for where, sql in statements() if tables & set(TABLE.findall(sql))]
    assert len(found) > 40
    across = {where for where, sql in found if not BOUND.search(sql)}
    assert across == ACROSS_SCHOOLS


# Each route


def routes(house: Running) -> Iterator[tuple[str, str, list[str]]]:
    """Method, path and the names of the ids in it; a student's page goes by its code alone."""
    for route in house.app.routes:
        ids = [name for name, each in route.path_parameters.items() if each.type is UUID]
        for method, handler in getattr(route, "route_handler_map", {}).items():
            found = handler[0] if isinstance(handler, tuple) else handler
            if ids and method != "OPTIONS" and not found.opt.get("student"):
                yield method, route.path, ids


def address(path: str, ids: dict[str, UUID]) -> str:
    return re.sub(r"\{(\w+):uuid\}", lambda found: str(ids[found[1]]), path)


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


def refused(reply: httpx.Response) -> bool:
    if reply.status_code in (301, 302, 303, 307):
        # To the sign-in, or back to one's own list where nothing was found to be changed.
        return bool(re.match(r"/signin\b|/talks$", reply.headers["location"]))
    return reply.status_code in (403, 404)


async def test_no_route_opens_or_changes_anything_of_another_school(
    two_schools: TwoSchools,
) -> None:
    house, look = two_schools.house, await asyncpg.connect(two_schools.house.dsn)
    theirs, own = two_schools.evas, two_schools.ilses
    await look.execute(
        "insert into membership (school_id, account_id, role) values ($1, $2, 'adviser')",
        house.cast.school,
        house.cast.people["omar"],
    )
    visitors = {name: await house.staff(name) for name in ("ilse", "omar", "wim", "ada")}
    visitors["nobody"] = house.visitor()
    before = await everything_of(look, house.cast.other_school)
    tried = 0
    for method, path, names in routes(house):
        assert set(names) <= set(theirs), f"{path} names something new: try it here too"
        last = theirs[names[-1]]
        variants = [theirs, {**theirs, "round_id": theirs["open_round_id"]}]
        if len(names) > 1:  # one's own round, but another's comment
            variants.append({**own, names[-1]: last})
        for ids in variants:
            for name, visitor in visitors.items():
                reply = await ask(visitor, method, address(path, ids))
                where = f"{name}: {method} {address(path, ids)} -> {reply.status_code}"
                of_no_school = "governing_id" in names  # every leader may look at what it asks
                assert refused(reply) or of_no_school or ids not in variants[:2], where
                assert not re.search(r"De Brug|Eva|eva\b", reply.text), where
                tried += 1
        assert await everything_of(look, house.cast.other_school) == before, path
    assert tried > 200
    await look.close()


async def test_no_route_opens_or_changes_what_is_another_teachers(two_schools: TwoSchools) -> None:
    """Whose result it is decides: no colleague, leader or administrator opens it."""
    house, look = two_schools.house, await asyncpg.connect(two_schools.house.dsn)
    ids = two_schools.ilses
    visitors = [await house.staff(name) for name in ("omar", "wim", "ada")]
    before = await everything_of(look, house.cast.school)
    for method, path, names in routes(house):
        if path.startswith("/school/") or set(names) & {"request_id", "wave_id"}:
            continue  # the school's, the adviser's, the leader's: tried with their pages
        for variant in (ids, {**ids, "round_id": ids["open_round_id"]}):
            for visitor in visitors:
                reply = await ask(visitor, method, address(path, variant))
                assert refused(reply), f"{method} {path} -> {reply.status_code}"
                assert "ilse" not in reply.text
        assert await everything_of(look, house.cast.school) == before, path
    await look.close()


NOT_HERS = {
    "/school/outside/{governing_id:uuid}",
    "/waves/{wave_id:uuid}",
    "/waves/{wave_id:uuid}/closure",
    # not of her own making
    "/surveys/{survey_id:uuid}/compose",
    "/surveys/{survey_id:uuid}/instrument",
    "/surveys/{survey_id:uuid}/translations",
    "/surveys/{survey_id:uuid}/translations/{into:str}",
}


async def test_their_own_teacher_does_get_in(two_schools: TwoSchools) -> None:
    """So that the refusals above are refusals, and not wrong addresses."""
    teacher = await two_schools.house.staff("eva")
    found: dict[str, int] = {}
    for method, path, _ in routes(two_schools.house):
        endless = path.endswith("/participation")
        if method == "GET" and not endless and not path.startswith("/school/"):
            reply = await teacher.get(address(path, two_schools.evas), follow_redirects=True)
            found[path] = reply.status_code
    assert set(found.values()) <= {200, 404}
    assert {path for path, status in found.items() if status == 404} <= NOT_HERS
