"""What only the service itself opens again: the key is made from the pepper, for one purpose each.

What was locked for one thing cannot be passed off as another.
"""

from nacl.exceptions import CryptoError
from nacl.secret import SecretBox

from service.sealing import Pepper


def lock(pepper: Pepper, content: bytes, *purpose: bytes) -> bytes:
    return bytes(SecretBox(pepper.hash(b"vault", *purpose)).encrypt(content))


def unlock(pepper: Pepper, locked: bytes, *purpose: bytes) -> bytes | None:
    """None for what another pepper locked, or for another purpose."""
    try:
        return SecretBox(pepper.hash(b"vault", *purpose)).decrypt(locked)
    except (CryptoError, ValueError):
        return None
