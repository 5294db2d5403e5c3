"""The pepper on the disk: 32 bytes outside the data. While rounds are open that began under the
one before, 64: the present one first."""

import os
from pathlib import Path
from stat import S_IMODE, S_IWUSR

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
    """Until it is there whole, the one before is; then that is overwritten. Owner and mode stay.

    Raises OSError, and leaves all as it was, where that is not for who runs this.
    """
    file = file.resolve()
    unfinished = file.with_name(f"{file.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    before = file.stat()
    try:
        make(unfinished, pepper)
        unfinished.chmod(S_IMODE(before.st_mode))
        if os.geteuid() == 0:
            os.chown(unfinished, before.st_uid, before.st_gid)
        file.chmod(S_IMODE(before.st_mode) | S_IWUSR)
        with file.open("r+b") as former:
            unfinished.replace(file)
            sync(file.parent)
            former.write(bytes(before.st_size))
            former.flush()
            os.fsync(former.fileno())
    finally:
        unfinished.unlink(missing_ok=True)
