"""The keeper closes what is due: envelopes become one Release, and the key is destroyed.

It alone opens envelopes. A crash at any point is mended by running it again: until the commit
nothing has changed, and after it only the key is left to be destroyed.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from random import Random

from asyncpg import Pool

from service import logs
from service.keys import KeyDirectory
from service.sealing import NONCE_BYTES, Pepper
from service.storage import closing, tenancy
from service.storage.closing import Closing, Due, Sealed
from surveys import answers as packed
from surveys import release
from surveys.answers import Answers
from surveys.instrument import Instrument
from surveys.rounds import State

STOCK = 50  # unused keys kept ready, so that opening a round never waits for the keeper
LONGEST_SLEEP = 30.0  # seconds; a clock that jumps is noticed within it

log = logging.getLogger(__name__)


class Keeper:
    """One keeper at work: its keys, its pool, whose role may read envelopes, and its clock."""

    def __init__(
        self,
        pool: Pool,
        folders: tuple[Path, ...],
        pepper: Pepper,
        clock: Callable[[], datetime],
        entropy: Random,
        stock: int = STOCK,
    ) -> None:
        self.pool = pool
        self.keys = KeyDirectory(folders)
        self.pepper = pepper
        self.clock = clock
        self.entropy = entropy
        self.stock = stock
        self.woken = asyncio.Event()
        self.missing: set[Due] = set()
        self.keys.prepare()

    async def run(self) -> None:
        """Until cancelled: closes what is due, sleeps until the next or until it is woken."""
        while True:
            try:
                began = self.clock()
                await self.work()
                pause = await self.until_next(began)
            except Exception as error:  # noqa: BLE001  whatever it was, the keeper goes on
                logs.trouble(log, "the keeper could not do its work and will try again", error)
                pause = LONGEST_SLEEP / 10
            try:
                await asyncio.wait_for(self.woken.wait(), pause)
            except TimeoutError:
                continue
            self.woken.clear()

    def wake(self) -> None:
        self.woken.set()

    async def work(self) -> None:
        await self.fill_stock()
        for due in await closing.due(self.pool, self.clock()):
            try:
                await self.close(due)
            except Exception as error:  # noqa: BLE001  one that fails keeps no other waiting
                logs.trouble(log, "a round could not be closed and will be tried again", error)

    async def fill_stock(self) -> None:
        for _ in range(self.stock - await closing.stocked(self.pool)):
            public_key = self.keys.new_key()
            await closing.stock(self.pool, public_key, self.pepper.of_stock_key(public_key))

    async def until_next(self, began: datetime) -> float:
        moment = await closing.next_due(self.pool, began)
        if moment is None:
            return LONGEST_SLEEP
        return min(LONGEST_SLEEP, max(0.0, (moment - self.clock()).total_seconds()))

    async def close(self, due: Due) -> None:
        """One release exactly, however often this runs and wherever it stopped before."""
        async with tenancy.school(self.pool, due.school_id) as connection:
            found = await closing.lock(connection, due)
            if found is None or found.public_key is None:
                return
            if found.state is State.OPEN and self.clock() < found.closes_at:
                return  # its teacher gave it another day meanwhile
            if not self.keys.holds(found.public_key) and unreleased(found):
                self.tell_missing(due)
                return  # another keeper's, or lost with its key directory
            if unreleased(found):
                sealed = await closing.envelopes(connection, due)
                answers = self.opened(due, found, sealed)
                self.entropy.shuffle(answers)
                await closing.store(
                    connection,
                    due,
                    release.release(found.instrument, answers, found.rule),
                    release.texts(found.instrument, answers, [found.stage], self.entropy.shuffle),
                    unopened=len(sealed) - len(answers),
                    today=self.clock().date(),
                    entropy=self.entropy,
                )
        self.keys.destroy(found.public_key)
        async with tenancy.school(self.pool, due.school_id) as connection:
            await closing.key_destroyed(connection, due)

    def opened(self, due: Due, found: Closing, sealed: Sequence[Sealed]) -> list[Answers]:
        """What is in the envelopes of a round, as far as they are genuine."""
        bodies = self.keys.opened(found.public_key or b"", [each.body for each in sealed])
        genuine = {  # by receipt: a copy under another ballot is no other answer
            each.receipt: body[NONCE_BYTES:]
            for each, body in zip(sealed, bodies, strict=True)
            if body and self.pepper.is_genuine(due.round_id, each.receipt, body)
        }
        return read(found.instrument, genuine.values())

    def tell_missing(self, due: Due) -> None:
        """Once for each round, so that whoever runs the service hears of a lost key directory."""
        if due not in self.missing:
            self.missing.add(due)
            log.warning("a round is due whose key is not in this key directory")


def unreleased(found: Closing) -> bool:
    return found.state in (State.OPEN, State.CLOSED)


def read(instrument: Instrument, genuine: Iterable[bytes]) -> list[Answers]:
    """The answers that are answers to this instrument; anything else is dropped."""
    found = []
    for body in genuine:
        try:
            found.append(packed.unpack(instrument, body))
        except ValueError:
            continue
    return found
