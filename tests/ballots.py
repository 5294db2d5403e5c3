"""Rounds and their ballots behind the pages: the parts of a service at rest, without HTTP.

The keeper works only when a test says so, and each round is of a class of its own.
"""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import asyncpg
import msgspec
import pytest
from msgspec import Struct

from service import app, opening, settings
from service.app import Service
from service.ingest import Outcome
from service.sealing import Envelope, Seal, seal_of
from service.storage import accounts, groups, rounds, schools, surveys, tenancy
from service.storage.schools import School
from surveys import instrument
from surveys.answers import Answers
from surveys.instrument import Stage
from surveys.release import Release, TooFew
from surveys.rounds import Group, GroupKind, Round, Survey
from tests.house import HASH, PEPPER, Clock

LESFEEDBACK = instrument.library()["lesfeedback"]
POSITIVE = Answers((4,) * len(LESFEEDBACK.closed), ("", ""))
NEGATIVE = Answers((1,) * len(LESFEEDBACK.closed), ("", ""))


class Kept(Struct, frozen=True):
    """What the database holds of a round."""

    state: str
    envelopes: int
    release: Release | TooFew | None
    texts: list[str]
    tickets: int
    public_key: bytes | None
    unopened: int
    due: int


class Ballots:
    def __init__(self, service: Service, dsn: str, clock: Clock, look: asyncpg.Connection) -> None:
        self.service = service
        self.house = service.house
        self.keeper = service.keeper
        self.dsn = dsn
        self.clock = clock
        self.look = look
        self.school_id = self.house.new_id()
        self.teacher = self.house.new_id()

    async def settle(self) -> None:
        async with tenancy.school(self.house.pool, self.school_id) as connection:
            await schools.add(connection, School(self.school_id, "Het Kompas", "nl"))
            await accounts.add(
                connection,
                account_id=self.teacher,
                email="ilse@example.org",
                name="Ilse",
                password_hash=HASH,
                language="nl",
            )

    async def open_round(self, members: int = 24, minutes: float = 60) -> Round:
        """A round of a new class, its key out of the stock."""
        if not await self.look.fetchval("select exists (select from key_stock)"):
            await self.keeper.fill_stock()
        group = Group(
            school_id=self.school_id,
            group_id=self.house.new_id(),
            name="2B",
            kind=GroupKind.CLASS,
            stage=Stage.SECONDARY,
            year_group=2,
            school_year=2026,
            members=members,
        )
        survey = Survey(
            self.school_id, self.house.new_id(), group.group_id, self.teacher, LESFEEDBACK
        )
        async with tenancy.school(self.house.pool, self.school_id) as connection:
            await groups.add(connection, group)
            await surveys.add(connection, survey)
            round = await opening.open_round(
                self.house,
                connection,
                survey,
                members=members,
                closes_at=self.clock() + timedelta(minutes=minutes),
            )
        assert isinstance(round, Round)
        return round

    async def seal(self, round: Round) -> Seal:
        key = await self.look.fetchrow(
            "select public_key, key_mac from round where round_id = $1", round.round_id
        )
        return seal_of(
            PEPPER,
            self.school_id,
            round.round_id,
            key["public_key"],
            key["key_mac"],
            LESFEEDBACK,
        )

    async def envelopes(self, round: Round, answers: Iterable[Answers]) -> list[Envelope]:
        seal = await self.seal(round)
        return [seal.envelope(each, self.house.entropy.randbytes(16)) for each in answers]

    async def hand_in(self, round: Round, answers: Iterable[Answers]) -> list[Outcome]:
        return await self.house.ingest.hand_in(await self.envelopes(round, answers))

    async def stop(self, round: Round) -> None:
        """No more answers, as after the teacher's button; the keeper has yet to count."""
        async with tenancy.school(self.house.pool, self.school_id) as connection:
            await rounds.close(connection, self.school_id, round.round_id, self.house.today())
        await self.look.execute(
            "update code set due = $2 where round_id = $1 and kind = 'class'",
            round.round_id,
            self.clock(),
        )

    async def kept(self, round: Round) -> Kept:
        row = await self.look.fetchrow(
            """
            select state, public_key, unopened,
                   (select count(*) from envelope where round_id = $1) as envelopes,
                   (select array_agg(told) from release where round_id = $1) as releases,
                   (select array_agg(text) from comment where round_id = $1) as texts,
                   (select count(*) from code where round_id = $1 and kind = 'ticket') as tickets,
                   (select count(*) from code where round_id = $1 and due notnull) as due
            from round
            where round_id = $1
            """,
            round.round_id,
        )
        found: dict[str, Any] = dict(row)
        releases = found.pop("releases") or [None]
        assert len(releases) == 1, "more than one release"
        told = releases[0]
        release = msgspec.json.decode(told, type=Release | TooFew) if told else None
        texts = sorted(found.pop("texts") or [])
        return Kept(**found, release=release, texts=texts)

    def key_files(self, public_key: bytes) -> list[Path]:
        """Where the private key of a round lies."""
        name = f"{public_key.hex()}.key"
        return [folder / name for folder in self.keeper.keys.folders if (folder / name).exists()]


@asynccontextmanager
async def at_rest(dsn: str, folders: Sequence[Path], clock: Clock) -> AsyncIterator[Service]:
    found = settings.read(
        {
            "STEMLOKAAL_DATA": str(folders[0].parent / "data"),
            "STEMLOKAAL_KEYS": ":".join(map(str, folders)),
        }
    )
    async with app.running(found, dsn, PEPPER, clock, Random(7)) as service:
        yield service


@pytest.fixture
async def ballots(database: str, place: Path) -> AsyncIterator[Ballots]:
    clock = Clock()
    look = await asyncpg.connect(database)
    async with at_rest(database, [place / "keys", place / "other-disk"], clock) as service:
        ballots = Ballots(service, database, clock, look)
        await ballots.settle()
        yield ballots
    await look.close()


def told(release: Release | TooFew | None) -> Release:
    assert isinstance(release, Release)
    return release
