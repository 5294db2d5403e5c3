"""A service of its own for measurements: started as anybody starts it, its CPU time counted."""

import asyncio
import os
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from random import SystemRandom

import asyncpg
from msgspec import Struct

from service import app, embedded
from service.app import Service
from service.sealing import Pepper
from service.settings import Settings, read

TICKS = os.sysconf("SC_CLK_TCK")


class Machine(Struct):
    """A running service: its address, its settings, its process."""

    settings: Settings
    dsn: str
    process: asyncio.subprocess.Process

    @property
    def url(self) -> str:
        return self.settings.url

    def cpu_seconds(self) -> float:
        """CPU time of the service and of every process under it, the database's included."""
        return sum(cpu_of(pid) for pid in family(self.process.pid))

    def memory_bytes(self) -> int:
        """Proportional set size: what is shared is counted once."""
        return sum(pss_of(pid) for pid in family(self.process.pid))

    @asynccontextmanager
    async def inside(self) -> AsyncIterator[Service]:
        """The same database, keys and pepper from this process, to prepare what is measured."""
        pepper = Pepper(self.settings.pepper.read_bytes())
        clock = partial(datetime.now, self.settings.zone)
        async with app.running(self.settings, self.dsn, pepper, clock, SystemRandom()) as service:
            yield service


@asynccontextmanager
async def serving(**environment: str) -> AsyncIterator[Machine]:
    with tempfile.TemporaryDirectory(prefix="stemlokaal-bench-") as folder:
        place = Path(folder)
        place.chmod(0o711)
        variables = {
            "STEMLOKAAL_DATA": str(place / "data"),
            "STEMLOKAAL_PORT": str(free_port()),
            **environment,
        }
        settings = read(variables)
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "service",
            "serve",
            env={**os.environ, **variables},
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,  # a line for each request of staff
        )
        try:
            await listening(settings.port, process)
            dsn = settings.database or embedded.address_if_running(settings.data)
            assert dsn is not None
            yield Machine(settings, dsn, process)
        finally:
            process.terminate()
            await process.wait()


async def listening(port: int, process: asyncio.subprocess.Process) -> None:
    while process.returncode is None:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
        else:
            writer.close()
            await writer.wait_closed()
            return
    raise RuntimeError("the service ended before it could be measured")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def family(pid: int) -> Iterator[int]:
    yield pid
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and parent_of(int(entry.name)) == pid:
            yield from family(int(entry.name))


def parent_of(pid: int) -> int | None:
    fields = stat_of(pid)
    return int(fields[1]) if fields else None


def cpu_of(pid: int) -> float:
    """With that of its children that have ended, such as connections of the database."""
    return sum(map(int, stat_of(pid)[11:15])) / TICKS


def stat_of(pid: int) -> list[str]:
    """The fields after the name, which may hold anything; empty for a process that has gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def pss_of(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(1024 * int(line.split()[1]) for line in lines if line.startswith("Pss:"))


async def connected(machine: Machine) -> asyncpg.Connection:
    return await asyncpg.connect(machine.dsn)
