"""1,500 students behind one address in five minutes, each tenth of whom first types it wrong.

All the school's phones share one address. Nobody who types it right may be refused or held up by
the mistakes of the others. `--seconds N` squeezes the same into less time, for a look.
"""

import asyncio
import json
import sys
from collections import Counter
from random import Random
from time import perf_counter
from urllib.parse import urlencode, urlsplit

from msgspec import Struct

from service.sealing import ALPHABET
from surveys.rounds import Round
from tests.bench._schools import school_with_rounds
from tests.bench._serving import serving
from tests.house import NONCE

STUDENTS, MISTAKES = 1_500, 0.1
MINUTES = 5
CLASSES = 60
FORM = {"clarity": "4", "order": "3", "adapting": "4"}


class Waited(Struct):
    """Milliseconds of each request that was right, and how each ended."""

    ms: list[float]
    ends: Counter[str]


def main() -> None:
    seconds = float(sys.argv[3]) if sys.argv[2:3] == ["--seconds"] else MINUTES * 60.0
    waited = asyncio.run(measured(seconds))
    ordered = sorted(waited.ms)
    p99 = ordered[int(0.99 * len(ordered))]
    print(f"{STUDENTS} students in {seconds:.0f} s, {len(ordered)} right requests")
    print(f"p50 {ordered[len(ordered) // 2]:.0f} ms, p99 {p99:.0f} ms, most {ordered[-1]:.0f} ms")
    print(json.dumps({"p99_ms": round(p99), "refused": waited.ends["refused"], **waited.ends}))


async def measured(seconds: float) -> Waited:
    random = Random(1500)
    async with serving() as machine:
        async with machine.inside() as service:
            await service.keeper.fill_stock()
            opened = await school_with_rounds(service, "School", CLASSES)
        waited = Waited([], Counter())
        students = [
            a_student(machine.url, random.choice(opened), random.random() < MISTAKES, waited, when)
            for when in sorted(random.uniform(0, seconds) for _ in range(STUDENTS))
        ]
        await asyncio.gather(*students)
    assert waited.ends["counted"] + waited.ends["refused"] == STUDENTS
    return waited


async def a_student(url: str, round: Round, mistypes: bool, waited: Waited, when: float) -> None:
    await asyncio.sleep(when)
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)

    async def ask(method: str, path: str, form: dict[str, str] | None = None) -> tuple[int, str]:
        body = urlencode(form or {}).encode()
        head = f"{method} {path} HTTP/1.1\r\nHost: {parts.netloc}\r\n"
        kind = "Content-Type: application/x-www-form-urlencoded\r\n"
        writer.write(f"{head}{kind}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        told = (await reader.readuntil(b"\r\n\r\n")).decode()
        fields = dict(line.lower().split(": ", 1) for line in told.splitlines()[1:] if line)
        text = await reader.readexactly(int(fields["content-length"]))
        return int(told[9:12]), text.decode()

    async def timed(method: str, path: str, form: dict[str, str] | None = None) -> tuple[int, str]:
        began = perf_counter()
        found = await ask(method, path, form)
        waited.ms.append(1000 * (perf_counter() - began))
        return found

    if mistypes:
        other = next(sign for sign in ALPHABET if sign != round.code[-1])
        status, _ = await ask("POST", "/", {"code": round.code[:-1] + other})
        waited.ends["mistyped"] += status == 404
    found, _ = await timed("POST", "/", {"code": round.code})
    shown, page = await timed("GET", f"/{round.code}")
    nonce = NONCE.search(page)
    sent, _ = await timed("POST", f"/{round.code}", {**FORM, "nonce": nonce[1] if nonce else ""})
    right = (found, shown, sent) == (303, 200, 200)
    waited.ends["counted" if right else "refused"] += 1
    writer.close()
