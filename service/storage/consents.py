"""What a school lets others see: which boards it said yes to, which of its waves they are shown,
and whether it is in the file for research."""

from datetime import date
from uuid import UUID

from asyncpg import Connection
from msgspec import Struct

from surveys.governing import GoverningBoard


class Consent(Struct, frozen=True):
    """A school's yes to a board, and by whom it was said; "" where the account is gone."""

    board: GoverningBoard
    joined_on: date
    by: str


async def give(
    connection: Connection, school_id: UUID, governing_id: UUID, *, by: UUID, on: date
) -> bool:
    """Whether it was new."""
    done = await connection.execute(
        """
        insert into governing_school (school_id, governing_id, joined_on, joined_by)
        values ($1, $2, $3, $4)
        on conflict do nothing
        """,
        school_id,
        governing_id,
        on,
        by,
    )
    return bool(done == "INSERT 0 1")


async def withdraw(connection: Connection, school_id: UUID, governing_id: UUID) -> bool:
    """What the board was shown goes with it; whether there was a yes."""
    done = await connection.execute(
        "delete from governing_school where school_id = $1 and governing_id = $2",
        school_id,
        governing_id,
    )
    return bool(done == "DELETE 1")


async def of_school(connection: Connection, school_id: UUID) -> list[Consent]:
    rows = await connection.fetch(
        """
        select governing_id, b.name as board, joined_on, coalesce(a.name, '') as by
        from governing_school
        join governing_board b using (governing_id)
        left join account a on a.account_id = joined_by
        where school_id = $1
        order by b.name
        """,
        school_id,
    )
    return [
        Consent(GoverningBoard(row["governing_id"], row["board"]), row["joined_on"], row["by"])
        for row in rows
    ]


async def show_wave(connection: Connection, school_id: UUID, wave_id: UUID) -> None:
    """To every board that the school said yes to until now, and to no other later."""
    await connection.execute(
        """
        insert into governing_wave (school_id, governing_id, wave_id)
        select school_id, governing_id, $2
        from governing_school
        where school_id = $1
        """,
        school_id,
        wave_id,
    )


async def shown(connection: Connection, school_id: UUID, governing_id: UUID) -> frozenset[UUID]:
    """The waves of a school that a board may read the total of."""
    rows = await connection.fetch(
        "select wave_id from governing_wave where school_id = $1 and governing_id = $2",
        school_id,
        governing_id,
    )
    return frozenset(row["wave_id"] for row in rows)


async def schools_of(connection: Connection, governing_id: UUID) -> list[UUID]:
    """The schools that said yes to a board, asked before it looks into each of them."""
    await connection.execute("select set_config('app.governing', $1, true)", str(governing_id))
    rows = await connection.fetch(
        "select school_id from governing_school where governing_id = $1 order by school_id",
        governing_id,
    )
    return [row["school_id"] for row in rows]


# Research


async def research(connection: Connection, school_id: UUID) -> bool:
    """Whether a school is in the file for research."""
    return bool(
        await connection.fetchval("select research from school where school_id = $1", school_id)
    )


async def set_research(connection: Connection, school_id: UUID, *, research: bool) -> None:
    await connection.execute(
        "update school set research = $2 where school_id = $1", school_id, research
    )


async def mark_for_research(connection: Connection, school_id: UUID, wave_id: UUID) -> None:
    """Where the school said yes until now; its students read it."""
    await connection.execute(
        """
        update wave w
        set for_research = s.research
        from school s
        where w.school_id = $1 and w.wave_id = $2 and s.school_id = w.school_id
        """,
        school_id,
        wave_id,
    )


async def for_research(connection: Connection, school_id: UUID) -> frozenset[UUID]:
    """The waves of a school that are in the file; none where it no longer wants that."""
    rows = await connection.fetch(
        """
        select wave_id
        from wave w
        join school s using (school_id)
        where w.school_id = $1 and w.for_research and s.research
        """,
        school_id,
    )
    return frozenset(row["wave_id"] for row in rows)
