"""Files that are on the disk when the call returns, and readable by their owner alone."""

import os
from pathlib import Path


def write_durably(path: Path, content: bytes) -> None:
    """Writes in place, mode 0600, and returns when the file and its name are on the disk."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    sync(path.parent)


def sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
