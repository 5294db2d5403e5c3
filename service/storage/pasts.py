"""What waves of the past asked and told, many of them at once."""

from collections.abc import Sequence
from uuid import UUID

import msgspec
from asyncpg import Connection

from surveys.cells import Asked, Year
from surveys.instrument import Stage
from surveys.release import Release
from surveys.waves import Pool


async def asked(
    connection: Connection, school_id: UUID, waves: Sequence[UUID]
) -> dict[UUID, dict[Year, Asked]]:
    """By wave, and by year group as it was then, in the order of the school."""
    rows = await connection.fetch(
        """
        select wave_id, stage, year_group, array_agg(group_id) as groups, sum(members) as places
        from wave_group
        where school_id = $1 and wave_id = any($2)
        group by wave_id, stage, year_group
        """,
        school_id,
        waves,
    )
    found: dict[UUID, dict[Year, Asked]] = {wave_id: {} for wave_id in waves}
    years = {(row["stage"], row["year_group"]) for row in rows}
    known = {each: Year(Stage(each[0]), each[1]) for each in years}
    for row in sorted(rows, key=lambda row: known[row["stage"], row["year_group"]].standing):
        year = known[row["stage"], row["year_group"]]
        found[row["wave_id"]][year] = Asked(tuple(row["groups"]), row["places"])
    return found


async def pools(
    connection: Connection, school_id: UUID, waves: Sequence[UUID]
) -> dict[UUID, list[Pool]]:
    """By wave, in the order of the school."""
    rows = await connection.fetch(
        """
        select wave_id, groups, told
        from pool
        where school_id = $1 and wave_id = any($2)
        order by wave_id, place
        """,
        school_id,
        waves,
    )
    found: dict[UUID, list[Pool]] = {wave_id: [] for wave_id in waves}
    for row in rows:
        told = msgspec.json.decode(row["told"], type=Release)
        found[row["wave_id"]].append(Pool(tuple(row["groups"]), told))
    return found


async def names(connection: Connection, school_id: UUID, waves: Sequence[UUID]) -> dict[UUID, str]:
    """Of the groups of these waves."""
    rows = await connection.fetch(
        """
        select group_id, name
        from wave_group
        where school_id = $1 and wave_id = any($2)
        """,
        school_id,
        waves,
    )
    return {row["group_id"]: row["name"] for row in rows}
