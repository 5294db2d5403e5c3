"""What teachers have shared, by name: one survey with one colleague, until it is withdrawn."""

from collections.abc import Iterable
from uuid import UUID

from asyncpg import Connection


async def replace(
    connection: Connection, school_id: UUID, survey_id: UUID, with_whom: Iterable[UUID]
) -> None:
    await connection.execute(
        "delete from share where school_id = $1 and survey_id = $2", school_id, survey_id
    )
    await connection.executemany(
        "insert into share (school_id, survey_id, account_id) values ($1, $2, $3)",
        [(school_id, survey_id, account_id) for account_id in with_whom],
    )


async def of_survey(connection: Connection, school_id: UUID, survey_id: UUID) -> frozenset[UUID]:
    rows = await connection.fetch(
        "select account_id from share where school_id = $1 and survey_id = $2",
        school_id,
        survey_id,
    )
    return frozenset(row["account_id"] for row in rows)


async def with_account(
    connection: Connection, school_id: UUID, account_id: UUID
) -> frozenset[UUID]:
    """The surveys that somebody was shown by others."""
    rows = await connection.fetch(
        "select survey_id from share where school_id = $1 and account_id = $2",
        school_id,
        account_id,
    )
    return frozenset(row["survey_id"] for row in rows)
