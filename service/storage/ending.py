"""What the keeper does in the database to end a wave: all its rounds at once, told as pools."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from uuid import UUID

import msgspec
from asyncpg import Connection
from msgspec import Struct

from surveys import stored
from surveys.instrument import Instrument, Stage
from surveys.release import Rule
from surveys.rounds import State
from surveys.waves import Member, Pool


class Part(Struct, frozen=True):
    """A group's round in a wave."""

    round_id: UUID
    key_mac: bytes
    member: Member


class Ending(Struct, frozen=True):
    """A wave on its way to its pools; its rounds share one key and one rule."""

    closes_at: datetime
    released_on: date | None
    by_class: bool
    instrument: Instrument
    parts: tuple[Part, ...]
    public_key: bytes | None
    keeper: UUID | None
    rule: Rule


async def wave_of(connection: Connection, school_id: UUID, round_id: UUID) -> UUID | None:
    wave_id: UUID | None = await connection.fetchval(
        "select wave_id from round where school_id = $1 and round_id = $2", school_id, round_id
    )
    return wave_id


async def lock(connection: Connection, school_id: UUID, wave_id: UUID) -> Ending:
    """The wave and its rounds, held until the end of the transaction: nobody answers meanwhile."""
    wave = await connection.fetchrow(
        """
        select closes_at, released_on, by_class, instrument
        from wave
        where school_id = $1 and wave_id = $2
        for update
        """,
        school_id,
        wave_id,
    )
    rows = await connection.fetch(
        """
        select r.round_id, r.public_key, r.key_mac, r.keeper, r.k, r.d,
               g.group_id, g.name, g.stage, g.year_group, g.members
        from round r
        join survey s on s.school_id = r.school_id and s.survey_id = r.survey_id
        join wave_group g on g.school_id = r.school_id and g.wave_id = r.wave_id
                         and g.group_id = s.group_id
        where r.school_id = $1 and r.wave_id = $2
        order by r.round_id
        for update of r
        """,
        school_id,
        wave_id,
    )
    return Ending(
        closes_at=wave["closes_at"],
        released_on=wave["released_on"],
        by_class=wave["by_class"],
        instrument=stored.instrument(wave["instrument"]),
        parts=tuple(
            Part(
                row["round_id"],
                row["key_mac"] or b"",
                Member(
                    row["group_id"],
                    row["name"],
                    Stage(row["stage"]),
                    row["year_group"],
                    row["members"],
                ),
            )
            for row in rows
        ),
        public_key=rows[0]["public_key"],
        keeper=rows[0]["keeper"],
        rule=Rule(rows[0]["k"], rows[0]["d"]),
    )


async def store(
    connection: Connection, school_id: UUID, wave_id: UUID, pools: Iterable[Pool], today: date
) -> None:
    await connection.executemany(
        """
        insert into pool (school_id, wave_id, place, groups, told)
        values ($1, $2, $3, $4, $5)
        """,
        [
            (school_id, wave_id, place, list(pool.groups), msgspec.json.encode(pool.told).decode())
            for place, pool in enumerate(pools)
        ],
    )
    await connection.execute(
        "update wave set released_on = $3 where school_id = $1 and wave_id = $2",
        school_id,
        wave_id,
        today,
    )


async def end_rounds(
    connection: Connection,
    school_id: UUID,
    wave_id: UUID,
    told: Mapping[UUID, bool],
    unopened: Mapping[UUID, int],
    today: date,
) -> None:
    """Envelopes and tickets go; each round was told of in a pool, or in none."""
    await connection.execute(
        """
        delete from envelope e
        using round r
        where r.school_id = $1 and r.wave_id = $2
          and e.school_id = r.school_id and e.round_id = r.round_id
        """,
        school_id,
        wave_id,
    )
    await connection.execute(
        """
        delete from code
        where school_id = $1 and round_id = any($2) and kind not in ('class', 'screen')
        """,
        school_id,
        list(told),
    )
    await connection.executemany(
        """
        update round
        set state = $3, closed_on = coalesce(closed_on, $4), unopened = $5
        where school_id = $1 and round_id = $2
        """,
        [
            (
                school_id,
                round_id,
                State.RELEASED if in_a_pool else State.TOO_FEW,
                today,
                unopened[round_id],
            )
            for round_id, in_a_pool in told.items()
        ],
    )
    for round_id in told:
        await connection.execute("select pg_notify('changed', $1)", str(round_id))


async def keys_destroyed(connection: Connection, school_id: UUID, wave_id: UUID) -> None:
    """Nothing is left to be done for this wave: its key is gone from every disk."""
    await connection.execute(
        """
        update code c
        set due = null
        from round r
        where r.school_id = $1 and r.wave_id = $2
          and c.school_id = r.school_id and c.round_id = r.round_id
        """,
        school_id,
        wave_id,
    )
    await connection.execute(
        """
        update round
        set public_key = null, key_mac = null
        where school_id = $1 and wave_id = $2
        """,
        school_id,
        wave_id,
    )
