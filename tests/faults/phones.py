"""Phones that send an answer until it is acknowledged, as the script on a student's page does."""

import asyncio
import secrets
from asyncio import IncompleteReadError, StreamReader, StreamWriter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from random import Random
from urllib.parse import urlencode, urlsplit
from uuid import UUID

from msgspec import Struct

from service.sealing import Pepper
from surveys.instrument import library
from surveys.rounds import Round
from tests.bench._load import post, status_of

AT_ONCE = 48
PAUSE = 0.1  # seconds before one tries again; a page waits longer
PATIENCE = 10.0  # seconds for one reply: the service that was to give it may be dead
TRY_AGAIN = (500, 503)
GONE = OSError, IncompleteReadError, TimeoutError


class Sheet(Struct, frozen=True):
    """One student's answer on its way: as it is posted, and the receipt that tells it apart."""

    request: bytes
    receipt: bytes


def filled_in(rounds: Sequence[Round], each: int, pepper: Pepper) -> list[Sheet]:
    """So many for each round, in such an order that all rounds fill up together."""
    items = [item.id for item in library()["lesfeedback"].closed]
    random = Random(1)
    return [
        sheet(round.code, round.round_id, {item: random.choice("1234") for item in items}, pepper)
        for _ in range(each)
        for round in rounds
    ]


def sheet(code: str, round_id: UUID, answers: dict[str, str], pepper: Pepper) -> Sheet:
    nonce = secrets.token_bytes(16)
    body = urlencode({**answers, "nonce": nonce.hex()}).encode()
    return Sheet(post(f"/{code}", body), pepper.receipt(round_id, nonce))


class Phones:
    """What was acknowledged, what was tried in vain, and what nobody should be told."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.host, self.port = str(parts.hostname), int(parts.port or 80)
        self.acknowledged: set[bytes] = set()
        self.in_vain = 0
        self.refused: list[int] = []
        self.news = asyncio.Event()

    async def send(self, sheets: Iterable[Sheet]) -> None:
        """All of them, whatever happens meanwhile."""
        waiting = iter(sheets)
        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(self.phone(waiting))

    async def phone(self, waiting: Iterator[Sheet]) -> None:
        line: tuple[StreamReader, StreamWriter] | None = None
        for sheet in waiting:
            while True:
                try:
                    line = line or await asyncio.open_connection(self.host, self.port)
                    line[1].write(sheet.request)
                    status = await asyncio.wait_for(status_of(line[0]), PATIENCE)
                except GONE:
                    hang_up(line)
                    line, status = None, 0
                if status and status not in TRY_AGAIN:
                    break
                self.in_vain += 1
                await asyncio.sleep(PAUSE)
            self.told(sheet, status)
        hang_up(line)

    def told(self, sheet: Sheet, status: int) -> None:
        if status == 200:
            self.acknowledged.add(sheet.receipt)
        else:
            self.refused.append(status)
        self.news.set()

    async def until(self, acknowledged: int) -> None:
        """Until so many are acknowledged."""
        while len(self.acknowledged) < acknowledged:
            self.news.clear()
            await self.news.wait()


def hang_up(line: tuple[StreamReader, StreamWriter] | None) -> None:
    if line:
        with suppress(*GONE):
            line[1].close()
