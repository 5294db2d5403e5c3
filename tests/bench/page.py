"""The answer page: how many a second, beside the same server sending a page that never changes."""

import asyncio
import json
import sys

from tests.bench._load import get, load
from tests.bench._schools import school_with_rounds
from tests.bench._serving import free_port, listening, serving

CONNECTIONS = 64
PAGES = 20_000


def main() -> None:
    pages, cpu_ms, ceiling = asyncio.run(measured())
    print(f"{'':<20}{'pages per second':>18}{'CPU ms each':>14}")
    print(f"{'a page on disk':<20}{ceiling:>18.0f}")
    print(f"{'the answer page':<20}{pages:>18.0f}{cpu_ms:>14.3f}")
    print(
        json.dumps(
            {
                "pages_per_s": round(pages),
                "cpu_ms": round(cpu_ms, 3),
                "ceiling_per_s": round(ceiling),
                "ratio_to_ceiling": round(pages / ceiling, 3),
            }
        )
    )


async def measured() -> tuple[float, float, float]:
    async with serving() as machine:
        async with machine.inside() as service:
            await service.keeper.fill_stock()
            opened = await school_with_rounds(service, "School", 20)
        requests = [get(f"/{opened[number % 20].code}") for number in range(PAGES)]
        await load(machine.url, requests[:200], CONNECTIONS)
        before = machine.cpu_seconds()
        replies = await load(machine.url, requests, CONNECTIONS)
        cpu = machine.cpu_seconds() - before
        assert set(replies.statuses) == {200}
    return PAGES / replies.elapsed, 1000 * cpu / PAGES, await ceiling(requests)


async def ceiling(requests: list[bytes]) -> float:
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench._nothing", str(port)
    )
    try:
        await listening(port, process)
        replies = await load(f"http://127.0.0.1:{port}", requests, CONNECTIONS)
    finally:
        process.terminate()
        await process.wait()
    return len(requests) / replies.elapsed
