"""Sending keepers to their death: see `tests/doomed.py`, which runs in a process of its own."""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from service.storage.closing import Due
from tests.ballots import Ballots
from tests.doomed import Errand

ROOT = Path(__file__).parent.parent


class Doomed:
    """Sends keepers to their death, in processes of their own."""

    def __init__(self, process: Process) -> None:
        self.process = process

    async def close(self, ballots: Ballots, due: Due, **fault: Any) -> tuple[bool, list[str]]:
        """Whether the keeper was killed, and the lines that it passed where it was not."""
        errand = Errand(
            dsn=ballots.dsn,
            folders=[str(folder) for folder in ballots.keeper.keys.folders],
            school_id=str(due.school_id),
            round_id=str(due.round_id),
            moment=ballots.clock().isoformat(),
            **fault,
        )
        assert self.process.stdin
        self.process.stdin.write(json.dumps(structs.asdict(errand)).encode() + b"\n")
        passed: list[str] = []
        while isinstance(told := await self.line(), list):
            passed = told
        assert told["killed"] or told["status"] == 0
        return told["killed"], passed

    async def line(self) -> Any:
        assert self.process.stdout
        async with asyncio.timeout(20):
            return json.loads(await self.process.stdout.readline())


@pytest.fixture
async def doomed() -> AsyncIterator[Doomed]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.doomed", stdin=PIPE, stdout=PIPE, cwd=ROOT
    )
    yield Doomed(process)
    process.kill()
    await process.communicate()
