"""A real PostgreSQL on another machine, reached by TLS alone: the service runs on it, and saves and
restores it.

The PostgreSQL of the wheel speaks no TLS. So a door that does stands before it, on a loopback that
is taken for another machine.
"""

import asyncio
import ssl
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import asyncpg
import pytest
import trustme
from msgspec import Struct

from service import conduit, embedded
from service.conduit import ASK_FOR_TLS, YES
from tests.letting_in import let_in
from tests.test_commands import FIRST_START, Place, answering
from tests.test_wires import ELSEWHERE, proved_by

PASSWORD = "a%20long%20password"


class Door(Struct):
    """Before a PostgreSQL; it counts who came in under TLS, and what was said in the clear."""

    socket: str
    tls: ssl.SSLContext
    hidden: int = 0
    clear: bytes = b""

    async def answer(self, reader: StreamReader, writer: StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            first = await reader.readexactly(len(ASK_FOR_TLS))
            if first != ASK_FOR_TLS:
                self.clear += first
                writer.close()
                return
            writer.write(YES)
            await writer.start_tls(self.tls)
            inside, inwards = await asyncio.open_unix_connection(self.socket)
            self.hidden += 1
            await asyncio.gather(
                conduit.passed_on(reader, inwards), conduit.passed_on(inside, writer)
            )


class There(Struct, frozen=True):
    door: Door
    address: str
    root: Path

    @property
    def known(self) -> str:
        return f"{self.address}?sslmode=verify-full&sslrootcert={self.root}"


@pytest.fixture
async def there(place: Path) -> AsyncIterator[There]:
    authority, root = trustme.CA(), place / "authority.pem"
    authority.cert_pem.write_to_path(str(root))
    (place / "server").mkdir(0o711)
    async with embedded.running(place / "server", say=lambda _: None) as address:
        look = await asyncpg.connect(address)
        await look.execute("create role stem login createrole bypassrls password 'a long password'")
        for name in "served", "restored":
            await look.execute(f"create database {name} owner stem")
        await let_in(look, "local all stem scram-sha-256")
        await look.close()
        (folder,) = parse_qs(urlsplit(address).query)["host"]
        door = Door(f"{folder}/.s.PGSQL.5432", proved_by(authority))
        server = await asyncio.start_server(door.answer, ELSEWHERE, 0)
        port = server.sockets[0].getsockname()[1]
        yield There(door, f"postgresql://stem:{PASSWORD}@{ELSEWHERE}:{port}/served", root)
        server.close()


async def test_the_service_runs_is_saved_and_restored_under_tls_alone(
    there: There, place: Path
) -> None:
    own, file = Place(place), place / "monday.backup"
    async with own.started("serve", STEMLOKAAL_DATABASE=there.known) as serving:
        await serving.says("First run", FIRST_START)
        await answering(own.url)
        served = there.door.hidden
        assert served >= 3
        async with own.started("backup", str(file), STEMLOKAAL_DATABASE=there.known) as saving:
            assert await saving.ends() == 0, saving.said
    assert file.stat().st_size > 10_000
    assert there.door.hidden > served + 1  # ours, and that of the program
    empty = there.known.replace("/served?", "/restored?")
    async with own.started("restore", str(file), STEMLOKAAL_DATABASE=empty) as restoring:
        assert await restoring.ends() == 0, restoring.said
    assert "Restored." in restoring.said
    assert there.door.clear == b""


async def test_the_programs_reach_nobody_whose_certificate_is_not_right(
    there: There, tmp_path: Path
) -> None:
    """Their socket closes, and nothing of what they say goes on."""
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "other.pem"))
    stranger = there.known.replace(str(there.root), str(tmp_path / "other.pem"))
    for address, comes in (there.known, True), (stranger, False):
        before = there.door.hidden
        async with conduit.reachable(address) as near:
            reached = await came_through(near)
        assert (reached, there.door.hidden - before) == (comes, int(comes))


async def came_through(near: str) -> bool:
    try:
        connection = await asyncpg.connect(near)
    except (OSError, asyncpg.PostgresError):
        return False
    await connection.close()
    return True


async def test_nothing_is_put_between_where_nothing_has_to_be_hidden() -> None:
    for address in (
        "postgresql://stem@127.0.0.1/stemlokaal?sslmode=verify-full",
        "postgresql://stem@db.example.org/stemlokaal?sslmode=disable",
    ):
        async with conduit.reachable(address) as near:
            assert near == address
