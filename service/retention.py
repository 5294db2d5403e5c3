"""How long each kind of data lives, and the job that ends it.

Sealed answers, their keys and their cards end with the round: the keeper sees to it. All else
that has a life ends here, once an hour. The help pages take their figures from here.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from asyncpg import Connection, Pool
from msgspec import Struct

from service import entering, logs, resetting, sessions
from service import mistakes as mistaking
from service.storage import (
    accounts,
    audit,
    codes,
    erasure,
    governing,
    groups,
    identities,
    invitations,
    mistakes,
    releases,
    resets,
    rosters,
    rounds,
    schools,
    second_factors,
    talks,
    tenancy,
    turnovers,
    turns,
    waves,
)
from service.storage.schools import School
from surveys.rounds import school_year_began

EVERY = 3600.0  # seconds

log = logging.getLogger(__name__)


class Lives(Struct, frozen=True):
    """What ends a while after something happened. The rest ends with the school year:
    a round's code and own words, and rounds with too few answers to tell of. Results live as long
    as their school chose: see `surveys.keeping`."""

    session: timedelta = sessions.LONGEST  # after signing in
    half: timedelta = entering.HALF  # a password without its code, after it was shown
    reset: timedelta = resetting.HOLDS  # a link to choose another password, after it was asked for
    mistakes: timedelta = mistaking.WINDOW  # how often a password or a code was wrong
    invitation: timedelta = timedelta(days=14)  # after it was made
    expected: timedelta = timedelta(days=180)  # a teacher of an import who does not come
    talk_request: timedelta = timedelta(days=30)  # after it was handled
    lost_key: timedelta = timedelta(days=14)  # a round that nobody can open, after it was due
    audit: timedelta = timedelta(days=365)  # after it was done
    grace: timedelta = timedelta(days=7)  # after the deletion of a school was asked for


LIVES = Lives()


async def run(pool: Pool, clock: Callable[[], datetime], destroy: Callable[[bytes], None]) -> None:
    """Until cancelled. `pool` is the keeper's: the pages may not look into every school.

    `destroy` ends the private key of rounds that are gone. The first time comes after an hour, so
    that the keeper, back after a holiday, goes first.
    """
    while True:
        await asyncio.sleep(EVERY)
        try:
            async with turns.taken(pool, "retention") as is_mine:
                if is_mine:
                    await end_lives(pool, clock(), destroy)
        except Exception as error:  # noqa: BLE001  whatever it was, the clock goes on
            logs.trouble(log, "old data was not deleted and will be tried again", error)


async def end_lives(pool: Pool, now: datetime, destroy: Callable[[bytes], None]) -> None:
    await accounts.drop_sessions(pool, now)
    await second_factors.drop_halves(pool, now)
    await resets.drop_ended(pool, now)
    await mistakes.drop_before(pool, now - LIVES.mistakes)
    await invitations.drop_ended(pool, now.date())
    await governing.drop_ended(pool, now.date())
    await identities.drop_stray(pool, now)
    for school_id in await schools.every(pool):
        async with tenancy.school(pool, school_id) as connection:
            school = await schools.get(connection, school_id)
            await end_lives_at(connection, school, now)
            is_over = school.deletion_on is not None and school.deletion_on <= now.date()
            keys = await end_school(connection, school_id) if is_over else []
        for public_key in keys:
            destroy(public_key)


async def end_school(connection: Connection, school_id: UUID) -> list[bytes]:
    """Nothing of it is left; what was being answered is not counted, and its keys are to go."""
    keys = await erasure.keys(connection, school_id)
    staff = await erasure.staff(connection, school_id)
    await erasure.drop_school(connection, school_id)
    await erasure.drop_accounts(connection, staff)
    return keys


async def end_lives_at(connection: Connection, school: School, now: datetime) -> None:
    today, school_id, keeping = now.date(), school.school_id, school.keeping
    year_began = school_year_began(today)
    await rosters.drop_expected(connection, school_id, today)
    await talks.drop_handled(connection, school_id, today - LIVES.talk_request)
    await releases.drop_comments(connection, school_id, keeping.words_from(today))
    await rounds.drop_untold(connection, school_id, year_began)
    await rounds.drop_told(connection, school_id, keeping.results_from(today))
    await waves.drop_told(connection, school_id, keeping.results_from(today))
    await groups.drop_ended(connection, school_id, keeping.results_from(today))
    await rounds.drop_unopened(connection, school_id, now - LIVES.lost_key)
    await codes.drop_ended(connection, school_id, year_began)
    await turnovers.drop_before(connection, school_id, today)
    await audit.drop_before(connection, school_id, now - LIVES.audit)
