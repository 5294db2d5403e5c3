"""What is to be mailed and when: kept without a school, so that the clock finds it."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from asyncpg import Connection, Pool
from msgspec import Struct


class About(StrEnum):
    """What a mail is about; its template has the same name."""

    TALK = "talk"  # somebody asked for a talk: the advisers are told
    ROUND = "round"  # a survey may be asked again, as its teacher planned
    WAVE = "wave"  # the school asks classes of a teacher
    ROLE = "role"  # somebody got a role: the leaders are told
    DELETION = "deletion"  # the school is to be deleted: who may stop it is told
    OUTSIDE = "outside"  # who outside the school sees something of it has changed


class Reminder(Struct, frozen=True):
    """`subject` is what it is about: a survey, a wave; otherwise the school itself."""

    about: About
    school_id: UUID
    subject: UUID
    due: datetime


async def plan(connection: Connection, reminder: Reminder) -> None:
    """One reminder of each subject waits at a time; the one that is there stays."""
    await connection.execute(
        """
        insert into reminder (about, school_id, subject, due)
        values ($1, $2, $3, $4)
        on conflict do nothing
        """,
        reminder.about,
        reminder.school_id,
        reminder.subject,
        reminder.due,
    )


async def due(pool: Pool, now: datetime) -> list[Reminder]:
    rows = await pool.fetch(
        "select about, school_id, subject, due from reminder where due <= $1 order by due", now
    )
    return [Reminder(**{**row, "about": About(row["about"])}) for row in rows]


async def done(pool: Pool | Connection, reminder: Reminder) -> None:
    await pool.execute(
        "delete from reminder where about = $1 and school_id = $2 and subject = $3",
        reminder.about,
        reminder.school_id,
        reminder.subject,
    )
