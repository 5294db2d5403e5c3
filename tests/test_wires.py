"""What goes to another machine goes under TLS to somebody who is known, or nothing goes.

127.0.0.2 is this machine too, and is taken for another one: settings know only 127.0.0.1.
"""

import asyncio
import ssl
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest
import trustme
from aiosmtpd.controller import Controller

from service import doctor_network, settings
from service.findings import Mark
from service.mail import MailServer
from service.starting import Refused, connect
from tests.mailbox import Mailbox
from tests.providers import free_port

ELSEWHERE = "127.0.0.2"
HANDSHAKE = b"\x00\x00\x00\x08\x04\xd2\x16\x2f"  # PostgreSQL's question for TLS
FROM = {"STEMLOKAAL_MAIL_FROM": "stemlokaal@example.org"}


@pytest.fixture
def authority(tmp_path: Path) -> trustme.CA:
    found = trustme.CA()
    found.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    return found


def proved_by(authority: trustme.CA, name: str = ELSEWHERE) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context


# A database elsewhere


class Told:
    """What somebody in the place of PostgreSQL was told, in the clear and under TLS."""

    def __init__(self, tls: ssl.SSLContext | None) -> None:
        self.tls = tls
        self.heard = b""
        self.clear = b""

    async def answer(self, reader: StreamReader, writer: StreamWriter) -> None:
        self.clear += await reader.read(1000)
        if self.clear == HANDSHAKE and self.tls:
            writer.write(b"S")
            try:
                await writer.start_tls(self.tls)
                self.heard += await reader.read(1000)
            except (ssl.SSLError, ConnectionError):
                pass  # it did not like who we are
        elif self.clear == HANDSHAKE:
            writer.write(b"N")
            self.clear += await reader.read(1000)
        writer.close()


@asynccontextmanager
async def in_its_place(tls: ssl.SSLContext | None) -> AsyncIterator[tuple[Told, str]]:
    told = Told(tls)
    server = await asyncio.start_server(told.answer, ELSEWHERE, 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield told, f"postgresql://stem:secret@{ELSEWHERE}:{port}/stemlokaal?sslmode="
    finally:
        server.close()
        await server.wait_closed()


async def tried(address: str) -> None:
    """As `serve` does it; nobody here is a real PostgreSQL."""
    with pytest.raises(Refused, match="STEMLOKAAL_DATABASE"):
        await connect(str(settings.database(address)))


async def test_a_database_that_offers_no_tls_is_told_nothing(
    authority: trustme.CA, tmp_path: Path
) -> None:
    async with in_its_place(None) as (told, address):
        await tried(f"{address}verify-full&sslrootcert={tmp_path}/authority.pem")
        assert told.clear == HANDSHAKE


@pytest.mark.parametrize("name", [ELSEWHERE, "db.example.org"])
async def test_a_database_that_somebody_else_plays_is_told_nothing(
    authority: trustme.CA, tmp_path: Path, name: str
) -> None:
    """With a certificate of an unknown signer; or with a good one, of another name."""
    theirs = trustme.CA() if name == ELSEWHERE else authority
    async with in_its_place(proved_by(theirs, name)) as (told, address):
        await tried(f"{address}verify-full&sslrootcert={tmp_path}/authority.pem")
        assert (told.clear, told.heard) == (HANDSHAKE, b"")


async def test_one_whose_certificate_is_right_is_spoken_to_under_tls(
    authority: trustme.CA, tmp_path: Path
) -> None:
    async with in_its_place(proved_by(authority)) as (told, address):
        await tried(f"{address}verify-full&sslrootcert={tmp_path}/authority.pem")
        assert told.clear == HANDSHAKE
        assert b"stemlokaal" in told.heard


async def test_on_a_network_of_its_own_the_address_says_so() -> None:
    async with in_its_place(None) as (told, address):
        await tried(f"{address}disable")
        assert b"stemlokaal" in told.clear


async def test_a_certificate_that_is_not_there_is_said_and_no_trace() -> None:
    address = f"postgresql://stem:secret@{ELSEWHERE}:1/stemlokaal?sslmode=verify-full"
    await tried(f"{address}&sslrootcert=/nowhere/at/all.pem")
    await tried(address)


@pytest.mark.parametrize(
    ("mode", "mark", "words"),
    [("verify-full", Mark.OK, "under TLS"), ("disable", Mark.LOOK, "in the clear")],
)
def test_the_doctor_says_how_the_database_is_reached(mode: str, mark: Mark, words: str) -> None:
    address = f"postgresql://stem:secret@{ELSEWHERE}/stemlokaal?sslmode={mode}"
    (finding,) = doctor_network.database(settings.read({"STEMLOKAAL_DATABASE": address}))
    assert (finding.mark, words in finding.said) == (mark, True)
    assert doctor_network.database(settings.read({})) == []


# A mail server elsewhere


@contextmanager
def mail_server(tls: ssl.SSLContext | None) -> Iterator[tuple[Mailbox, str]]:
    """It offers TLS where it has a certificate, and insists on nothing."""
    box = Mailbox()
    controller = Controller(box, hostname=ELSEWHERE, port=free_port(), tls_context=tls)
    controller.start()
    try:
        yield box, f"{ELSEWHERE}:{controller.port}"
    finally:
        controller.stop()


async def sent(address: str) -> bool:
    server = MailServer(address, "stemlokaal@example.org")
    return await server.send("omar@example.org", "hello", "hello")


def looked(address: str) -> tuple[Mark, str]:
    (finding,) = doctor_network.mail(settings.read({**FROM, "STEMLOKAAL_SMTP": address}), None)
    return finding.mark, finding.said


async def test_a_mail_server_that_offers_no_tls_gets_no_mail_unless_that_is_said() -> None:
    with mail_server(None) as (box, place):
        assert not await sent(f"smtp://{place}")
        assert not await sent(f"smtps://{place}")
        assert box.received == []
        mark, said = looked(f"smtp://{place}")
        assert (mark, "offers no TLS" in said) == (Mark.BROKEN, True)
        assert await sent(f"smtp+plain://{place}")
        assert len(box.received) == 1
        mark, said = looked(f"smtp+plain://{place}")
        assert (mark, "in the clear" in said) == (Mark.LOOK, True)


async def test_a_mail_server_gets_mail_by_a_certificate_that_is_right_alone(
    authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with mail_server(proved_by(authority)) as (box, place):
        assert not await sent(f"smtp://{place}")
        assert looked(f"smtp://{place}")[0] is Mark.BROKEN
        assert box.received == []
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
        assert await sent(f"smtp://{place}")
        assert looked(f"smtp://{place}")[0] is Mark.OK
        assert len(box.received) == 1
