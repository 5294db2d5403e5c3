"""The keeper: one release exactly, the right one, and afterwards nothing that could be opened."""

import asyncio
import logging
from pathlib import Path
from random import Random
from typing import Any

import pytest
from msgspec import structs

from service.app import pool_as
from service.keeper import Keeper
from service.sealing import Pepper
from service.storage import codes
from service.storage.closing import Due
from service.storage.codes import Door, Lead
from surveys.answers import Answers
from surveys.release import Interval, TooFew
from surveys.rounds import Round
from tests.ballots import LESFEEDBACK, NEGATIVE, POSITIVE, Ballots, Kept, told
from tests.house import PEPPER
from tests.killing import Doomed

KILLS, KILLS_WHEN_MARKED = 40, 300


def due(round: Round) -> Due:
    return Due(round.school_id, round.round_id)


async def answered(ballots: Ballots, n: int = 12, positive: int = 7) -> Round:
    """A round that has its answers, of which some with words, and stopped taking more."""
    round = await ballots.open_round()
    words = [
        structs.replace(POSITIVE if index < positive else NEGATIVE, texts=(f"top {index}", ""))
        for index in range(n)
    ]
    await ballots.hand_in(round, words)
    await ballots.stop(round)
    return round


def is_finished(kept: Kept, n: int, positive: int) -> None:
    release = told(kept.release)
    assert release.n == n
    for item in release.items:
        assert item.positive == Interval(positive, positive)
        assert item.negative == Interval(n - positive, n - positive)
    assert kept.texts == sorted(f"top {index}" for index in range(n))
    assert (kept.state, kept.envelopes, kept.tickets) == ("released", 0, 0)
    assert (kept.public_key, kept.due) == (None, 0)


# Closing


async def test_a_round_becomes_one_release_and_nothing_else_is_left(ballots: Ballots) -> None:
    round = await answered(ballots)
    public_key = (await ballots.kept(round)).public_key
    assert public_key
    assert len(ballots.key_files(public_key)) == 2
    await ballots.keeper.work()
    is_finished(await ballots.kept(round), 12, 7)
    assert ballots.key_files(public_key) == []


async def test_closing_again_changes_nothing(ballots: Ballots) -> None:
    round = await answered(ballots)
    await ballots.keeper.work()
    before = await ballots.kept(round)
    await ballots.keeper.close(due(round))
    await ballots.keeper.work()
    assert await ballots.kept(round) == before


async def test_a_round_of_too_few_tells_only_how_many_and_keeps_no_words(
    ballots: Ballots,
) -> None:
    round = await answered(ballots, n=7)
    await ballots.keeper.work()
    kept = await ballots.kept(round)
    assert (kept.state, kept.release, kept.texts) == ("too few", TooFew(7), [])
    assert (kept.envelopes, kept.public_key) == (0, None)


async def test_a_round_that_nobody_answered_ends_too(ballots: Ballots) -> None:
    round = await answered(ballots, n=0)
    await ballots.keeper.work()
    assert (await ballots.kept(round)).release == TooFew(0)


async def test_the_clock_closes_a_round_that_nobody_closed(ballots: Ballots) -> None:
    round = await ballots.open_round(minutes=20)
    await ballots.hand_in(round, [POSITIVE] * 9)
    ballots.clock.go(minutes=19)
    await ballots.keeper.work()
    assert (await ballots.kept(round)).state == "open"
    ballots.clock.go(minutes=2)
    await ballots.keeper.work()
    assert told((await ballots.kept(round)).release).n == 9


async def test_a_round_that_was_given_another_day_is_left_open(ballots: Ballots) -> None:
    """The keeper found it due; before it came to it, the teacher had given it more time."""
    round = await ballots.open_round(minutes=20)
    ballots.clock.go(minutes=21)
    await ballots.look.execute("update round set closes_at = closes_at + interval '1 day'")
    await ballots.keeper.work()
    kept = await ballots.kept(round)
    assert (kept.state, kept.release) == ("open", None)


