"""What somebody does to their own account is noted at every school where they work, and mailed."""

from uuid import UUID

from asyncpg import Connection
from litestar.background_tasks import BackgroundTask

from service import mailing
from service.house import House
from service.storage import accounts, audit, tenancy
from surveys.deeds import Verb


async def note(house: House, connection: Connection, account_id: UUID, verb: Verb) -> None:
    """In a transaction of its own: afterwards it is at one of these schools."""
    for school_id in await accounts.schools_of(connection, account_id):
        await tenancy.enter(connection, school_id)
        moment = house.clock()
        await audit.note_of(connection, school_id, account_id, verb, account_id, moment)


async def tell_of(house: House, account_id: UUID, verb: Verb) -> None:
    """Whose account it is hears of it by mail, where there is a mail server: if it was somebody
    else, that is how it comes out."""
    async with house.pool.acquire() as connection:
        account = await accounts.by_id(connection, account_id)
    if account:
        await mailing.send(
            house,
            "account",
            to=account.email,
            language=account.language,
            name=account.name,
            verb=verb,
        )


def telling(house: House, account_id: UUID, verb: Verb) -> BackgroundTask:
    """After the answer: nobody waits for a mail server."""
    return BackgroundTask(tell_of, house, account_id, verb)
