"""What is behind a code: the round and all that its page needs, kept in memory."""

import struct
import zlib
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from asyncpg import Pool
from msgspec import Struct

from service.sealing import Pepper, Seal, seal_of
from service.storage import codes, doors, tenancy
from service.storage.codes import Door, Lead
from service.storage.doors import Behind
from surveys.answers import Postable, postable
from surveys.instrument import Instrument, Stage, texts_allowed
from surveys.languages import spoken_in
from surveys.noticing import asked
from surveys.rounds import Round

FRESH_FOR = timedelta(minutes=1)  # what no message tells of, such as the school's settings
MOST_KEPT = 5_000
GZIP_HEAD = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"


class Opened(Struct, frozen=True):
    """A round as its students meet it. `seal` is None once no more answers can be sealed."""

    round: Round
    instrument: Instrument
    postable: Postable
    stage: Stage
    language: str
    languages: tuple[str, ...]
    agreement: str
    by_class: bool | None  # of a wave: whether the school is told of each class
    boards: tuple[str, ...]  # who outside the school is told of the school as a whole
    for_research: bool
    talk: str  # where to ask for a talk, "" while the school has no confidential adviser
    advisers: tuple[str, ...]
    seal: Seal | None
    by_ticket: bool
    pages: dict[str, "SplicedPage"]

    @property
    def texts_allowed(self) -> bool:
        return texts_allowed(self.instrument.purpose, [self.stage])


class SplicedPage:
    """A page compressed once around its nonce, so that each copy costs only the few bytes new.

    What comes before the nonce ends on a byte (a full flush), the nonce is a stored block, and
    what comes after is compressed for itself; the checksum is carried on (RFC 1951, RFC 1952).
    """

    def __init__(self, html: str, placeholder: str) -> None:
        before, after = html.encode().split(placeholder.encode())
        self.before, self.after = before, after
        head = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
        self.compressed_before = GZIP_HEAD + head.compress(before) + head.flush(zlib.Z_FULL_FLUSH)
        tail = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
        self.compressed_after = tail.compress(after) + tail.flush()
        self.checksum = zlib.crc32(before)

    def with_nonce(self, nonce: str) -> bytes:
        return self.before + nonce.encode() + self.after

    def compressed_with_nonce(self, nonce: str) -> bytes:
        new = nonce.encode()
        checksum = zlib.crc32(self.after, zlib.crc32(new, self.checksum))
        size = len(self.before) + len(new) + len(self.after)
        return b"".join(
            (
                self.compressed_before,
                struct.pack("<BHH", 0, len(new), len(new) ^ 0xFFFF),  # a stored block
                new,
                self.compressed_after,
                struct.pack("<LL", checksum, size & 0xFFFFFFFF),
            )
        )


class Doors:
    """Codes and what is behind them, kept until something changes there.

    A round that closed meanwhile does no harm: whether an answer is taken the database decides.
    """

    def __init__(self, pool: Pool, pepper: Pepper, clock: Callable[[], datetime]) -> None:
        self.pool = pool
        self.pepper = pepper
        self.clock = clock
        self.kept: dict[str, tuple[datetime, Opened]] = {}
        self.codes: dict[UUID, set[str]] = defaultdict(set)

    async def behind(self, symbols: str) -> Opened | None:
        """What a class code or a ticket opens; None where it opens nothing."""
        now = self.clock()
        if symbols in self.kept:
            since, opened = self.kept[symbols]
            if timedelta(0) <= now - since < FRESH_FOR:
                return opened
        lead = await codes.find(self.pool, self.pepper.codes_of(symbols))
        if lead is None or lead.door not in (Door.CLASS, Door.TICKET):
            return None
        opened = await self.load(lead)
        if len(self.kept) >= MOST_KEPT:
            self.forget_all()
        self.kept[symbols] = (now, opened)
        self.codes[lead.round_id].add(symbols)
        return opened

    def forget(self, round_id: UUID) -> None:
        for symbols in self.codes.pop(round_id, ()):
            self.kept.pop(symbols, None)

    def forget_all(self) -> None:
        self.kept.clear()
        self.codes.clear()

    async def load(self, lead: Lead) -> Opened:
        async with tenancy.school(self.pool, lead.school_id) as connection:
            found = await doors.behind(connection, lead.school_id, lead.round_id)
        instrument = asked(found.instrument, found.round.agreement)
        return Opened(
            round=found.round,
            instrument=instrument,
            postable=postable(instrument),
            stage=found.stage,
            languages=spoken_in(instrument, all_languages=found.all_languages),
            language=found.language,
            agreement=found.agreement,
            by_class=found.by_class,
            boards=found.boards,
            for_research=found.for_research,
            talk=f"/talk/{lead.school_id}" if found.advisers else "",
            advisers=found.advisers,
            seal=self.seal(found, instrument),
            by_ticket=lead.door is Door.TICKET,
            pages={},
        )

    def seal(self, found: Behind, instrument: Instrument) -> Seal | None:
        round = found.round
        if found.public_key is None or found.key_mac is None:
            return None
        return seal_of(
            self.pepper,
            round.school_id,
            round.round_id,
            found.public_key,
            found.key_mac,
            instrument,
        )
