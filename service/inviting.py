"""An invitation: a link that works once, mailed where the school has a mail server."""

from asyncpg import Connection
from msgspec.structs import replace

from service import mailing, sessions
from service.house import House
from service.retention import LIVES
from service.storage import audit, invitations
from service.storage.invitations import Invitation
from service.storage.schools import School
from surveys.access import Role, Viewer
from surveys.deeds import Verb


async def invite(
    house: House, connection: Connection, viewer: Viewer, *, email: str, name: str, role: Role
) -> tuple[Invitation, str]:
    """The invitation and its link, which is known now and never again."""
    invitation = Invitation(
        school_id=viewer.school_id,
        invitation_id=house.new_id(),
        email=email,
        name=name,
        role=role,
        expires_on=house.today() + LIVES.invitation,
        invited_by=viewer.account_id,
    )
    await audit.note(connection, viewer, Verb.INVITED, invitation.invitation_id, house.clock())
    return invitation, await link_to(house, connection, invitation)


async def repeat(
    house: House, connection: Connection, viewer: Viewer, before: Invitation
) -> tuple[Invitation, str]:
    """The same one with a new link and a new life; the link before it ends."""
    invitation = replace(before, expires_on=house.today() + LIVES.invitation)
    await invitations.withdraw(connection, before.school_id, before.invitation_id)
    await audit.note(
        connection, viewer, Verb.INVITATION_REPEATED, invitation.invitation_id, house.clock()
    )
    return invitation, await link_to(house, connection, invitation)


async def link_to(house: House, connection: Connection, invitation: Invitation) -> str:
    token = house.new_token()
    await invitations.add(connection, sessions.token_hash(token), invitation)
    return f"{house.settings.url}/invitations/{token}"


async def mailed(house: House, school: School, invitation: Invitation, link: str) -> bool:
    """Whether the mail server took it; in the language of the school, for want of the person's."""
    return await mailing.send(
        house,
        "invitation",
        to=invitation.email,
        language=school.language,
        name=invitation.name,
        school=school.name,
        link=link,
        day=invitation.expires_on,
    )
