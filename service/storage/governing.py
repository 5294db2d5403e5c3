"""Governing boards, and partners of the same kind: their people, and how these come in.

A board is no school: nothing of a school is here.
"""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from asyncpg import Connection, Pool
from msgspec import Struct

from surveys.access import Governor
from surveys.governing import GoverningBoard


class Seat(Struct, frozen=True):
    """An invitation to a board: a link that works once, kept as a hash."""

    board: GoverningBoard
    email: str
    name: str
    expires_on: date


async def add(connection: Connection, board: GoverningBoard) -> None:
    """The installation's alone: the pages' role may not."""
    await connection.execute(
        "insert into governing_board (governing_id, name) values ($1, $2)",
        board.governing_id,
        board.name,
    )


async def get(connection: Connection, governing_id: UUID) -> GoverningBoard | None:
    row = await connection.fetchrow(
        "select governing_id, name from governing_board where governing_id = $1", governing_id
    )
    return GoverningBoard(**row) if row else None


async def named(connection: Connection, name: str) -> GoverningBoard | None:
    row = await connection.fetchrow(
        "select governing_id, name from governing_board where name = $1", name
    )
    return GoverningBoard(**row) if row else None


async def names_of(connection: Connection, governing_id: UUID) -> list[str]:
    """Who sits on it."""
    rows = await connection.fetch(
        """
        select name
        from governing_member
        join account using (account_id)
        where governing_id = $1
        order by name, account_id
        """,
        governing_id,
    )
    return [row["name"] for row in rows]


# Its people


async def invite(connection: Connection, token_hash: bytes, seat: Seat) -> None:
    """The installation's alone."""
    await connection.execute(
        """
        insert into governing_invitation (token_hash, governing_id, email, name, expires_on)
        values ($1, $2, $3, $4, $5)
        """,
        token_hash,
        seat.board.governing_id,
        seat.email,
        seat.name,
        seat.expires_on,
    )


async def behind(pool: Pool, token_hash: bytes, today: date) -> Seat | None:
    """What a link opens, while it holds."""
    row = await pool.fetchrow(
        """
        select b.governing_id, b.name as board, i.email, i.name, i.expires_on
        from governing_invitation i
        join governing_board b using (governing_id)
        where i.token_hash = $1 and i.expires_on >= $2
        """,
        token_hash,
        today,
    )
    if row is None:
        return None
    board = GoverningBoard(row["governing_id"], row["board"])
    return Seat(board, row["email"], row["name"], row["expires_on"])


async def use(connection: Connection, token_hash: bytes) -> bool:
    """Ends an invitation; whether it was still there to be used."""
    used = await connection.execute(
        "delete from governing_invitation where token_hash = $1", token_hash
    )
    return bool(used == "DELETE 1")


async def drop_ended(pool: Pool, today: date) -> None:
    await pool.execute("delete from governing_invitation where expires_on < $1", today)


async def take_seat(connection: Connection, governing_id: UUID, account_id: UUID) -> None:
    await connection.execute(
        """
        insert into governing_member (governing_id, account_id)
        values ($1, $2)
        on conflict do nothing
        """,
        governing_id,
        account_id,
    )


async def leave_seat(connection: Connection, governing_id: UUID, email: str) -> bool:
    """The installation's alone; whether there was a seat, or an invitation to one."""
    left = await connection.fetchval(
        """
        with seat as (
            delete from governing_member m
            using account a
            where m.governing_id = $1 and a.account_id = m.account_id and a.email = $2
            returning m.account_id
        ),
        invitation as (
            delete from governing_invitation
            where governing_id = $1 and email = $2
            returning email
        ),
        signed_in as (
            delete from session s
            using seat
            where s.account_id = seat.account_id and s.school_id is null
        )
        select exists (select from seat) or exists (select from invitation)
        """,
        governing_id,
        email,
    )
    return bool(left)


async def boards_of(connection: Connection, account_id: UUID) -> Sequence[GoverningBoard]:
    rows = await connection.fetch(
        """
        select governing_id, name
        from governing_member
        join governing_board using (governing_id)
        where account_id = $1
        order by name
        """,
        account_id,
    )
    return [GoverningBoard(**row) for row in rows]


async def governor(connection: Connection, token_hash: bytes, now: datetime) -> Governor | None:
    """Who is signed in with this session and sits on a board; None for everybody else.

    With a password: a school's provider speaks for that school alone.
    """
    row = await connection.fetchrow(
        """
        select account_id, name, email
        from session
        join account using (account_id)
        where token_hash = $1 and expires_at > $2 and came_by is null
        """,
        token_hash,
        now,
    )
    boards = await boards_of(connection, row["account_id"]) if row else ()
    return Governor(**row, boards=tuple(boards)) if row and boards else None
