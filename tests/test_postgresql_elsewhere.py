"""A real PostgreSQL on another machine, reached by TLS alone: the service runs on it, and saves and
restores it.

The PostgreSQL of the wheel speaks no TLS. So a door that does stands before it, on a loopback that
is taken for another machine.
"""

import asyncio
import ssl
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any
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
SAID = b"SFATAL\0C28000\0Mcertificate authentication failed\0\0"
REFUSED = b"E" + (len(SAID) + 4).to_bytes(4) + SAID  # as PostgreSQL says it


class Door(Struct):
    """Before a PostgreSQL; it counts who came in under TLS, and what was said in the clear.

    Where its TLS asks for a certificate it does as PostgreSQL's `cert`: the name in it has to be
    that of the role that is asked for.
    """

    socket: str
    tls: ssl.SSLContext
    hidden: int = 0
    clear: bytes = b""
    shown: list[str] = []  # the numbers of certificates that came in

    async def answer(self, reader: StreamReader, writer: StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            first = await reader.readexactly(len(ASK_FOR_TLS))
            if first != ASK_FOR_TLS:
                self.clear += first
                writer.close()
                return
            writer.write(YES)
            await writer.start_tls(self.tls)
            startup = await packet(reader)
            if self.tls.verify_mode is ssl.CERT_REQUIRED:
                certificate = writer.get_extra_info("peercert")
                if name_in(certificate) != role_in(startup):
                    writer.write(REFUSED)
                    writer.close()
                    return
                self.shown.append(certificate["serialNumber"])
            inside, inwards = await asyncio.open_unix_connection(self.socket)
            inwards.write(startup)
            self.hidden += 1
            await asyncio.gather(
                conduit.passed_on(reader, inwards), conduit.passed_on(inside, writer)
            )


async def packet(reader: StreamReader) -> bytes:
    """The first one that a client sends: its length, and what it wants."""
    length = await reader.readexactly(4)
    return length + await reader.readexactly(int.from_bytes(length) - 4)


def role_in(startup: bytes) -> str:
    words = startup[8:].decode().split("\0")
    return dict(zip(words[::2], words[1::2], strict=False))["user"]


def name_in(certificate: dict[str, Any]) -> str:
    subject = dict(pair for part in certificate["subject"] for pair in part)
    return str(subject.get("commonName"))


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
    rule = "local all stem scram-sha-256"
    async with standing(place, proved_by(authority), rule) as (door, port):
        yield There(door, f"postgresql://stem:{PASSWORD}@{ELSEWHERE}:{port}/served", root)


@asynccontextmanager
async def standing(place: Path, tls: ssl.SSLContext, rule: str) -> AsyncIterator[tuple[Door, int]]:
    """A PostgreSQL with a door before it, and two databases of a role that the rule lets in."""
    (place / "server").mkdir(0o711)
    async with embedded.running(place / "server", say=lambda _: None) as address:
        look = await asyncpg.connect(address)
        await look.execute("create role stem login createrole bypassrls password 'a long password'")
        for name in "served", "restored":
            await look.execute(f"create database {name} owner stem")
        await let_in(look, rule)
        await look.close()
        (folder,) = parse_qs(urlsplit(address).query)["host"]
        door = Door(f"{folder}/.s.PGSQL.5432", tls)
        server = await asyncio.start_server(door.answer, ELSEWHERE, 0)
        yield door, server.sockets[0].getsockname()[1]
        server.close()


async def test_the_service_runs_is_saved_and_restored_under_tls_alone(
    there: There, place: Path
) -> None:
    await runs_is_saved_and_restored(there.door, there.known, place)


async def runs_is_saved_and_restored(door: Door, known: str, place: Path) -> None:
    own, file = Place(place), place / "monday.backup"
    async with own.started("serve", STEMLOKAAL_DATABASE=known) as serving:
        await serving.says("First run", FIRST_START)
        await answering(own.url)
        served = door.hidden
        assert served >= 3
        async with own.started("backup", str(file), STEMLOKAAL_DATABASE=known) as saving:
            assert await saving.ends() == 0, saving.said
    assert file.stat().st_size > 10_000
    assert door.hidden > served + 1  # ours, and that of the program
    empty = known.replace("/served?", "/restored?")
    async with own.started("restore", str(file), STEMLOKAAL_DATABASE=empty) as restoring:
        assert await restoring.ends() == 0, restoring.said
    assert "Restored." in restoring.said
    assert door.clear == b""


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


async def test_nothing_is_put_between_where_no_tls_is_asked_for() -> None:
    for address in (
        "postgresql://stem@127.0.0.1/stemlokaal",
        "postgresql://stem@/stemlokaal?host=/var/run/postgresql",
        "postgresql://stem@db.example.org/stemlokaal?sslmode=disable",
    ):
        async with conduit.reachable(address) as near:
            assert near == address


async def test_the_programs_reach_one_on_this_machine_that_asks_for_tls_too() -> None:
    """They would refuse its address: they know no `sslmode` but that of no TLS."""
    address = "postgresql://stem@127.0.0.1/stemlokaal?sslmode=verify-full&sslcert=/nowhere.pem"
    async with conduit.reachable(address) as near:
        assert near.startswith("postgresql://stem@/stemlokaal?host=")
        assert "ssl" not in near
