"""How many have answered, of many rounds in one question.

Every class that is being asked has a screen in front of it, and an answer makes its screen look
again. One by one that cost ten times what the answer did. So who wants to know waits while the
question before is answered, and then all that wait are one question. No timer is needed: a quiet
service asks at once.
"""

import asyncio
from collections import defaultdict
from uuid import UUID

from asyncpg import Pool

from service.storage import attendance
from service.storage.attendance import Attendance

MOST_AT_ONCE = 1_000

Place = tuple[UUID, UUID]  # a school and its round


class Counting:
    """Questions of many watchers, asked together."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self.waiting: dict[Place, list[asyncio.Future[Attendance | None]]] = defaultdict(list)
        self.asking: asyncio.Task[None] | None = None

    async def of(self, school_id: UUID, round_id: UUID) -> Attendance | None:
        """None where there is no such round any more. Raises what the database raised."""
        answer: asyncio.Future[Attendance | None] = asyncio.get_running_loop().create_future()
        self.waiting[school_id, round_id].append(answer)
        if self.asking is None or self.asking.done():
            self.asking = asyncio.create_task(self.ask())
        return await answer

    async def ask(self) -> None:
        while self.waiting:
            places = list(self.waiting)[:MOST_AT_ONCE]
            waiting = {place: self.waiting.pop(place) for place in places}
            try:
                found = await attendance.of(self.pool, places)
            except Exception as error:  # noqa: BLE001  each watcher makes of it what it can
                for answer in (each for answers in waiting.values() for each in answers):
                    if not answer.done():  # who watched may have gone away meanwhile
                        answer.set_exception(error)
            else:
                for (_, round_id), answers in waiting.items():
                    for answer in answers:
                        if not answer.done():
                            answer.set_result(found.get(round_id))
