"""Static files, kept in memory, compressed once. An address holds a hash, so it never changes.

What stands on every page is one style, written room by room and sent as one file. Plotly's script
and style come out of the installed package.
"""

import gzip
import hashlib
import mimetypes
from functools import cache
from pathlib import Path

from msgspec import Struct

import service
from service import plotly

FOLDER = Path(service.__file__).parent.parent / "static"
NAMES = frozenset(path.name for path in FOLDER.iterdir() if path.is_file())
"""No path is made out of a name that a visitor asks for."""

ROOMS = {  # of two rules that weigh as much, the later one holds
    "style.css": (
        "style/foundations.css",
        "style/page.css",
        "style/sheets.css",
        "style/buttons.css",
        "style/forms.css",
        "style/translating.css",
        "style/classes.css",
        "style/rounds.css",
        "style/results.css",
        "style/people.css",
        "style/screen.css",
        "style/paper.css",
    ),
    "answer.css": (
        "answer/foundations.css",
        "answer/drawings.css",
        "answer/steps.css",
        "answer/options.css",
        "answer/words.css",
        "answer/buttons.css",
        "answer/table.css",
    ),
}


class StaticFile(Struct, frozen=True):
    """A file as it is sent; `version` is the hash in its address."""

    content: bytes
    compressed: bytes
    media_type: str
    version: str


@cache
def file(name: str) -> StaticFile:
    """Raises FileNotFoundError."""
    if name == "plotly.js":
        content = plotly.script().read_bytes()
    elif name == "plotly.css":
        content = plotly.style().encode()
    elif name in ROOMS:
        content = b"\n".join((FOLDER / room).read_bytes() for room in ROOMS[name])
    elif name in NAMES:
        content = (FOLDER / name).read_bytes()
    else:
        raise FileNotFoundError(name)
    return kept(content, name)


def kept(content: bytes, name: str) -> StaticFile:
    media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return StaticFile(
        content=content,
        compressed=gzip.compress(content, mtime=0),
        media_type=f"{media_type}; charset=utf-8" if media_type.startswith("text") else media_type,
        version=hashlib.sha256(content).hexdigest()[:12],
    )


def link(name: str) -> str:
    """The address of a file in `static/`, good for ever."""
    return f"/static/{file(name).version}/{name}"
