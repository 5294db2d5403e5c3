"""Giving somebody a role and taking it: never without a line in the audit.

Who becomes a teacher, a leader or an adviser, all leaders are told: an administrator who gives a
second address of his own a role does not stay unseen.
"""

from uuid import UUID

from asyncpg import Connection

from service import reminding
from service.house import House
from service.storage import accounts, audit, invitations, people, reminders, schools
from service.storage.reminders import About, Reminder
from surveys import access
from surveys.access import Role, Viewer
from surveys.deeds import Verb, granted, taken


async def appoint(
    house: House,
    connection: Connection,
    school_id: UUID,
    account_id: UUID,
    role: Role,
    *,
    by: UUID | None,
    confirmed: bool = True,
) -> None:
    await people.grant(
        connection, school_id, account_id, role, by=by, on=house.today(), confirmed=confirmed
    )
    moment = house.clock()
    await audit.note_of(connection, school_id, by or account_id, granted(role), account_id, moment)
    if role is not Role.ADMINISTRATOR:
        due = reminding.next_school_hour(moment)
        await reminders.plan(connection, Reminder(About.ROLE, school_id, school_id, due))


async def dismiss(
    house: House, connection: Connection, viewer: Viewer, account_id: UUID, role: Role
) -> None:
    """What it gave ends at once, invitations too. A role that nobody else has stays."""
    await schools.lock(connection, viewer.school_id)  # two may not take each other's
    if role in await irreplaceable(connection, viewer.school_id, account_id):
        return
    await people.take(connection, viewer.school_id, account_id, role)
    await invitations.withdraw_by(connection, viewer.school_id, account_id)
    await audit.note(connection, viewer, taken(role), account_id, house.clock())


async def end_access(
    house: House, connection: Connection, viewer: Viewer, account_id: UUID
) -> None:
    """At this school alone: who left can no longer come in, nor by an invitation, nor lets
    others in by one."""
    await schools.lock(connection, viewer.school_id)
    member = await people.get(connection, viewer.school_id, account_id)
    if member is None or await irreplaceable(connection, viewer.school_id, account_id):
        return
    await people.end(connection, viewer.school_id, account_id, house.today())
    await accounts.end_sessions_at(connection, viewer.school_id, account_id)
    await invitations.withdraw_from(connection, viewer.school_id, member.email)
    await invitations.withdraw_by(connection, viewer.school_id, account_id)
    await audit.note(connection, viewer, Verb.ACCESS_ENDED, account_id, house.clock())


async def let_in_again(
    house: House, connection: Connection, viewer: Viewer, account_id: UUID
) -> None:
    await people.end(connection, viewer.school_id, account_id, None)
    await audit.note(connection, viewer, Verb.ACCESS_RESTORED, account_id, house.clock())


async def irreplaceable(
    connection: Connection, school_id: UUID, account_id: UUID
) -> frozenset[Role]:
    """The roles that nobody else at the school has, and that it is never without."""
    return frozenset(
        [
            role
            for role in access.NEVER_WITHOUT
            if {one.account_id for one in await people.active(connection, school_id, role)}
            == {account_id}
        ]
    )
