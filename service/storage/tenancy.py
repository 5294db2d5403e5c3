"""A transaction that sees one school. Row-level security shows nothing to any other."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from asyncpg import Connection, Pool


@asynccontextmanager
async def school(pool: Pool, school_id: UUID) -> AsyncIterator[Connection]:
    async with pool.acquire() as connection, connection.transaction():
        await enter(connection, school_id)
        yield connection


async def enter(connection: Connection, school_id: UUID) -> None:
    """From here to the end of the transaction, or until it enters another one."""
    await connection.execute("select set_config('app.school', $1, true)", str(school_id))
