"""Files out of a form, held in memory and nowhere else.

The framework puts a file of more than a megabyte on disk for a moment. What comes in here may hold
students' names, so it is taken apart by ourselves: nothing of it is ever written.
"""

from litestar.exceptions import ClientException
from msgspec import Struct
from multipart import MultipartError, MultipartSegment, PushMultipartParser, parse_options_header

MOST_PARTS = 60


class Posted(Struct, frozen=True):
    """A form with files: what was filled in, and each file by its name."""

    fields: dict[str, str]
    files: list[tuple[str, bytes]]


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
