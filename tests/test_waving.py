"""Waves behind the pages: opened together with one key, told together, and nothing left."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import pytest
from msgspec import Struct

from service import waving
from service.sealing import seal_of
from service.storage import closing, groups, rounds, tenancy, waves
from service.waving import Overlapping
from surveys import instrument
from surveys.answers import Answers
from surveys.instrument import Stage
from surveys.release import Interval
from surveys.rounds import Group, GroupKind
from surveys.waves import Pool, Wave
from tests.ballots import Ballots
from tests.house import PEPPER
from tests.killing import Doomed

SCHOOLPULS = instrument.library()["schoolpuls"]
WELL = Answers((8, 5, 5, 5), ())
UNWELL = Answers((2, 1, 1, 1), ())


async def classes(
    ballots: Ballots,
    *sizes: int,
    year_group: int = 1,
    prefix: str = "",
    kind: GroupKind = GroupKind.CLASS,
) -> list[Group]:
    found = [
        Group(
            school_id=ballots.school_id,
            group_id=ballots.house.new_id(),
            name=f"{prefix}{year_group}{letter}",
            kind=kind,
            stage=Stage.SECONDARY,
            year_group=year_group,
            school_year=2026,
            members=size,
        )
        for size, letter in zip(sizes, "ABCDEFGHIJ", strict=False)
    ]
    async with tenancy.school(ballots.house.pool, ballots.school_id) as connection:
        for group in found:
            await groups.add(connection, group)
    return found


def a_wave(ballots: Ballots, *, by_class: bool = False, days: int = 14) -> Wave:
    return Wave(
        school_id=ballots.school_id,
        wave_id=ballots.house.new_id(),
        instrument=SCHOOLPULS,
        by_class=by_class,
        cards=False,
        opened_on=ballots.house.today(),
        closes_at=ballots.clock() + timedelta(days=days),
    )


async def opened(ballots: Ballots, wave: Wave, chosen: Sequence[Group]) -> bool:
    await ballots.keeper.fill_stock()
    async with tenancy.school(ballots.house.pool, ballots.school_id) as connection:
        return await waving.open_wave(ballots.house, connection, wave, chosen)


async def rounds_of(ballots: Ballots, wave: Wave) -> dict[UUID, UUID]:
    """By group."""
    rows = await ballots.look.fetch(
        "select group_id, round_id from round join survey using (school_id, survey_id) "
        "where wave_id = $1",
        wave.wave_id,
    )
    return {row["group_id"]: row["round_id"] for row in rows}


async def hand_in(ballots: Ballots, wave: Wave, group: Group, answers: Sequence[Answers]) -> None:
    round_id = (await rounds_of(ballots, wave))[group.group_id]
    key = await ballots.look.fetchrow(
        "select public_key, key_mac from round where round_id = $1", round_id
    )
    seal = seal_of(
        PEPPER, ballots.school_id, round_id, key["public_key"], key["key_mac"], SCHOOLPULS
    )
    sealed = [seal.envelope(each, ballots.house.entropy.randbytes(16)) for each in answers]
    assert set(await ballots.house.ingest.hand_in(sealed)) == {"counted"}


async def pools_of(ballots: Ballots, wave: Wave) -> list[Pool]:
    async with tenancy.school(ballots.house.pool, ballots.school_id) as connection:
        return (await waves.pools(connection, ballots.school_id)).get(wave.wave_id, [])


async def answered(ballots: Ballots, *, by_class: bool = False) -> Wave:
    """A wave of three classes that is due, each with its answers."""
    wave, year = a_wave(ballots, by_class=by_class), await classes(ballots, 12, 12, 12)
    assert await opened(ballots, wave, year)
    for group in year:
        await hand_in(ballots, wave, group, [WELL] * 12)
    ballots.clock.go(days=15)
    return wave


class Left(Struct, frozen=True):
    """What the database holds of rounds that were answered, and of releases of single rounds."""

    envelopes: int
    due: int
    keys: int
    releases: int


NOTHING = Left(0, 0, 0, 0)


async def what_is_left(ballots: Ballots) -> Left:
    row = await ballots.look.fetchrow(
        """
        select (select count(*) from envelope) as envelopes,
               (select count(*) from code where due notnull) as due,
               (select count(*) from round where public_key notnull) as keys,
               (select count(*) from release) as releases
        """
    )
    return Left(**row)


async def test_a_year_group_is_told_as_one_and_no_class_of_it(ballots: Ballots) -> None:
    wave, year = a_wave(ballots), await classes(ballots, 12, 12, 12)
    assert await opened(ballots, wave, year)
    for group, unwell in zip(year, (0, 1, 5), strict=True):
        await hand_in(ballots, wave, group, [UNWELL] * unwell + [WELL] * (12 - unwell))
    ballots.clock.go(days=15)
    await ballots.keeper.work()
    (pool,) = await pools_of(ballots, wave)
    assert set(pool.groups) == {group.group_id for group in year}
    assert pool.told.n == 36
    assert pool.told.of("ladder").negative == Interval(6, 6)
    assert await what_is_left(ballots) == NOTHING


async def test_with_the_class_level_view_each_class_is_told(ballots: Ballots) -> None:
    wave, year = a_wave(ballots, by_class=True), await classes(ballots, 12, 12, 6, 5)
    assert await opened(ballots, wave, year)
    for group in year:
        await hand_in(ballots, wave, group, [WELL] * group.members)
    ballots.clock.go(days=15)
    await ballots.keeper.work()
    pools = await pools_of(ballots, wave)
    assert sorted(pool.told.n for pool in pools) == [11, 12, 12]


async def test_nothing_is_told_before_the_end_of_the_wave(ballots: Ballots) -> None:
    """A class may stop before; it is told with the others."""
    wave, year = a_wave(ballots, by_class=True), await classes(ballots, 12, 12, 12)
    assert await opened(ballots, wave, year)
    for group in year:
        await hand_in(ballots, wave, group, [WELL] * 12)
    first = (await rounds_of(ballots, wave))[year[0].group_id]
    async with tenancy.school(ballots.house.pool, ballots.school_id) as connection:
        await rounds.close(connection, ballots.school_id, first, ballots.house.today())
    ballots.clock.go(days=13)
    await ballots.keeper.work()
    assert await pools_of(ballots, wave) == []
    assert (await what_is_left(ballots)).envelopes == 36
    ballots.clock.go(days=2)
    await ballots.keeper.work()
    assert len(await pools_of(ballots, wave)) == 3


async def test_a_wave_takes_one_key_however_many_classes_it_asks(ballots: Ballots) -> None:
    wave, year = a_wave(ballots), await classes(ballots, *[12] * 10)
    await ballots.keeper.fill_stock()
    before = await ballots.look.fetchval("select count(*) from key_stock")
    assert await opened(ballots, wave, year)
    assert await ballots.look.fetchval("select count(*) from key_stock") == before - 1
    keys = await ballots.look.fetch("select distinct public_key from round")
    assert len(keys) == 1
    ballots.clock.go(days=15)
    await ballots.keeper.work()
    assert ballots.key_files(keys[0]["public_key"]) == []


async def test_a_wave_whose_key_is_lost_waits_and_tells_nothing(ballots: Ballots) -> None:
    wave, year = a_wave(ballots), await classes(ballots, 12, 12, 12)
    assert await opened(ballots, wave, year)
    await hand_in(ballots, wave, year[0], [WELL] * 12)
    key = await ballots.look.fetchval("select public_key from round limit 1")
    for path in ballots.key_files(key):
        path.unlink()
    ballots.clock.go(days=15)
    await ballots.keeper.work()
    assert await pools_of(ballots, wave) == []
    assert (await what_is_left(ballots)).envelopes == 12


async def test_a_class_that_was_asked_the_same_a_week_ago_stops_the_wave(
    ballots: Ballots,
) -> None:
    """R5: wellbeing waits for 28 days, whoever asks; and a wave opens for all or for none."""
    wave, year = a_wave(ballots, by_class=True, days=1), await classes(ballots, 12, 12, 12)
    assert await opened(ballots, wave, year[:1])
    await hand_in(ballots, wave, year[0], [WELL] * 12)
    ballots.clock.go(days=2)
    assert not await opened(ballots, a_wave(ballots), year)
    await ballots.keeper.work()
    assert not await opened(ballots, a_wave(ballots), year)
    ballots.clock.go(days=28)
    assert await opened(ballots, a_wave(ballots), year)


async def test_a_wave_asks_no_student_twice(ballots: Ballots) -> None:
    year = await classes(ballots, 12, 12, 12)
    lesson_groups = await classes(ballots, 12, kind=GroupKind.LESSON, prefix="en")
    assert not await opened(ballots, a_wave(ballots), [*year, *lesson_groups])
    namesakes = await classes(ballots, 12)
    with pytest.raises(Overlapping):
        await opened(ballots, a_wave(ballots), [*year, *namesakes])


async def test_closing_again_changes_nothing(ballots: Ballots) -> None:
    wave = await answered(ballots)
    due = await closing.due(ballots.keeper.pool, ballots.clock())
    await ballots.keeper.work()
    before = await pools_of(ballots, wave)
    for each in due:
        await ballots.keeper.close(each)
    assert await pools_of(ballots, wave) == before


@pytest.mark.adversary
@pytest.mark.faults
async def test_a_keeper_that_is_killed_at_any_step_tells_all_of_a_wave_or_nothing(
    ballots: Ballots,
    doomed: Doomed,
    request: pytest.FixtureRequest,
) -> None:
    """Killed before each line of its work; when asked for more, before every line."""
    marked = bool(request.config.getoption("markexpr"))
    wave = await answered(ballots)
    due, *_ = await closing.due(ballots.keeper.pool, ballots.clock())
    killed, steps = await doomed.close(ballots, due)
    assert not killed
    assert len(await pools_of(ballots, wave)) == 1
    told = nothing = 0
    for step in steps if marked else steps[::12]:
        ballots.clock.go(days=30)
        wave = await answered(ballots)
        due, *_ = await closing.due(ballots.keeper.pool, ballots.clock())
        killed, _ = await doomed.close(ballots, due, line=step)
        assert killed
        pools, left = await pools_of(ballots, wave), await what_is_left(ballots)
        if pools:
            told += 1
            assert (len(pools), pools[0].told.n, left.envelopes) == (1, 36, 0), step
        else:
            nothing += 1
            assert left.envelopes == 36, step
        await ballots.keeper.work()
        assert [pool.told.n for pool in await pools_of(ballots, wave)] == [36], step
        assert await what_is_left(ballots) == NOTHING, step
    assert told > 0
    assert nothing > 0
