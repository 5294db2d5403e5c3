"""A school's yes to those outside it, and taking it back: never without a line in the audit, and
all leaders are told."""

from uuid import UUID

from asyncpg import Connection

from service import reminding
from service.house import House
from service.storage import audit, consents, reminders
from service.storage.reminders import About, Reminder
from surveys.access import Viewer
from surveys.deeds import Verb


async def join(house: House, connection: Connection, viewer: Viewer, governing_id: UUID) -> None:
    """From now on the board is shown the waves of the whole school that open."""
    new = await consents.give(
        connection, viewer.school_id, governing_id, by=viewer.account_id, on=house.today()
    )
    if new:
        await tell(house, connection, viewer, Verb.GOVERNING_JOINED, governing_id)


async def leave(house: House, connection: Connection, viewer: Viewer, governing_id: UUID) -> None:
    """At once, and for what it was shown before."""
    if await consents.withdraw(connection, viewer.school_id, governing_id):
        await tell(house, connection, viewer, Verb.GOVERNING_LEFT, governing_id)


async def allow_research(
    house: House, connection: Connection, viewer: Viewer, *, allowed: bool
) -> None:
    if await consents.research(connection, viewer.school_id) != allowed:
        await consents.set_research(connection, viewer.school_id, research=allowed)
        verb = Verb.RESEARCH_ALLOWED if allowed else Verb.RESEARCH_ENDED
        await tell(house, connection, viewer, verb, viewer.school_id)


async def tell(
    house: House, connection: Connection, viewer: Viewer, verb: Verb, subject: UUID
) -> None:
    moment = house.clock()
    await audit.note(connection, viewer, verb, subject, moment)
    due = reminding.next_school_hour(moment)
    school_id = viewer.school_id
    await reminders.plan(connection, Reminder(About.OUTSIDE, school_id, school_id, due))
