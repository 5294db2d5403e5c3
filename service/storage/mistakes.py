"""How often somebody was wrong lately, for all processes together. `who` is an HMAC."""

from datetime import datetime, timedelta

from asyncpg import Pool


async def add(pool: Pool, who: bytes, now: datetime, window: timedelta) -> int:
    """One more; how many there are since the first of this window."""
    return int(
        await pool.fetchval(
            """
            insert into mistake as m (who, since, number)
            values ($1, $2, 1)
            on conflict (who) do update
            set number = case when m.since > $2 - $3::interval then m.number + 1 else 1 end,
                since  = case when m.since > $2 - $3::interval then m.since else $2 end
            returning number
            """,
            who,
            now,
            window,
        )
    )


async def forget(pool: Pool, who: bytes) -> None:
    await pool.execute("delete from mistake where who = $1", who)


async def drop_before(pool: Pool, moment: datetime) -> None:
    await pool.execute("delete from mistake where since < $1", moment)
