"""Answers coming in: sealed, and acknowledged only after the commit is on the disk.

64 connections send filled-in forms to open rounds, once spread over one school and once over a
thousand; the worse counts. The ceiling is the same server and the same form decoder doing nothing.
Both, and the database, share this machine with the phones.
"""

import asyncio
import json
import secrets
import sys
from random import Random
from urllib.parse import urlencode

import asyncpg
from msgspec import Struct, structs

from surveys.instrument import library
from tests.bench._load import Replies, load, post
from tests.bench._schools import school_with_rounds
from tests.bench._serving import Machine, connected, free_port, listening, serving

CONNECTIONS = 64
SUBMISSIONS = 20_000
A_ROUND = 60
WARM_UP = 1_000


class Result(Struct):
    schools: int
    submissions_per_s: float
    cpu_ms: float
    p50_ms: float
    p99_ms: float
    lost: int
    double: int


def main() -> None:
    ceiling, rows, results = asyncio.run(measured())
    print(f"{'':<22}{'per second':>12}{'CPU ms each':>13}{'p50 ms':>9}{'p99 ms':>9}")
    print(f"{'doing nothing':<22}{ceiling:>12.0f}")
    print(f"{'PostgreSQL alone':<22}{rows:>12.0f}")
    for result in results:
        print(
            f"{f'{result.schools} schools':<22}{result.submissions_per_s:>12.0f}"
            f"{result.cpu_ms:>13.3f}{result.p50_ms:>9.1f}{result.p99_ms:>9.1f}"
        )
    worst = min(results, key=lambda result: result.submissions_per_s)
    print(
        json.dumps(
            {
                **structs.asdict(worst),
                "ceiling_per_s": round(ceiling),
                "ratio_to_ceiling": round(worst.submissions_per_s / ceiling, 3),
                "postgresql_rows_per_s": round(rows),
            }
        )
    )


async def measured() -> tuple[float, float, list[Result]]:
    async with serving() as machine:
        one = await submitted(machine, schools=1)
        thousand = await submitted(machine, schools=1_000)
        rows = await rows_per_second(machine)
    return await ceiling(), rows, [one, thousand]


async def submitted(machine: Machine, schools: int) -> Result:
    codes = await open_rounds(machine, schools)
    requests = forms(codes)
    await load(machine.url, requests[:WARM_UP], CONNECTIONS)
    measured = requests[WARM_UP : WARM_UP + SUBMISSIONS]
    before = machine.cpu_seconds()
    replies = await load(machine.url, measured, CONNECTIONS)
    cpu = machine.cpu_seconds() - before
    stored = await envelopes(machine)
    acknowledged = replies.statuses.count(200) + WARM_UP
    return Result(
        schools=schools,
        submissions_per_s=round(len(measured) / replies.elapsed, 1),
        cpu_ms=round(1000 * cpu / len(measured), 3),
        p50_ms=round(replies.at(0.5), 1),
        p99_ms=round(replies.at(0.99), 1),
        lost=max(0, acknowledged - stored),
        double=max(0, stored - acknowledged),
    )


async def open_rounds(machine: Machine, schools: int) -> list[str]:
    wanted = (SUBMISSIONS + WARM_UP) // A_ROUND + 1
    each = max(1, -(-wanted // schools))
    connection = await connected(machine)
    await connection.execute("truncate envelope")
    await connection.close()
    codes = []
    async with machine.inside() as service:
        service.keeper.stock = each
        for number in range(schools):
            await service.keeper.fill_stock()
            opened = await school_with_rounds(service, f"School {number}", each)
            codes += [round.code for round in opened]
    return codes


def forms(codes: list[str]) -> list[bytes]:
    """Each phone sends once, to a round that has a place for it."""
    items = [item.id for item in library()["lesfeedback"].closed]
    random = Random(1)
    requests = []
    for number in range(SUBMISSIONS + WARM_UP):
        answers = {item: random.choice("1234") for item in items}
        body = urlencode({**answers, "nonce": secrets.token_hex(16)}).encode()
        requests.append(post(f"/{codes[number % len(codes)]}", body))
    return requests


async def envelopes(machine: Machine) -> int:
    connection = await connected(machine)
    stored = int(await connection.fetchval("select count(*) from envelope"))
    await connection.close()
    return stored


async def rows_per_second(machine: Machine) -> float:
    """PostgreSQL alone: rows as large as an envelope, 500 to a transaction."""
    connection: asyncpg.Connection = await connected(machine)
    await connection.execute(
        "create table ceiling "
        "(school uuid, round uuid, ballot bytea primary key, receipt bytea, sealed bytea)"
    )
    clock = asyncio.get_running_loop().time
    began, rows = clock(), 0
    for _ in range(40):
        batch = [
            (None, None, secrets.token_bytes(32), secrets.token_bytes(32), secrets.token_bytes(400))
            for _ in range(500)
        ]
        columns = list(zip(*batch, strict=True))
        await connection.execute(
            "insert into ceiling select * from "
            "unnest($1::uuid[], $2::uuid[], $3::bytea[], $4::bytea[], $5::bytea[])",
            *columns,
        )
        rows += len(batch)
    elapsed = clock() - began
    await connection.close()
    return rows / elapsed


async def ceiling() -> float:
    """The same forms to the same server, which decodes them and does nothing."""
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench._nothing", str(port)
    )
    try:
        await listening(port, process)
        requests = forms(["ABCD2345"])
        replies: Replies = await load(f"http://127.0.0.1:{port}", requests, CONNECTIONS)
    finally:
        process.terminate()
        await process.wait()
    return len(requests) / replies.elapsed
