"""Coming in by an invitation: to work at a school, or to sit on a governing board."""

from uuid import UUID

from asyncpg import Connection

from service import appointing
from service.house import House
from service.storage import accounts, audit, governing, people, rosters, second_factors
from service.storage.accounts import Account
from service.storage.governing import Seat
from service.storage.invitations import Invitation
from surveys.access import Role
from surveys.deeds import Verb


async def join(
    house: House,
    connection: Connection,
    invitation: Invitation,
    known: Account | None,
    *,
    password_hash: str,
    language: str,
) -> UUID:
    """The account that has the role now. An adviser waits for a leader, who knows the face.

    Who comes back to a school has this one role there, and not those from before.
    """
    account_id = known.account_id if known else invitation.invitation_id
    if known is None:
        await accounts.add(
            connection,
            account_id=account_id,
            email=invitation.email,
            name=invitation.name,
            password_hash=password_hash,
            language=language,
        )
    else:
        if await begins_anew(connection, account_id):
            verb, moment = Verb.SECOND_FACTOR_REMOVED, house.clock()
            await audit.note_of(
                connection, invitation.school_id, account_id, verb, account_id, moment
            )
        await people.forget_ended(connection, invitation.school_id, account_id)
    await appointing.appoint(
        house,
        connection,
        invitation.school_id,
        account_id,
        invitation.role,
        by=invitation.invited_by,
        confirmed=invitation.role is not Role.ADVISER,
    )
    if invitation.role is Role.TEACHER:
        await rosters.arrive(connection, invitation.school_id, account_id, invitation.email)
        await rosters.take_up_all(connection, invitation.school_id, account_id)
    return account_id


async def begins_anew(connection: Connection, account_id: UUID) -> bool:
    """Who could come in nowhere any more sets the second factor up again, where there was one.

    It is the way back for who lost it: somebody ends the access and invites anew. The password is
    still asked, so nobody else comes in by it.
    """
    if await accounts.schools_of(connection, account_id):
        return False
    if await governing.boards_of(connection, account_id):
        return False
    return await second_factors.remove(connection, account_id)


async def take_seat(
    house: House,
    connection: Connection,
    seat: Seat,
    known: Account | None,
    *,
    password_hash: str,
    language: str,
) -> UUID:
    """The account that sits on the board now; whoever has one keeps it."""
    account_id = known.account_id if known else house.new_id()
    if known is None:
        await accounts.add(
            connection,
            account_id=account_id,
            email=seat.email,
            name=seat.name,
            password_hash=password_hash,
            language=language,
        )
    else:
        await begins_anew(connection, account_id)
    await governing.take_seat(connection, seat.board.governing_id, account_id)
    return account_id
