"""What another pepper finds in the database: what is locked or marked with the one before.

This is the operator's work, done as a database's owner who sees every school.
"""

from collections.abc import Sequence
from uuid import UUID

from asyncpg import Connection
from msgspec import Struct


class Bound(Struct, frozen=True):
    """A round that is not told yet, and the HMAC that says which pepper it began under."""

    round_id: UUID
    public_key: bytes
    key_mac: bytes


class Link(Struct, frozen=True):
    """A link that is worked out of the pepper: to a screen, or for a visit."""

    kind: str  # of a code: 'screen', 'board' or 'visit'
    leads_to: UUID
    revision: int


async def hold(connection: Connection) -> None:
    """Until the end of the transaction nobody reads which pepper is the right one: who starts
    meanwhile waits, and is told then that it is another."""
    await connection.execute("lock table pepper_mark in access exclusive mode")


async def others(connection: Connection) -> int:
    """How many are connected to this database beside us."""
    return int(
        await connection.fetchval(
            """
            select count(*)
            from pg_stat_activity
            where datname = current_database() and backend_type = 'client backend'
              and pid <> pg_backend_pid()
            """
        )
    )


async def bound(connection: Connection, school_id: UUID) -> list[Bound]:
    rows = await connection.fetch(
        """
        select round_id, public_key, key_mac
        from round
        where school_id = $1 and public_key is not null
        """,
        school_id,
    )
    return [Bound(**row) for row in rows]


async def set_bound(
    connection: Connection, school_id: UUID, round_id: UUID, key_mac: bytes
) -> None:
    await connection.execute(
        "update round set key_mac = $3 where school_id = $1 and round_id = $2",
        school_id,
        round_id,
        key_mac,
    )


# Of a school


async def class_codes(connection: Connection, school_id: UUID) -> list[str]:
    """Of rounds, also of those that are over: they tell what came of it."""
    rows = await connection.fetch("select code from round where school_id = $1", school_id)
    return [row["code"] for row in rows]


async def client_secrets(connection: Connection, school_id: UUID) -> Sequence[tuple[UUID, bytes]]:
    """Of each provider."""
    rows = await connection.fetch(
        "select provider_id, secret from provider where school_id = $1", school_id
    )
    return [tuple(row) for row in rows]


async def set_client_secret(
    connection: Connection, school_id: UUID, provider_id: UUID, locked: bytes
) -> None:
    await connection.execute(
        "update provider set secret = $3 where school_id = $1 and provider_id = $2",
        school_id,
        provider_id,
        locked,
    )


async def links(connection: Connection, school_id: UUID) -> list[Link]:
    rows = await connection.fetch(
        """
        select c.kind, c.round_id as leads_to, coalesce(r.screen, b.screen, 0) as revision
        from code c
        left join round r on r.school_id = c.school_id and r.round_id = c.round_id
        left join board b on b.school_id = c.school_id and b.board_id = c.round_id
        where c.school_id = $1 and c.kind in ('screen', 'board', 'visit')
        """,
        school_id,
    )
    return [Link(**row) for row in rows]


async def set_link(connection: Connection, before: bytes, now: bytes) -> None:
    await connection.execute("update code set code_hash = $2 where code_hash = $1", before, now)


# Of the whole service


async def stocked(connection: Connection) -> Sequence[tuple[bytes, bytes]]:
    """Each public key in stock, and the HMAC of it."""
    return [tuple(row) for row in await connection.fetch("select public_key, mac from key_stock")]


async def set_stocked(connection: Connection, public_key: bytes, mac: bytes) -> None:
    await connection.execute("update key_stock set mac = $2 where public_key = $1", public_key, mac)


async def second_factors(connection: Connection) -> Sequence[tuple[UUID, bytes]]:
    """Whose app, and its locked secret."""
    rows = await connection.fetch("select account_id, sealed from second_factor")
    return [tuple(row) for row in rows]


async def set_second_factor(connection: Connection, account_id: UUID, locked: bytes) -> None:
    await connection.execute(
        "update second_factor set sealed = $2 where account_id = $1", account_id, locked
    )


async def drop_recovery_codes(connection: Connection) -> int:
    """Nobody knows them but their owners; how many people had some."""
    rows = await connection.fetch("delete from recovery_code returning account_id")
    return len({row["account_id"] for row in rows})


async def drop_passing(connection: Connection) -> None:
    """What lasts for minutes: mistakes that are counted, and who is with a provider just now."""
    await connection.execute("delete from mistake")
    await connection.execute("delete from signing_in")


async def set_mark(connection: Connection, mark: bytes) -> None:
    await connection.execute("update pepper_mark set mark = $1", mark)