async def test_a_ticket_leads_nowhere_once_the_round_is_told(ballots: Ballots) -> None:
    """The class code stays, to tell what came of it, and the screen to say thanks."""
    round = await answered(ballots)
    await add_ticket(ballots, round)
    await ballots.keeper.work()
    assert (await ballots.kept(round)).tickets == 0
    for left in round.code, PEPPER.screen_token(round.round_id, 0):
        assert await codes.find(ballots.house.pool, PEPPER.codes_of(left))


async def add_ticket(ballots: Ballots, round: Round) -> None:
    lead = Lead(Door.TICKET, round.school_id, round.round_id)
    ticket = ballots.house.new_token()
    async with ballots.house.pool.acquire() as connection:
        await codes.add(connection, PEPPER.codes_of(ticket), lead)


async def test_what_does_not_open_is_dropped_and_counted_for_the_operator(
    ballots: Ballots,
) -> None:
    round = await ballots.open_round()
    seal = await ballots.seal(round)
    odd = structs.replace(seal, public_key=bytes(reversed(seal.public_key)))
    forms = [Answers((4,), ("", "")), Answers((9,) * len(LESFEEDBACK.closed), ("", ""))]
    good = await ballots.envelopes(round, [POSITIVE] * 8)
    unreadable = [
        odd.envelope(POSITIVE, b"n" * 16),
        structs.replace(good[0], ballot=bytes(32), receipt=bytes(32), sealed=b"not sealed"),
        *(seal.envelope(each, bytes([n]) * 16) for n, each in enumerate(forms)),
    ]
    await ballots.house.ingest.hand_in([*good, *unreadable])
    await ballots.stop(round)
    await ballots.keeper.work()
    kept = await ballots.kept(round)
    assert (told(kept.release).n, kept.unopened, kept.envelopes) == (8, 4, 0)


async def test_answers_put_into_the_database_by_another_way_do_not_count(
    ballots: Ballots,
) -> None:
    """Who writes to the database can neither invent the other answers nor copy one."""
    round = await ballots.open_round()
    seal = await ballots.seal(round)
    forger = structs.replace(seal, pepper=Pepper(bytes(32)))
    good = await ballots.envelopes(round, [POSITIVE] * 8)
    forged = [forger.envelope(NEGATIVE, bytes([n]) * 16) for n in range(4)]
    copies = [structs.replace(good[0], ballot=bytes([n]) * 32) for n in range(4)]
    await ballots.house.ingest.hand_in([*good, *forged, *copies])
    await ballots.stop(round)
    await ballots.keeper.work()
    kept = await ballots.kept(round)
    assert (told(kept.release).n, kept.envelopes) == (8, 0)
    assert told(kept.release).items[0].positive.low == 6


# Keepers and keys


async def test_the_stock_is_kept_full_of_keys_that_a_keeper_made(ballots: Ballots) -> None:
    await ballots.keeper.fill_stock()
    for _ in range(2):
        await ballots.open_round()
    await ballots.keeper.work()
    stock = await ballots.look.fetch("select public_key, mac from key_stock")
    assert len(stock) == ballots.keeper.stock
    for row in stock:
        assert row["mac"] == PEPPER.of_stock_key(row["public_key"])
        assert len(ballots.key_files(row["public_key"])) == 2


async def test_two_keepers_make_one_release(ballots: Ballots) -> None:
    rounds = [await answered(ballots) for _ in range(6)]
    async with pool_as("stemlokaal_keeper", ballots.dsn) as pool:
        other = Keeper(pool, ballots.keeper.keys.folders, PEPPER, ballots.clock, Random(2))
        await asyncio.gather(ballots.keeper.work(), other.work(), ballots.keeper.work())
    for round in rounds:
        is_finished(await ballots.kept(round), 12, 7)


async def test_a_keeper_leaves_a_round_alone_whose_key_it_does_not_hold(
    ballots: Ballots, place: Path
) -> None:
    round = await answered(ballots)
    before = await ballots.kept(round)
    async with pool_as("stemlokaal_keeper", ballots.dsn) as pool:
        await Keeper(pool, (place / "elsewhere",), PEPPER, ballots.clock, Random(2)).work()
    assert await ballots.kept(round) == before
    await ballots.keeper.work()
    is_finished(await ballots.kept(round), 12, 7)


