"""A child process that ends with us: started, started again when it ends, stopped at the end."""

import asyncio
import ctypes
import os
import signal
import sys
import time
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from pwd import struct_passwd
from typing import BinaryIO

PR_SET_PDEATHSIG = 1  # linux/prctl.h
PRCTL = ctypes.CDLL(None).prctl if sys.platform == "linux" else None


@asynccontextmanager
async def kept_running(
    launch: Callable[[], Awaitable[Process]], say: Callable[[str], None], name: str
) -> AsyncIterator[Process]:
    """Launch a server, launch it again whenever it ends by itself, and stop it on the way out."""

    async def keep(server: Process) -> None:
        pause = 0.1
        while True:
            started = time.monotonic()
            try:
                await server.wait()
            finally:
                await stop(server)
            lasted = time.monotonic() - started
            pause = 0.1 if lasted > 10 else min(2 * pause, 10)
            await asyncio.sleep(pause)
            say(f"{name} ended ({server.returncode}) and is started again.")
            server = await launch()

    server = await launch()
    keeping = asyncio.create_task(keep(server))
    try:
        yield server
    finally:
        keeping.cancel()
        with suppress(asyncio.CancelledError):
            await keeping


async def stop(server: Process) -> None:
    if server.returncode is None:
        with suppress(ProcessLookupError):
            # "Fast", to PostgreSQL; asyncio's own way may lose the end of it.
            os.kill(server.pid, signal.SIGINT)
    await server.wait()


async def start(
    program: Path, *arguments: str | Path, log: BinaryIO, account: struct_passwd | None
) -> Process:
    """Started by root, it runs as `account`. Linux ends it with the thread that started it."""
    parent = os.getpid()

    def before_exec() -> None:
        os.setsid()  # Ctrl-C in a terminal is for the service, which stops the server last
        if account:
            os.setgroups([])
            os.setgid(account.pw_gid)
            os.setuid(account.pw_uid)
        if PRCTL:
            PRCTL(PR_SET_PDEATHSIG, signal.SIGINT)
            if os.getppid() != parent:
                os._exit(1)

    return await asyncio.create_subprocess_exec(
        program,
        *arguments,
        stdin=DEVNULL,
        stdout=DEVNULL,
        stderr=log,
        env={"LC_ALL": "C"},
        cwd="/",
        preexec_fn=before_exec,
    )
