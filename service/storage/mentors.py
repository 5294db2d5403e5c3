"""What teachers meet of a wave of the school: the classes of theirs that it asks now."""

from datetime import datetime
from uuid import UUID

from asyncpg import Connection
from msgspec import Struct

from surveys import stored
from surveys.instrument import Instrument


class Open(Struct, frozen=True):
    """A group that still takes answers."""

    group: str
    round_id: UUID


class Running(Struct, frozen=True):
    """A wave as somebody meets it who teaches classes that it asks."""

    instrument: Instrument
    cards: bool
    closes_at: datetime
    classes: tuple[Open, ...]


async def of_wave(connection: Connection, school_id: UUID, wave_id: UUID) -> dict[UUID, list[Open]]:
    """The groups that still take answers, by the account of who teaches them."""
    rows = await connection.fetch(
        """
        select t.account_id, g.name as group, r.round_id
        from round r
        join survey s on s.school_id = r.school_id and s.survey_id = r.survey_id
        join wave_group g on g.school_id = r.school_id and g.wave_id = r.wave_id
                         and g.group_id = s.group_id
        join teaching t on t.school_id = r.school_id and t.group_id = g.group_id
        where r.school_id = $1 and r.wave_id = $2 and r.state = 'open'
        order by g.name, g.group_id
        """,
        school_id,
        wave_id,
    )
    found: dict[UUID, list[Open]] = {}
    for row in rows:
        found.setdefault(row["account_id"], []).append(Open(row["group"], row["round_id"]))
    return found


async def asked_of(connection: Connection, school_id: UUID, account_id: UUID) -> list[Running]:
    """What the school asks the classes of a teacher now."""
    rows = await connection.fetch(
        """
        select w.instrument, w.cards, w.closes_at,
               array_agg(g.name order by g.name, g.group_id) as groups,
               array_agg(r.round_id order by g.name, g.group_id) as rounds
        from wave w
        join round r on r.school_id = w.school_id and r.wave_id = w.wave_id
        join survey s on s.school_id = r.school_id and s.survey_id = r.survey_id
        join teaching t on t.school_id = s.school_id and t.group_id = s.group_id
        join grp g on g.school_id = t.school_id and g.group_id = t.group_id
        where w.school_id = $1 and t.account_id = $2 and r.state = 'open'
        group by w.school_id, w.wave_id
        order by w.closes_at, w.wave_id
        """,
        school_id,
        account_id,
    )
    return [
        Running(
            instrument=stored.instrument(row["instrument"]),
            cards=row["cards"],
            closes_at=row["closes_at"],
            classes=tuple(map(Open, row["groups"], row["rounds"])),
        )
        for row in rows
    ]
