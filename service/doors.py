"""What is behind a code: the round and all that its page needs, kept in memory for a moment."""

import zlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from asyncpg import Pool
from msgspec import Struct

from service.sealing import Pepper, Seal, seal_of
from service.storage import agreements, codes, groups, rounds, schools, surveys, tenancy
from service.storage.codes import Door, Lead
from service.storage.rounds import RoundKey
from surveys.access import Role
from surveys.instrument import Instrument, Stage, texts_allowed
from surveys.languages import spoken_in
from surveys.noticing import asked
from surveys.rounds import Round

Found = TypeVar("Found")

FRESH_FOR = timedelta(seconds=2)
MOST_KEPT = 5_000
GZIP = 16 + zlib.MAX_WBITS


class Opened(Struct, frozen=True):
    """A round as its students meet it. `seal` is None once no more answers can be sealed."""

    round: Round
    instrument: Instrument
    stage: Stage
    language: str
    languages: tuple[str, ...]
    agreement: str
    talk: str  # where to ask for a talk, "" while the school has no confidential adviser
    seal: Seal | None
    by_ticket: bool
    pages: dict[str, "SplicedPage"]

    @property
    def texts_allowed(self) -> bool:
        return texts_allowed(self.instrument.purpose, [self.stage])


class SplicedPage:
    """A page compressed once up to its nonce, so that each copy costs only the few bytes after."""

    def __init__(self, html: str, placeholder: str) -> None:
        before, self.after = html.encode().split(placeholder.encode())
        self.before = before
        compressor = zlib.compressobj(9, zlib.DEFLATED, GZIP)
        self.compressed_before = compressor.compress(before)
        self.compressor = compressor

    def with_nonce(self, nonce: str) -> bytes:
        return self.before + nonce.encode() + self.after

    def compressed_with_nonce(self, nonce: str) -> bytes:
        rest = self.compressor.copy()
        return self.compressed_before + rest.compress(nonce.encode() + self.after) + rest.flush()


class Doors:
    def __init__(self, pool: Pool, pepper: Pepper, clock: Callable[[], datetime]) -> None:
        self.pool = pool
        self.pepper = pepper
        self.clock = clock
        self.kept: dict[str, tuple[datetime, Opened]] = {}

    async def behind(self, symbols: str) -> Opened | None:
        """What a class code or a ticket opens; None where it opens nothing."""
        now = self.clock()
        if symbols in self.kept:
            since, opened = self.kept[symbols]
            if timedelta(0) <= now - since < FRESH_FOR:
                return opened
        lead = await codes.find(self.pool, self.pepper.of_code(symbols))
        if lead is None or lead.door is Door.SCREEN:
            return None
        opened = await self.load(lead)
        if len(self.kept) >= MOST_KEPT:
            self.kept.clear()
        self.kept[symbols] = (now, opened)
        return opened

    def forget(self, symbols: str) -> None:
        self.kept.pop(symbols, None)

    async def load(self, lead: Lead) -> Opened:
        async with tenancy.school(self.pool, lead.school_id) as connection:
            round = found(await rounds.get(connection, lead.school_id, lead.round_id))
            survey = found(await surveys.get(connection, lead.school_id, round.survey_id))
            group = found(await groups.get(connection, lead.school_id, survey.group_id))
            school = await schools.get(connection, lead.school_id)
            agreement = await agreements.present(connection, lead.school_id, survey.survey_id)
            advisers = await schools.active(connection, lead.school_id, Role.ADVISER)
            key = await rounds.key(connection, lead.school_id, lead.round_id)
        instrument = asked(survey.instrument, round.agreement)
        return Opened(
            round=round,
            instrument=instrument,
            stage=group.stage,
            languages=spoken_in(instrument, all_languages=school.all_languages),
            language=school.language,
            agreement=agreement.text if agreement else "",
            talk=f"/talk/{lead.school_id}" if advisers else "",
            seal=self.seal(round, key, instrument) if key else None,
            by_ticket=lead.door is Door.TICKET,
            pages={},
        )

    def seal(self, round: Round, key: RoundKey, instrument: Instrument) -> Seal:
        return seal_of(
            self.pepper, round.school_id, round.round_id, key.public_key, key.mac, instrument
        )


def found(value: Found | None) -> Found:
    if value is None:
        raise LookupError("a code leads to a round that is not there")
    return value
