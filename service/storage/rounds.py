"""Rounds: opened, raised, closed; and what has been asked of a group."""

from datetime import date, datetime
from uuid import UUID

from asyncpg import Connection, Record
from msgspec import Struct

from surveys import noticing, stored
from surveys.release import Rule
from surveys.rounds import Asked, Round, State

COLUMNS = """school_id, round_id, survey_id, number, state, opened_on, closes_at, closed_on,
             members, raised, k, d, code, cards, agreement, focus, wave_id"""


class RoundKey(Struct, frozen=True):
    """A public key, with the HMAC that shows where it came from, and its keeper."""

    public_key: bytes
    mac: bytes
    keeper: UUID


def round_of(row: Record) -> Round:
    columns = dict(row)
    rule = Rule(columns.pop("k"), columns.pop("d"))
    return Round(**{**columns, "state": State(row["state"]), "rule": rule})


async def open_(
    connection: Connection,
    round: Round,
    key: RoundKey,
) -> None:
    await connection.execute(
        f"""
        insert into round ({COLUMNS}, public_key, key_mac, keeper)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
                $19, $20)
        """,
        round.school_id,
        round.round_id,
        round.survey_id,
        round.number,
        round.state,
        round.opened_on,
        round.closes_at,
        round.closed_on,
        round.members,
        round.raised,
        round.rule.k,
        round.rule.d,
        round.code,
        round.cards,
        round.agreement,
        round.focus,
        round.wave_id,
        key.public_key,
        key.mac,
        key.keeper,
    )


async def get(connection: Connection, school_id: UUID, round_id: UUID) -> Round | None:
    row = await connection.fetchrow(
        f"select {COLUMNS} from round where school_id = $1 and round_id = $2", school_id, round_id
    )
    return round_of(row) if row else None


async def of_survey(connection: Connection, school_id: UUID, survey_id: UUID) -> list[Round]:
    rows = await connection.fetch(
        f"""
        select {COLUMNS}
        from round
        where school_id = $1 and survey_id = $2
        order by number
        """,
        school_id,
        survey_id,
    )
    return [round_of(row) for row in rows]


async def latest_of_owner(connection: Connection, school_id: UUID, owner: UUID) -> list[Round]:
    """The last round of each survey of a teacher."""
    rows = await connection.fetch(
        f"""
        select distinct on (survey_id) {COLUMNS}
        from round
        join survey using (school_id, survey_id)
        where school_id = $1 and owner = $2
        order by survey_id, number desc
        """,
        school_id,
        owner,
    )
    return [round_of(row) for row in rows]


async def asked_of_group(
    connection: Connection, school_id: UUID, group_id: UUID, since: date
) -> list[Asked]:
    """What R5 decides on: the rounds of a group that closed after that day, or did not yet."""
    rows = await connection.fetch(
        """
        select owner, instrument, agreement, state, closed_on
        from round
        join survey using (school_id, survey_id)
        where school_id = $1 and group_id = $2 and (closed_on is null or closed_on > $3)
        """,
        school_id,
        group_id,
        since,
    )
    return [asked(row) for row in rows]


def asked(row: Record) -> Asked:
    posed = noticing.asked(stored.instrument(row["instrument"]), row["agreement"])
    return Asked(
        owner=row["owner"],
        purpose=posed.purpose,
        state=State(row["state"]),
        closed_on=row["closed_on"],
        items=posed.closed,
    )


async def lock(connection: Connection, school_id: UUID, round_id: UUID) -> None:
    """Until the end of the transaction nobody answers it and nobody else locks it."""
    await connection.execute(
        "select from round where school_id = $1 and round_id = $2 for no key update",
        school_id,
        round_id,
    )


async def close(connection: Connection, school_id: UUID, round_id: UUID, today: date) -> bool:
    """Stops a round taking answers; whether it was open."""
    done = await connection.execute(
        """
        update round
        set state = 'closed', closed_on = $3
        where school_id = $1 and round_id = $2 and state = 'open'
        """,
        school_id,
        round_id,
        today,
    )
    return bool(done == "UPDATE 1")


async def raise_places(
    connection: Connection, school_id: UUID, round_id: UUID, raised: int
) -> None:
    await connection.execute(
        """
        update round
        set raised = $3
        where school_id = $1 and round_id = $2 and state = 'open' and raised < $3
        """,
        school_id,
        round_id,
        raised,
    )


async def extend(
    connection: Connection, school_id: UUID, round_id: UUID, closes_at: datetime
) -> bool:
    """Gives a round another closing time; whether it was still open."""
    done = await connection.execute(
        """
        update round
        set closes_at = $3
        where school_id = $1 and round_id = $2 and state = 'open'
        """,
        school_id,
        round_id,
        closes_at,
    )
    return bool(done == "UPDATE 1")


async def screen_revision(connection: Connection, school_id: UUID, round_id: UUID) -> int:
    return int(
        await connection.fetchval(
            "select screen from round where school_id = $1 and round_id = $2", school_id, round_id
        )
    )


async def revise_screen(connection: Connection, school_id: UUID, round_id: UUID) -> int:
    """Makes the projector's present link invalid; returns the number of the next one."""
    return int(
        await connection.fetchval(
            """
            update round
            set screen = screen + 1
            where school_id = $1 and round_id = $2
            returning screen
            """,
            school_id,
            round_id,
        )
    )


async def participation(connection: Connection, school_id: UUID, round_id: UUID) -> int:
    """How many have answered an open round."""
    return int(await connection.fetchval("select participation($1, $2)", school_id, round_id))


async def drop_untold(connection: Connection, school_id: UUID, closed_before: date) -> None:
    """Rounds that closed before this day with too few answers to tell of."""
    await connection.execute(
        "delete from round where school_id = $1 and state = 'too few' and closed_on < $2",
        school_id,
        closed_before,
    )


async def drop_told(connection: Connection, school_id: UUID, closed_before: date) -> None:
    """Rounds that closed before this day, with what was told of them."""
    await connection.execute(
        """
        delete from round
        where school_id = $1 and state in ('released', 'too few') and closed_on < $2
        """,
        school_id,
        closed_before,
    )


async def drop_unopened(connection: Connection, school_id: UUID, due_before: datetime) -> None:
    """Rounds that should have closed by then, and that no keeper could open; envelopes too."""
    await connection.execute(
        """
        delete from round
        where school_id = $1 and state in ('open', 'closed') and closes_at < $2
        """,
        school_id,
        due_before,
    )
