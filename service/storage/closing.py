"""What the keeper does in the database: its stock of keys, what is due, envelopes to a release."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from random import Random
from uuid import UUID

import msgspec
from asyncpg import Connection, Pool
from msgspec import Struct

from surveys import stored
from surveys.instrument import Instrument, Stage
from surveys.noticing import asked
from surveys.release import Release, Rule, TooFew
from surveys.rounds import State


class Due(Struct, frozen=True):
    """A round that is to be closed."""

    school_id: UUID
    round_id: UUID


class Sealed(Struct, frozen=True):
    """An envelope on its way to be opened."""

    receipt: bytes
    body: bytes


class Closing(Struct, frozen=True):
    """A round on its way to its release; `instrument` as it was asked in this round. Without its
    key, which is destroyed then, it has no HMAC of it either."""

    state: State
    closes_at: datetime
    public_key: bytes | None
    key_mac: bytes
    keeper: UUID | None
    instrument: Instrument
    stage: Stage
    rule: Rule
    closed_on: date | None


async def stocked(pool: Pool, keeper: UUID) -> int:
    return int(await pool.fetchval("select count(*) from key_stock where keeper = $1", keeper))


async def stock(pool: Pool, public_key: bytes, mac: bytes, keeper: UUID) -> None:
    await pool.execute(
        "insert into key_stock (public_key, mac, keeper) values ($1, $2, $3)",
        public_key,
        mac,
        keeper,
    )


async def in_stock(pool: Pool) -> set[bytes]:
    rows = await pool.fetch("select public_key from key_stock")
    return {row["public_key"] for row in rows}


async def in_use(connection: Connection, school_id: UUID) -> set[bytes]:
    """The keys of a school's rounds that are not known to be destroyed."""
    rows = await connection.fetch(
        "select public_key from round where school_id = $1 and public_key is not null", school_id
    )
    return {row["public_key"] for row in rows}


async def due(pool: Pool, now: datetime) -> list[Due]:
    rows = await pool.fetch(
        "select school_id, round_id from code where due <= $1 order by due, round_id", now
    )
    return [Due(**row) for row in rows]


async def next_due(pool: Pool, after: datetime) -> datetime | None:
    """What was due before and still is, is another keeper's, who holds the key."""
    moment: datetime | None = await pool.fetchval("select min(due) from code where due > $1", after)
    return moment


async def lock(connection: Connection, due: Due) -> Closing | None:
    """The round, held until the end of the transaction: nobody answers or closes meanwhile."""
    row = await connection.fetchrow(
        """
        select r.state, r.closes_at, r.public_key, r.key_mac, r.keeper, r.agreement,
               s.instrument, g.stage, r.k, r.d, r.closed_on
        from round r
        join survey s using (school_id, survey_id)
        join grp g using (school_id, group_id)
        where school_id = $1 and round_id = $2
        for update of r
        """,
        due.school_id,
        due.round_id,
    )
    if row is None:
        return None
    return Closing(
        state=State(row["state"]),
        closes_at=row["closes_at"],
        public_key=row["public_key"],
        key_mac=row["key_mac"] or b"",
        keeper=row["keeper"],
        instrument=asked(stored.instrument(row["instrument"]), row["agreement"]),
        stage=Stage(row["stage"]),
        rule=Rule(row["k"], row["d"]),
        closed_on=row["closed_on"],
    )


async def envelopes(connection: Connection, due: Due) -> list[Sealed]:
    rows = await connection.fetch(
        """
        select receipt, sealed as body
        from envelope
        where school_id = $1 and round_id = $2
        order by ballot
        """,
        due.school_id,
        due.round_id,
    )
    return [Sealed(**row) for row in rows]


async def store(
    connection: Connection,
    due: Due,
    told: Release | TooFew,
    texts: Mapping[str, Sequence[str]],
    *,
    unopened: int,
    today: date,
    entropy: Random,
) -> None:
    """The release and its texts come, the envelopes and the tickets go."""
    await connection.execute(
        "insert into release (school_id, round_id, told) values ($1, $2, $3)",
        due.school_id,
        due.round_id,
        msgspec.json.encode(told).decode(),
    )
    await connection.executemany(
        """
        insert into comment (school_id, round_id, comment_id, item, text)
        values ($1, $2, $3, $4, $5)
        """,
        [
            (due.school_id, due.round_id, UUID(bytes=entropy.randbytes(16), version=4), item, text)
            for item, written in texts.items()
            for text in written
        ],
    )
    await connection.execute(
        "delete from envelope where school_id = $1 and round_id = $2", due.school_id, due.round_id
    )
    await connection.execute(
        """
        delete from code
        where school_id = $1 and round_id = $2 and kind not in ('class', 'screen')
        """,
        due.school_id,
        due.round_id,
    )
    await connection.execute(
        """
        update round
        set state = $3, closed_on = coalesce(closed_on, $4), unopened = $5
        where school_id = $1 and round_id = $2
        """,
        due.school_id,
        due.round_id,
        State.TOO_FEW if isinstance(told, TooFew) else State.RELEASED,
        today,
        unopened,
    )
    await connection.execute("select pg_notify('changed', $1)", str(due.round_id))


async def key_destroyed(connection: Connection, due: Due) -> None:
    """Nothing is left to be done for this round: its key is gone from every disk."""
    await connection.execute(
        """
        update round
        set public_key = null, key_mac = null
        where school_id = $1 and round_id = $2
        """,
        due.school_id,
        due.round_id,
    )
    await connection.execute(
        "update code set due = null where school_id = $1 and round_id = $2",
        due.school_id,
        due.round_id,
    )
