"""Answers coming in: many submissions, one commit.

The next batch collects while the last commits, so no timer is needed: a quiet service commits
each answer at once, a busy one hundreds together. Each submission is acknowledged only after
its commit is on the disk.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from enum import StrEnum

import asyncpg
from asyncpg import Pool

from service import logs
from service.sealing import Envelope

MOST_WAITING = 2_000  # submissions; beyond it the phone keeps the answer and tries again
MOST_IN_A_BATCH = 500

log = logging.getLogger(__name__)


class Outcome(StrEnum):
    """What became of one submission; the words of the database function `hand_in`."""

    COUNTED = "counted"
    USED = "used"
    CLOSED = "closed"
    FULL = "full"


class Busy(Exception):
    """More waits than can be stored soon: nothing was taken, try again in a moment."""


Waiting = tuple[Envelope, asyncio.Future[Outcome]]


class Ingest:
    """Takes envelopes from many requests and hands them in together."""

    def __init__(self, pool: Pool, clock: Callable[[], datetime]) -> None:
        self.pool = pool
        self.clock = clock
        self.waiting: list[Waiting] = []
        self.arrived = asyncio.Event()
        self.ending = False
        self.outcomes: Counter[Outcome] = Counter()
        self.refused = 0

    async def submit(self, envelope: Envelope) -> Outcome:
        """Returns when the outcome is certain. Raises Busy, or what the database raised."""
        if len(self.waiting) >= MOST_WAITING or self.ending:
            self.refused += 1
            raise Busy
        outcome: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self.waiting.append((envelope, outcome))
        self.arrived.set()
        return await outcome

    async def run(self) -> None:
        """Until `end`: then what waits is still handed in."""
        while self.waiting or not self.ending:
            await self.arrived.wait()
            self.arrived.clear()
            while self.waiting:
                batch = self.waiting[:MOST_IN_A_BATCH]
                del self.waiting[:MOST_IN_A_BATCH]
                await self.settle(batch)

    def end(self) -> None:
        self.ending = True
        self.arrived.set()

    async def settle(self, batch: Sequence[Waiting]) -> None:
        try:
            outcomes = await self.hand_in([envelope for envelope, _ in batch])
        except (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError) as error:
            if len(batch) > 1:  # one is poisoned: each for itself, so that it fails alone
                for each in batch:
                    await self.settle([each])
                return
            answer(batch, error)
        except Exception as error:  # noqa: BLE001  each waiting request makes a page of it
            logs.trouble(log, "a batch of answers was not stored", error)
            answer(batch, error)
        else:
            self.outcomes.update(outcomes)
            for (_, future), outcome in zip(batch, outcomes, strict=True):
                if not future.done():  # the phone may have gone away meanwhile
                    future.set_result(outcome)

    async def hand_in(self, envelopes: Sequence[Envelope]) -> list[Outcome]:
        rows = await self.pool.fetch(
            "select place, outcome from hand_in($1, $2, $3, $4, $5, $6) order by place",
            [envelope.school_id for envelope in envelopes],
            [envelope.round_id for envelope in envelopes],
            [envelope.ballot for envelope in envelopes],
            [envelope.receipt for envelope in envelopes],
            [envelope.sealed for envelope in envelopes],
            self.clock(),
        )
        return [Outcome(row["outcome"]) for row in rows]


def answer(batch: Sequence[Waiting], error: Exception) -> None:
    for _, future in batch:
        if not future.done():
            future.set_exception(error)
