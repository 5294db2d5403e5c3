"""Sets of files, one by one or in a zip; in memory alone, and never more than is allowed."""

import io
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import PurePosixPath

LARGEST = 32 * 1024 * 1024  # bytes, unpacked
MOST_FILES = 40
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
LOCKED = 0x1  # the bit of a file in a zip that is encrypted


class Refused(StrEnum):
    """Why nothing was read."""

    NOTHING = "nothing"
    TOO_LARGE = "too large"
    BROKEN = "broken"
    LOCKED = "locked"
    TWICE = "twice"


def unpacked(files: Sequence[tuple[str, bytes]]) -> Mapping[str, bytes] | Refused:
    """The files by their names in lower case, out of a zip or one by one. Never raises."""
    found: dict[str, bytes] = {}
    for name, content in files:
        inside = out_of_zip(content) if content.startswith(b"PK") else [(name, content)]
        if isinstance(inside, Refused):
            return inside
        for path, one in inside:
            base = PurePosixPath(path.replace("\\", "/")).name.lower()
            if base in found:
                return Refused.TWICE
            found[base] = one
    if sum(map(len, found.values())) > LARGEST:
        return Refused.TOO_LARGE
    return found or Refused.NOTHING


def out_of_zip(content: bytes) -> list[tuple[str, bytes]] | Refused:
    """What it says of its sizes is not believed: no more is unpacked than is allowed."""
    found, left = [], LARGEST
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            inside = [each for each in archive.infolist() if is_meant(each)]
            if len(inside) > MOST_FILES:
                return Refused.TOO_LARGE
            for each in inside:
                if each.flag_bits & LOCKED:
                    return Refused.LOCKED
                if each.compress_type not in METHODS:
                    return Refused.BROKEN
                with archive.open(each) as file:
                    one = file.read(left + 1)
                left -= len(one)
                if left < 0:
                    return Refused.TOO_LARGE
                found.append((each.filename, one))
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError):
        return Refused.BROKEN
    return found


def is_meant(file: zipfile.ZipInfo) -> bool:
    """Not a folder, and not what a Mac puts beside each file."""
    return not file.filename.startswith("__MACOSX/") and not file.filename.endswith(("/", "\\"))


def packed(files: Mapping[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return file.getvalue()
