"""Invitations to come and work at a school: a link that works once, kept as a hash."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from asyncpg import Connection, Pool
from msgspec import Struct

from surveys.access import Role


class Invitation(Struct, frozen=True):
    """Who may come to work at a school, and as what; from the installation, by nobody.

    Whoever has no account yet gets the invitation's number for one, so that the audit goes on
    knowing who was invited.
    """

    school_id: UUID
    invitation_id: UUID
    email: str
    name: str
    role: Role
    expires_on: date
    invited_by: UUID | None = None


COLUMNS = "school_id, invitation_id, email, name, role, expires_on, invited_by"


async def add(connection: Connection, token_hash: bytes, invitation: Invitation) -> None:
    await connection.execute(
        f"""
        insert into invitation (token_hash, {COLUMNS})
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        """,
        token_hash,
        invitation.school_id,
        invitation.invitation_id,
        invitation.email,
        invitation.name,
        invitation.role,
        invitation.expires_on,
        invitation.invited_by,
    )


async def add_all(connection: Connection, invited: Mapping[bytes, Invitation]) -> None:
    """Many in one statement, by the hashes of their tokens."""
    names = COLUMNS.split(", ")
    await connection.execute(
        f"""
        insert into invitation (token_hash, {COLUMNS})
        select *
        from unnest($1::bytea[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[],
                    $7::date[], $8::uuid[])
        """,
        [*invited],
        *([getattr(each, name) for each in invited.values()] for name in names),
    )


async def behind(pool: Pool, token_hash: bytes, today: date) -> Invitation | None:
    """What a link opens, while it holds."""
    row = await pool.fetchrow(
        f"select {COLUMNS} from invitation where token_hash = $1 and expires_on >= $2",
        token_hash,
        today,
    )
    return Invitation(**{**row, "role": Role(row["role"])}) if row else None


async def of_school(connection: Connection, school_id: UUID, today: date) -> list[Invitation]:
    rows = await connection.fetch(
        f"""
        select {COLUMNS}
        from invitation
        where school_id = $1 and expires_on >= $2
        order by name, invitation_id
        """,
        school_id,
        today,
    )
    return [Invitation(**{**row, "role": Role(row["role"])}) for row in rows]


async def use(connection: Connection, token_hash: bytes) -> bool:
    """Ends an invitation; whether it was still there to be used."""
    used = await connection.execute("delete from invitation where token_hash = $1", token_hash)
    return bool(used == "DELETE 1")


async def withdraw(connection: Connection, school_id: UUID, invitation_id: UUID) -> None:
    """Its link leads nowhere any more."""
    await connection.execute(
        "delete from invitation where school_id = $1 and invitation_id = $2",
        school_id,
        invitation_id,
    )


async def withdraw_from(connection: Connection, school_id: UUID, email: str) -> None:
    """All that somebody was sent by a school."""
    await connection.execute(
        "delete from invitation where school_id = $1 and email = $2", school_id, email
    )


async def withdraw_by(connection: Connection, school_id: UUID, account_id: UUID) -> None:
    """All that somebody made at a school."""
    await connection.execute(
        "delete from invitation where school_id = $1 and invited_by = $2", school_id, account_id
    )


async def of_person(
    connection: Connection, school_id: UUID, email: str, today: date
) -> list[Invitation]:
    """All that hold for an address at one school."""
    rows = await connection.fetch(
        f"""
        select {COLUMNS}
        from invitation
        where school_id = $1 and email = $2 and expires_on >= $3
        order by role, invitation_id
        """,
        school_id,
        email,
        today,
    )
    return [Invitation(**{**row, "role": Role(row["role"])}) for row in rows]


async def get(connection: Connection, school_id: UUID, invitation_id: UUID) -> Invitation | None:
    row = await connection.fetchrow(
        f"select {COLUMNS} from invitation where school_id = $1 and invitation_id = $2",
        school_id,
        invitation_id,
    )
    return Invitation(**{**row, "role": Role(row["role"])}) if row else None


async def drop_ended(pool: Pool, today: date) -> None:
    await pool.execute("delete from invitation where expires_on < $1", today)
