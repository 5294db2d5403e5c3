"""Coming to work at a school by an invitation."""

from uuid import UUID

from asyncpg import Connection

from service import appointing, sessions
from service.house import House
from service.storage import accounts, rosters
from service.storage.accounts import Account
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
