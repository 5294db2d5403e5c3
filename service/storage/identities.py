"""Whom a school's providers know, tied to who works there; and how each of them came in."""

from datetime import date, datetime
from uuid import UUID

from asyncpg import Connection, Pool
from msgspec import Struct


class OnTheWay(Struct, frozen=True):
    """Somebody who went to a provider and comes back once, before `until`.

    `account_id` is of who tries it out; `session_id` the session that goes on, with what was
    `kept` of a form, sealed.
    """

    school_id: UUID
    provider_id: UUID
    next: str
    until: datetime
    account_id: UUID | None = None
    session_id: UUID | None = None
    kept: bytes = b""


class Tied(Struct, frozen=True):
    """Somebody of whom the provider is believed; at the school with a role, or with one ended."""

    account_id: UUID
    works: bool
    ended: bool


async def leave(pool: Pool, state_hash: bytes, browser_hash: bytes, on_the_way: OnTheWay) -> None:
    await pool.execute(
        """
        insert into signing_in (state_hash, browser_hash, school_id, provider_id, next, expires_at,
                                account_id, session_id, kept)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        """,
        state_hash,
        browser_hash,
        on_the_way.school_id,
        on_the_way.provider_id,
        on_the_way.next,
        on_the_way.until,
        on_the_way.account_id,
        on_the_way.session_id,
        on_the_way.kept,
    )


async def come_back(
    pool: Pool, state_hash: bytes, browser_hash: bytes, now: datetime
) -> OnTheWay | None:
    """Once, in time, and in the browser that left; another browser uses nothing up."""
    row = await pool.fetchrow(
        """
        delete from signing_in
        where state_hash = $1 and browser_hash = $2 and expires_at > $3
        returning school_id, provider_id, next, expires_at as until, account_id, session_id, kept
        """,
        state_hash,
        browser_hash,
        now,
    )
    return OnTheWay(**row) if row else None


async def drop_stray(pool: Pool, now: datetime) -> None:
    """Those who did not come back."""
    await pool.execute("delete from signing_in where expires_at <= $1", now)


async def tie(
    connection: Connection,
    school_id: UUID,
    issuer: str,
    subject: str,
    account_id: UUID,
    today: date,
) -> bool:
    """For good: another account never takes over a subject that is tied. Whether it was not yet."""
    done = await connection.execute(
        """
        insert into identity (school_id, issuer, subject, account_id, tied_on)
        values ($1, $2, $3, $4, $5)
        on conflict do nothing
        """,
        school_id,
        issuer,
        subject,
        account_id,
        today,
    )
    return bool(done == "INSERT 0 1")


async def tied(connection: Connection, school_id: UUID, issuer: str, subject: str) -> Tied | None:
    row = await connection.fetchrow(
        """
        select i.account_id,
               coalesce(bool_or(m.role is not null and m.ended_on is null), false) as works,
               coalesce(bool_or(m.ended_on is not null), false) as ended
        from identity i
        left join membership m on m.school_id = i.school_id and m.account_id = i.account_id
        where i.school_id = $1 and i.issuer = $2 and i.subject = $3
        group by i.account_id
        """,
        school_id,
        issuer,
        subject,
    )
    return Tied(**row) if row else None


async def drop_of_issuer(connection: Connection, school_id: UUID, issuer: str) -> None:
    """Of a provider that is gone, unless another one of the school speaks for the same issuer."""
    await connection.execute(
        """
        delete from identity i
        where i.school_id = $1 and i.issuer = $2
          and not exists (
              select from provider p where p.school_id = i.school_id and p.issuer = i.issuer
          )
        """,
        school_id,
        issuer,
    )


async def an_administrator_is_tied(connection: Connection, school_id: UUID) -> bool:
    """Whether at least one administrator comes in by a provider that is switched on."""
    return bool(
        await connection.fetchval(
            """
            select exists (
                select
                from identity i
                join provider p on p.school_id = i.school_id and p.issuer = i.issuer
                join membership m on m.school_id = i.school_id and m.account_id = i.account_id
                where i.school_id = $1 and p.active
                  and m.role = 'administrator' and m.confirmed and m.ended_on is null
            )
            """,
            school_id,
        )
    )


# How somebody came in


async def came_by(pool: Pool | Connection, token_hash: bytes) -> UUID | None:
    """None for a password."""
    found: UUID | None = await pool.fetchval(
        "select came_by from session where token_hash = $1", token_hash
    )
    return found


async def end_vouched_sessions(connection: Connection, provider_id: UUID) -> None:
    """Of who was asked for no second factor of ours."""
    await connection.execute("delete from session where came_by = $1 and by_provider", provider_id)


async def end_local_sessions(connection: Connection, school_id: UUID, but: bytes) -> None:
    """Of those at a school who came in with a password, but for who ends them."""
    await connection.execute(
        """
        delete from session
        where school_id = $1 and came_by is null and token_hash <> $2
        """,
        school_id,
        but,
    )
