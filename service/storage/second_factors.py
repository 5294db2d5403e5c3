"""Second factors: the sealed secret of an authenticator app, and recovery codes as hashes."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from asyncpg import Connection, Pool
from msgspec import Struct


class SecondFactor(Struct, frozen=True):
    """`last_step` is the half-minute of the last code that was taken."""

    sealed: bytes
    last_step: int


class Half(Struct, frozen=True):
    """Whose password was right, or whom the provider `came_by` knows; and where they come in."""

    account_id: UUID
    school_id: UUID | None
    came_by: UUID | None = None


async def get(connection: Connection, account_id: UUID) -> SecondFactor | None:
    row = await connection.fetchrow(
        "select sealed, last_step from second_factor where account_id = $1", account_id
    )
    return SecondFactor(**row) if row else None


async def exists(connection: Connection | Pool, account_id: UUID) -> bool:
    return bool(
        await connection.fetchval(
            "select exists (select from second_factor where account_id = $1)", account_id
        )
    )


async def replace(
    connection: Connection, account_id: UUID, sealed: bytes, last_step: int = 0
) -> None:
    """In the place of the one before, if there was one; its recovery codes go with it."""
    await connection.execute("delete from second_factor where account_id = $1", account_id)
    await connection.execute(
        "insert into second_factor (account_id, sealed, last_step) values ($1, $2, $3)",
        account_id,
        sealed,
        last_step,
    )


async def remove(connection: Connection, account_id: UUID) -> bool:
    """With its recovery codes; whether there was one."""
    done = await connection.execute("delete from second_factor where account_id = $1", account_id)
    return bool(done == "DELETE 1")


async def use_step(connection: Connection, account_id: UUID, step: int) -> bool:
    """Whether no code of this half-minute, or of a later one, was taken before."""
    done = await connection.execute(
        "update second_factor set last_step = $2 where account_id = $1 and last_step < $2",
        account_id,
        step,
    )
    return bool(done == "UPDATE 1")


# Recovery codes


async def replace_codes(connection: Connection, account_id: UUID, hashes: Sequence[bytes]) -> None:
    """The ones from before open nothing any more."""
    await connection.execute("delete from recovery_code where account_id = $1", account_id)
    await connection.execute(
        "insert into recovery_code (account_id, code_hash) select $1, unnest($2::bytea[])",
        account_id,
        hashes,
    )


async def use_code(connection: Connection, account_id: UUID, code_hash: bytes) -> bool:
    done = await connection.execute(
        "delete from recovery_code where account_id = $1 and code_hash = $2",
        account_id,
        code_hash,
    )
    return bool(done == "DELETE 1")


async def codes_left(connection: Connection, account_id: UUID) -> int:
    return int(
        await connection.fetchval(
            "select count(*) from recovery_code where account_id = $1", account_id
        )
    )


# Half signed in


async def begin_half(
    connection: Connection, token_hash: bytes, half: Half, expires_at: datetime
) -> None:
    await connection.execute(
        """
        insert into half_sign_in (token_hash, account_id, school_id, came_by, expires_at)
        values ($1, $2, $3, $4, $5)
        """,
        token_hash,
        half.account_id,
        half.school_id,
        half.came_by,
        expires_at,
    )


async def half(pool: Pool | Connection, token_hash: bytes, now: datetime) -> Half | None:
    row = await pool.fetchrow(
        """
        select account_id, school_id, came_by
        from half_sign_in
        where token_hash = $1 and expires_at > $2
        """,
        token_hash,
        now,
    )
    return Half(**row) if row else None


async def end_halves(connection: Connection, account_id: UUID) -> None:
    await connection.execute("delete from half_sign_in where account_id = $1", account_id)


async def drop_halves(pool: Pool, now: datetime) -> None:
    await pool.execute("delete from half_sign_in where expires_at <= $1", now)
