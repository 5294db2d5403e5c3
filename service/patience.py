"""How long we wait for a visitor, and how much we listen to before anything is understood.

uvicorn alone waits for ever: a socket that sends a byte a second, or nothing, or that never reads
its reply, is held until somebody ends the service, and a head of the request may be as long as
memory lasts. A few hundred such sockets keep a school from answering.
"""

import asyncio
from http import HTTPStatus

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from service import headers

LARGEST_HEAD = 32 * 1024  # bytes; a browser's own is below 4, what a proxy adds included
SLOWEST_BODY = 500  # bytes a second


class TooLargeAHead(Exception):
    """Of the request: its first line and its headers."""


class Patient(HttpToolsProtocol):
    """One connection. `seconds` is how long a head, a pause in a body or an unread reply may take;
    how it went is looked at every `glance` seconds."""

    seconds = 20.0
    glance = 5.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.silent = True
        self.in_head, self.head_bytes = True, 0
        self.refusal = HTTPStatus.BAD_REQUEST
        self.unread = 0
        self.read_at = self.loop.time()
        self.wait()
        self.next_look = self.loop.call_later(self.glance, self.look)

    def connection_lost(self, exc: Exception | None) -> None:
        self.next_look.cancel()
        super().connection_lost(exc)

    def wait(self) -> None:
        self.asking, self.until = True, self.loop.time() + self.seconds

    def look(self) -> None:
        now, unread = self.loop.time(), self.transport.get_write_buffer_size()
        if unread == 0 or unread < self.unread:
            self.read_at = now
        self.unread = unread
        self.next_look = self.loop.call_later(self.glance, self.look)
        if now - self.read_at > self.seconds:
            self.transport.abort()
        elif self.asking and now > self.until and not self.transport.is_closing():
            self.give_up()

    def give_up(self) -> None:
        """A browser that only opened a connection, or has its reply already, is told nothing."""
        answered = self.cycle is not None and self.cycle.response_started and not self.in_head
        if self.silent or answered:
            self.transport.close()
        else:
            self.refuse(HTTPStatus.REQUEST_TIMEOUT)

    # What the parser finds

    def data_received(self, data: bytes) -> None:
        self.silent = False
        if not self.asking:
            self.wait()
        if self.in_head:
            self.head_bytes += len(data)
        super().data_received(data)
        if self.in_head and self.head_bytes > LARGEST_HEAD and not self.transport.is_closing():
            self.refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)

    def on_message_begin(self) -> None:
        self.in_head = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        size = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        if size > LARGEST_HEAD:
            self.refusal = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
            raise TooLargeAHead
        self.in_head, self.head_bytes = False, 0
        self.until = self.loop.time() + self.seconds
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self.until += len(body) / SLOWEST_BODY
        super().on_body(body)

    def on_message_complete(self) -> None:
        self.asking = False
        super().on_message_complete()

    # What is no request

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  uvicorn's own name
        self.refuse(self.refusal)

    def refuse(self, status: HTTPStatus) -> None:
        """With the headers of every page; browsers ignore what is about TLS where there is none."""
        words = f"{status.phrase}\n".encode()
        head = {
            **headers.shell(secure=True),
            "Content-Type": "text/plain; charset=utf-8",
            "Content-Length": str(len(words)),
            "Connection": "close",
        }
        lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
        first = f"HTTP/1.1 {status.value} {status.phrase}\r\n"
        self.transport.write(first.encode() + lines.encode() + b"\r\n" + words)
        self.transport.close()
