"""Accounts and their sessions. Staff only; students have none."""

from datetime import datetime
from uuid import UUID

from asyncpg import Connection, Pool
from msgspec import Struct

from surveys.access import Role, Viewer


class Session(Struct, frozen=True):
    """A sign-in that holds: whose, since when, with what, and when it was last used.

    `came_by` and `provider` are by which one and how it is called: None and "" for a password.
    `by_provider`: the second factor, where one is needed, was shown there.
    """

    session_id: UUID
    account_id: UUID
    school_id: UUID | None
    began_at: datetime
    used_at: datetime
    browser: str
    system: str
    by_provider: bool
    has_second_factor: bool
    came_by: UUID | None = None
    provider: str = ""


class Account(Struct, frozen=True):
    """Somebody of the staff, at one school or at several."""

    account_id: UUID
    email: str
    name: str
    password_hash: str
    language: str


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
        select account_id, email, name, password_hash, language
        from account
        where email = $1
        """,
        email,
    )
    return Account(**row) if row else None


async def by_id(connection: Connection, account_id: UUID) -> Account | None:
    row = await connection.fetchrow(
        """
        select account_id, email, name, password_hash, language
        from account
        where account_id = $1
        """,
        account_id,
    )
    return Account(**row) if row else None


async def any_exists(pool: Pool | Connection) -> bool:
    return bool(await pool.fetchval("select exists (select from account)"))


async def schools_of(connection: Connection, account_id: UUID) -> list[UUID]:
    """Where somebody may come in, asked before there is a school to be asked in."""
    await connection.execute("select set_config('app.account', $1, true)", str(account_id))
    rows = await connection.fetch(
        """
        select distinct school_id
        from membership
        where account_id = $1 and ended_on is null
        order by school_id
        """,
        account_id,
    )
    return [row["school_id"] for row in rows]


async def belongs_to(connection: Connection, account_id: UUID) -> list[UUID]:
    """The schools that know somebody, also where the access was ended."""
    await connection.execute("select set_config('app.account', $1, true)", str(account_id))
    rows = await connection.fetch(
        "select distinct school_id from membership where account_id = $1 order by school_id",
        account_id,
    )
    return [row["school_id"] for row in rows]


async def remove(connection: Connection, account_id: UUID) -> None:
    await connection.execute("delete from account where account_id = $1", account_id)


async def set_password(connection: Connection, account_id: UUID, password_hash: str) -> None:
    await connection.execute(
        "update account set password_hash = $2 where account_id = $1", account_id, password_hash
    )


async def renew_hash(pool: Pool, account_id: UUID, before: str, password_hash: str) -> None:
    """Of the same password; one that was changed meanwhile stays."""
    await pool.execute(
        "update account set password_hash = $3 where account_id = $1 and password_hash = $2",
        account_id,
        before,
        password_hash,
    )


# Sessions


async def start_session(
    connection: Connection, token_hash: bytes, session: Session, until: datetime
) -> None:
    """At a school, or at none for who sits on a governing board and works nowhere else."""
    await connection.execute(
        """
        insert into session (token_hash, session_id, account_id, school_id, began_at, used_at,
                             browser, system, by_provider, came_by, expires_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        """,
        token_hash,
        session.session_id,
        session.account_id,
        session.school_id,
        session.began_at,
        session.used_at,
        session.browser,
        session.system,
        session.by_provider,
        session.came_by,
        until,
    )


SESSION = """s.session_id, s.account_id, s.school_id, s.began_at, s.used_at, s.browser, s.system,
             s.by_provider, s.came_by,
             exists (
                 select from second_factor f where f.account_id = s.account_id
             ) as has_second_factor,
             coalesce(
                 (select e.name from entrance e where e.provider_id = s.came_by), ''
             ) as provider"""


async def session(connection: Connection, token_hash: bytes, now: datetime) -> Session | None:
    """From here on the transaction sees the session's school."""
    row = await connection.fetchrow(
        f"""
        select {SESSION}, set_config('app.school', s.school_id::text, true) as seen
        from session s
        where s.token_hash = $1 and s.expires_at > $2
        """,
        token_hash,
        now,
    )
    return Session(**{name: row[name] for name in Session.__struct_fields__}) if row else None


async def sessions_of(connection: Pool, account_id: UUID, now: datetime) -> list[Session]:
    """The newest first."""
    rows = await connection.fetch(
        f"""
        select {SESSION}
        from session s
        where s.account_id = $1 and s.expires_at > $2
        order by s.began_at desc, s.session_id
        """,
        account_id,
        now,
    )
    return [Session(**row) for row in rows]


async def touch_session(pool: Pool, session_id: UUID, now: datetime) -> None:
    await pool.execute("update session set used_at = $2 where session_id = $1", session_id, now)


async def viewer(connection: Connection, token_hash: bytes, now: datetime) -> Viewer | None:
    """Who is signed in with this session, in a transaction that sees its school; None when the
    access to the school ended.

    Who has become an adviser by an invitation is one once a leader has confirmed it.
    """
    row = await connection.fetchrow(
        """
        select a.account_id, s.school_id, a.name, a.email, a.language,
               s.came_by is null and exists (
                   select from governing_member g where g.account_id = a.account_id
               ) as governs,
               array_agg(m.role) filter (where m.confirmed) as roles
        from session s
        join account a using (account_id)
        join membership m on m.school_id = s.school_id and m.account_id = a.account_id
        where s.token_hash = $1 and s.expires_at > $2 and m.ended_on is null
        group by a.account_id, s.school_id, s.came_by
        """,
        token_hash,
        now,
    )
    if row is None:
        return None
    roles = frozenset(Role(role) for role in row["roles"] or ())
    return Viewer(**{**row, "roles": roles})


async def move_session(connection: Connection, token_hash: bytes, school_id: UUID) -> None:
    """From now on this session is at another school."""
    await connection.execute(
        "update session set school_id = $2 where token_hash = $1", token_hash, school_id
    )


async def end_session(pool: Pool | Connection, token_hash: bytes) -> None:
    await pool.execute("delete from session where token_hash = $1", token_hash)


async def end_all_sessions(pool: Pool | Connection, account_id: UUID) -> None:
    await pool.execute("delete from session where account_id = $1", account_id)


async def end_session_of(pool: Pool, account_id: UUID, session_id: UUID) -> bool:
    """One of somebody's own, by its number; whether it was there."""
    done = await pool.execute(
        "delete from session where account_id = $1 and session_id = $2", account_id, session_id
    )
    return bool(done == "DELETE 1")


async def end_other_sessions(
    connection: Connection | Pool, account_id: UUID, session_id: UUID
) -> None:
    await connection.execute(
        "delete from session where account_id = $1 and session_id <> $2", account_id, session_id
    )


async def end_sessions_at(connection: Connection, school_id: UUID, account_id: UUID) -> None:
    """Of somebody at one school; at another one they go on."""
    await connection.execute(
        "delete from session where school_id = $1 and account_id = $2", school_id, account_id
    )


async def drop_sessions(pool: Pool, now: datetime) -> None:
    """Ended sessions leave nothing behind."""
    await pool.execute("delete from session where expires_at <= $1", now)
