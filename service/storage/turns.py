"""Work that the clock does once, however many processes run: whoever comes first does it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from asyncpg import Pool


@asynccontextmanager
async def taken(pool: Pool, work: str) -> AsyncIterator[bool]:
    """Whether it is this process's turn; it is nobody else's until the end of the block."""
    async with pool.acquire() as connection, connection.transaction():
        yield bool(
            await connection.fetchval("select pg_try_advisory_xact_lock(hashtext($1))", work)
        )
