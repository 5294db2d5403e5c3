"""Surveys: an instrument asked of a group again and again. The instrument is kept whole."""

from uuid import UUID

import msgspec
from asyncpg import Connection, Record

from surveys import stored
from surveys.instrument import Instrument
from surveys.rounds import Survey

COLUMNS = "school_id, survey_id, group_id, owner, instrument, follows, every_weeks, in_band"


def survey_of(row: Record) -> Survey:
    return Survey(**{**row, "instrument": stored.instrument(row["instrument"])})


async def add(connection: Connection, survey: Survey) -> None:
    await connection.execute(
        f"insert into survey ({COLUMNS}) values ($1, $2, $3, $4, $5, $6, $7, $8)",
        survey.school_id,
        survey.survey_id,
        survey.group_id,
        survey.owner,
        msgspec.json.encode(survey.instrument).decode(),
        survey.follows,
        survey.every_weeks,
        survey.in_band,
    )


async def get(connection: Connection, school_id: UUID, survey_id: UUID) -> Survey | None:
    row = await connection.fetchrow(
        f"select {COLUMNS} from survey where school_id = $1 and survey_id = $2",
        school_id,
        survey_id,
    )
    return survey_of(row) if row else None


async def owned_by(connection: Connection, school_id: UUID, owner: UUID) -> list[Survey]:
    rows = await connection.fetch(
        f"""
        select {COLUMNS}
        from survey
        where school_id = $1 and owner = $2
        order by survey_id
        """,
        school_id,
        owner,
    )
    return [survey_of(row) for row in rows]


async def of_school_itself(connection: Connection, school_id: UUID) -> list[Survey]:
    """What is asked in waves, by no teacher of one's own accord."""
    rows = await connection.fetch(
        f"""
        select {COLUMNS}
        from survey
        where school_id = $1 and owner is null
        order by survey_id
        """,
        school_id,
    )
    return [survey_of(row) for row in rows]


async def put_instrument(
    connection: Connection, school_id: UUID, survey_id: UUID, translated: Instrument
) -> None:
    """The same questions in more languages: other questions are another survey."""
    await connection.execute(
        "update survey set instrument = $3 where school_id = $1 and survey_id = $2",
        school_id,
        survey_id,
        msgspec.json.encode(translated).decode(),
    )


async def plan(
    connection: Connection, school_id: UUID, survey_id: UUID, every_weeks: int | None
) -> None:
    await connection.execute(
        "update survey set every_weeks = $3 where school_id = $1 and survey_id = $2",
        school_id,
        survey_id,
        every_weeks,
    )


async def set_in_band(
    connection: Connection, school_id: UUID, survey_id: UUID, *, in_band: bool
) -> None:
    await connection.execute(
        "update survey set in_band = $3 where school_id = $1 and survey_id = $2",
        school_id,
        survey_id,
        in_band,
    )


async def following(connection: Connection, school_id: UUID, survey_id: UUID) -> UUID | None:
    """The survey that took the place of this one."""
    later: UUID | None = await connection.fetchval(
        "select survey_id from survey where school_id = $1 and follows = $2", school_id, survey_id
    )
    return later


async def remove(connection: Connection, school_id: UUID, survey_id: UUID) -> None:
    await connection.execute(
        "delete from survey where school_id = $1 and survey_id = $2", school_id, survey_id
    )
