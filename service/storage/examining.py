"""What `stemlokaal doctor` reads in the database. It changes nothing."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from asyncpg import Connection
from msgspec import Struct

ROLES = ("stemlokaal_pages", "stemlokaal_keeper", "stemlokaal_ballots")


class PublicKey(Struct, frozen=True):
    """Of a round that is not told yet, or in stock; `keeper` holds its other half."""

    public_key: bytes
    keeper: UUID | None
    of_round: bool


async def now(connection: Connection) -> datetime:
    found: datetime = await connection.fetchval("select clock_timestamp()")
    return found


async def version(connection: Connection) -> str:
    return str(await connection.fetchval("select split_part(version(), ' ', 2)"))


async def is_made(connection: Connection) -> bool:
    """Whether a migration was ever applied."""
    return bool(await connection.fetchval("select to_regclass('public.migration') is not null"))


async def missing_roles(connection: Connection) -> list[str]:
    """Those that are not there, or that we may not take."""
    rows = await connection.fetch(
        """
        select name
        from unnest($1::text[]) name
        left join pg_roles on rolname = name
        where oid is null or not pg_has_role(oid, 'member')
        order by name
        """,
        list(ROLES),
    )
    return [row["name"] for row in rows]


async def powerful_roles(connection: Connection) -> list[str]:
    """Those that row-level security does not hold, or that own a table."""
    rows = await connection.fetch(
        """
        select rolname as name
        from pg_roles
        where rolname = any($1)
          and (rolsuper or rolbypassrls or exists (
              select from pg_class
              where relowner = pg_roles.oid
                and relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
          ))
        order by name
        """,
        list(ROLES),
    )
    return [row["name"] for row in rows]


async def role(connection: Connection) -> str:
    return str(await connection.fetchval("select current_user"))


async def may_save(connection: Connection) -> bool:
    """Whether who is connected reads every school: row-level security holds owners too."""
    found = await connection.fetchval(
        "select rolsuper or rolbypassrls from pg_roles where rolname = current_user"
    )
    return bool(found)


async def open_tables(connection: Connection) -> list[str]:
    """Tables of a school that show one school to another."""
    rows = await connection.fetch(
        """
        select c.relname as name
        from pg_class c
        join pg_index i on i.indrelid = c.oid and i.indisprimary
        join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
          and a.attname = 'school_id'
          and not (c.relrowsecurity and c.relforcerowsecurity)
        order by name
        """
    )
    return [row["name"] for row in rows]


async def settings(connection: Connection, names: list[str]) -> Mapping[str, str]:
    return dict(
        await connection.fetch("select name, setting from pg_settings where name = any($1)", names)
    )


async def keys(connection: Connection) -> list[PublicKey]:
    """As the keeper, school by school: of rounds that are not told yet, and in stock."""
    async with connection.transaction():
        await connection.execute("set local role stemlokaal_keeper")
        rows = await connection.fetch("select public_key, keeper, false as of_round from key_stock")
        for (school_id,) in await connection.fetch("select school_id from school"):
            await connection.execute("select set_config('app.school', $1, true)", str(school_id))
            rows += await connection.fetch(
                """
                select distinct public_key, keeper, true as of_round
                from round
                where school_id = $1 and public_key is not null
                """,
                school_id,
            )
    return [PublicKey(**row) for row in rows]
