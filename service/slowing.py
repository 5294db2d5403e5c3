"""Guessing a round's code is slowed down, by address, and by each process for itself.

Only mistakes count, and a right one always passes at once: a school of 1,500 students is one
address. No address of a student's is written down anywhere, so nothing here outlives the process.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

A_MINUTE = timedelta(minutes=1)
MOST_KNOWN = 10_000
FREE = 120  # wrong codes of one address within a minute


class Slowing:
    """The mistakes of each in the last `window`: `free` of them cost no `pause` (seconds)."""

    def __init__(
        self,
        clock: Callable[[], datetime],
        free: int = FREE,
        pause: float = 2.0,
        window: timedelta = A_MINUTE,
    ) -> None:
        self.clock = clock
        self.free = free
        self.pause = pause
        self.window = window
        self.seen: dict[str, tuple[datetime, int]] = {}

    async def slow_down(self, who: str) -> int:
        """Called after a mistake: waits once there are too many; returns how many there are."""
        now = self.clock()
        since, count = self.seen.get(who, (now, 0))
        if now - since >= self.window:
            since, count = now, 0
        if len(self.seen) >= MOST_KNOWN:
            self.seen.clear()
        self.seen[who] = (since, count + 1)
        if count >= self.free:
            await asyncio.sleep(self.pause)
        return count + 1
