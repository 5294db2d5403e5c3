"""A visitor who dawdles, or talks without end, holds no place: said with real sockets."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from time import perf_counter

import asyncpg
import httpx
import pytest

from service.patience import LARGEST_HEAD, Patient
from tests.house import NONCE, Running, served, settle

ONE_BYTE = 0.05  # seconds between two bytes of a visitor who dawdles


class Hasty(Patient):
    """As the real one, but in a fortieth of the time."""

    seconds = 0.5
    glance = 0.1


@pytest.fixture
async def hasty_house(database: str, place: Path) -> AsyncIterator[Running]:
    async with served(database, place, Hasty) as running:
        await settle(running)
        yield running


@asynccontextmanager
async def line_to(
    house: Running,
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", house.settings.port)
    try:
        yield reader, writer
    finally:
        writer.close()


async def dawdled(house: Running, at_once: bytes, then: bytes) -> tuple[float, bytes]:
    """For how long the line was held, and what was said at the end."""
    began = perf_counter()
    async with line_to(house) as (reader, writer), asyncio.timeout(10):
        writer.write(at_once)

        async def dribble() -> None:
            for sign in then * 1000:
                writer.write(bytes([sign]))
                await asyncio.sleep(ONE_BYTE)

        dribbling = asyncio.create_task(dribble())
        said = b""
        with suppress(ConnectionError):
            said = await reader.read()
        dribbling.cancel()
        return perf_counter() - began, said


HEAD = b"POST /signin HTTP/1.1\r\nHost: here\r\n"
FORM = b"Content-Type: application/x-www-form-urlencoded\r\n"


@pytest.mark.parametrize(
    ("at_once", "then"),
    [
        (b"", b"GET / HTTP/1.1\r\n"),
        (b"", b"\r\n"),
        (b"GET / HTTP/1.1\r\nHost: here\r\n", b"X: y"),
        (HEAD + FORM + b"Content-Length: 5000\r\n\r\n", b"a"),
        (HEAD + FORM + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n"),
        (b"POST /ABCD2345 HTTP/1.1\r\nHost: here\r\nContent-Length: 5000\r\n\r\n", b"a"),
        (b"GET / HTTP/1.1\r\nHost: here\r\n\r\n", b"\r\n"),
    ],
    ids=["line", "breaks", "header", "body", "chunks", "answer", "between"],
)
async def test_a_byte_at_a_time_holds_no_line(
    hasty_house: Running, at_once: bytes, then: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    held, said = await dawdled(hasty_house, at_once, then)
    assert held < 2
    if said and not said.startswith(b"HTTP/1.1 200"):
        assert said.startswith(b"HTTP/1.1 408 ")
        assert b"Content-Security-Policy: default-src 'none'" in said
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


async def test_a_line_on_which_nothing_is_said_is_not_held(hasty_house: Running) -> None:
    began = perf_counter()
    async with line_to(hasty_house) as (reader, _), asyncio.timeout(5):
        assert await reader.read() == b""
    assert perf_counter() - began < 2


async def test_a_reply_that_nobody_reads_is_not_kept(hasty_house: Running) -> None:
    """Many are asked for in a row, until no buffer takes them any more."""
    async with line_to(hasty_house) as (_, writer), asyncio.timeout(10):
        with suppress(ConnectionError):
            while not writer.is_closing():
                writer.write(b"GET /privacy/dpia HTTP/1.1\r\nHost: here\r\n\r\n" * 50)
                await asyncio.sleep(ONE_BYTE)


async def test_who_sends_steadily_may_take_longer_than_who_dawdles(hasty_house: Running) -> None:
    """A phone on a bad network: its form takes a second where half a one is the patience."""
    teacher = await hasty_house.staff("ilse")
    survey = await hasty_house.survey("2B")
    code = await hasty_house.code(teacher, await hasty_house.open_round(teacher, survey))
    async with hasty_house.visitor() as student:
        nonce = NONCE.search((await student.get(f"/{code}")).text)
        assert nonce

        async def slowly() -> AsyncIterator[bytes]:
            yield f"nonce={nonce[1]}&clarity=4&filler=".encode()
            for _ in range(10):
                await asyncio.sleep(0.1)
                yield b"x" * 100

        reply = await student.post(f"/{code}", content=slowly())
    assert reply.status_code == 200


async def test_half_a_form_is_not_counted_and_does_not_keep_out_the_whole_one(
    house: Running,
) -> None:
    teacher = await house.staff("ilse")
    code = await house.code(teacher, await house.open_round(teacher, await house.survey("2B")))
    async with house.visitor() as student:
        found = NONCE.search((await student.get(f"/{code}")).text)
        assert found
        form = f"nonce={found[1]}&clarity=4&"
        async with line_to(house) as (_, writer):
            head = f"POST /{code} HTTP/1.1\r\nHost: here\r\nContent-Length: 500\r\n\r\n"
            writer.write((head + form).encode())
            await writer.drain()
            await asyncio.sleep(0.1)
        await asyncio.sleep(0.2)
        look = await asyncpg.connect(house.dsn)
        assert await look.fetchval("select count(*) from envelope") == 0
        assert (await student.post(f"/{code}", content=form)).status_code == 200
        assert await look.fetchval("select count(*) from envelope") == 1
        await look.close()


@pytest.mark.parametrize(
    "head",
    [
        b"GET /" + b"a" * LARGEST_HEAD + b" HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nX: " + b"a" * LARGEST_HEAD + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"X: a\r\n" * LARGEST_HEAD,
    ],
    ids=["address", "header", "headers"],
)
async def test_a_head_without_end_is_refused(house: Running, head: bytes) -> None:
    async with line_to(house) as (reader, writer), asyncio.timeout(5):
        with suppress(ConnectionError):
            writer.write(head)
            said = await reader.read()
            assert said.startswith(b"HTTP/1.1 431 ")
            assert b"X-Content-Type-Options: nosniff" in said


@pytest.mark.parametrize(
    "request_",
    [
        b"HELLO\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked, identity\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: h\r\nX : y\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: h\r\nX: a\x00b\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
async def test_what_may_be_read_in_two_ways_is_not_read_at_all(
    house: Running, request_: bytes
) -> None:
    """Two lengths, or a length and chunks: what a proxy and we would cut apart differently."""
    async with line_to(house) as (reader, writer), asyncio.timeout(5):
        writer.write(request_)
        said = await reader.read()
        assert said.startswith(b"HTTP/1.1 400 ")
        assert b"Content-Security-Policy" in said


async def test_many_who_dawdle_keep_nobody_waiting(hasty_house: Running) -> None:
    lines = [
        await asyncio.open_connection("127.0.0.1", hasty_house.settings.port) for _ in "x" * 300
    ]
    for _, writer in lines:
        writer.write(b"GET / HTTP/1.1\r\nHost: here\r\nX:")
    async with hasty_house.visitor() as student:
        began = perf_counter()
        reply: httpx.Response = await student.get("/")
        assert reply.status_code == 200
        assert perf_counter() - began < 1
    await asyncio.sleep(1.2)
    for reader, writer in lines:
        assert (await reader.read()).startswith(b"HTTP/1.1 408 ")
        writer.close()
