"""One LISTEN connection for the whole process, which connects again when it is lost.

What is told is only that something happened to a round; whoever cares looks for itself.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from uuid import UUID

import asyncpg

from service import logs
from service.doors import Doors

ANSWERED = "answered"  # the channel: more have answered a round (see hand_in)
CHANGED = "changed"  # the channel: a round was closed, extended, told, or agreed upon
DUE = "due"  # the channel: there is something for the keeper
RECONNECT_AFTER = 1.0  # seconds

log = logging.getLogger(__name__)


class Listening:
    """Wakes those who watch a round and the keeper, and makes the doors forget what changed."""

    def __init__(self, dsn: str, doors: Doors, wake_keeper: Callable[[], None]) -> None:
        self.dsn = dsn
        self.doors = doors
        self.wake_keeper = wake_keeper
        self.watchers: dict[UUID, set[asyncio.Event]] = defaultdict(set)

    @asynccontextmanager
    async def round(self, round_id: UUID) -> AsyncIterator[asyncio.Event]:
        """An event that is set whenever something happens to the round."""
        happened = asyncio.Event()
        self.watchers[round_id].add(happened)
        try:
            yield happened
        finally:
            self.watchers[round_id].discard(happened)
            if not self.watchers[round_id]:
                del self.watchers[round_id]

    async def run(self) -> None:
        while True:
            try:
                await self.listen()
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                logs.trouble(log, "the listener was lost and connects again", error)
            await asyncio.sleep(RECONNECT_AFTER)

    async def listen(self) -> None:
        connection = await asyncpg.connect(self.dsn)
        lost = asyncio.Event()
        connection.add_termination_listener(lambda _: lost.set())
        try:
            await connection.add_listener(ANSWERED, self.told_of_answers)
            await connection.add_listener(CHANGED, self.told_of_change)
            await connection.add_listener(DUE, self.told_of_due)
            self.doors.forget_all()  # something may have happened while away
            for events in self.watchers.values():
                tell(events)
            self.wake_keeper()
            await lost.wait()
        finally:
            await connection.close()

    def told_of_answers(self, _connection: object, _pid: int, _channel: str, told: object) -> None:
        tell(self.watchers.get(UUID(str(told)), set()))

    def told_of_change(self, _connection: object, _pid: int, _channel: str, told: object) -> None:
        self.doors.forget(UUID(str(told)))
        tell(self.watchers.get(UUID(str(told)), set()))

    def told_of_due(self, _connection: object, _pid: int, _channel: str, _payload: object) -> None:
        self.wake_keeper()


def tell(events: set[asyncio.Event]) -> None:
    for event in events:
        event.set()


async def notify_changed(connection: asyncpg.Connection, round_id: UUID) -> None:
    await connection.execute("select pg_notify($1, $2)", CHANGED, str(round_id))


async def notify_due(connection: asyncpg.Connection) -> None:
    await connection.execute("select pg_notify($1, '')", DUE)
