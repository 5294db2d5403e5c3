"""Rounds closing: envelopes opened, counted, released and gone, one keeper, one after another."""

import asyncio
import json
import time

from tests.bench._answered import ANSWERS, answered_rounds, stop
from tests.bench._serving import Machine, connected, serving

ROUNDS = 300


def main() -> None:
    per_second, cpu_ms = asyncio.run(measured())
    print(f"{ROUNDS} rounds of {ANSWERS} answers: {per_second:.0f} a second, {cpu_ms:.2f} ms each")
    print(json.dumps({"rounds_per_s": round(per_second, 1), "cpu_ms": round(cpu_ms, 3)}))


async def measured() -> tuple[float, float]:
    async with serving() as machine, machine.inside() as service:
        await stop(service, await answered_rounds(service, ROUNDS))
        connection = await connected(machine)
        before, began = machine.cpu_seconds(), time.perf_counter()
        await connection.execute("select pg_notify('due', '')")
        while await connection.fetchval("select exists (select from code where due notnull)"):
            await asyncio.sleep(0.05)
        elapsed, cpu = time.perf_counter() - began, machine.cpu_seconds() - before
        assert await released(machine) == ROUNDS
        await connection.close()
    return ROUNDS / elapsed, 1000 * cpu / ROUNDS


async def released(machine: Machine) -> int:
    connection = await connected(machine)
    found = int(await connection.fetchval("select count(*) from release"))
    await connection.close()
    return found
