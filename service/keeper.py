"""The keeper closes what is due: envelopes become one Release, and the key is destroyed.

A wave's rounds become its pools together, so that no result is told before another.

It alone opens envelopes. A crash at any point is mended by running it again: until the commit
nothing has changed, and after it only the key is left to be destroyed.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from uuid import UUID

from asyncpg import Connection, Pool

from service import logs
from service.keys import KeyDirectory
from service.sealing import NONCE_BYTES, Pepper
from service.storage import closing, ending, schools, tenancy
from service.storage.closing import Closing, Due, Sealed
from service.storage.ending import Ending
from surveys import answers as packed
from surveys import release, waves
from surveys.answers import Answers
from surveys.instrument import Instrument
from surveys.rounds import State

STOCK = 50  # unused keys kept ready, so that opening a round never waits for the keeper
A_DAY = timedelta(days=1)
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
        self.closed: Callable[[int, int], None] = uncounted
        self.keys.prepare()
        self.number = self.keys.identity()

    async def run(self) -> None:
        """Until cancelled: closes what is due, sleeps until the next or until it is woken."""
        tidy = False
        while True:
            try:
                if not tidy:
                    await self.destroy_strays()
                    tidy = True
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
        for _ in range(self.stock - await closing.stocked(self.pool, self.number)):
            public_key = self.keys.new_key()
            mac = self.pepper.of_stock_key(public_key)
            await closing.stock(self.pool, public_key, mac, self.number)

    async def destroy_strays(self) -> None:
        """Keys that no round and no stock knows, such as after a backup was restored."""
        known = await closing.in_stock(self.pool)
        for school_id in await schools.every(self.pool):
            async with tenancy.school(self.pool, school_id) as connection:
                known |= await closing.in_use(connection, school_id)
        for public_key in self.keys.strays(known, self.clock() - A_DAY):
            self.keys.destroy(public_key)

    def is_anothers(self, keeper: UUID | None) -> bool:
        """Another keeper closes it, and knows alone when its key is destroyed."""
        return keeper is not None and keeper != self.number

    async def until_next(self, began: datetime) -> float:
        moment = await closing.next_due(self.pool, began)
        if moment is None:
            return LONGEST_SLEEP
        return min(LONGEST_SLEEP, max(0.0, (moment - self.clock()).total_seconds()))

    async def close(self, due: Due) -> None:
        """One release exactly, however often this runs and wherever it stopped before."""
        async with tenancy.school(self.pool, due.school_id) as connection:
            wave_id = await ending.wave_of(connection, due.school_id, due.round_id)
        if wave_id:
            await self.close_wave(due, wave_id)
        else:
            await self.close_round(due)

    async def close_round(self, due: Due) -> None:
        async with tenancy.school(self.pool, due.school_id) as connection:
            found = await closing.lock(connection, due)
            if found is None or found.public_key is None or self.is_anothers(found.keeper):
                return
            if found.state is State.OPEN and self.clock() < found.closes_at:
                return  # its teacher gave it another day meanwhile
            if not self.keys.holds(found.public_key) and unreleased(found):
                self.tell_missing(due)
                return
            if unreleased(found):
                sealed = await closing.envelopes(connection, due)
                answers = self.opened(
                    due.round_id, found.public_key, found.key_mac, found.instrument, sealed
                )
                await closing.store(
                    connection,
                    due,
                    release.release(found.instrument, answers, found.rule),
                    release.texts(found.instrument, answers, [found.stage], self.entropy.shuffle),
                    unopened=len(sealed) - len(answers),
                    today=self.clock().date(),
                    entropy=self.entropy,
                )
                self.closed(1, len(sealed) - len(answers))
        self.keys.destroy(found.public_key)
        async with tenancy.school(self.pool, due.school_id) as connection:
            await closing.key_destroyed(connection, due)

    async def close_wave(self, due: Due, wave_id: UUID) -> None:
        """All of its rounds in one transaction; a class that stopped early waits for the rest."""
        async with tenancy.school(self.pool, due.school_id) as connection:
            found = await ending.lock(connection, due.school_id, wave_id)
            if found.public_key is None or self.is_anothers(found.keeper):
                return
            if found.released_on is None:
                if self.clock() < found.closes_at:
                    return  # the school gave it more time meanwhile
                if not self.keys.holds(found.public_key):
                    self.tell_missing(due)
                    return
                await self.tell(connection, due.school_id, wave_id, found, found.public_key)
        self.keys.destroy(found.public_key)
        async with tenancy.school(self.pool, due.school_id) as connection:
            await ending.keys_destroyed(connection, due.school_id, wave_id)

    async def tell(
        self, connection: Connection, school_id: UUID, wave_id: UUID, found: Ending, key: bytes
    ) -> None:
        """R4: what each class or year group says, in pools."""
        ballots: dict[UUID, list[Answers]] = {}
        unopened: dict[UUID, int] = {}
        for part in found.parts:
            sealed = await closing.envelopes(connection, Due(school_id, part.round_id))
            answers = self.opened(part.round_id, key, part.key_mac, found.instrument, sealed)
            ballots[part.member.group_id] = answers
            unopened[part.round_id] = len(sealed) - len(answers)
        pooled = waves.by_class if found.by_class else waves.by_year_group
        members = [part.member for part in found.parts]
        pools = pooled(found.instrument, members, ballots, found.rule)
        told = {group_id for pool in pools for group_id in pool.groups}
        today = self.clock().date()
        await ending.store(connection, school_id, wave_id, pools, today)
        in_a_pool = {part.round_id: part.member.group_id in told for part in found.parts}
        await ending.end_rounds(connection, school_id, wave_id, in_a_pool, unopened, today)
        self.closed(len(found.parts), sum(unopened.values()))

    def opened(
        self,
        round_id: UUID,
        public_key: bytes,
        key_mac: bytes,
        instrument: Instrument,
        sealed: Sequence[Sealed],
    ) -> list[Answers]:
        """What is in the envelopes of a round, as far as they are genuine, in no order."""
        own = self.pepper.of_round(round_id, public_key, key_mac)
        bodies = self.keys.opened(public_key, [each.body for each in sealed])
        genuine = {  # by receipt: a copy under another ballot is no other answer
            each.receipt: body[NONCE_BYTES:]
            for each, body in zip(sealed, bodies, strict=True)
            if body and own.is_genuine(round_id, each.receipt, body)
        }
        answers = read(instrument, genuine.values())
        self.entropy.shuffle(answers)
        return answers

    def tell_missing(self, due: Due) -> None:
        """Once for each round, so that whoever runs the service hears of a lost key directory."""
        if due not in self.missing:
            self.missing.add(due)
            log.warning("a round is due whose key is not in this key directory")


def uncounted(rounds: int, unopened: int) -> None:
    """Where nobody watches."""


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
