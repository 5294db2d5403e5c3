"""Adding a school from the command line: the school, and an invitation for its administrator."""

from datetime import date
from random import SystemRandom
from uuid import uuid4

import asyncpg

from service import sessions
from service.retention import LIVES
from service.storage import invitations, schools, tenancy
from service.storage.invitations import Invitation
from service.storage.schools import School
from surveys.access import Role


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
