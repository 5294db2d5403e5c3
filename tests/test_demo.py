"""The demo school's past: every answer was sealed and counted, and its waves tell something."""

import tempfile
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest
from msgspec import Struct

from service import demo, settings
from service.app import pool_as
from service.storage import tenancy, waves
from surveys.instrument import Purpose, Stage
from surveys.release import WELLBEING
from surveys.rounds import WAIT
from surveys.waves import Member, Pool, Wave, middle, total
from tests.conftest import new_database
from tests.house import PEPPER, ZONE


class Found(Struct, frozen=True):
    """What the demo holds: its waves in order, whom each asked, and what was told of it."""

    waves: list[Wave]
    members: dict[UUID, list[Member]]
    pools: dict[UUID, list[Pool]]
    envelopes: int

    def of_students(self) -> list[Wave]:
        return [wave for wave in self.waves if wave.instrument.key == "schoolpuls"]

    def years(self, wave: Wave) -> dict[int | None, Pool]:
        """The pools of a wave by the year of their groups."""
        year_of = {one.group_id: one.year_group for one in self.members[wave.wave_id]}
        return {year_of[pool.groups[0]]: pool for pool in self.pools[wave.wave_id]}


@pytest.fixture(scope="module")
async def found(
    cluster: str, administrator: asyncpg.Connection, template: str
) -> AsyncIterator[Found]:
    """Made once: every test here only looks at it."""
    async with new_database(cluster, administrator, template) as database:
        with tempfile.TemporaryDirectory(prefix="stemlokaal-test-") as path:
            await make(database, Path(path))
        yield await look_at(database)


async def make(database: str, place: Path) -> None:
    folders = {"STEMLOKAAL_DATA": str(place / "data"), "STEMLOKAAL_KEYS": str(place / "keys")}
    chosen = settings.read(folders, demo=True)
    demo.clear_the_ground(chosen)
    await demo.prepare(chosen, database, PEPPER, lambda line: None)


async def look_at(database: str) -> Found:
    look = await asyncpg.connect(database)
    school_id = await look.fetchval("select school_id from school")
    envelopes = await look.fetchval(
        "select count(*) from envelope join round using (school_id, round_id) where wave_id notnull"
    )
    await look.close()
    async with pool_as("stemlokaal_pages", database) as pool, tenancy.school(pool, school_id) as at:
        return Found(
            waves=await waves.of_school(at, school_id),
            members=await waves.members(at, school_id),
            pools=await waves.pools(at, school_id),
            envelopes=envelopes,
        )


def well(pool: Pool, item: str) -> float:
    return middle(pool.told.of(item).positive, pool.told.n)


async def test_twelve_classes_in_four_years_were_asked_three_times(found: Found) -> None:
    first, second, third = found.of_students()
    for wave in (first, second, third):
        members = found.members[wave.wave_id]
        assert len(members) == 12
        assert {one.stage for one in members} == {Stage.SECONDARY}
        assert list(found.years(wave)) == [1, 2, 3, 4]
    for before, after in ((first, second), (second, third)):
        assert timedelta(weeks=16) <= after.opened_on - before.opened_on <= timedelta(weeks=18)


async def test_a_class_under_ten_is_told_of_with_its_year_alone(found: Found) -> None:
    for wave in found.of_students():
        (small,) = [one for one in found.members[wave.wave_id] if one.members < WELLBEING.k]
        pool = found.years(wave)[small.year_group]
        assert small.group_id in pool.groups
        assert len(pool.groups) == 3


async def test_one_year_got_visibly_worse_and_the_others_did_not(found: Found) -> None:
    _, second, third = found.of_students()
    before, after = found.years(second), found.years(third)
    for year in before:
        change = well(after[year], "belonging") - well(before[year], "belonging")
        assert (change < -0.3) == (year == 3), year


async def test_what_the_school_decided_after_the_second_wave_shows_in_the_third(
    found: Found,
) -> None:
    first, second, third = found.of_students()
    assert [bool(wave.decision) for wave in (first, second, third)] == [False, True, False]
    assert second.released_on
    assert second.decided_on
    assert third.released_on
    assert second.released_on < second.decided_on < third.opened_on
    shares = [total(found.pools[wave.wave_id]) for wave in (first, second, third)]
    told = [middle(one.items[2].positive, one.n) for one in shares if one]
    assert told[2] - max(told[:2]) > 0.15


async def test_its_teams_were_asked_as_one(found: Found) -> None:
    (wave,) = [wave for wave in found.waves if wave.instrument.stages == (Stage.STAFF,)]
    (pool,) = found.pools[wave.wave_id]
    assert len(pool.groups) == 3


async def test_every_wave_was_counted_and_the_school_may_be_asked_again(found: Found) -> None:
    assert found.envelopes == 0
    today = datetime.now(ZONE).date()
    for wave in found.waves:
        assert wave.released_on
        assert today - wave.released_on >= WAIT[Purpose.WELLBEING]
