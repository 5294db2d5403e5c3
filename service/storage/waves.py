"""Waves: what the school asks many of its groups at once, and what was told of each."""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

import msgspec
from asyncpg import Connection, Record
from msgspec import Struct

from surveys import stored
from surveys.instrument import Stage
from surveys.release import Release
from surveys.rounds import Group, Round, State
from surveys.waves import Member, Pool, Wave

COLUMNS = """school_id, wave_id, instrument, by_class, cards, opened_on, closes_at, released_on,
             decision, decided_on"""


class Taking(Struct, frozen=True):
    """How a group takes part in a wave that runs: how many, never who."""

    member: Member
    round_id: UUID
    state: State
    places: int
    n: int
    code: str  # "" where each student has a card
    teachers: tuple[str, ...]


def wave_of(row: Record) -> Wave:
    return Wave(**{**row, "instrument": stored.instrument(row["instrument"])})


def member_of(row: Record) -> Member:
    return Member(
        row["group_id"], row["name"], Stage(row["stage"]), row["year_group"], row["members"]
    )


async def add(connection: Connection, wave: Wave, groups: Iterable[Group]) -> None:
    """The groups are kept as they are now: a result stays that of last year's 2B."""
    await connection.execute(
        f"insert into wave ({COLUMNS}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        wave.school_id,
        wave.wave_id,
        msgspec.json.encode(wave.instrument).decode(),
        wave.by_class,
        wave.cards,
        wave.opened_on,
        wave.closes_at,
        wave.released_on,
        wave.decision,
        wave.decided_on,
    )
    await connection.executemany(
        """
        insert into wave_group (school_id, wave_id, group_id, name, stage, year_group, members)
        values ($1, $2, $3, $4, $5, $6, $7)
        """,
        [
            (
                wave.school_id,
                wave.wave_id,
                one.group_id,
                one.name,
                one.stage,
                one.year_group,
                one.members,
            )
            for one in groups
        ],
    )


async def get(connection: Connection, school_id: UUID, wave_id: UUID) -> Wave | None:
    row = await connection.fetchrow(
        f"select {COLUMNS} from wave where school_id = $1 and wave_id = $2", school_id, wave_id
    )
    return wave_of(row) if row else None


async def of_school(connection: Connection, school_id: UUID) -> list[Wave]:
    """In the order of their closing."""
    rows = await connection.fetch(
        f"select {COLUMNS} from wave where school_id = $1 order by closes_at, wave_id", school_id
    )
    return [wave_of(row) for row in rows]


async def members(connection: Connection, school_id: UUID) -> dict[UUID, list[Member]]:
    """The groups of every wave of a school, by wave, as they were when it opened."""
    rows = await connection.fetch(
        """
        select wave_id, group_id, name, stage, year_group, members
        from wave_group
        where school_id = $1
        order by name, group_id
        """,
        school_id,
    )
    found: dict[UUID, list[Member]] = {}
    for row in rows:
        found.setdefault(row["wave_id"], []).append(member_of(row))
    return found


async def pools(connection: Connection, school_id: UUID) -> dict[UUID, list[Pool]]:
    """What was told of every wave of a school, by wave, in the order of the school."""
    rows = await connection.fetch(
        """
        select wave_id, groups, told
        from pool
        where school_id = $1
        order by wave_id, place
        """,
        school_id,
    )
    found: dict[UUID, list[Pool]] = {}
    for row in rows:
        told = msgspec.json.decode(row["told"], type=Release)
        found.setdefault(row["wave_id"], []).append(Pool(tuple(row["groups"]), told))
    return found


async def taking_part(connection: Connection, school_id: UUID, wave_id: UUID) -> list[Taking]:
    """Group by group."""
    rows = await connection.fetch(
        """
        select g.group_id, g.name, g.stage, g.year_group, g.members, r.round_id, r.state,
               r.members + r.raised as places, participation(r.school_id, r.round_id) as n,
               case when r.cards then '' else r.code end as code,
               array(
                   select a.name
                   from teaching t
                   join account a using (account_id)
                   where t.school_id = $1 and t.group_id = g.group_id
                   order by a.name
               ) as teachers
        from round r
        join survey s on s.school_id = r.school_id and s.survey_id = r.survey_id
        join wave_group g on g.school_id = r.school_id and g.wave_id = r.wave_id
                         and g.group_id = s.group_id
        where r.school_id = $1 and r.wave_id = $2
        """,
        school_id,
        wave_id,
    )
    return [
        Taking(
            member=member_of(row),
            round_id=row["round_id"],
            state=State(row["state"]),
            places=row["places"],
            n=row["n"],
            code=row["code"],
            teachers=tuple(row["teachers"]),
        )
        for row in rows
    ]


async def lock(connection: Connection, school_id: UUID, wave_id: UUID) -> None:
    """Until the end of the transaction nobody else ends or prolongs it."""
    await connection.execute(
        "select from wave where school_id = $1 and wave_id = $2 for update", school_id, wave_id
    )


async def set_closing(
    connection: Connection, school_id: UUID, wave_id: UUID, closes_at: datetime
) -> None:
    """Another end for the wave and for those of its rounds that still take answers."""
    await connection.execute(
        "update wave set closes_at = $3 where school_id = $1 and wave_id = $2",
        school_id,
        wave_id,
        closes_at,
    )
    await connection.execute(
        """
        update round
        set closes_at = $3
        where school_id = $1 and wave_id = $2 and state in ('open', 'closed')
        """,
        school_id,
        wave_id,
        closes_at,
    )


async def decide(
    connection: Connection, school_id: UUID, wave_id: UUID, decision: str, today: date
) -> None:
    """What the school does with it: students read it, and it stands on the time axis."""
    await connection.execute(
        """
        update wave
        set decision = $3, decided_on = $4
        where school_id = $1 and wave_id = $2
        """,
        school_id,
        wave_id,
        decision,
        today,
    )


async def decision_of(connection: Connection, round: Round) -> str:
    """What the school does with the wave of a round; "" where there is none, or not yet."""
    if round.wave_id is None:
        return ""
    wave = await get(connection, round.school_id, round.wave_id)
    return wave.decision if wave else ""


async def rounds_of(connection: Connection, school_id: UUID, wave_id: UUID) -> list[UUID]:
    rows = await connection.fetch(
        "select round_id from round where school_id = $1 and wave_id = $2 order by round_id",
        school_id,
        wave_id,
    )
    return [row["round_id"] for row in rows]


async def drop_told(connection: Connection, school_id: UUID, released_before: date) -> None:
    """Waves that were told before this day, with all their pools."""
    await connection.execute(
        "delete from wave where school_id = $1 and released_on < $2", school_id, released_before
    )
