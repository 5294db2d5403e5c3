"""Coming to work at a school by an invitation."""

from uuid import UUID

from asyncpg import Connection

from service import sessions
from service.house import House
from service.storage import accounts, audit, people
from service.storage.accounts import Account
from service.storage.invitations import Invitation
from surveys.access import Role
from surveys.deeds import granted


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
    await people.grant(
        connection,
        invitation.school_id,
        account_id,
        invitation.role,
        by=invitation.invited_by,
        on=house.today(),
        confirmed=invitation.role is not Role.ADVISER,
    )
    await audit.note_of(
        connection,
        invitation.school_id,
        invitation.invited_by or account_id,
        granted(invitation.role),
        account_id,
        house.clock(),
    )
    return account_id
