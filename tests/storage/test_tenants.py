"""A school sees its own and nothing else: held by the database and by each statement.

The lists of tables and statements come from the catalog and from the source, so that what is added
later cannot be forgotten here. Each route is tried in `tests/security/test_foreign_ids.py`.
"""

import ast
import importlib
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

import service.storage
from service.app import pool_as
from service.storage import tenancy
from tests.tenants import SCHOOLS_TABLES, TwoSchools, rows_of, schools_tables

ROLES = {"stemlokaal_pages", "stemlokaal_keeper", "stemlokaal_ballots"}
FUNCTIONS = {"hand_in", "participation", "attendance", "anything_sealed"}
"""All that the pages may do with envelopes: put one in, count, ask whether there is any."""

WITHOUT_A_SCHOOL = {
    "account",
    "code",
    "entrance",  # which providers are switched on: what the sign-in page shows
    "governing_board",  # it has schools, and is of none
    "governing_invitation",
    "governing_member",
    "half_sign_in",
    "invitation",
    "key_stock",
    "migration",
    "mistake",
    "password_reset",
    "pepper_mark",  # nobody but the owner reads it
    "recovery_code",
    "reminder",  # when to look at a school again, and nothing of what is there
    "second_factor",
    "session",
    "signing_in",  # who went to a provider, until the way back is known to be a school's
}
"""Tables that are asked before there is a school to be asked in."""


@pytest.fixture
async def catalog(database: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(database)
    yield connection
    await connection.close()


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
    "examining.keys",  # the doctor goes round the schools as the keeper does
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
