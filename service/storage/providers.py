"""A school's own providers, by which its staff sign in, and the entrances that are open.

An entrance is what may be known before there is a school: that a provider is switched on, how it
is called, and for which domains of e-mail addresses.
"""

from datetime import date
from uuid import UUID

from asyncpg import Connection, Pool
from msgspec import Struct


class Provider(Struct, frozen=True):
    """Who says who somebody is. `secret` is sealed; "" for a claim or value: none is asked for.

    `second_factor`: the school says that it always asks for one itself.
    """

    school_id: UUID
    provider_id: UUID
    preset: str
    name: str
    issuer: str
    client_id: str
    secret: bytes
    organisation: str = ""
    domains: tuple[str, ...] = ()
    role_claim: str = ""
    role_value: str = ""
    second_factor: bool = False
    tried_on: date | None = None
    active: bool = False


class Entrance(Struct, frozen=True):
    """A provider that is switched on, as the sign-in page names it."""

    provider_id: UUID
    school_id: UUID
    name: str


COLUMNS = """school_id, provider_id, preset, name, issuer, client_id, secret, organisation,
             domains, role_claim, role_value, second_factor, tried_on, active"""


async def of_school(connection: Connection, school_id: UUID) -> list[Provider]:
    rows = await connection.fetch(
        f"select {COLUMNS} from provider where school_id = $1 order by name, provider_id",
        school_id,
    )
    return [Provider(**{**row, "domains": tuple(row["domains"])}) for row in rows]


async def get(connection: Connection, school_id: UUID, provider_id: UUID) -> Provider | None:
    row = await connection.fetchrow(
        f"select {COLUMNS} from provider where school_id = $1 and provider_id = $2",
        school_id,
        provider_id,
    )
    return Provider(**{**row, "domains": tuple(row["domains"])}) if row else None


async def is_still(connection: Connection, provider: Provider) -> bool:
    """Whether it is as it was read. Until the transaction ends nobody changes it."""
    row = await connection.fetchrow(
        f"select {COLUMNS} from provider where school_id = $1 and provider_id = $2 for share",
        provider.school_id,
        provider.provider_id,
    )
    return row is not None and Provider(**{**row, "domains": tuple(row["domains"])}) == provider


async def put(connection: Connection, provider: Provider) -> None:
    """Adds it, or changes the one that is there."""
    await connection.execute(
        f"""
        insert into provider ({COLUMNS})
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
        on conflict (school_id, provider_id) do update
        set name = excluded.name, issuer = excluded.issuer, client_id = excluded.client_id,
            secret = excluded.secret, organisation = excluded.organisation,
            domains = excluded.domains, role_claim = excluded.role_claim,
            role_value = excluded.role_value, second_factor = excluded.second_factor,
            tried_on = excluded.tried_on, active = excluded.active
        """,
        provider.school_id,
        provider.provider_id,
        provider.preset,
        provider.name,
        provider.issuer,
        provider.client_id,
        provider.secret,
        provider.organisation,
        provider.domains,
        provider.role_claim,
        provider.role_value,
        provider.second_factor,
        provider.tried_on,
        provider.active,
    )


async def remove(connection: Connection, school_id: UUID, provider_id: UUID) -> None:
    await connection.execute(
        "delete from provider where school_id = $1 and provider_id = $2", school_id, provider_id
    )


# Entrances


async def open_entrance(connection: Connection, provider: Provider) -> None:
    await connection.execute(
        """
        insert into entrance (provider_id, school_id, name, domains)
        values ($1, $2, $3, $4)
        on conflict (provider_id) do update
        set name = excluded.name, domains = excluded.domains
        """,
        provider.provider_id,
        provider.school_id,
        provider.name,
        provider.domains,
    )


async def close_entrance(connection: Connection, provider_id: UUID) -> None:
    """Nobody comes in by it any more, and who did is signed out.

    After the provider itself was changed: then whoever is just coming in has come, or does not.
    """
    await connection.execute(
        """
        with signed_in as (
            delete from session where came_by = $1
        ),
        half_signed_in as (
            delete from half_sign_in where came_by = $1
        ),
        on_the_way as (
            delete from signing_in where provider_id = $1
        )
        delete from entrance where provider_id = $1
        """,
        provider_id,
    )


async def entrance(pool: Pool, provider_id: UUID) -> Entrance | None:
    row = await pool.fetchrow(
        "select provider_id, school_id, name from entrance where provider_id = $1", provider_id
    )
    return Entrance(**row) if row else None


async def entrances(pool: Pool, most: int) -> list[Entrance]:
    """Of the whole installation; `most` are enough to know that there are several."""
    rows = await pool.fetch(
        "select provider_id, school_id, name from entrance order by name, provider_id limit $1",
        most,
    )
    return [Entrance(**row) for row in rows]


async def entrances_of_domain(pool: Pool, domain: str) -> list[Entrance]:
    rows = await pool.fetch(
        """
        select provider_id, school_id, name
        from entrance
        where $1 = any(domains)
        order by name, provider_id
        """,
        domain,
    )
    return [Entrance(**row) for row in rows]


async def entrances_of_school(pool: Pool | Connection, school_id: UUID) -> list[Entrance]:
    rows = await pool.fetch(
        """
        select provider_id, school_id, name
        from entrance
        where school_id = $1
        order by name, provider_id
        """,
        school_id,
    )
    return [Entrance(**row) for row in rows]
