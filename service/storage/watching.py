"""What tells an operator that something is wrong, without a look into any school."""

from datetime import datetime

from asyncpg import Pool


async def keys_in_stock(pool: Pool) -> int:
    return int(await pool.fetchval("select count(*) from key_stock"))


async def overdue(pool: Pool, now: datetime) -> float:
    """For how many seconds the round that has waited longest for a keeper has been due."""
    return float(
        await pool.fetchval(
            "select coalesce(extract(epoch from $1 - min(due)), 0) from code where due <= $1", now
        )
    )
