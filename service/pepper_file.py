"""The pepper on the disk: 32 bytes outside the data. While rounds are open that began under the
one before, 64: the present one first."""

import os
from pathlib import Path

from service.disk import sync, write_durably
from service.sealing import PEPPER_BYTES, Pepper
from service.settings import WrongSetting


def read(file: Path) -> Pepper:
    """Raises WrongSetting."""
    content = file.read_bytes()
    present, former = content[:PEPPER_BYTES], content[PEPPER_BYTES:]
    if len(present) != PEPPER_BYTES or len(former) not in (0, PEPPER_BYTES):
        raise WrongSetting(
            f"STEMLOKAAL_PEPPER: {file} must hold {PEPPER_BYTES} bytes, or twice as many"
        )
    return Pepper(present, Pepper(former) if former else None)


def make(file: Path, pepper: Pepper) -> None:
    write_durably(file, pepper.secret + (pepper.former.secret if pepper.former else b""))


def replace(file: Path, pepper: Pepper) -> None:
    """Until it is there whole, the one before is; then that is overwritten. Its owner stays."""
    unfinished = file.with_name(f"{file.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    make(unfinished, pepper)
    with file.open("r+b") as before:
        owner = os.fstat(before.fileno())
        os.chown(unfinished, owner.st_uid, owner.st_gid)
        unfinished.replace(file)
        sync(file.parent)
        before.write(bytes(owner.st_size))
        before.flush()
        os.fsync(before.fileno())
