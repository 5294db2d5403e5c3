"""How much a school asks and answers: numbers of rounds, never what anybody said."""

from datetime import date
from uuid import UUID

from asyncpg import Connection
from msgspec import Struct


class Month(Struct, frozen=True):
    """How many groups were asked, in how many rounds, and how much was agreed on."""

    month: date
    groups: int
    rounds: int
    agreements: int


async def by_month(connection: Connection, school_id: UUID) -> list[Month]:
    """The last twelve months in which something was asked, the newest first."""
    rows = await connection.fetch(
        """
        with asked as (
            select date_trunc('month', r.closed_on)::date as month,
                   count(distinct s.group_id)::integer    as groups,
                   count(*)::integer                      as rounds
            from round r
            join survey s using (school_id, survey_id)
            where school_id = $1 and r.state = 'released'
            group by month
        ),
        agreed as (
            select date_trunc('month', agreed_on)::date as month, count(*)::integer as agreements
            from agreement
            where school_id = $1
            group by month
        )
        select month, groups, rounds, coalesce(agreements, 0) as agreements
        from asked
        left join agreed using (month)
        order by month desc
        limit 12
        """,
        school_id,
    )
    return [Month(**row) for row in rows]
