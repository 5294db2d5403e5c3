"""The key directory: private keys as files, and the opening of envelopes. The keeper's alone.

A private key exists nowhere else: not in the database, not in a backup. When its file is
destroyed, what was sealed for it stays sealed for good.
"""

from collections.abc import Sequence, Set
from datetime import datetime
from pathlib import Path
from uuid import UUID, uuid4

from msgspec import Struct
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, SealedBox

from service.disk import sync, write_durably

IDENTITY = "keeper"  # the name of a file in each folder


class KeyLost(Exception):
    """This key directory does not hold the private key of a round."""


class KeyDirectory(Struct, frozen=True):
    """One folder, or two on different disks: each key is on all of them before it is used."""

    folders: tuple[Path, ...]

    def prepare(self) -> None:
        for folder in self.folders:
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o700)

    def identity(self) -> UUID:
        """The number of this directory, by which its keeper knows its own rounds."""
        names = [folder / IDENTITY for folder in self.folders]
        known = [path.read_text() for path in names if path.exists()]
        number = UUID(known[0]) if known else uuid4()
        for path in names:
            if not path.exists():
                write_durably(path, str(number).encode())
        return number

    def strays(self, known: Set[bytes], before: datetime) -> list[bytes]:
        """Keys that lie here since before this moment and that nothing refers to any more.

        A restored database does not know them: what was sealed for them stays sealed.
        """
        return [
            public_key
            for folder in self.folders
            for path in folder.glob("*.key")
            if (public_key := bytes.fromhex(path.stem)) not in known
            and path.stat().st_mtime < before.timestamp()
        ]

    def new_key(self) -> bytes:
        """A new pair: writes the private key, returns the public one."""
        key = PrivateKey.generate()
        public_key = bytes(key.public_key)
        for folder in self.folders:
            write_durably(folder / name_of(public_key), bytes(key))
        return public_key

    def holds(self, public_key: bytes) -> bool:
        return any((folder / name_of(public_key)).exists() for folder in self.folders)

    def opened(self, public_key: bytes, envelopes: Sequence[bytes]) -> list[bytes | None]:
        """What is in the envelopes, None for one that does not open. Raises KeyLost."""
        box = SealedBox(self.private_key(public_key))
        return [opened_or_none(box, sealed) for sealed in envelopes]

    def private_key(self, public_key: bytes) -> PrivateKey:
        for folder in self.folders:
            key = key_or_none(folder / name_of(public_key))
            if key and bytes(key.public_key) == public_key:
                return key
        raise KeyLost(public_key.hex())

    def destroy(self, public_key: bytes) -> None:
        """Overwrites and removes the private key; once more is no error.

        On a flash disk an overwritten block may survive for a while: the help tells operators
        to put the key directory on an encrypted volume.
        """
        for folder in self.folders:
            path = folder / name_of(public_key)
            if path.exists():
                write_durably(path, bytes(PrivateKey.SIZE))
                path.unlink()
                sync(folder)


def name_of(public_key: bytes) -> str:
    return f"{public_key.hex()}.key"


def key_or_none(path: Path) -> PrivateKey | None:
    """The key in a file; None where the disk lost or spoilt it: the other folder has it too."""
    try:
        return PrivateKey(path.read_bytes())
    except (OSError, CryptoError):
        return None


def opened_or_none(box: SealedBox[PrivateKey], sealed: bytes) -> bytes | None:
    try:
        return box.decrypt(sealed)
    except (CryptoError, ValueError, TypeError):
        return None
