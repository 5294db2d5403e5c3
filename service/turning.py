"""Turning a school over to the next year: all groups in one transaction, undone within the day."""

from collections.abc import Sequence

from asyncpg import Connection
from msgspec import Struct

from service.house import House
from service.storage import audit, groups, turnovers
from service.storage.turnovers import Before
from surveys.access import Viewer
from surveys.deeds import Verb
from surveys.rounds import Group
from surveys.turnover import Fate, turned

VERBS = {Fate.UP: Verb.GROUP_MOVED, Fate.STAY: Verb.GROUP_CHANGED, Fate.END: Verb.GROUP_ENDED}


class Decision(Struct, frozen=True):
    """What becomes of a group, as it was filled in."""

    group: Group
    fate: Fate
    name: str


async def turn(
    house: House, connection: Connection, viewer: Viewer, decisions: Sequence[Decision]
) -> None:
    asked = await turnovers.asked(connection, viewer.school_id)
    before = [Before(each.group, asked.get(each.group.group_id, 0)) for each in decisions]
    await turnovers.keep(connection, viewer.school_id, house.today(), before)
    for each in decisions:
        await groups.change(connection, turned(each.group, each.fate, each.name, house.today()))
        verb = VERBS[each.fate]
        await audit.note(connection, viewer, verb, each.group.group_id, house.clock())


async def undo(house: House, connection: Connection, viewer: Viewer) -> bool:
    """Whether it could still be undone: on the same day, and nothing was asked since."""
    last = await turnovers.last(connection, viewer.school_id)
    if last is None or last.done_on != house.today():
        return False
    for each in sorted(last.before, key=lambda each: each.group.group_id):
        await groups.lock(connection, viewer.school_id, each.group.group_id)
    asked = await turnovers.asked(connection, viewer.school_id)
    if any(asked.get(each.group.group_id, 0) > each.rounds for each in last.before):
        return False
    for each in last.before:
        await groups.change(connection, each.group)
    await turnovers.drop(connection, viewer.school_id)
    await audit.note(connection, viewer, Verb.TURNOVER_UNDONE, viewer.school_id, house.clock())
    return True
