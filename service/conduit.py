"""The programs of PostgreSQL out of the wheel speak no TLS. For a database that does they get a
socket of this machine, from which all they say goes on under TLS, to a server whose certificate was
looked at."""

import asyncio
import socket
import ssl
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote, urlsplit

from service import wires

ASK_FOR_TLS = (8).to_bytes(4) + (80877103).to_bytes(4)  # PostgreSQL's SSLRequest
YES = b"S"
PATIENCE = 20.0  # seconds
PART = 2**16  # bytes
ROOT = "~/.postgresql/root.crt"  # where PostgreSQL's clients look if nothing is said


@asynccontextmanager
async def reachable(dsn: str) -> AsyncIterator[str]:
    """An address that those programs can use: the same where no TLS is asked for."""
    if wires.sslmode(dsn) not in wires.CHECKED:
        yield dsn
        return
    with TemporaryDirectory(prefix="stemlokaal-") as folder:  # which others may not enter

        async def carry(reader: StreamReader, writer: StreamWriter) -> None:
            with suppress(OSError):
                await carried(dsn, reader, writer)
            writer.close()

        server = await asyncio.start_unix_server(carry, f"{folder}/.s.PGSQL.5432")
        try:
            yield through(dsn, folder)
        finally:
            server.close()


async def carried(dsn: str, reader: StreamReader, writer: StreamWriter) -> None:
    host, port = wires.place(dsn)
    line = await asyncio.to_thread(asked_for_tls, host, port)
    far_reader, far_writer = await asyncio.open_connection(
        sock=line, ssl=context_of(dsn), server_hostname=host
    )
    await asyncio.gather(passed_on(reader, far_writer), passed_on(far_reader, writer))


def asked_for_tls(host: str, port: int) -> socket.socket:
    """One byte is read and no more: what somebody in between puts behind it is no TLS."""
    line = socket.create_connection((host, port), PATIENCE)
    line.sendall(ASK_FOR_TLS)
    if line.recv(1) != YES:
        line.close()
        raise ConnectionRefusedError("the database offers no TLS")
    line.setblocking(False)
    return line


def context_of(dsn: str) -> ssl.SSLContext:
    root = wires.parameter(dsn, "sslrootcert") or str(Path(ROOT).expanduser())
    context = ssl.create_default_context(cafile=root)
    context.check_hostname = wires.sslmode(dsn) == "verify-full"
    if own := wires.parameter(dsn, "sslcert"):
        context.load_cert_chain(own, wires.parameter(dsn, "sslkey") or None)
    return context


async def passed_on(reader: StreamReader, writer: StreamWriter) -> None:
    while part := await reader.read(PART):
        writer.write(part)
        await writer.drain()
    writer.close()


def through(dsn: str, folder: str) -> str:
    parts = urlsplit(dsn)
    who = parts.netloc.rpartition("@")[0]
    return parts._replace(netloc=f"{who}@" if who else "", query=f"host={quote(folder)}").geturl()
