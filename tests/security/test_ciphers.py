"""What locks is what the page says, X25519 and XSalsa20 with Poly1305: worked out once more here,
from the papers, by nothing of libsodium. All are on the standard's list (ASVS 5.0, appendix C).

D. J. Bernstein: "The Salsa20 family of stream ciphers", "Extending the Salsa20 nonce".
"""

import hashlib
import struct
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.poly1305 import Poly1305
from nacl.public import PublicKey, SealedBox

from service import second_factor, vault
from service.keys import KeyDirectory
from tests.house import PEPPER

WORDS = b"an answer, or the secret of an app, longer than one block of the stream: " * 3
SIGMA = struct.unpack("<4I", b"expand 32-byte k")
DIAGONAL = (0, 5, 10, 15, 6, 7, 8, 9)  # what HSalsa20 keeps of the square
QUARTERS = [
    *((0, 4, 8, 12), (5, 9, 13, 1), (10, 14, 2, 6), (15, 3, 7, 11)),  # down the columns
    *((0, 1, 2, 3), (5, 6, 7, 4), (10, 11, 8, 9), (15, 12, 13, 14)),  # along the rows
]


def rounds(square: Sequence[int]) -> list[int]:
    x = list(square)
    for _ in range(10):
        for a, b, c, d in QUARTERS:
            for to, one, other, by in (b, a, d, 7), (c, b, a, 9), (d, c, b, 13), (a, d, c, 18):
                total = (x[one] + x[other]) & 0xFFFFFFFF
                x[to] ^= (total << by | total >> (32 - by)) & 0xFFFFFFFF
    return x


def square_of(key: bytes, sixteen: bytes) -> list[int]:
    k, n = struct.unpack("<8I", key), struct.unpack("<4I", sixteen)
    return [SIGMA[0], *k[:4], SIGMA[1], *n, SIGMA[2], *k[4:], SIGMA[3]]


def hsalsa20(key: bytes, sixteen: bytes) -> bytes:
    x = rounds(square_of(key, sixteen))
    return struct.pack("<8I", *(x[place] for place in DIAGONAL))


def xsalsa20(key: bytes, nonce: bytes, length: int) -> bytes:
    within = hsalsa20(key, nonce[:16])
    stream = b""
    for block in range(length // 64 + 1):
        square = square_of(within, nonce[16:] + struct.pack("<Q", block))
        mixed = zip(square, rounds(square), strict=True)
        stream += struct.pack("<16I", *((a + b) & 0xFFFFFFFF for a, b in mixed))
    return stream[:length]


def opened(key: bytes, nonce: bytes, box: bytes) -> bytes:
    """Encrypt, then authenticate: the tag stands first, and its key is the stream's beginning."""
    tag, hidden = box[:16], box[16:]
    stream = xsalsa20(key, nonce, 32 + len(hidden))
    Poly1305.verify_tag(stream[:32], hidden, tag)
    return bytes(a ^ b for a, b in zip(hidden, stream[32:], strict=True))


def test_secrets_in_the_database_are_under_xsalsa20_and_poly1305() -> None:
    """A byte that says so, a nonce, and the box."""
    locked = vault.lock(PEPPER, WORDS, b"purpose")
    key, nonce, box = PEPPER.hash(b"vault", b"purpose"), locked[1:25], locked[25:]
    assert locked[:1] == vault.SECRET_BOX
    assert opened(key, nonce, box) == WORDS
    spoilt = box[:-1] + bytes([box[-1] ^ 1])
    with pytest.raises(InvalidSignature):
        opened(key, nonce, spoilt)
    assert vault.unlock(PEPPER, locked[:25] + spoilt, b"purpose") is None


def test_what_is_locked_in_a_way_to_come_is_not_taken_for_this_one() -> None:
    locked = vault.lock(PEPPER, WORDS, b"purpose")
    assert vault.unlock(PEPPER, locked, b"purpose") == WORDS
    assert vault.unlock(PEPPER, b"\x02" + locked[1:], b"purpose") is None


def test_the_secret_of_an_app_is_under_the_same() -> None:
    account = UUID(int=7)
    locked = second_factor.seal(PEPPER, account, "JBSWY3DPEHPK3PXP")
    key = PEPPER.hash(b"vault", b"second factor", account.bytes)
    assert opened(key, locked[1:25], locked[25:]) == b"JBSWY3DPEHPK3PXP"


def test_an_answer_is_sealed_with_x25519_for_the_key_of_its_round(tmp_path: Path) -> None:
    keys = KeyDirectory((tmp_path,))
    public = keys.new_key()
    sealed = SealedBox(PublicKey(public)).encrypt(WORDS)
    own = X25519PrivateKey.from_private_bytes((tmp_path / f"{public.hex()}.key").read_bytes())
    shared = own.exchange(X25519PublicKey.from_public_bytes(sealed[:32]))
    nonce = hashlib.blake2b(sealed[:32] + public, digest_size=24).digest()
    assert opened(hsalsa20(shared, bytes(16)), nonce, sealed[32:]) == WORDS
    assert keys.opened(public, [sealed]) == [WORDS]
