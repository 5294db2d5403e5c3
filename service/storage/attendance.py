"""How many have answered a round, and whether it still takes answers: numbers, nothing else."""

from collections.abc import Sequence
from uuid import UUID

from asyncpg import Pool
from msgspec import Struct


class Attendance(Struct, frozen=True):
    """`n` of the `places` of a round have answered."""

    n: int
    places: int
    open: bool


async def of(pool: Pool, asked: Sequence[tuple[UUID, UUID]]) -> dict[UUID, Attendance]:
    """By round; `asked` are schools with a round of theirs, which may be of many schools."""
    rows = await pool.fetch(
        "select round_id, n, places, open from attendance($1, $2)",
        [school_id for school_id, _ in asked],
        [round_id for _, round_id in asked],
    )
    return {row["round_id"]: Attendance(row["n"], row["places"], row["open"]) for row in rows}
