"""A student's reply, put on the line as it is, and a student's form, read without a copy.

A whole country may answer in the same minutes, and of the 0.13 ms that a page cost through the
framework three quarters went into arguments, signatures and wrappers. Nor may a child's form pass
through it: it keeps the last 1,024 that it read in memory, answers and all.
"""

import gzip
from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import parse_qsl

from litestar import Request, Response
from litestar.exceptions import ClientException
from litestar.types import Receive, Send
from msgspec import Struct

from service import headers, students

Form = dict[str, str]
Visit = Request[Any, Any, Any]
Headers = tuple[tuple[bytes, bytes], ...]

LARGEST_FORM = 64 * 1024  # bytes; ten texts in the widest characters fit five times
MOST_FIELDS = 200
WORTH_COMPRESSING = 500  # bytes
HTML = ((b"content-type", b"text/html; charset=utf-8"),)
JSON = ((b"content-type", b"application/json"),)
GZIP = ((b"content-encoding", b"gzip"),)


class TooLarge(ClientException):
    """A form that nobody filled in by hand."""

    status_code = 413


class Reply(Struct, frozen=True):
    """`headers` are those that it has besides those of every reply to a student."""

    status: int
    body: bytes
    headers: Headers

    async def send(self, send: Send, *, secure: bool) -> None:
        length = (b"content-length", b"%d" % len(self.body))
        every = of_every_reply(secure=secure)
        head = [*every, length, *self.headers]
        await send({"type": "http.response.start", "status": self.status, "headers": head})
        await send({"type": "http.response.body", "body": self.body, "more_body": False})


@cache
def of_every_reply(*, secure: bool) -> Headers:
    return encoded(headers.shell(secure=secure) | students.HEADERS)


def encoded(some: Mapping[str, str]) -> Headers:
    return tuple((name.lower().encode(), value.encode()) for name, value in some.items())


def of_page(page: Response[str], visit: Visit) -> Reply:
    """A page that was rendered for this visit, compressed where the phone can read that."""
    body, status = page.content.encode(), page.status_code or 200
    more = encoded({name: page.headers[name] for name in page.headers.keys() - students.HEADERS})
    if len(body) > WORTH_COMPRESSING and reads_gzip(visit):
        return Reply(status, gzip.compress(body, 6), (*HTML, *GZIP, *more))
    return Reply(status, body, (*HTML, *more))


def redirect(path: str) -> Reply:
    return Reply(302, b"", ((b"location", path.encode()),))


def reads_gzip(visit: Visit) -> bool:
    return "gzip" in visit.headers.get("accept-encoding", "")


async def form_of(receive: Receive) -> Form:
    """A posted form. Raises TooLarge, or ClientException where it is no form.

    Half of one that broke off is none: counted, it would keep out the whole one that comes next.
    """
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientException("broken off")
        body += message.get("body", b"")  # type: ignore[operator]
        more = bool(message.get("more_body", False))
        if len(body) > LARGEST_FORM:
            raise TooLarge
    try:
        fields = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        raise ClientException("not a form") from None  # without its cause, which may quote it
    return dict(fields)
