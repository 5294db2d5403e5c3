"""What a class and its teacher agreed to do."""

from datetime import date
from uuid import UUID

from asyncpg import Connection
from msgspec import Struct


class Agreement(Struct, frozen=True):
    """It holds until `ended_on`: on that day the class agreed on something else."""

    school_id: UUID
    agreement_id: UUID
    survey_id: UUID
    item: str  # the question that it is about, "" where it is about none
    text: str
    agreed_on: date
    ended_on: date | None = None
    who: str = ""
    due_on: date | None = None


async def add(connection: Connection, agreement: Agreement) -> None:
    """A class has one agreement at a time: the one before it ends."""
    await connection.execute(
        """
        update agreement
        set ended_on = $3
        where school_id = $1 and survey_id = $2 and ended_on is null
        """,
        agreement.school_id,
        agreement.survey_id,
        agreement.agreed_on,
    )
    await connection.execute(
        """
        insert into agreement
            (school_id, agreement_id, survey_id, item, text, agreed_on, who, due_on)
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        """,
        agreement.school_id,
        agreement.agreement_id,
        agreement.survey_id,
        agreement.item,
        agreement.text,
        agreement.agreed_on,
        agreement.who,
        agreement.due_on,
    )


async def of_survey(connection: Connection, school_id: UUID, survey_id: UUID) -> list[Agreement]:
    rows = await connection.fetch(
        """
        select school_id, agreement_id, survey_id, item, text, agreed_on, ended_on, who, due_on
        from agreement
        where school_id = $1 and survey_id = $2
        order by agreed_on, agreement_id
        """,
        school_id,
        survey_id,
    )
    return [Agreement(**row) for row in rows]


async def present(connection: Connection, school_id: UUID, survey_id: UUID) -> Agreement | None:
    row = await connection.fetchrow(
        """
        select school_id, agreement_id, survey_id, item, text, agreed_on, ended_on, who, due_on
        from agreement
        where school_id = $1 and survey_id = $2 and ended_on is null
        """,
        school_id,
        survey_id,
    )
    return Agreement(**row) if row else None
