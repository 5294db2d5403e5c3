"""The ways into a school: switching a provider on and off, and signing in with a password.

There is always one that works: with passwords off, a provider stays by which an administrator
has come in. (A provider that is gone for good: `stemlokaal school local-sign-in`.)
"""

from datetime import datetime
from uuid import UUID

from asyncpg import Connection
from msgspec.structs import replace

from service.house import House
from service.storage import accounts, audit, identities, providers, schools, tenancy
from service.storage.accounts import Account
from service.storage.providers import Entrance, Provider
from service.storage.second_factors import Half
from surveys.access import Viewer
from surveys.deeds import Verb


async def offered(house: House) -> list[Entrance]:
    """What the sign-in page offers: the one provider that there is, or that there are several."""
    return await providers.entrances(house.pool, most=2)


async def switch(
    house: House, connection: Connection, viewer: Viewer, provider: Provider, *, on: bool
) -> None:
    """On where it was tried; off where another way stays."""
    if on == provider.active or (on and provider.tried_on is None):
        return
    if not on and await is_the_last(connection, provider):
        return
    await providers.put(connection, replace(provider, active=on))
    if on:
        await providers.open_entrance(connection, provider)
    else:
        await providers.close_entrance(connection, provider.provider_id)
    verb = Verb.PROVIDER_SWITCHED_ON if on else Verb.PROVIDER_SWITCHED_OFF
    await audit.note(connection, viewer, verb, provider.provider_id, house.clock())


async def change(
    house: House, connection: Connection, viewer: Viewer, before: Provider, after: Provider
) -> None:
    """What makes it another provider has to be tried again, and is switched off until then.

    Once the school does not say any more that it asks for a second factor, whoever came in on its
    word comes in again.
    """
    if is_another(before, after):
        after = replace(after, tried_on=None, active=False)
    await providers.put(connection, after)
    if not after.active:
        await providers.close_entrance(connection, after.provider_id)
    if before.second_factor and not after.second_factor:
        await identities.end_vouched_sessions(connection, after.provider_id)
    if after.active:
        await providers.open_entrance(connection, after)
    verb = Verb.PROVIDER_CHANGED
    await audit.note(connection, viewer, verb, after.provider_id, house.clock())


def is_another(before: Provider, after: Provider) -> bool:
    return (before.issuer, before.client_id, before.organisation.lower()) != (
        after.issuer,
        after.client_id,
        after.organisation.lower(),
    )


async def remove(house: House, connection: Connection, viewer: Viewer, provider: Provider) -> None:
    if await is_the_last(connection, provider):
        return
    await providers.remove(connection, viewer.school_id, provider.provider_id)
    await providers.close_entrance(connection, provider.provider_id)
    await identities.drop_of_issuer(connection, viewer.school_id, provider.issuer)
    verb = Verb.PROVIDER_REMOVED
    await audit.note(connection, viewer, verb, provider.provider_id, house.clock())


async def is_the_last(connection: Connection, provider: Provider) -> bool:
    """Whether nobody could come in without it."""
    school = await schools.get(connection, provider.school_id)
    others = [
        each
        for each in await providers.of_school(connection, provider.school_id)
        if each.active and each.provider_id != provider.provider_id
    ]
    return provider.active and not school.local_sign_in and not others


async def set_local(
    house: House, connection: Connection, viewer: Viewer, token_hash: bytes, *, on: bool
) -> None:
    """Off once an administrator comes in by a provider; who came in with a password is signed out,
    but for whoever switches it off."""
    await schools.lock(connection, viewer.school_id)
    school = await schools.get(connection, viewer.school_id)
    if on == school.local_sign_in:
        return
    if not on and not await identities.an_administrator_is_tied(connection, viewer.school_id):
        return
    await schools.set_local_sign_in(connection, viewer.school_id, on=on)
    if not on:
        await identities.end_local_sessions(connection, viewer.school_id, but=token_hash)
    verb = Verb.LOCAL_SIGN_IN_RESTORED if on else Verb.LOCAL_SIGN_IN_ENDED
    await audit.note(connection, viewer, verb, viewer.school_id, house.clock())


# With a password


async def local_schools(connection: Connection, account_id: UUID) -> list[UUID]:
    """Where somebody may come in with a password. Leaves the connection in the last one."""
    return [
        school_id
        for school_id in await accounts.schools_of(connection, account_id)
        if await is_local(connection, school_id)
    ]


async def is_local(connection: Connection, school_id: UUID) -> bool:
    await tenancy.enter(connection, school_id)
    return (await schools.get(connection, school_id)).local_sign_in


async def may_move(connection: Connection, token_hash: bytes, school_id: UUID) -> bool:
    """A provider speaks for its own school; a password for the schools that take one."""
    if await identities.came_by(connection, token_hash) is not None:
        return False
    return await is_local(connection, school_id)


async def elsewhere(house: House, account: Account) -> list[Entrance]:
    """The providers of the schools where somebody works: where a password opens no school."""
    async with house.pool.acquire() as connection, connection.transaction():
        return [
            entrance
            for school_id in await accounts.schools_of(connection, account.account_id)
            for entrance in await providers.entrances_of_school(connection, school_id)
        ]


async def way_out(house: House, token_hash: bytes, half: Half | None) -> str:
    """Where signing out leads: by the provider that somebody came by, or half came by."""
    came_by = half.came_by if half else await identities.came_by(house.pool, token_hash)
    by = await providers.entrance(house.pool, came_by) if came_by else None
    return f"/signout/{by.provider_id}" if by else "/signin"


async def let_passwords_in(connection: Connection, name: str, moment: datetime) -> bool:
    """The operator's, where a provider is gone for good; whether there is a school of that name.

    The keeper's role goes round the schools, that of the pages looks into each.
    """
    found = False
    async with connection.transaction():
        await connection.execute("set local role stemlokaal_keeper")
        every = await schools.every(connection)
        await connection.execute("set local role stemlokaal_pages")
        for school_id in every:
            await tenancy.enter(connection, school_id)
            if (await schools.get(connection, school_id)).name != name:
                continue
            await schools.set_local_sign_in(connection, school_id, on=True)
            verb = Verb.LOCAL_SIGN_IN_RESTORED
            await audit.note_of(connection, school_id, school_id, verb, school_id, moment)
            found = True
    return found
