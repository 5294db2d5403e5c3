"""Many phones at once: one connection each, request after request, from a process of its own."""

import asyncio
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from urllib.parse import urlsplit

import uvloop
from msgspec import Struct

PATIENCE = 60.0  # seconds for one reply


class Replies(Struct):
    """Of each request, in the order given: its status and its seconds; and how long all took."""

    statuses: list[int]
    seconds: list[float]
    elapsed: float

    def at(self, share: float) -> float:
        """The time in milliseconds within which this share was answered."""
        ordered = sorted(self.seconds)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]


async def load(url: str, requests: Sequence[bytes], connections: int) -> Replies:
    """Sends every request once, `connections` at a time, from another process."""
    loop = asyncio.get_running_loop()
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as executor:
        return await loop.run_in_executor(executor, run, url, list(requests), connections)


def run(url: str, requests: list[bytes], connections: int) -> Replies:
    return uvloop.run(sent(url, requests, connections))


async def sent(url: str, requests: list[bytes], connections: int) -> Replies:
    parts = urlsplit(url)
    replies = Replies([0] * len(requests), [0.0] * len(requests), 0.0)
    waiting = iter(enumerate(requests))

    async def phone() -> None:
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        for index, request in waiting:
            began = time.perf_counter()
            writer.write(request)
            replies.statuses[index] = await asyncio.wait_for(status_of(reader), PATIENCE)
            replies.seconds[index] = time.perf_counter() - began
        writer.close()

    began = time.perf_counter()
    await asyncio.gather(*(phone() for _ in range(connections)))
    replies.elapsed = time.perf_counter() - began
    return replies


async def status_of(reader: asyncio.StreamReader) -> int:
    head = await reader.readuntil(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    length = next(int(line[15:]) for line in lines if line.startswith(b"content-length:"))
    await reader.readexactly(length)
    return int(head[9:12])


def post(path: str, body: bytes) -> bytes:
    return (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode() + body


def get(path: str, cookie: str = "") -> bytes:
    cookies = f"Cookie: {cookie}\r\n" if cookie else ""
    return (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: gzip\r\n{cookies}\r\n"
    ).encode()
