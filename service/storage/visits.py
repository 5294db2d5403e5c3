"""What a colleague saw who visited the lesson of a round."""

from uuid import UUID

import msgspec
from asyncpg import Connection
from msgspec import Struct


class Visit(Struct, frozen=True):
    """One colleague's view, with the name as it was typed."""

    name: str
    choices: dict[str, int]  # by item id; what was not seen is not in it


async def add(connection: Connection, school_id: UUID, round_id: UUID, visit: Visit) -> bool:
    """Whether it is the first of this round: a view that was given stays as it is."""
    done = await connection.execute(
        """
        insert into visit (school_id, round_id, name, choices)
        values ($1, $2, $3, $4)
        on conflict do nothing
        """,
        school_id,
        round_id,
        visit.name,
        msgspec.json.encode(visit.choices).decode(),
    )
    return bool(done == "INSERT 0 1")


async def of_round(connection: Connection, school_id: UUID, round_id: UUID) -> Visit | None:
    row = await connection.fetchrow(
        "select name, choices from visit where school_id = $1 and round_id = $2",
        school_id,
        round_id,
    )
    if row is None:
        return None
    return Visit(row["name"], msgspec.json.decode(row["choices"], type=dict[str, int]))
