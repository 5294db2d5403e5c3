"""What teachers expect of their rounds."""

from uuid import UUID

import msgspec
from asyncpg import Connection

from surveys.guesses import Guess


async def keep(connection: Connection, school_id: UUID, round_id: UUID, guess: Guess) -> None:
    """Before the round closes the teacher may think again."""
    await connection.execute(
        """
        insert into guess (school_id, round_id, of_ten)
        values ($1, $2, $3)
        on conflict (school_id, round_id) do update set of_ten = excluded.of_ten
        """,
        school_id,
        round_id,
        msgspec.json.encode(guess.of_ten).decode(),
    )


async def of_round(connection: Connection, school_id: UUID, round_id: UUID) -> Guess | None:
    of_ten = await connection.fetchval(
        "select of_ten from guess where school_id = $1 and round_id = $2", school_id, round_id
    )
    return Guess(msgspec.json.decode(of_ten, type=dict[str, int])) if of_ten else None
