"""Coming in by an invitation: to work at a school, or to sit on a governing board."""

from uuid import UUID

from asyncpg import Connection

from service import appointing, sessions
from service.house import House
from service.storage import accounts, governing, rosters
from service.storage.accounts import Account
from service.storage.governing import Seat
from service.storage.invitations import Invitation
from surveys.access import Role


async def join(
    house: House,
    connection: Connection,
    invitation: Invitation,
    known: Account | None,
    *,
    password: str,
    language: str,
) -> UUID:
    """The account that has the role now. An adviser waits for a leader, who knows the face."""
    account_id = known.account_id if known else invitation.invitation_id
    if known is None:
        await accounts.add(
            connection,
            account_id=account_id,
            email=invitation.email,
            name=invitation.name,
            password_hash=await sessions.hashed(password),
            language=language,
        )
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


async def take_seat(
    house: House,
    connection: Connection,
    seat: Seat,
    known: Account | None,
    *,
    password: str,
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
            password_hash=await sessions.hashed(password),
            language=language,
        )
    await governing.take_seat(connection, seat.board.governing_id, account_id)
    return account_id
