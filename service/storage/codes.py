"""Codes, tickets and links: what leads to a round. Kept as HMACs (see sealing.Pepper)."""

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from asyncpg import Connection, Pool
from msgspec import Struct


class Door(StrEnum):
    """What a code or a link is for."""

    CLASS = "class"
    TICKET = "ticket"
    SCREEN = "screen"
    VISIT = "visit"  # a colleague who visits the lesson
    BOARD = "board"  # the screen in the staff room; it leads to a board instead of a round


class Lead(Struct, frozen=True):
    """Where a code leads."""

    door: Door
    school_id: UUID
    round_id: UUID


async def add(
    connection: Connection, hashes: Sequence[bytes], lead: Lead, due: datetime | None = None
) -> bool:
    """Whether the code was free under all of its hashes; it is kept under the first.

    The keeper closes the round of a code that is due.
    """
    code_hash, *former = hashes
    if former and await find(connection, former):
        return False
    done = await connection.execute(
        """
        insert into code (code_hash, kind, school_id, round_id, due)
        values ($1, $2, $3, $4, $5)
        on conflict do nothing
        """,
        code_hash,
        lead.door,
        lead.school_id,
        lead.round_id,
        due,
    )
    return bool(done == "INSERT 0 1")


async def find(pool: Pool | Connection, hashes: Sequence[bytes]) -> Lead | None:
    row = await pool.fetchrow(
        "select kind as door, school_id, round_id from code where code_hash = any($1)", hashes
    )
    return Lead(Door(row["door"]), row["school_id"], row["round_id"]) if row else None


async def set_due(connection: Connection, school_id: UUID, round_id: UUID, due: datetime) -> None:
    await connection.execute(
        """
        update code
        set due = $3
        where school_id = $1 and round_id = $2 and kind = 'class'
        """,
        school_id,
        round_id,
        due,
    )


async def replace(connection: Connection, code_hash: bytes, lead: Lead) -> None:
    """The new link to a screen; the one before it leads nowhere any more."""
    await connection.execute(
        "delete from code where school_id = $1 and round_id = $2 and kind = $3",
        lead.school_id,
        lead.round_id,
        lead.door,
    )
    await add(connection, [code_hash], lead)


async def drop(connection: Connection, school_id: UUID, round_id: UUID) -> None:
    """The codes of an old round lead nowhere any more."""
    await connection.execute(
        "delete from code where school_id = $1 and round_id = $2 and due is null",
        school_id,
        round_id,
    )


async def tickets(connection: Connection, school_id: UUID, round_id: UUID) -> int:
    """How many cards of a round are valid."""
    return int(
        await connection.fetchval(
            """
            select count(*)
            from code
            where school_id = $1 and round_id = $2 and kind = 'ticket'
            """,
            school_id,
            round_id,
        )
    )


async def drop_tickets(connection: Connection, school_id: UUID, round_id: UUID) -> None:
    await connection.execute(
        "delete from code where school_id = $1 and round_id = $2 and kind = 'ticket'",
        school_id,
        round_id,
    )


async def drop_ended(connection: Connection, school_id: UUID, closed_before: date) -> None:
    """Codes of rounds that closed before this day, or that are there no more."""
    await connection.execute(
        """
        delete from code c
        where c.school_id = $1
          and c.kind <> 'board'
          and not exists (
              select from round r
              where r.school_id = c.school_id and r.round_id = c.round_id
                and (r.closed_on is null or r.closed_on >= $2 or c.due is not null)
          )
        """,
        school_id,
        closed_before,
    )
