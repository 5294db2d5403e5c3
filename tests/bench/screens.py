"""Screens of classes that are being asked: what each costs while it is open, and with an answer.

Every class that answers has one in front of it, so there are as many as there are open rounds, and
each is told, twice a second at most, how many have answered.
"""

import asyncio
import json
from collections.abc import Awaitable
from contextlib import AsyncExitStack
from urllib.parse import urlsplit

from msgspec import Struct, structs

from tests.bench._load import get, load
from tests.bench._schools import school_with_rounds
from tests.bench._serving import Machine, serving
from tests.bench.ingest import CONNECTIONS, forms

SCREENS = 1_000
SETTLED = 3.0  # seconds
QUIET = 30.0  # seconds


class Result(Struct):
    screens: int
    kilobytes_each: float
    cpu_ms_an_answer: float  # with its sealing, its commit and the screen that is told
    cpu_ms_a_quiet_minute: float  # of one screen


def main() -> None:
    result = asyncio.run(measured())
    print(f"{result.screens} screens: {result.kilobytes_each:.0f} KB of memory each")
    print(f"an answer and the screen that is told: {result.cpu_ms_an_answer:.2f} ms of CPU")
    print(f"a minute without an answer: {result.cpu_ms_a_quiet_minute:.2f} ms of CPU a screen")
    print(json.dumps(structs.asdict(result)))


async def measured() -> Result:
    async with serving() as machine, AsyncExitStack() as watching:
        async with machine.inside() as service:
            service.keeper.stock = SCREENS
            await service.keeper.fill_stock()
            rounds = await school_with_rounds(service, "School", SCREENS)
            tokens = [service.house.pepper.screen_token(each.round_id, 0) for each in rounds]
        await asyncio.sleep(SETTLED)
        before = machine.memory_bytes()
        for token in tokens:
            await watching.enter_async_context(Screen(machine, token))
        await asyncio.sleep(SETTLED)
        memory = machine.memory_bytes() - before
        quiet = await cpu_during(machine, asyncio.sleep(QUIET))
        requests = forms([each.code for each in rounds])
        await answered(machine, requests[:SCREENS])  # which opens the doors of each round
        busy = await cpu_during(machine, answered(machine, requests[SCREENS : 2 * SCREENS]))
    return Result(
        screens=SCREENS,
        kilobytes_each=round(memory / SCREENS / 1000, 1),
        cpu_ms_an_answer=round(1000 * busy / SCREENS, 3),
        cpu_ms_a_quiet_minute=round(1000 * quiet * 60 / QUIET / SCREENS, 3),
    )


class Screen:
    """An event stream that is read to its end by nobody, as by a projector."""

    def __init__(self, machine: Machine, token: str) -> None:
        self.address = urlsplit(machine.url)
        self.request = get(f"/screen/{token}/participation")

    async def __aenter__(self) -> None:
        reader, self.writer = await asyncio.open_connection(
            self.address.hostname, self.address.port
        )
        self.writer.write(self.request)
        await reader.readuntil(b"data:")

    async def __aexit__(self, *_: object) -> None:
        self.writer.close()
        await self.writer.wait_closed()


async def answered(machine: Machine, requests: list[bytes]) -> None:
    """One answer in each round; screens are told within a second."""
    replies = await load(machine.url, requests, CONNECTIONS)
    assert set(replies.statuses) == {200}
    await asyncio.sleep(SETTLED)


async def cpu_during(machine: Machine, work: Awaitable[None]) -> float:
    before = machine.cpu_seconds()
    await work
    return machine.cpu_seconds() - before
