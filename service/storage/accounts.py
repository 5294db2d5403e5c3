"""Accounts, their sessions, and invitations to become one. Staff only; students have none."""

from datetime import date, datetime
from uuid import UUID

from asyncpg import Connection, Pool
from msgspec import Struct

from surveys.access import Role, Viewer


class Account(Struct, frozen=True):
    """Somebody of the staff, at one school or at several."""

    account_id: UUID
    email: str
    name: str
    password_hash: str
    language: str
    disabled: bool


class Invitation(Struct, frozen=True):
    """Who may come to work at a school, and as what."""

    school_id: UUID
    email: str
    name: str
    role: Role
    expires_on: date


async def add(
    connection: Connection,
    *,
    account_id: UUID,
    email: str,
    name: str,
    password_hash: str,
    language: str,
) -> None:
    await connection.execute(
        """
        insert into account (account_id, email, name, password_hash, language)
        values ($1, $2, $3, $4, $5)
        """,
        account_id,
        email,
        name,
        password_hash,
        language,
    )


async def by_email(pool: Pool | Connection, email: str) -> Account | None:
    row = await pool.fetchrow(
        """
        select account_id, email, name, password_hash, language, disabled
        from account
        where email = $1
        """,
        email,
    )
    return Account(**row) if row else None


async def by_id(connection: Connection, account_id: UUID) -> Account | None:
    row = await connection.fetchrow(
        """
        select account_id, email, name, password_hash, language, disabled
        from account
        where account_id = $1
        """,
        account_id,
    )
    return Account(**row) if row else None


async def any_exists(pool: Pool | Connection) -> bool:
    return bool(await pool.fetchval("select exists (select from account)"))


async def set_disabled(connection: Connection, account_id: UUID, *, disabled: bool) -> None:
    await connection.execute(
        "update account set disabled = $2 where account_id = $1", account_id, disabled
    )


async def schools_of(connection: Connection, account_id: UUID) -> list[UUID]:
    """The schools where somebody works, asked before there is a school to be asked in."""
    await connection.execute("select set_config('app.account', $1, true)", str(account_id))
    rows = await connection.fetch(
        "select distinct school_id from membership where account_id = $1 order by 1", account_id
    )
    return [row["school_id"] for row in rows]


async def start_session(
    connection: Connection,
    *,
    token_hash: bytes,
    account_id: UUID,
    school_id: UUID,
    expires_at: datetime,
) -> None:
    await connection.execute(
        """
        insert into session (token_hash, account_id, school_id, expires_at)
        values ($1, $2, $3, $4)
        """,
        token_hash,
        account_id,
        school_id,
        expires_at,
    )


async def viewer(connection: Connection, token_hash: bytes, now: datetime) -> Viewer | None:
    """Who is signed in with this session; None when it ended or the account is disabled."""
    row = await connection.fetchrow(
        """
        select a.account_id, s.school_id, a.name, a.email, a.language,
               set_config('app.school', s.school_id::text, true) as seen
        from session s
        join account a using (account_id)
        where s.token_hash = $1 and s.expires_at > $2 and not a.disabled
        """,
        token_hash,
        now,
    )
    if row is None:
        return None
    roles = await connection.fetch(
        "select role from membership where school_id = $1 and account_id = $2",
        row["school_id"],
        row["account_id"],
    )
    return Viewer(
        account_id=row["account_id"],
        school_id=row["school_id"],
        name=row["name"],
        email=row["email"],
        language=row["language"],
        roles=frozenset(Role(role["role"]) for role in roles),
    )


async def end_session(pool: Pool, token_hash: bytes) -> None:
    await pool.execute("delete from session where token_hash = $1", token_hash)


async def end_all_sessions(pool: Pool | Connection, account_id: UUID) -> None:
    await pool.execute("delete from session where account_id = $1", account_id)


async def drop_ended(pool: Pool, now: datetime) -> None:
    """Ended sessions and invitations that ran out leave nothing behind."""
    await pool.execute("delete from session where expires_at <= $1", now)
    await pool.execute("delete from invitation where expires_on < $1", now.date())


async def invite(connection: Connection, token_hash: bytes, invitation: Invitation) -> None:
    await connection.execute(
        """
        insert into invitation (token_hash, school_id, email, name, role, expires_on)
        values ($1, $2, $3, $4, $5, $6)
        """,
        token_hash,
        invitation.school_id,
        invitation.email,
        invitation.name,
        invitation.role,
        invitation.expires_on,
    )


async def invitation(pool: Pool, token_hash: bytes, today: date) -> Invitation | None:
    row = await pool.fetchrow(
        """
        select school_id, email, name, role, expires_on
        from invitation
        where token_hash = $1 and expires_on >= $2
        """,
        token_hash,
        today,
    )
    return Invitation(**{**row, "role": Role(row["role"])}) if row else None


async def invitations(connection: Connection, school_id: UUID, today: date) -> list[Invitation]:
    rows = await connection.fetch(
        """
        select school_id, email, name, role, expires_on
        from invitation
        where school_id = $1 and expires_on >= $2
        order by name
        """,
        school_id,
        today,
    )
    return [Invitation(**{**row, "role": Role(row["role"])}) for row in rows]


async def use_invitation(connection: Connection, token_hash: bytes) -> bool:
    """Ends an invitation; whether it was still there to be used."""
    used = await connection.execute("delete from invitation where token_hash = $1", token_hash)
    return bool(used == "DELETE 1")
