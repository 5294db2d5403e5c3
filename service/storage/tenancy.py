"""A transaction that sees one school. Row-level security shows nothing to any other."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from asyncpg import Connection, Pool


@asynccontextmanager
async def school(pool: Pool, school_id: UUID) -> AsyncIterator[Connection]:
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("select set_config('app.school', $1, true)", str(school_id))
        yield connection
