"""A database that distributes by school takes this schema as it is.

Held against the catalog of plain PostgreSQL: each rule is one that Citus lays on tables that are
distributed by `school_id`, and on those that every machine has a copy of.
"""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from tests.tenants import schools_tables


@pytest.fixture
async def catalog(database: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(database)
    yield connection
    await connection.close()


async def test_whatever_is_unique_is_unique_within_a_school(catalog: asyncpg.Connection) -> None:
    """No machine can know what the others hold."""
    indexes = await catalog.fetch(
        """
        select c.relname as name, a.attname as first_column
        from pg_index i
        join pg_class c on c.oid = i.indexrelid
        join pg_class t on t.oid = i.indrelid
        join pg_attribute a on a.attrelid = t.oid and a.attnum = i.indkey[0]
        where (i.indisunique or i.indisexclusion) and t.relname = any($1)
        """,
        await schools_tables(catalog),
    )
    assert len(indexes) > 20
    assert [row["name"] for row in indexes if row["first_column"] != "school_id"] == []


async def test_one_row_of_a_school_refers_to_another_of_the_same_school(
    catalog: asyncpg.Connection,
) -> None:
    own = set(await schools_tables(catalog))
    found = await references(catalog)
    between = [each for each in found if each["from"] in own and each["to"] in own]
    assert len(between) > 20
    assert [
        each["name"]
        for each in between
        if (each["first_column"], each["first_referred"]) != ("school_id", "school_id")
    ] == []


async def test_what_every_machine_has_does_not_refer_to_what_one_has(
    catalog: asyncpg.Connection,
) -> None:
    own = set(await schools_tables(catalog))
    found = await references(catalog)
    assert [e["name"] for e in found if e["from"] not in own and e["to"] in own] == []
    assert [each["name"] for each in found if each["to"] == "code"] == []  # it is sharded by code


async def test_no_reference_empties_a_column_beside_the_schools(
    catalog: asyncpg.Connection,
) -> None:
    own = set(await schools_tables(catalog))
    assert [
        each["name"]
        for each in await references(catalog)
        if each["from"] in own
        and each["first_column"] == "school_id"
        and {each["on_delete"], each["on_update"]} & {"n", "d"}
    ] == []


async def test_nothing_counts_on_and_nothing_is_triggered(catalog: asyncpg.Connection) -> None:
    """A sequence has one order for all machines; a trigger sees a part of a table."""
    assert await catalog.fetchval("select count(*) from pg_sequences") == 0
    assert await catalog.fetchval("select count(*) from pg_trigger where not tgisinternal") == 0
    assert (
        await catalog.fetchval(
            """
            select count(*) from pg_class
            where relnamespace = 'public'::regnamespace and relkind not in ('r', 'i')
            """
        )
        == 0
    )


async def references(catalog: asyncpg.Connection) -> list[asyncpg.Record]:
    """Every foreign key, with the first column on either side."""
    found: list[asyncpg.Record] = await catalog.fetch(
        """
        select k.conname as name, f.relname as "from", t.relname as "to",
               here.attname as first_column, there.attname as first_referred,
               k.confdeltype::text as on_delete, k.confupdtype::text as on_update
        from pg_constraint k
        join pg_class f on f.oid = k.conrelid
        join pg_class t on t.oid = k.confrelid
        join pg_attribute here on here.attrelid = f.oid and here.attnum = k.conkey[1]
        join pg_attribute there on there.attrelid = t.oid and there.attnum = k.confkey[1]
        where k.contype = 'f'
        """
    )
    return found
