"""What lies in the database of answers at this moment: for the page on which everybody may look."""

from datetime import datetime

from asyncpg import Pool
from msgspec import Struct


class Holding(Struct, frozen=True):
    """Coarse on purpose: how many answered an open round is for its own teacher to see (R8).

    `anything` is whether a single sealed answer lies in the database, of whatever round.
    """

    open_rounds: int
    being_counted: int
    anything: bool


async def at(pool: Pool, now: datetime) -> Holding:
    row = await pool.fetchrow(
        """
        select count(*) filter (where due > $1)  as open_rounds,
               count(*) filter (where due <= $1) as being_counted,
               anything_sealed()                 as anything
        from code
        where kind = 'class' and due is not null
        """,
        now,
    )
    return Holding(**row)
