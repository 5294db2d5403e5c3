"""The last turn of a school year, kept as the groups were before, so that it can be undone."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

import msgspec
from asyncpg import Connection
from msgspec import Struct

from surveys.rounds import Group


class Before(Struct, frozen=True):
    """A group as it was, and in how many rounds it had been asked."""

    group: Group
    rounds: int


class Turnover(Struct, frozen=True):
    """What was done on one day."""

    done_on: date
    before: tuple[Before, ...]


async def keep(
    connection: Connection, school_id: UUID, done_on: date, before: Sequence[Before]
) -> None:
    """In the place of the one before it."""
    await drop(connection, school_id)
    await connection.execute(
        "insert into turnover (school_id, done_on, before) values ($1, $2, $3)",
        school_id,
        done_on,
        msgspec.json.encode(before).decode(),
    )


async def last(connection: Connection, school_id: UUID) -> Turnover | None:
    row = await connection.fetchrow(
        "select done_on, before from turnover where school_id = $1", school_id
    )
    if row is None:
        return None
    return Turnover(row["done_on"], msgspec.json.decode(row["before"], type=tuple[Before, ...]))


async def drop(connection: Connection, school_id: UUID) -> None:
    await connection.execute("delete from turnover where school_id = $1", school_id)


async def drop_before(connection: Connection, school_id: UUID, today: date) -> None:
    """What can be undone no more."""
    await connection.execute(
        "delete from turnover where school_id = $1 and done_on < $2", school_id, today
    )


async def asked(connection: Connection, school_id: UUID) -> dict[UUID, int]:
    """In how many rounds each group has been asked, where it was at all."""
    rows = await connection.fetch(
        """
        select s.group_id, count(*)::integer as rounds
        from round r
        join survey s using (school_id, survey_id)
        where school_id = $1
        group by s.group_id
        """,
        school_id,
    )
    return {row["group_id"]: row["rounds"] for row in rows}
