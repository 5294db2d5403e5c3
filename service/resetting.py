"""Choosing another password by a link: how it is mailed, and what it ends."""

from datetime import timedelta

from litestar.exceptions import NotFoundException

from service import mailing, mistakes, noting, sessions
from service.house import House
from service.mistakes import Kind
from service.storage import accounts, resets, schools, second_factors, tenancy
from service.storage.accounts import Account
from surveys.deeds import Verb

HOURS = 1
HOLDS = timedelta(hours=HOURS)


async def send_link(house: House, email: str) -> None:
    """To whoever has an account; a few at most, so that nobody fills somebody else's box."""
    account = await accounts.by_email(house.pool, email)
    if account is None or await mistakes.add(house, Kind.RESET, email) > mistakes.MOST_RESETS:
        return
    link = await link_for(house, account)
    await mailing.send(
        house,
        "reset",
        to=account.email,
        language=account.language,
        name=account.name,
        link=link,
        hours=HOURS,
    )


async def link_for(house: House, account: Account) -> str:
    token, until = house.new_token(), house.clock() + HOLDS
    async with house.pool.acquire() as connection, connection.transaction():
        await resets.add(connection, sessions.token_hash(token), account.account_id, until)
        await noting.note(house, connection, account.account_id, Verb.PASSWORD_RESET_ASKED)
    return f"{house.settings.url}/passwords/{token}"


async def behind(house: House, token: str) -> Account:
    async with house.pool.acquire() as connection:
        key, now = sessions.token_hash(token), house.clock()
        account_id = await resets.behind(connection, key, now)
        found = await accounts.by_id(connection, account_id) if account_id else None
    if found is None:
        raise NotFoundException("this link was used, or it ran out")
    return found


async def known_of(house: House, account: Account) -> list[str]:
    """What everybody knows of somebody: no password is made of it."""
    found = [account.name, account.email]
    async with house.pool.acquire() as connection, connection.transaction():
        for school_id in await accounts.schools_of(connection, account.account_id):
            await tenancy.enter(connection, school_id)
            found.append((await schools.get(connection, school_id)).name)
    return found


async def choose(house: House, token: str, account: Account, password_hash: str) -> None:
    """Whoever is signed in with this account is so no more. The second factor stays."""
    account_id = account.account_id
    async with house.pool.acquire() as connection, connection.transaction():
        if not await resets.use(connection, sessions.token_hash(token)):
            raise NotFoundException
        await accounts.set_password(connection, account_id, password_hash)
        await accounts.end_all_sessions(connection, account_id)
        await second_factors.end_halves(connection, account_id)
        await resets.end_all(connection, account_id)
        await noting.note(house, connection, account_id, Verb.PASSWORD_CHANGED)
