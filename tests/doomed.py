"""A keeper that is killed while it closes a round: at a chosen line of its work, or at a moment.

Run as a program it waits for rounds to close, one JSON line each, and lets a child of its own
close each, so that a death costs no start of Python. Nothing of this is in the product: the
child watches itself through Python's tracing.
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from random import SystemRandom
from types import FrameType
from typing import Any
from uuid import UUID

from msgspec import Struct

from service import app, disk, keeper, keys
from service.keeper import Keeper
from service.storage import closing, ending, tenancy
from service.storage.closing import Due
from tests.house import PEPPER

WATCHED = {module.__file__ for module in (keeper, keys, disk, closing, ending, tenancy)}


class Errand(Struct, frozen=True):
    """Close a round as if it were this moment; die before the given line, or after some seconds.

    With neither, the child survives and tells which lines it passed.
    """

    dsn: str
    folders: list[str]
    school_id: str
    round_id: str
    moment: str
    line: str = ""
    seconds: float = 0


async def close(errand: Errand) -> None:
    async with app.pool_as("stemlokaal_keeper", errand.dsn) as pool:
        at_work = Keeper(
            pool,
            tuple(map(Path, errand.folders)),
            PEPPER,
            lambda: datetime.fromisoformat(errand.moment),
            SystemRandom(),
        )
        await at_work.close(Due(UUID(errand.school_id), UUID(errand.round_id)))


def watching(passed: dict[str, None], line: str) -> Callable[[FrameType, str, Any], Any]:
    """Notes each watched line before it runs, and kills at the chosen one."""

    def watch(frame: FrameType, event: str, _: Any) -> Any:
        if frame.f_code.co_filename not in WATCHED:
            return None
        if event == "line":
            here = f"{Path(frame.f_code.co_filename).name}:{frame.f_lineno}"
            if here == line:
                os.kill(os.getpid(), signal.SIGKILL)
            passed[here] = None
        return watch

    return watch


def child(errand: Errand) -> None:
    passed: dict[str, None] = {}
    if errand.seconds:  # SIGALRM that nobody handles ends a process as kill -9 does
        signal.setitimer(signal.ITIMER_REAL, errand.seconds)
    sys.settrace(watching(passed, errand.line))
    asyncio.run(close(errand))
    sys.settrace(None)
    print(json.dumps(list(passed)), flush=True)


def main() -> None:
    for line in sys.stdin:
        errand = Errand(**json.loads(line))
        pid = os.fork()
        if pid == 0:
            child(errand)
            os._exit(0)
        _, status = os.waitpid(pid, 0)
        print(json.dumps({"killed": os.WIFSIGNALED(status), "status": status}), flush=True)


if __name__ == "__main__":
    main()
