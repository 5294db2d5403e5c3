"""Links with which somebody chooses another password, kept as hashes."""

from datetime import datetime
from uuid import UUID

from asyncpg import Connection, Pool


async def add(
    connection: Connection | Pool, token_hash: bytes, account_id: UUID, expires_at: datetime
) -> None:
    await connection.execute(
        "insert into password_reset (token_hash, account_id, expires_at) values ($1, $2, $3)",
        token_hash,
        account_id,
        expires_at,
    )


async def behind(connection: Connection | Pool, token_hash: bytes, now: datetime) -> UUID | None:
    """Whose password it changes, while it holds."""
    found: UUID | None = await connection.fetchval(
        "select account_id from password_reset where token_hash = $1 and expires_at > $2",
        token_hash,
        now,
    )
    return found


async def use(connection: Connection, token_hash: bytes) -> bool:
    """Whether the link was still there to be used."""
    done = await connection.execute("delete from password_reset where token_hash = $1", token_hash)
    return bool(done == "DELETE 1")


async def end_all(connection: Connection, account_id: UUID) -> None:
    await connection.execute("delete from password_reset where account_id = $1", account_id)


async def drop_ended(pool: Pool, now: datetime) -> None:
    await pool.execute("delete from password_reset where expires_at <= $1", now)
