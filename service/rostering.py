"""An import of classes and teachers: compared with the school, shown, and then done as shown.

Between the preview and the button lies only what the files said of classes and teachers. It goes
to the administrator's own page and comes back sealed, so that nobody else wrote it: there is no
half-done import on the server, nothing to clean up, and no place where a student could be left.
"""

import asyncio
import base64
import binascii
import hmac
import zlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

import msgspec
from asyncpg import Connection
from msgspec import Struct

from service import inviting, sessions
from service.house import House
from service.retention import LIVES
from service.storage import audit, invitations, people, rosters, schools
from service.storage.invitations import Invitation
from service.storage.schools import School
from surveys.access import Role, Viewer
from surveys.deeds import Verb
from surveys.rosters import oneroster, planning
from surveys.rosters.planning import Colleague, Plan, Present, class_of, group_of
from surveys.rosters.roster import Person, Roster
from surveys.rosters.writing import Held, Staff
from surveys.rounds import Group, GroupKind

HOLDS = timedelta(hours=1)
MAILS_AT_ONCE = 4
ROLES = {
    Role.TEACHER: oneroster.TEACHER,
    Role.LEADER: "principal",
    Role.ADMINISTRATOR: "siteAdministrator",
    Role.ADVISER: "counselor",
}


class Shown(Struct, frozen=True):
    """What a preview was made of, and a fingerprint of the plan that it showed."""

    roster: Roster
    plan: bytes
    until: datetime


class Invited(Struct, frozen=True):
    """An invitation, and the link that is told once."""

    invitation: Invitation
    token: str
    link: str


async def present(house: House, connection: Connection, school_id: UUID) -> Present:
    waiting = await invitations.of_school(connection, school_id, house.today())
    return Present(
        school=await rosters.school(connection, school_id),
        groups=await rosters.groups(connection, school_id),
        people=await rosters.people(connection, school_id),
        teaching=await rosters.teaching(connection, school_id),
        colleagues=tuple(
            Colleague(
                account_id=member.account_id,
                email=member.email,
                teaches=Role.TEACHER in member.roles,
                barred=member.ended_on is not None,
            )
            for member in await people.of_school(connection, school_id)
        ),
        waiting=frozenset(each.email for each in waiting if each.role is Role.TEACHER),
    )


# Between the preview and the button


def sealed(house: House, viewer: Viewer, roster: Roster, plan: Plan) -> str:
    """What the preview's form holds."""
    shown = Shown(roster, fingerprint(plan), house.clock() + HOLDS)
    content = zlib.compress(msgspec.json.encode(shown))
    return base64.urlsafe_b64encode(seal(house, viewer, content) + content).decode()


def unsealed(house: House, viewer: Viewer, text: str) -> Shown | None:
    """None where this administrator was shown something else, or too long ago."""
    try:
        held = base64.urlsafe_b64decode(text)
    except (binascii.Error, ValueError):
        return None
    mac, content = held[: sha256().digest_size], held[sha256().digest_size :]
    if not hmac.compare_digest(mac, seal(house, viewer, content)):
        return None
    try:
        shown = msgspec.json.decode(zlib.decompress(content), type=Shown)
    except msgspec.ValidationError:
        return None  # of before an upgrade of the service
    return shown if house.clock() < shown.until else None


def seal(house: House, viewer: Viewer, content: bytes) -> bytes:
    return house.pepper.of_preview(viewer.school_id, viewer.account_id, content)


def fingerprint(plan: Plan) -> bytes:
    return sha256(msgspec.json.encode(plan)).digest()


# Doing it


async def carry_out(
    house: House, connection: Connection, viewer: Viewer, shown: Shown
) -> list[Invited] | Present:
    """All that was shown; where the school changed meanwhile nothing, and the school as it is."""
    await schools.lock(connection, viewer.school_id)
    before = await present(house, connection, viewer.school_id)
    plan = planning.plan(shown.roster, before)
    if fingerprint(plan) != shown.plan:
        return before
    new = {each.sourced_id: group_of(each, viewer.school_id, house.new_id()) for each in plan.new}
    groups = {id: held.group for id, held in before.groups.items()} | new
    await write_groups(house, connection, viewer.school_id, plan, new)
    await write_people(house, connection, viewer.school_id, plan, groups)
    invited = [invitation_of(house, viewer, person) for person in plan.invited]
    await invitations.add_all(
        connection,
        {sessions.token_hash(each.token): each.invitation for each in invited},
    )
    await audit.note_all(connection, viewer, list(deeds(viewer, plan, new, invited)), house.clock())
    return invited


