"""Sealing, the writing side: what is stored of an answer, and the codes that lead to a round.

Everything that is stored under an HMAC here opens nothing for somebody who has the database
alone: the pepper is a file outside it.
"""

import hashlib
import hmac
from random import Random
from uuid import UUID

from msgspec import Struct
from nacl.public import PublicKey, SealedBox

from surveys.answers import Answers, pack
from surveys.instrument import Instrument

# 31 symbols: of each pair of look-alikes one is in it, and typing the other means it.
ALPHABET = "0123456789ABCDEFGHJKMNPQRTVWXYZ"
LOOK_ALIKES = str.maketrans("OILSU", "0115V")
CODE_LENGTH = 8
TICKET_LENGTH = 10
NONCE_BYTES = 16
PEPPER_BYTES = 32


class ForgedKey(Exception):
    """A public key that did not come from a keeper: nothing may be sealed with it."""


class Envelope(Struct, frozen=True):
    """One student's answers as they are stored until the round closes.

    `ballot` is unique within the round: one per ticket, or one per page opened. `receipt` tells
    a retry of the same page from another answer on the same ballot.
    """

    school_id: UUID
    round_id: UUID
    ballot: bytes
    receipt: bytes
    sealed: bytes


class Pepper(Struct, frozen=True):
    """The service's secret for HMACs; 32 bytes that are in no database and in no backup.

    `former` is the one that it took the place of, as long as a round is open that began under it:
    that round keeps to it, and so do its code and its cards, until it is counted.
    """

    secret: bytes
    former: "Pepper | None" = None

    def hash(self, subject: bytes, *parts: bytes) -> bytes:
        """HMAC-SHA-256 over the parts, each with its length before it, apart per subject."""
        message = b"".join(len(part).to_bytes(4) + part for part in (subject, *parts))
        return hmac.digest(self.secret, message, hashlib.sha256)

    def mark(self) -> bytes:
        """What a database keeps of it, to know it again."""
        return self.hash(b"mark")

    def of_code(self, symbols: str) -> bytes:
        return self.hash(b"code", symbols.encode())

    def codes_of(self, symbols: str) -> list[bytes]:
        """All that a code may be kept under; a new one is kept under the first."""
        return [each.of_code(symbols) for each in (self, self.former) if each]

    def of_stock_key(self, public_key: bytes) -> bytes:
        return self.hash(b"key in stock", public_key)

    def of_round_key(self, round_id: UUID, public_key: bytes) -> bytes:
        return self.hash(b"key of round", round_id.bytes, public_key)

    def of_formers_round_key(self, round_id: UUID, public_key: bytes) -> bytes:
        """Of a round that began under the former one: by this one, since that may have leaked."""
        return self.hash(b"key of round of former", round_id.bytes, public_key)

    def of_round(self, round_id: UUID, public_key: bytes, key_mac: bytes) -> "Pepper":
        """The one that a round began under.

        Raises ForgedKey when its key was put into the database by another way: who can write
        there could otherwise slip in a key of which they hold the other half.
        """
        if hmac.compare_digest(self.of_round_key(round_id, public_key), key_mac):
            return self
        mac = self.of_formers_round_key(round_id, public_key)
        if self.former and hmac.compare_digest(mac, key_mac):
            return self.former
        raise ForgedKey(round_id)

    def receipt(self, round_id: UUID, nonce: bytes) -> bytes:
        return self.hash(b"receipt", round_id.bytes, nonce)

    def is_genuine(self, round_id: UUID, receipt: bytes, opened: bytes) -> bool:
        """Whether what was in an envelope came in by the pages: its nonce makes its receipt.

        Who can write to the database, but has no pepper, could otherwise put invented answers
        beside the one that is to be found out.
        """
        return hmac.compare_digest(receipt, self.receipt(round_id, opened[:NONCE_BYTES]))

    def screen_token(self, round_id: UUID, revision: int) -> str:
        """What the projector's link holds; another revision revokes it."""
        return self.hash(b"screen", round_id.bytes, str(revision).encode()).hex()[:32]

    def of_preview(self, school_id: UUID, account_id: UUID, content: bytes) -> bytes:
        """Of what somebody was shown: it comes back as it was, and from nobody else."""
        return self.hash(b"preview", school_id.bytes, account_id.bytes, content)

    def of_recovery_code(self, account_id: UUID, symbols: str) -> bytes:
        return self.hash(b"recovery code", account_id.bytes, symbols.encode())

    def of_mistakes(self, kind: str, who: str) -> bytes:
        """Whose mistakes are counted, without saying who that is."""
        return self.hash(b"mistakes", kind.encode(), who.encode())

    def visit_token(self, round_id: UUID) -> str:
        """What the link of a visiting colleague holds."""
        return self.hash(b"visit", round_id.bytes).hex()[:32]


class Seal(Struct, frozen=True):
    """The way in of one round: its checked public key, the pepper that it began under, and the
    instrument that it asks."""

    school_id: UUID
    round_id: UUID
    public_key: bytes
    pepper: Pepper
    instrument: Instrument

    def envelope(self, answers: Answers, nonce: bytes, ticket: str = "") -> Envelope:
        ballot_of = ticket.encode() or nonce
        return Envelope(
            school_id=self.school_id,
            round_id=self.round_id,
            ballot=self.pepper.hash(b"ballot", self.round_id.bytes, ballot_of),
            receipt=self.pepper.receipt(self.round_id, nonce),
            sealed=SealedBox(PublicKey(self.public_key)).encrypt(
                nonce + pack(self.instrument, answers)
            ),
        )


def seal_of(
    pepper: Pepper,
    school_id: UUID,
    round_id: UUID,
    public_key: bytes,
    key_mac: bytes,
    instrument: Instrument,
) -> Seal:
    """The round's Seal. Raises ForgedKey: see `Pepper.of_round`."""
    own = pepper.of_round(round_id, public_key, key_mac)
    return Seal(school_id, round_id, public_key, own, instrument)


def new_symbols(entropy: Random, length: int) -> str:
    return "".join(entropy.choice(ALPHABET) for _ in range(length))


def forgiven(typed: str) -> str:
    """What was typed, as the code that was meant: any case, spaces and dashes, look-alikes."""
    return "".join(
        sign for sign in typed.upper().translate(LOOK_ALIKES) if sign not in " -\t\n.\u00a0"
    )


def in_groups(symbols: str) -> str:
    """Symbols as people read them: in fours, or in fives where that divides them."""
    size = 4 if len(symbols) % 4 == 0 else 5
    return " ".join(symbols[at : at + size] for at in range(0, len(symbols), size))
