"""A service in a process of its own, with its own PostgreSQL: to be killed and started again."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from random import SystemRandom

import asyncpg
import psutil

from service import app, embedded, settings
from service.app import Service
from service.sealing import Pepper
from tests.bench._serving import free_port, listening

RESTART = 60.0  # seconds, at most, on a machine that does other things too


class Victim:
    def __init__(self, place: Path) -> None:
        self.environment = {
            "STEMLOKAAL_DATA": str(place / "data"),
            "STEMLOKAAL_KEYS": f"{place / 'keys'}:{place / 'other-disk'}",
            "STEMLOKAAL_PORT": str(free_port()),
        }
        self.settings = settings.read(self.environment)
        self.process: asyncio.subprocess.Process | None = None
        self.longest_absence = 0.0

    async def start(self) -> None:
        began = time.monotonic()
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("STEMLOKAAL_")}
        self.process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "service",
            "serve",
            env={**inherited, **self.environment},
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,  # it says a lot while it is being killed
        )
        async with asyncio.timeout(RESTART):
            await listening(self.settings.port, self.process)
        self.longest_absence = max(self.longest_absence, time.monotonic() - began)

    async def stop(self) -> None:
        if self.process and self.process.returncode is None:
            self.process.terminate()
            await self.process.wait()

    async def kill(self) -> None:
        """The service, as a power cut does it: no word, no last commit."""
        assert self.process
        self.process.kill()
        await self.process.wait()

    def kill_database(self) -> None:
        """PostgreSQL's server and every process under it, while they write."""
        file = self.settings.data / "postgresql/data/postmaster.pid"
        with suppress(psutil.NoSuchProcess):
            server = psutil.Process(int(file.read_text().partition("\n")[0]))
            for process in (server, *server.children()):
                with suppress(ProcessLookupError):
                    os.kill(process.pid, signal.SIGKILL)

    @property
    def dsn(self) -> str:
        found = embedded.address_if_running(self.settings.data)
        assert found, "the database is not there"
        return found

    @property
    def pepper(self) -> Pepper:
        return Pepper(self.settings.pepper.read_bytes())

    @asynccontextmanager
    async def inside(self) -> AsyncIterator[Service]:
        """Its database, keys and pepper from this process, to prepare what is sent to it."""
        clock = partial(datetime.now, self.settings.zone)
        async with app.running(self.settings, self.dsn, self.pepper, clock, SystemRandom()) as one:
            yield one

    @asynccontextmanager
    async def looked_into(self) -> AsyncIterator[asyncpg.Connection]:
        connection = await asyncpg.connect(self.dsn)
        try:
            yield connection
        finally:
            await connection.close()


@asynccontextmanager
async def started(place: Path) -> AsyncIterator[Victim]:
    victim = Victim(place)
    await victim.start()
    try:
        yield victim
    finally:
        await victim.stop()
