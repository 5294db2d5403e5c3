"""How long each kind of data lives, and the job that ends it.

Sealed answers, their keys and their cards end with the round: the keeper sees to it. All else
that has a life ends here, once an hour. The help pages take their figures from here.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from asyncpg import Pool
from msgspec import Struct

from service import logs, sessions
from service.storage import (
    accounts,
    codes,
    invitations,
    releases,
    rounds,
    schools,
    talks,
    tenancy,
    turns,
)
from surveys.rounds import school_year_began

EVERY = 3600.0  # seconds

log = logging.getLogger(__name__)


class Lives(Struct, frozen=True):
    """What ends a while after something happened. The rest ends with the school year:
    a round's code and own words, and rounds with too few answers to tell of."""

    session: timedelta = sessions.LONGEST  # after signing in
    invitation: timedelta = timedelta(days=14)  # after it was made
    talk_request: timedelta = timedelta(days=30)  # after it was handled
    lost_key: timedelta = timedelta(days=14)  # a round that nobody can open, after it was due


LIVES = Lives()


async def run(pool: Pool, clock: Callable[[], datetime]) -> None:
    """Until cancelled. `pool` is the keeper's: the pages may not look into every school.

    The first time comes after an hour, so that the keeper, back after a holiday, goes first.
    """
    while True:
        await asyncio.sleep(EVERY)
        try:
            async with turns.taken(pool, "retention") as is_mine:
                if is_mine:
                    await end_lives(pool, clock())
        except Exception as error:  # noqa: BLE001  whatever it was, the clock goes on
            logs.trouble(log, "old data was not deleted and will be tried again", error)


async def end_lives(pool: Pool, now: datetime) -> None:
    today = now.date()
    year_began = school_year_began(today)
    await accounts.drop_sessions(pool, now)
    await invitations.drop_ended(pool, today)
    for school_id in await schools.every(pool):
        async with tenancy.school(pool, school_id) as connection:
            await talks.drop_handled(connection, school_id, today - LIVES.talk_request)
            await releases.drop_comments(connection, school_id, year_began)
            await rounds.drop_untold(connection, school_id, year_began)
            await rounds.drop_unopened(connection, school_id, now - LIVES.lost_key)
            await codes.drop_ended(connection, school_id, year_began)
