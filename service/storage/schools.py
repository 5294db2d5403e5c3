"""Schools, and who works there."""

from uuid import UUID

from asyncpg import Connection, Pool
from msgspec import Struct

from surveys.access import Role


class School(Struct, frozen=True):
    """A school and its choices: k of five for small classes, languages that nobody reviewed."""

    school_id: UUID
    name: str
    language: str
    small_classes: bool = False
    all_languages: bool = False


class Member(Struct, frozen=True):
    """Somebody who works at a school."""

    account_id: UUID
    name: str
    email: str
    disabled: bool
    roles: tuple[Role, ...]


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


async def add_member(connection: Connection, school_id: UUID, account_id: UUID, role: Role) -> None:
    await connection.execute(
        """
        insert into membership (school_id, account_id, role)
        values ($1, $2, $3)
        on conflict do nothing
        """,
        school_id,
        account_id,
        role,
    )


async def members(connection: Connection, school_id: UUID) -> list[Member]:
    rows = await connection.fetch(
        """
        select a.account_id, a.name, a.email, a.disabled, array_agg(m.role order by m.role) as roles
        from membership m
        join account a using (account_id)
        where m.school_id = $1
        group by a.account_id
        order by a.name, a.account_id
        """,
        school_id,
    )
    return [Member(**{**row, "roles": tuple(map(Role, row["roles"]))}) for row in rows]


async def active(connection: Connection, school_id: UUID, role: Role) -> list[str]:
    """The e-mail addresses of those who have a role and can sign in."""
    rows = await connection.fetch(
        """
        select a.email
        from membership m
        join account a using (account_id)
        where m.school_id = $1 and m.role = $2 and not a.disabled
        order by a.email
        """,
        school_id,
        role,
    )
    return [row["email"] for row in rows]
