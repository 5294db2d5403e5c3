"""Files out of a form, held in memory and nowhere else.

The framework puts a file of more than a megabyte on disk for a moment. What comes in here may hold
students' names, so it is taken apart by ourselves: nothing of it is ever written.
"""

from typing import Any

from litestar import Request
from litestar.exceptions import ClientException
from msgspec import Struct
from multipart import MultipartError, MultipartSegment, PushMultipartParser, parse_options_header

LARGEST = 8 * 1024 * 1024  # bytes, as they are sent: a zip is a tenth of what is in it
MOST_READ = 64 * 1024 * 1024
MOST_PARTS = 60


class Posted(Struct, frozen=True):
    """A form with files: what was filled in, and each file by its name."""

    fields: dict[str, str]
    files: list[tuple[str, bytes]]


async def body_of(request: Request[Any, Any, Any]) -> bytes | None:
    """None where it is larger than is allowed.

    It is read to its end then, and thrown away: a browser that is cut off shows no page. The
    route is to allow MOST_READ, beyond which it is cut off all the same.
    """
    held = bytearray()
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size <= LARGEST:
            held += chunk
    return bytes(held) if size <= LARGEST else None


def posted(content_type: str, body: bytes) -> Posted:
    """Raises ClientException where it is no form."""
    kind, options = parse_options_header(content_type)
    if kind != "multipart/form-data" or not options.get("boundary"):
        raise ClientException("no form with files")
    form = Posted({}, [])
    content = bytearray()
    segment: MultipartSegment | None = None
    try:
        with PushMultipartParser(options["boundary"], max_segment_count=MOST_PARTS) as parser:
            for part in parser.parse(body):
                if isinstance(part, MultipartSegment):
                    segment, content = part, bytearray()
                elif part:
                    content += part
                elif segment and segment.filename:
                    form.files.append((segment.filename, bytes(content)))
                elif segment and segment.filename is None:
                    form.fields[segment.name] = content.decode()
    except (MultipartError, UnicodeDecodeError) as error:
        raise ClientException("no form with files") from error
    return form
