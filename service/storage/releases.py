"""Releases, and the texts released with them: all that is ever kept of what was answered."""

from datetime import date
from functools import lru_cache
from uuid import UUID

import msgspec
from asyncpg import Connection
from msgspec import Struct

from surveys.release import Release, TooFew


class Comment(Struct, frozen=True):
    """One student's own words, released with the others of the round."""

    comment_id: UUID
    item: str
    text: str


Told = Release | TooFew
Band = dict[UUID, Release]
"""The releases among which a class stands, by group."""


async def of_survey(connection: Connection, school_id: UUID, survey_id: UUID) -> dict[UUID, Told]:
    rows = await connection.fetch(
        """
        select round_id, told
        from release
        join round using (school_id, round_id)
        where school_id = $1 and survey_id = $2
        """,
        school_id,
        survey_id,
    )
    return {row["round_id"]: decoded(row["told"]) for row in rows}


@lru_cache(maxsize=4_000)  # some 4 KB each
def decoded(text: str) -> Told:
    """A release never changes: the same text is the same value."""
    told: Told = msgspec.json.decode(text, type=Told)
    return told


async def comments(connection: Connection, school_id: UUID, round_id: UUID) -> list[Comment]:
    """In the order of their random numbers, which is no order."""
    rows = await connection.fetch(
        """
        select comment_id, item, text
        from comment
        where school_id = $1 and round_id = $2
        order by comment_id
        """,
        school_id,
        round_id,
    )
    return [Comment(**row) for row in rows]


async def put_away(
    connection: Connection, school_id: UUID, round_id: UUID, comment_id: UUID
) -> None:
    await connection.execute(
        "delete from comment where school_id = $1 and round_id = $2 and comment_id = $3",
        school_id,
        round_id,
        comment_id,
    )


async def drop_comments(connection: Connection, school_id: UUID, closed_before: date) -> None:
    """Own words of rounds that closed before this day."""
    await connection.execute(
        """
        delete from comment c
        using round r
        where c.school_id = $1 and r.school_id = c.school_id and r.round_id = c.round_id
          and r.closed_on < $2
        """,
        school_id,
        closed_before,
    )


async def of_band(connection: Connection, school_id: UUID, instrument: str, version: int) -> Band:
    """The last release of each group whose teacher lets it count: one for a group, whoever asks."""
    rows = await connection.fetch(
        """
        select distinct on (s.group_id) s.group_id, l.told
        from release l
        join round r using (school_id, round_id)
        join survey s using (school_id, survey_id)
        where school_id = $1 and s.in_band and r.state = 'released'
          and s.instrument ->> 'key' = $2 and (s.instrument ->> 'version')::integer = $3
        order by s.group_id, r.closed_on desc, r.round_id
        """,
        school_id,
        instrument,
        version,
    )
    return {row["group_id"]: msgspec.json.decode(row["told"], type=Release) for row in rows}
