"""Schools and their choices."""

from datetime import date
from uuid import UUID

from asyncpg import Connection, Pool
from msgspec import Struct

from surveys.keeping import Keeping


class School(Struct, frozen=True):
    """A school and its choices: k of five for small classes, languages that nobody reviewed.

    Until `deletion_on` somebody may still stop its deletion. Without `local_sign_in` its staff
    come in by its providers alone.
    """

    school_id: UUID
    name: str
    language: str
    small_classes: bool = False
    all_languages: bool = False
    keeping: Keeping = Keeping()
    deletion_on: date | None = None
    local_sign_in: bool = True


async def add(connection: Connection, school: School) -> None:
    await connection.execute(
        """
        insert into school (school_id, name, language, small_classes, all_languages)
        values ($1, $2, $3, $4, $5)
        """,
        school.school_id,
        school.name,
        school.language,
        school.small_classes,
        school.all_languages,
    )


async def every(pool: Pool | Connection) -> list[UUID]:
    """For what the clock does at each school. Only the keeper's role sees more than one."""
    rows = await pool.fetch("select school_id from school order by school_id")
    return [row["school_id"] for row in rows]


async def get(connection: Connection, school_id: UUID) -> School:
    row = await connection.fetchrow(
        """
        select school_id, name, language, small_classes, all_languages, results_years,
               words_days, deletion_on, local_sign_in
        from school
        where school_id = $1
        """,
        school_id,
    )
    columns = dict(row)
    keeping = Keeping(columns.pop("results_years"), columns.pop("words_days"))
    return School(**columns, keeping=keeping)


async def change(connection: Connection, school: School) -> None:
    await connection.execute(
        """
        update school
        set name = $2, language = $3, small_classes = $4, all_languages = $5,
            results_years = $6, words_days = $7
        where school_id = $1
        """,
        school.school_id,
        school.name,
        school.language,
        school.small_classes,
        school.all_languages,
        school.keeping.results_years,
        school.keeping.words_days,
    )


async def lock(connection: Connection, school_id: UUID) -> None:
    """Until the end of the transaction nobody else changes who works there."""
    await connection.execute("select from school where school_id = $1 for no key update", school_id)


async def set_deletion(connection: Connection, school_id: UUID, on: date | None) -> None:
    await connection.execute(
        "update school set deletion_on = $2 where school_id = $1", school_id, on
    )


async def set_local_sign_in(connection: Connection, school_id: UUID, *, on: bool) -> None:
    await connection.execute(
        "update school set local_sign_in = $2 where school_id = $1", school_id, on
    )
