"""What the staff did, line by line: added to and read, never changed.

A line is written in the transaction of what it tells of, so that neither is there without the
other. Names are looked up when it is read.
"""

from collections.abc import Iterable, Sequence
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


async def note_all(
    connection: Connection, viewer: Viewer, deeds: Sequence[tuple[Verb, UUID]], at: datetime
) -> None:
    """Many lines in one statement."""
    await connection.execute(
        """
        insert into audit (school_id, line_id, at, actor, verb, subject)
        select $1, gen_random_uuid(), $2, $3, deed.*
        from unnest($4::text[], $5::uuid[]) as deed
        """,
        viewer.school_id,
        at,
        viewer.account_id,
        [verb for verb, _ in deeds],
        [subject for _, subject in deeds],
    )


async def lines(
    connection: Connection,
    school_id: UUID,
    *,
    person: UUID | None = None,
    verbs: Iterable[Verb] = Verb,
    since: datetime | None = None,
    before: datetime | None = None,
    most: int = 100,
) -> list[Line]:
    """The newest first; of `person` what he or she did and what was done to the account."""
    rows = await connection.fetch(
        """
        select l.at, l.actor, coalesce(a.name, '') as by, l.verb, l.subject,
               coalesce(p.name, i.name, b.name, g.name, of_survey.name, of_round.name,
                        v.name, '') as name
        from audit l
        left join account a on a.account_id = l.actor
        left join account p on p.account_id = l.subject
        left join invitation i on i.school_id = l.school_id and i.invitation_id = l.subject
        left join provider v on v.school_id = l.school_id and v.provider_id = l.subject
        left join governing_board b on b.governing_id = l.subject
        left join grp g on g.school_id = l.school_id and g.group_id = l.subject
        left join survey s on s.school_id = l.school_id and s.survey_id = l.subject
        left join grp of_survey on of_survey.school_id = l.school_id
                               and of_survey.group_id = s.group_id
        left join round r on r.school_id = l.school_id and r.round_id = l.subject
        left join survey asked on asked.school_id = l.school_id and asked.survey_id = r.survey_id
        left join grp of_round on of_round.school_id = l.school_id
                              and of_round.group_id = asked.group_id
        where l.school_id = $1
          and ($2::uuid is null or $2 in (l.actor, l.subject))
          and l.verb = any($3)
          and ($4::timestamptz is null or l.at >= $4)
          and ($5::timestamptz is null or l.at < $5)
        order by l.at desc, l.verb, l.subject, l.actor
        limit $6
        """,
        school_id,
        person,
        list(verbs),
        since,
        before,
        most,
    )
    return [Line(**{**row, "verb": Verb(row["verb"])}) for row in rows]


async def drop_before(connection: Connection, school_id: UUID, moment: datetime) -> None:
    await connection.execute(
        "delete from audit where school_id = $1 and at < $2", school_id, moment
    )