async def write_groups(
    house: House, connection: Connection, school_id: UUID, plan: Plan, new: Mapping[str, Group]
) -> None:
    ended = [each.group.group_id for each in plan.ended]
    await rosters.set_school(connection, school_id, plan.school)
    await rosters.add_groups(connection, school_id, new)
    await rosters.change_groups(connection, school_id, plan.changed)
    await rosters.end_groups(connection, school_id, ended, house.today())


async def write_people(
    house: House, connection: Connection, school_id: UUID, plan: Plan, groups: Mapping[str, Group]
) -> None:
    """First what is over: the same person may come back under another id of the files."""
    no_longer = [(groups[class_].group_id, person) for class_, person in plan.no_longer]
    teaches = [(groups[class_].group_id, person) for class_, person in plan.teaches]
    await rosters.lay_down(connection, school_id, no_longer)
    await rosters.drop_teaching(connection, school_id, no_longer)
    await rosters.forget(connection, school_id, [each.person.sourced_id for each in plan.gone])
    await rosters.remember(connection, school_id, plan.people, house.today() + LIVES.expected)
    await rosters.add_teaching(connection, school_id, teaches)
    await rosters.take_up(connection, school_id, teaches)


def invitation_of(house: House, viewer: Viewer, person: Person) -> Invited:
    token = house.new_token()
    invitation = Invitation(
        school_id=viewer.school_id,
        invitation_id=house.new_id(),
        email=person.email,
        name=person.name,
        role=Role.TEACHER,
        expires_on=house.today() + LIVES.invitation,
        invited_by=viewer.account_id,
    )
    return Invited(invitation, token, f"{house.settings.url}/invitations/{token}")


def deeds(
    viewer: Viewer, plan: Plan, new: Mapping[str, Group], invited: Sequence[Invited]
) -> Iterator[tuple[Verb, UUID]]:
    """What the audit tells of it."""
    yield Verb.IMPORTED, viewer.school_id
    yield from ((Verb.GROUP_MADE, each.group_id) for each in new.values())
    yield from ((Verb.GROUP_CHANGED, each.after.group_id) for each in plan.changed)
    yield from ((Verb.GROUP_ENDED, each.group.group_id) for each in plan.ended)
    yield from ((Verb.INVITED, each.invitation.invitation_id) for each in invited)


async def mail(house: House, school: School, invited: Sequence[Invited]) -> None:
    """Some at a time; who gets none is handed the link."""
    places = asyncio.Semaphore(MAILS_AT_ONCE)

    async def send(one: Invited) -> None:
        async with places:
            await inviting.mailed(house, school, one.invitation, one.link)

    if house.mail is not None:
        await asyncio.gather(*map(send, invited))


# What there is, as files


async def held(connection: Connection, school_id: UUID) -> Held:
    """With who is still to come: the same files again would otherwise take away their classes."""
    school = await schools.get(connection, school_id)
    groups = await rosters.groups(connection, school_id)
    known = await rosters.people(connection, school_id)
    ids = {each.account_id: id for id, each in known.items() if each.account_id}
    staff = [
        Staff(
            Person(ids.get(member.account_id, str(member.account_id)), member.name, member.email),
            tuple(ROLES[role] for role in sorted(member.roles)),
            enabled=member.ended_on is None,
        )
        for member in await people.of_school(connection, school_id)
    ]
    to_come = [each for each in known.values() if each.account_id is None]
    return Held(
        school_id=await rosters.school(connection, school_id) or str(school_id),
        school=school.name,
        classes=[
            class_of(id, held.group)
            for id, held in groups.items()
            if not held.ended and held.group.kind is not GroupKind.TEAM
        ],
        staff=[*staff, *(Staff(each.person, (oneroster.TEACHER,)) for each in to_come)],
        teaching=await rosters.taught(connection, school_id),
    )
