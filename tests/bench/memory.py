"""Memory of the service and its database together, at rest and under load (proportional set size:
what processes share is counted once)."""

import asyncio
import json

from tests.bench._load import load
from tests.bench._serving import Machine, serving
from tests.bench.ingest import CONNECTIONS, forms, open_rounds

SETTLED = 5.0  # seconds after the start
LOOKS_EVERY = 0.2


def main() -> None:
    at_rest, under_load = asyncio.run(measured())
    print(f"{'at rest':<14}{at_rest / 1e6:>8.0f} MB")
    print(f"{'under load':<14}{under_load / 1e6:>8.0f} MB, with {CONNECTIONS} connections")
    found = {"at_rest_mb": round(at_rest / 1e6, 1), "under_load_mb": round(under_load / 1e6, 1)}
    print(json.dumps(found))


async def measured() -> tuple[int, int]:
    async with serving() as machine:
        await asyncio.sleep(SETTLED)
        at_rest = machine.memory_bytes()
        requests = forms(await open_rounds(machine, schools=1))
        loading = asyncio.create_task(load(machine.url, requests, CONNECTIONS))
        most = await most_until(machine, loading)
    return at_rest, most


async def most_until(machine: Machine, loading: asyncio.Task[object]) -> int:
    most = 0
    while not loading.done():
        most = max(most, machine.memory_bytes())
        await asyncio.sleep(LOOKS_EVERY)
    return most
