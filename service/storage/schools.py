"""Schools and their choices."""

from uuid import UUID

from asyncpg import Connection, Pool
from msgspec import Struct


class School(Struct, frozen=True):
    """A school and its choices: k of five for small classes, languages that nobody reviewed."""

    school_id: UUID
    name: str
    language: str
    small_classes: bool = False
    all_languages: bool = False


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


async def every(pool: Pool) -> list[UUID]:
    """For what the clock does at each school. Only the keeper's role sees more than one."""
    rows = await pool.fetch("select school_id from school order by school_id")
    return [row["school_id"] for row in rows]


async def get(connection: Connection, school_id: UUID) -> School:
    row = await connection.fetchrow(
        """
        select school_id, name, language, small_classes, all_languages
        from school
        where school_id = $1
        """,
        school_id,
    )
    return School(**row)


async def change(connection: Connection, school: School) -> None:
    await connection.execute(
        """
        update school
        set name = $2, language = $3, small_classes = $4, all_languages = $5
        where school_id = $1
        """,
        school.school_id,
        school.name,
        school.language,
        school.small_classes,
        school.all_languages,
    )
