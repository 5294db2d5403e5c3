"""Who works at a school, in which roles and by whose word."""

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from operator import itemgetter
from uuid import UUID

from asyncpg import Connection, Record
from msgspec import Struct

from surveys.access import Role


class Part(Struct, frozen=True):
    """A role that somebody has; `by` is "" where the installation gave it.

    An adviser who is not confirmed reads nothing yet.
    """

    role: Role
    by: str
    since: date | None
    confirmed: bool


class Member(Struct, frozen=True):
    """Somebody who works at a school, or did until the access was ended."""

    account_id: UUID
    name: str
    email: str
    language: str
    ended_on: date | None
    parts: tuple[Part, ...]

    @property
    def roles(self) -> frozenset[Role]:
        return frozenset(part.role for part in self.parts)


COLUMNS = """a.account_id, a.name, a.email, a.language, m.ended_on,
             m.role, coalesce(g.name, '') as by, m.granted_on, m.confirmed"""


def members_of(rows: Sequence[Record]) -> list[Member]:
    return [member_of(list(parts)) for _, parts in groupby(rows, key=itemgetter("account_id"))]


def member_of(rows: Sequence[Record]) -> Member:
    """One person, whose roles are a row each."""
    return Member(
        **{name: rows[0][name] for name in ("account_id", "name", "email", "language", "ended_on")},
        parts=tuple(
            Part(Role(row["role"]), row["by"], row["granted_on"], row["confirmed"]) for row in rows
        ),
    )


async def of_school(connection: Connection, school_id: UUID) -> list[Member]:
    rows = await connection.fetch(
        f"""
        select {COLUMNS}
        from membership m
        join account a using (account_id)
        left join account g on g.account_id = m.granted_by
        where m.school_id = $1
        order by a.name, a.account_id, m.role
        """,
        school_id,
    )
    return members_of(rows)


async def get(connection: Connection, school_id: UUID, account_id: UUID) -> Member | None:
    rows = await connection.fetch(
        f"""
        select {COLUMNS}
        from membership m
        join account a using (account_id)
        left join account g on g.account_id = m.granted_by
        where m.school_id = $1 and m.account_id = $2
        order by m.role
        """,
        school_id,
        account_id,
    )
    return member_of(rows) if rows else None


async def active(connection: Connection, school_id: UUID, role: Role) -> list[Member]:
    """Those who have a role and can come in."""
    return [
        member
        for member in await of_school(connection, school_id)
        if member.ended_on is None
        and any(part.role is role and part.confirmed for part in member.parts)
    ]


async def grant(
    connection: Connection,
    school_id: UUID,
    account_id: UUID,
    role: Role,
    *,
    by: UUID | None = None,
    on: date | None = None,
    confirmed: bool = True,
) -> None:
    """Gives a role; by nobody where the installation does."""
    await connection.execute(
        """
        insert into membership (school_id, account_id, role, granted_by, granted_on, confirmed)
        values ($1, $2, $3, $4, $5, $6)
        on conflict do nothing
        """,
        school_id,
        account_id,
        role,
        by,
        on,
        confirmed,
    )


async def take(connection: Connection, school_id: UUID, account_id: UUID, role: Role) -> None:
    await connection.execute(
        "delete from membership where school_id = $1 and account_id = $2 and role = $3",
        school_id,
        account_id,
        role,
    )


async def confirm(connection: Connection, school_id: UUID, account_id: UUID, role: Role) -> None:
    await connection.execute(
        """
        update membership
        set confirmed = true
        where school_id = $1 and account_id = $2 and role = $3
        """,
        school_id,
        account_id,
        role,
    )


async def end(
    connection: Connection, school_id: UUID, account_id: UUID, today: date | None
) -> None:
    """Ends somebody's access to this school, or with None lets them in again."""
    await connection.execute(
        "update membership set ended_on = $3 where school_id = $1 and account_id = $2",
        school_id,
        account_id,
        today,
    )


async def forget_ended(connection: Connection, school_id: UUID, account_id: UUID) -> None:
    """The roles that ended with somebody's access."""
    await connection.execute(
        """
        delete from membership
        where school_id = $1 and account_id = $2 and ended_on is not null
        """,
        school_id,
        account_id,
    )