async def test_a_round_that_cannot_be_closed_keeps_no_other_waiting(
    ballots: Ballots, caplog: pytest.LogCaptureFixture
) -> None:
    spoilt, fine = await answered(ballots), await answered(ballots)
    public_key = (await ballots.kept(spoilt)).public_key
    assert public_key
    for path in ballots.key_files(public_key):
        path.write_bytes(b"")
    with caplog.at_level(logging.ERROR):
        await ballots.keeper.work()
    is_finished(await ballots.kept(fine), 12, 7)
    assert (await ballots.kept(spoilt)).envelopes == 12
    assert "KeyLost" in caplog.text


async def test_the_keeper_sleeps_until_the_next_round_is_due(ballots: Ballots) -> None:
    began = ballots.clock()
    assert await ballots.keeper.until_next(began) == 30
    await ballots.open_round(minutes=0.2)
    assert await ballots.keeper.until_next(began) == pytest.approx(12)
    overdue = await ballots.open_round(minutes=-5)  # of a keeper who is away
    assert (await ballots.kept(overdue)).due == 1
    assert await ballots.keeper.until_next(began) == pytest.approx(12)


async def test_the_keeper_closes_as_soon_as_it_is_woken(ballots: Ballots) -> None:
    working = asyncio.create_task(ballots.keeper.run())
    try:
        round = await answered(ballots)
        ballots.keeper.wake()
        async with asyncio.timeout(5):
            while (await ballots.kept(round)).public_key:
                await asyncio.sleep(0.01)
        is_finished(await ballots.kept(round), 12, 7)
    finally:
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)


# Killed at every step


@pytest.mark.adversary
@pytest.mark.faults
async def test_a_keeper_that_is_killed_at_any_step_leaves_one_release_and_no_key(
    ballots: Ballots, doomed: Doomed, request: pytest.FixtureRequest, table: dict[str, str]
) -> None:
    marked = bool(request.config.getoption("markexpr"))
    closings = KILLS_WHEN_MARKED if marked else KILLS
    random = Random()
    killed, steps = await doomed.close(ballots, due(await answered(ballots)))
    assert not killed
    assert len(steps) > 60

    half_done = untouched = 0
    for number in range(closings):
        n, positive = random.randint(10, 16), random.randint(4, 6)
        round = await answered(ballots, n, positive)
        await add_ticket(ballots, round)
        public_key = (await ballots.kept(round)).public_key
        assert public_key
        if number % 4:
            fault: dict[str, Any] = {"line": random.choice(steps)}
        else:
            fault = {"seconds": random.uniform(0.005, 0.08)}
        killed, _ = await doomed.close(ballots, due(round), **fault)
        assert killed or "seconds" in fault, fault

        kept = await ballots.kept(round)
        if kept.release:
            half_done += kept.public_key is not None
            assert (kept.state, kept.envelopes, kept.tickets) == ("released", 0, 0), fault
        else:
            untouched += 1
            assert (kept.state, kept.envelopes) == ("closed", n), fault
            assert ballots.key_files(public_key), fault

        await ballots.keeper.close(due(round))
        is_finished(await ballots.kept(round), n, positive)
        assert ballots.key_files(public_key) == [], fault
    assert untouched > 5
    assert half_done > 1
    table["closing kills survived"] = f"{closings} of {closings}"


async def test_a_key_that_a_restored_database_does_not_know_is_destroyed(ballots: Ballots) -> None:
    round = await answered(ballots)
    public_key = (await ballots.kept(round)).public_key
    assert public_key
    stray = ballots.keeper.keys.new_key()
    ballots.clock.go(days=2000)  # files are as old as the disk's own clock says
    await ballots.keeper.destroy_strays()
    assert ballots.key_files(stray) == []
    assert len(ballots.key_files(public_key)) == 2
