"""Brings a database up to date: numbered SQL files, in order, each of them once and unchanged."""

import logging
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path

from asyncpg import Connection, PostgresError

FOLDER = Path(__file__).with_name("migrations")
LOCK = int.from_bytes(sha256(b"stemlokaal migrations").digest()[:4])


class MigrationRefused(Exception):
    """The database and the migrations do not belong together; the message says where and why."""


async def migrate(
    connection: Connection,
    say: Callable[[str], None] = logging.getLogger(__name__).info,
    folder: Path = FOLDER,
) -> list[str]:
    """Apply what is new, each file in a transaction of its own, and return the names applied."""
    scripts = {path.stem: path.read_bytes() for path in sorted(folder.glob("[0-9]*.sql"))}
    checksums = {name: sha256(script).hexdigest() for name, script in scripts.items()}
    await wait_for_turn(connection, say)
    try:
        new = unapplied(checksums, await applied_checksums(connection))
        for name in new:
            async with connection.transaction():
                await apply(connection, name, scripts[name].decode(), checksums[name])
            say(f"Migration {name} applied.")
        return new
    finally:
        await connection.execute("select pg_advisory_unlock($1)", LOCK)


async def wait_for_turn(connection: Connection, say: Callable[[str], None]) -> None:
    """Of services that start together one migrates; the others find nothing left to do."""
    if not await connection.fetchval("select pg_try_advisory_lock($1)", LOCK):
        say("Another process is bringing the database up to date; waiting for it ...")
        await connection.execute("select pg_advisory_lock($1)", LOCK)


def unapplied(checksums: Mapping[str, str], applied: Mapping[str, str]) -> list[str]:
    """The names still to apply, after what is applied was found unchanged and complete."""
    for name, checksum in applied.items():
        if name not in checksums:
            raise MigrationRefused(
                f"The database has had migration {name}, which this version of Stemlokaal does "
                "not know: install the newer version that it came with."
            )
        if checksums[name] != checksum:
            raise MigrationRefused(f"Migration {name} was changed after it was applied.")
    new = [name for name in checksums if name not in applied]
    if new and applied and new[0] < max(applied):
        raise MigrationRefused(f"Migration {new[0]} comes too late: {max(applied)} is applied.")
    return new


async def applied_checksums(connection: Connection) -> dict[str, str]:
    await connection.execute(
        "create table if not exists migration (name text primary key, checksum text not null)"
    )
    return dict(await connection.fetch("select name, checksum from migration order by name"))


async def apply(connection: Connection, name: str, script: str, checksum: str) -> None:
    try:
        await connection.execute(script)
    except PostgresError as error:
        error.add_note(f"in migration {name}")
        raise
    await connection.execute("insert into migration values ($1, $2)", name, checksum)
