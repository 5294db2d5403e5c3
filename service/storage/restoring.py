"""What a restored database needs before it is used: roles, owners, and no round left open.

This is the operator's work, done as the database's owner, who is not held by row-level security.
"""

from datetime import datetime, timedelta

import asyncpg
from asyncpg import Connection

ROLES = ("stemlokaal_pages", "stemlokaal_keeper", "stemlokaal_ballots")


async def tables(dsn: str) -> int:
    """How many tables there are to be saved."""
    connection = await asyncpg.connect(dsn)
    try:
        return int(
            await connection.fetchval("select count(*) from pg_tables where schemaname = 'public'")
        )
    finally:
        await connection.close()


async def is_used(connection: Connection) -> bool:
    return bool(
        await connection.fetchval(
            "select exists (select from pg_tables where schemaname = 'public')"
        )
    )


async def make_roles(connection: Connection) -> None:
    """As the first migration does: the backup grants rights to them."""
    for role in ROLES:
        if not await connection.fetchval(
            "select exists (select from pg_roles where rolname = $1)", role
        ):
            await connection.execute(f"create role {role} nologin")
        await connection.execute(f"grant {role} to current_user")


async def give_functions(connection: Connection) -> None:
    """What takes answers in runs with the rights of a role that may do nothing else."""
    await connection.execute("grant create on schema public to stemlokaal_ballots")
    for row in await connection.fetch(
        """
        select oid::regprocedure::text as name
        from pg_proc
        where prosecdef and pronamespace = 'public'::regnamespace
        """
    ):
        await connection.execute(f"alter function {row['name']} owner to stemlokaal_ballots")
    await connection.execute("revoke create on schema public from stemlokaal_ballots")


async def mark(connection: Connection) -> bytes | None:
    """Which pepper the backup belongs to."""
    found: bytes | None = await connection.fetchval("select mark from pepper_mark")
    return found


async def drop_codes(connection: Connection) -> None:
    """With what else another pepper cannot open: who had a second factor sets it up anew."""
    await connection.execute("delete from code")
    await connection.execute("delete from second_factor")
    await connection.execute("delete from pepper_mark")


async def close_open_rounds(connection: Connection, now: datetime) -> int:
    """They have no answers any more and take none; how many there were."""
    schools = await connection.fetch("select school_id from school")
    lost = 0
    for (school_id,) in schools:
        async with connection.transaction():
            await connection.execute("select set_config('app.school', $1, true)", str(school_id))
            done = await connection.execute(
                """
                update round
                set state = 'closed', closed_on = $2, closes_at = least(closes_at, $3),
                    public_key = null, key_mac = null
                where school_id = $1 and state in ('open', 'closed')
                """,
                school_id,
                now.date() - timedelta(days=1),
                now,
            )
            lost += int(done.rsplit(" ", 1)[1])
            await connection.execute(
                """
                update wave
                set closes_at = least(closes_at, $2)
                where school_id = $1 and released_on is null
                """,
                school_id,
                now,
            )
    await connection.execute("update code set due = null")
    return lost
