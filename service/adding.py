"""Adding from the command line: a school with an invitation for its administrator, and seats at a
governing board."""

from datetime import date
from random import SystemRandom
from uuid import uuid4

import asyncpg
from asyncpg import Connection

from service import sessions
from service.retention import LIVES
from service.storage import governing, invitations, schools, tenancy
from service.storage.governing import Seat
from service.storage.invitations import Invitation
from service.storage.schools import School
from surveys.access import Role
from surveys.governing import GoverningBoard


async def add_school(
    dsn: str,
    *,
    url: str,
    name: str,
    email: str,
    administrator: str,
    language: str,
    today: date,
) -> str:
    """Returns the link with which the administrator chooses a password."""
    school = School(school_id=uuid4(), name=name, language=language)
    token = SystemRandom().randbytes(16).hex()
    invitation = Invitation(
        school_id=school.school_id,
        invitation_id=uuid4(),
        email=email.strip().lower(),
        name=administrator,
        role=Role.ADMINISTRATOR,
        expires_on=today + LIVES.invitation,
    )
    async with (
        asyncpg.create_pool(dsn, min_size=1, max_size=1) as pool,
        tenancy.school(pool, school.school_id) as connection,
    ):
        await connection.execute("set local role stemlokaal_pages")
        await schools.add(connection, school)
        await invitations.add(connection, sessions.token_hash(token), invitation)
    return f"{url}/invitations/{token}"


async def add_to_board(
    connection: Connection, *, url: str, board: str, email: str, person: str, today: date
) -> str:
    """Returns the link with which somebody takes a seat; a board of a new name is made."""
    token = SystemRandom().randbytes(16).hex()
    async with connection.transaction():
        found = await governing.named(connection, board)
        if found is None:
            found = GoverningBoard(uuid4(), board)
            await governing.add(connection, found)
        seat = Seat(found, email.strip().lower(), person, today + LIVES.invitation)
        await governing.invite(connection, sessions.token_hash(token), seat)
    return f"{url}/schools/invitations/{token}"


async def remove_from_board(connection: Connection, *, board: str, email: str) -> bool:
    """Whether there was a seat, or an invitation to one."""
    found = await governing.named(connection, board)
    return found is not None and await governing.leave_seat(
        connection, found.governing_id, email.strip().lower()
    )
