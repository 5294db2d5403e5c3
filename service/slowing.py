"""Guessing codes is slowed down by address; a right code always passes at once.

Only wrong codes count: a school of 1,500 students is one address.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

A_MINUTE = timedelta(minutes=1)
MOST_ADDRESSES = 10_000


class WrongCodes:
    """The wrong codes of each address in the last minute: `free` of them cost no `pause`."""

    def __init__(self, clock: Callable[[], datetime], free: int = 120, pause: float = 2.0) -> None:
        self.clock = clock
        self.free = free
        self.pause = pause
        self.seen: dict[str, tuple[datetime, int]] = {}

    async def slow_down(self, address: str) -> None:
        """Called after a wrong code: waits once an address has made too many in a minute."""
        now = self.clock()
        since, count = self.seen.get(address, (now, 0))
        if now - since >= A_MINUTE:
            since, count = now, 0
        if len(self.seen) >= MOST_ADDRESSES:
            self.seen.clear()
        self.seen[address] = (since, count + 1)
        if count >= self.free:
            await asyncio.sleep(self.pause)
