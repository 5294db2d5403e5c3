"""Backup and restore: a file of everything but what could open an answer, or was one.

Sealed answers stay out of a backup as keys and pepper do: restored next to keys that still exist
they could be counted once more, and two counts of one round can be subtracted. So a round that
was open has lost its answers in a restored database, and its pages say so.
"""

import asyncio
import os
from asyncio import StreamReader
from asyncio.subprocess import PIPE
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import cast
from urllib.parse import unquote, urlsplit, urlunsplit

import asyncpg
from asyncpg import Connection

from service import conduit
from service.storage import restoring
from service.storage.migrate import migrate

OTHER_PEPPER = (
    "The pepper is not the one of this backup: codes and links that were handed out lead nowhere "
    "any more, and who signed in with a phone sets it up anew. Schools that sign in by a provider "
    "fill in its client secret again; without passwords, `stemlokaal school local-sign-in` comes "
    "first. Results, people and groups are all there."
)
LEFT_OUT = (
    "envelope",
    "key_stock",
    "session",
    "half_sign_in",
    "password_reset",
    "mistake",
    "signing_in",
)  # their content; the tables are there
DUMPED = "dumping contents of table"
LOADED = "processing data for table"

Say = Callable[[str], None]


class NotBackedUp(Exception):
    """PostgreSQL's own program could not do it; the message is its last words."""


class NotEmpty(Exception):
    """There is something already where a backup was to be restored."""


async def backup(dsn: str, file: Path, pg_dump: Path, say: Say) -> None:
    """Consistent while the service runs. The file is there whole or not at all."""
    tables = await restoring.tables(dsn)
    unfinished = file.with_name(f"{file.name}.unfinished")
    unfinished.touch(0o600)
    arguments = ["--format=custom", "--verbose", f"--file={unfinished}"]
    arguments += [f"--exclude-table-data={table}" for table in LEFT_OUT]
    try:
        async with conduit.reachable(dsn) as near:
            await run(pg_dump, near, arguments, DUMPED, tables - len(LEFT_OUT), say)
        await asyncio.to_thread(os.replace, unfinished, file)
    finally:
        unfinished.unlink(missing_ok=True)


async def restore(
    dsn: str, file: Path, pg_restore: Path, mark: bytes | None, now: datetime, say: Say
) -> list[str]:
    """Into an empty database, brought up to date; returns what the operator should know.

    `mark` is that of the pepper that is here. Raises NotEmpty.
    """
    connection = await asyncpg.connect(dsn)
    try:
        if await restoring.is_used(connection):
            raise NotEmpty
        await restoring.make_roles(connection)
        arguments = ["--no-owner", "--single-transaction", "--exit-on-error", "--verbose"]
        async with conduit.reachable(dsn) as near:
            await run(pg_restore, near, [*arguments, str(file)], LOADED, None, say)
        await restoring.give_functions(connection)
        await migrate(connection, say)
        return [
            *await forget_pepper(connection, mark),
            *await close_what_was_open(connection, now),
        ]
    finally:
        await connection.close()


async def forget_pepper(connection: Connection, mark: bytes | None) -> list[str]:
    """With another pepper no code leads anywhere any more: they go, and so does its mark."""
    if await restoring.mark(connection) == mark:
        return []
    await restoring.drop_codes(connection)
    return [OTHER_PEPPER]


async def close_what_was_open(connection: Connection, now: datetime) -> list[str]:
    lost = await restoring.close_open_rounds(connection, now)
    if not lost:
        return []
    return [f"Open when the backup was made, and lost with their answers: {lost} rounds."]


async def run(
    program: Path, dsn: str, arguments: Sequence[str], step: str, steps: int | None, say: Say
) -> None:
    """One of PostgreSQL's programs, out of the wheel; its lines become a progress line."""
    address, password = without_password(dsn)
    process = await asyncio.create_subprocess_exec(
        program,
        f"--dbname={address}",
        *arguments,
        env={**os.environ, "PGPASSWORD": password},  # a command line is for all to read
        stdout=PIPE,
        stderr=PIPE,
    )
    done, last = 0, ""
    async for line in cast(StreamReader, process.stderr):
        last = line.decode(errors="replace").strip()
        if step in last:
            done += 1
            table = last.rsplit(".", 1)[-1].strip('"')
            say(f"  {table} ({done} of {steps})" if steps else f"  {table} ({done})")
    if await process.wait():
        raise NotBackedUp(f"{program.name}: {last}")


def without_password(dsn: str) -> tuple[str, str]:
    parts = urlsplit(dsn)
    user, _, where = parts.netloc.rpartition("@")
    name, _, password = user.partition(":")
    netloc = f"{name}@{where}" if name else where
    return urlunsplit(parts._replace(netloc=netloc)), unquote(password)
