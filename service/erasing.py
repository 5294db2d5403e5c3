"""Deleting an account, with what it leaves at a school."""

from uuid import UUID

from asyncpg import Connection
from msgspec import Struct

from service import appointing
from service.house import House
from service.listening import notify_changed
from service.storage import accounts, audit, erasure, governing, invitations, schools, tenancy
from service.storage.erasure import Owned
from surveys.access import Role
from surveys.deeds import Verb


class Farewell(Struct, frozen=True):
    """What would go from a school with somebody, and what stands in the way.

    A round that runs is counted first, so that its key is destroyed; and a school is never
    without the roles in `only`, which nobody else there has.
    """

    school: str
    owned: Owned
    only: frozenset[Role]

    @property
    def may_go(self) -> bool:
        return not self.owned.running and not self.only


async def farewell(connection: Connection, school_id: UUID, account_id: UUID) -> Farewell:
    return Farewell(
        school=(await schools.get(connection, school_id)).name,
        owned=await erasure.owned(connection, school_id, account_id),
        only=await appointing.irreplaceable(connection, school_id, account_id),
    )


async def farewells(connection: Connection, account_id: UUID) -> list[Farewell]:
    """At every school, one after the other in one transaction."""
    found = []
    for school_id in await accounts.belongs_to(connection, account_id):
        await tenancy.enter(connection, school_id)
        await schools.lock(connection, school_id)
        found.append(await farewell(connection, school_id, account_id))
    return found


async def leave_everywhere(house: House, account_id: UUID) -> bool:
    """One's own account, with what it left at every school; whether nothing stood in the way."""
    async with house.pool.acquire() as connection, connection.transaction():
        if not all(each.may_go for each in await farewells(connection, account_id)):
            return False
        for school_id in await accounts.belongs_to(connection, account_id):
            await tenancy.enter(connection, school_id)
            await leave(house, connection, school_id, account_id, by=account_id)
        await accounts.remove(connection, account_id)
    return True


async def leave(
    house: House, connection: Connection, school_id: UUID, account_id: UUID, by: UUID
) -> None:
    """What somebody leaves at one school is deleted; the account too, if it was the last one.

    Who sits on a governing board keeps the account: that is no business of the school's.
    """
    account = await accounts.by_id(connection, account_id)
    gone = await erasure.rounds_going(connection, school_id, account_id)
    await erasure.drop_doors(connection, school_id, gone)
    await erasure.drop_what_was_private(connection, school_id, account_id)
    await erasure.drop_surveys(connection, school_id, account_id)
    await erasure.drop_place(connection, school_id, account_id)
    await erasure.drop_empty_boards(connection, school_id)
    await invitations.withdraw_by(connection, school_id, account_id)
    if account:
        await invitations.withdraw_from(connection, school_id, account.email)
    works_elsewhere = await accounts.belongs_to(connection, account_id)
    if not works_elsewhere and not await governing.boards_of(connection, account_id):
        await accounts.remove(connection, account_id)
    moment = house.clock()
    await audit.note_of(connection, school_id, by, Verb.ACCOUNT_DELETED, account_id, moment)
    for round_id in gone:
        await notify_changed(connection, round_id)
