"""What the staff did, line by line: added to and read, never changed.

A line is written in the transaction of what it tells of, so that neither is there without the
other. Names are looked up when it is read.
"""

from datetime import datetime
from uuid import UUID

from asyncpg import Connection
from msgspec import Struct

from surveys.access import Viewer
from surveys.deeds import Verb


class Line(Struct, frozen=True):
    """What somebody did, and to what; a name is "" where it is gone or has none."""

    at: datetime
    actor: UUID
    by: str
    verb: Verb
    subject: UUID
    name: str


async def note(
    connection: Connection, viewer: Viewer, verb: Verb, subject: UUID, at: datetime
) -> None:
    """For whoever is signed in."""
    await note_of(connection, viewer.school_id, viewer.account_id, verb, subject, at)


async def note_of(
    connection: Connection,
    school_id: UUID,
    actor: UUID,
    verb: Verb,
    subject: UUID,
    at: datetime,
) -> None:
    await connection.execute(
        """
        insert into audit (school_id, line_id, at, actor, verb, subject)
        values ($1, gen_random_uuid(), $2, $3, $4, $5)
        """,
        school_id,
        at,
        actor,
        verb,
        subject,
    )
