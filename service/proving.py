"""Showing that it is you: by the password, or by a code."""

from uuid import UUID

from service import logs, mistakes, noting, passwords, second_factor
from service.house import House
from service.logs import Event, Way
from service.second_factor import Shown
from service.sessions import Standing
from service.storage import accounts
from service.storage.accounts import Account
from surveys.deeds import Verb

CAME = {
    Shown.RIGHT: Event.RIGHT,
    Shown.RECOVERED: Event.RIGHT,
    Shown.OFTEN: Event.SLOWED,
}


async def by_password(house: House, email: str, password: str) -> Account | None:
    """Whose it is. Wrong again and again it takes longer, and once is noted: at each school."""
    account = await accounts.by_email(house.pool, email)
    known = account.password_hash if account else None
    whose = account.account_id if account else None
    right = await passwords.matches(known, password)  # also where there is no account
    if account and right:
        logs.came(Event.RIGHT, Way.PASSWORD, whose)
        await keep_up(house, account, password)
        return account
    number = await mistakes.wrong_password(house, email)
    slowed = number > mistakes.OFTEN
    logs.came(Event.SLOWED if slowed else Event.WRONG, Way.PASSWORD, whose)
    if account and number == mistakes.OFTEN:
        await note_failing(house, account.account_id)
    return None


async def keep_up(house: House, account: Account, password: str) -> None:
    """Hashes of before the figures were raised are raised as their owners come in."""
    before = account.password_hash
    if passwords.is_outdated(before):
        fresh = await passwords.hashed(password)
        await accounts.renew_hash(house.pool, account.account_id, before, fresh)


async def by_code(house: House, account_id: UUID, typed: str) -> Shown:
    found = await second_factor.show(house, account_id, typed)
    way = Way.RECOVERY_CODE if found is Shown.RECOVERED else Way.CODE
    logs.came(CAME.get(found, Event.WRONG), way, account_id)
    if found is Shown.OFTEN:
        await note_failing(house, account_id)
    return found


async def by_either(house: House, standing: Standing, typed: str) -> bool:
    """A password has twelve signs at least; a code of the app has six, one on paper eleven."""
    if standing.session.has_second_factor and len(typed.strip()) < passwords.SHORTEST:
        found = await by_code(house, standing.account_id, typed)
        return found in (Shown.RIGHT, Shown.RECOVERED)
    return await by_password(house, standing.person.email, typed) is not None


async def note_failing(house: House, account_id: UUID) -> None:
    async with house.pool.acquire() as connection, connection.transaction():
        await noting.note(house, connection, account_id, Verb.SIGN_IN_FAILED)
