"""What only the service itself opens again: the key is made from the pepper, for one purpose each.

What was locked for one thing cannot be passed off as another. The first byte says how it was
locked, so that another way can come beside this one.
"""

from nacl.exceptions import CryptoError
from nacl.secret import SecretBox

from service.sealing import Pepper

SECRET_BOX = b"\x01"  # XSalsa20-Poly1305, by libsodium


def lock(pepper: Pepper, content: bytes, *purpose: bytes) -> bytes:
    return SECRET_BOX + SecretBox(pepper.hash(b"vault", *purpose)).encrypt(content)


def unlock(pepper: Pepper, locked: bytes, *purpose: bytes) -> bytes | None:
    """None for what another pepper locked, or for another purpose."""
    how, box = locked[:1], locked[1:]
    if how != SECRET_BOX:
        return None
    try:
        return SecretBox(pepper.hash(b"vault", *purpose)).decrypt(box)
    except (CryptoError, ValueError):
        return None


def lock_anew(pepper: Pepper, locked: bytes, *purpose: bytes) -> bytes | None:
    """Under this pepper and as things are locked today; None for what its former did not lock."""
    content = unlock(pepper.former, locked, *purpose) if pepper.former else None
    return lock(pepper, content, *purpose) if content is not None else None
