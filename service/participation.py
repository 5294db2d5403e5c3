"""R8: how many have answered, pushed to those who watch. Never who, never which item."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import msgspec
from litestar.response import ServerSentEvent
from litestar.response.sse import ServerSentEventMessage

from service.house import House
from service.storage.attendance import Attendance
from surveys.rounds import Round, dots

AT_MOST_EVERY = 0.5  # seconds; a class that sends at once is told of in a few steps
ALIVE_EVERY = 20.0  # seconds; a comment keeps proxies from ending a quiet connection

Told = Callable[[Attendance], dict[str, Any]]


def exactly(seen: Attendance) -> dict[str, Any]:
    """For the teacher's own device."""
    return {"n": seen.n, "places": seen.places, "open": seen.open}


def in_dots(seen: Attendance) -> dict[str, Any]:
    """For the class's screen, which never shows who the last one is."""
    return {"dots": dots(seen.n, seen.places), "open": seen.open}


def stream(house: House, round: Round, told: Told) -> ServerSentEvent:
    return ServerSentEvent(
        messages(house, round, told),
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def messages(house: House, round: Round, told: Told) -> AsyncIterator[ServerSentEventMessage]:
    """A message now, and one whenever what is told changes, until the round has closed.

    Signs of life keep a rhythm of their own: if an answer of which nothing is told put them off,
    they would tell of it.
    """
    last: dict[str, Any] = {}
    loop = asyncio.get_running_loop()
    quiet_until = loop.time() + ALIVE_EVERY
    async with house.listening.round(round.round_id) as happened:
        while True:
            happened.clear()
            seen = await house.counting.of(round.school_id, round.round_id)
            if seen is None:
                return
            now = told(seen)
            if now != last:
                yield ServerSentEventMessage(data=msgspec.json.encode(now).decode())
                last = now
            if not now["open"]:
                return
            try:
                async with asyncio.timeout_at(quiet_until):
                    await asyncio.sleep(AT_MOST_EVERY)
                    await happened.wait()
            except TimeoutError:
                yield ServerSentEventMessage(comment="still here")
                quiet_until += ALIVE_EVERY
