"""Answers coming in: each is judged on its own, and acknowledged only when it is kept."""

import asyncio
import os
import signal
from contextlib import suppress
from pathlib import Path
from random import Random

import asyncpg
import pytest
from msgspec.structs import replace

from service import embedded
from service.app import pool_as
from service.ingest import Busy, Ingest, Outcome
from service.sealing import Envelope
from service.storage.migrate import migrate
from surveys.rounds import Round
from tests.ballots import NEGATIVE, POSITIVE, Ballots, at_rest, told
from tests.house import Clock

COUNTED, USED, CLOSED, FULL = Outcome.COUNTED, Outcome.USED, Outcome.CLOSED, Outcome.FULL
LOST = OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError


async def kept_envelopes(ballots: Ballots, round: Round) -> int:
    return (await ballots.kept(round)).envelopes


def on_another_page(envelope: Envelope) -> Envelope:
    return replace(envelope, receipt=bytes(reversed(envelope.receipt)))


def other_ballot(envelope: Envelope, number: int) -> Envelope:
    ballot = number.to_bytes(32)
    return replace(envelope, ballot=ballot, receipt=ballot)


# What becomes of a submission


async def test_every_outcome_in_one_batch(ballots: Ballots) -> None:
    round, small, stopped, past = [
        await ballots.open_round(members=members, minutes=minutes)
        for members, minutes in [(24, 60), (2, 60), (24, 60), (24, -1)]
    ]
    await ballots.stop(stopped)
    one, other = await ballots.envelopes(round, [POSITIVE, NEGATIVE])
    first, second, third = await ballots.envelopes(small, [POSITIVE] * 3)
    (too_late,) = await ballots.envelopes(stopped, [POSITIVE])
    (overdue,) = await ballots.envelopes(past, [POSITIVE])
    nowhere = replace(one, round_id=ballots.house.new_id())
    elsewhere = replace(one, school_id=ballots.house.new_id())
    expected = [
        (one, COUNTED),
        (one, COUNTED),  # the same page, sent twice
        (on_another_page(one), USED),
        (first, COUNTED),
        (other, COUNTED),
        (too_late, CLOSED),
        (second, COUNTED),
        (third, FULL),
        (first, COUNTED),
        (on_another_page(third), FULL),
        (overdue, CLOSED),
        (nowhere, CLOSED),
        (elsewhere, CLOSED),
    ]
    batch = [envelope for envelope, _ in expected]
    assert await ballots.house.ingest.hand_in(batch) == [outcome for _, outcome in expected]
    assert [await kept_envelopes(ballots, each) for each in (round, small, stopped, past)] == [
        2,
        2,
        0,
        0,
    ]


async def test_every_outcome_across_batches(ballots: Ballots) -> None:
    round = await ballots.open_round(members=2)
    one, other, late = await ballots.envelopes(round, [POSITIVE] * 3)
    for envelope, outcome in [
        (one, COUNTED),
        (one, COUNTED),
        (on_another_page(one), USED),
        (other, COUNTED),
        (late, FULL),
        (one, COUNTED),  # a retry needs no place
        (on_another_page(other), USED),
    ]:
        assert await ballots.house.ingest.hand_in([envelope]) == [outcome]
    assert await kept_envelopes(ballots, round) == 2
    await ballots.stop(round)
    assert await ballots.house.ingest.hand_in([one, late]) == [CLOSED, CLOSED]


async def test_a_place_that_is_added_is_taken(ballots: Ballots) -> None:
    round = await ballots.open_round(members=1)
    one, other = await ballots.envelopes(round, [POSITIVE] * 2)
    assert await ballots.house.ingest.hand_in([one, other]) == [COUNTED, FULL]
    await ballots.look.execute("update round set raised = 1")
    assert await ballots.house.ingest.hand_in([other]) == [COUNTED]


async def test_an_empty_batch_is_no_trouble(ballots: Ballots) -> None:
    assert await ballots.house.ingest.hand_in([]) == []


async def test_places_are_exact_however_many_batches_come_at_once(ballots: Ballots) -> None:
    """Several services on one database, each with its own connections and batches."""
    rounds = [await ballots.open_round(members=20) for _ in range(3)]
    random = Random(1)
    waiting = [each for round in rounds for each in await ballots.envelopes(round, [POSITIVE] * 60)]
    random.shuffle(waiting)
    batches = [waiting[at : at + 9] for at in range(0, len(waiting), 9)]
    async with (
        pool_as("stemlokaal_pages", ballots.dsn) as one,
        pool_as("stemlokaal_pages", ballots.dsn) as other,
    ):
        services = [Ingest(pool, ballots.clock) for pool in (one, other)]
        outcomes = await asyncio.gather(
            *(random.choice(services).hand_in(batch) for batch in batches)
        )
    flat = [outcome for batch in outcomes for outcome in batch]
    assert (flat.count(COUNTED), flat.count(FULL)) == (60, 120)
    for round in rounds:
        assert await kept_envelopes(ballots, round) == 20
        counted = [
            outcome
            for outcome, envelope in zip(flat, waiting, strict=True)
            if envelope.round_id == round.round_id
        ]
        assert counted.count(COUNTED) == 20


async def test_one_ballot_from_everywhere_at_once_is_counted_once(ballots: Ballots) -> None:
    round = await ballots.open_round()
    (one,) = await ballots.envelopes(round, [POSITIVE])
    pages = [replace(one, receipt=n.to_bytes(32)) for n in range(8)]
    outcomes = await asyncio.gather(*(ballots.house.ingest.hand_in([page]) for page in pages))
    assert sorted(outcome for (outcome,) in outcomes) == [COUNTED] + [USED] * 7
    assert await kept_envelopes(ballots, round) == 1


# Many requests, one commit


async def test_what_comes_while_a_batch_commits_goes_together(ballots: Ballots) -> None:
    round = await ballots.open_round(members=60)
    envelopes = await ballots.envelopes(round, [POSITIVE] * 60)
    before = await ballots.look.fetchval("select pg_current_xact_id()::text::bigint")
    submitted = (ballots.house.ingest.submit(each) for each in envelopes)
    assert await asyncio.gather(*submitted) == [COUNTED] * 60
    after = await ballots.look.fetchval("select pg_current_xact_id()::text::bigint")
    assert after - before < 10


async def test_a_submission_that_the_database_refuses_fails_alone(ballots: Ballots) -> None:
    round = await ballots.open_round()
    good = await ballots.envelopes(round, [POSITIVE] * 5)
    poison = replace(good[2], sealed=bytes(40_000))
    submitted = [*good[:2], poison, *good[3:]]
    outcomes = await asyncio.gather(
        *(ballots.house.ingest.submit(each) for each in submitted), return_exceptions=True
    )
    assert isinstance(outcomes[2], asyncpg.CheckViolationError)
    assert [*outcomes[:2], *outcomes[3:]] == [COUNTED] * 4
    assert await kept_envelopes(ballots, round) == 4


async def test_a_phone_that_went_away_harms_nobody(ballots: Ballots) -> None:
    round = await ballots.open_round()
    one, other = await ballots.envelopes(round, [POSITIVE] * 2)
    leaving = asyncio.create_task(ballots.house.ingest.submit(one))
    staying = asyncio.create_task(ballots.house.ingest.submit(other))
    await asyncio.sleep(0)
    leaving.cancel()
    assert await staying is COUNTED


async def test_more_than_can_be_stored_soon_is_not_taken(ballots: Ballots) -> None:
    round = await ballots.open_round()
    (one,) = await ballots.envelopes(round, [POSITIVE])
    stuck = Ingest(ballots.house.pool, ballots.clock)  # which nobody runs
    waiting = [
        asyncio.create_task(stuck.submit(other_ballot(one, number))) for number in range(2_000)
    ]
    await asyncio.sleep(0)
    with pytest.raises(Busy):
        await stuck.submit(one)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)


async def test_what_was_taken_before_the_end_is_still_stored(ballots: Ballots) -> None:
    round = await ballots.open_round()
    envelopes = await ballots.envelopes(round, [POSITIVE] * 5)
    ending = Ingest(ballots.house.pool, ballots.clock)
    waiting = [asyncio.create_task(ending.submit(each)) for each in envelopes]
    await asyncio.sleep(0)
    ending.end()
    await ending.run()
    assert await asyncio.gather(*waiting) == [COUNTED] * 5
    with pytest.raises(Busy):
        await ending.submit(envelopes[0])


# Closing, and a database that dies


async def test_nothing_is_acknowledged_that_is_not_counted_when_writers_race_the_closing(
    ballots: Ballots,
) -> None:
    random = Random(2)
    raced = 0
    for _ in range(12):
        round = await ballots.open_round(members=60)
        envelopes = await ballots.envelopes(round, [POSITIVE] * 64)
        pauses = [random.uniform(0, 0.06) for _ in envelopes]

        async def write(envelope: Envelope, pause: float) -> Outcome:
            await asyncio.sleep(pause)
            return await ballots.house.ingest.submit(envelope)

        async def close(round: Round = round) -> None:
            await asyncio.sleep(0.03)
            await ballots.stop(round)
            await ballots.keeper.work()

        *outcomes, _ = await asyncio.gather(*map(write, envelopes, pauses), close())
        acknowledged = outcomes.count(COUNTED)
        assert set(outcomes) <= {COUNTED, CLOSED, FULL}
        kept = await ballots.kept(round)
        assert kept.release
        assert (kept.release.n, kept.envelopes) == (acknowledged, 0)
        raced += CLOSED in outcomes and COUNTED in outcomes
    assert raced > 6


@pytest.mark.faults
async def test_a_database_that_is_killed_and_comes_back_lost_nothing_acknowledged(
    place: Path,
) -> None:
    clock = Clock()
    async with embedded.running(place, say=lambda _: None) as dsn:
        look = await asyncpg.connect(dsn)
        await migrate(look)
        async with at_rest(dsn, [place / "keys"], clock) as service:
            ballots = Ballots(service, dsn, clock, look)
            await ballots.settle()
            rounds = [await ballots.open_round(members=60) for _ in range(12)]
            waiting = [
                each for round in rounds for each in await ballots.envelopes(round, [POSITIVE] * 60)
            ]
            await look.close()
            acknowledged = await write_while_it_is_killed(ballots, place, waiting)
            ballots.look = await asyncpg.connect(dsn)
            for round in rounds:
                of_round = [each for each in waiting if each.round_id == round.round_id]
                assert (await ballots.kept(round)).envelopes >= len(
                    [each for each in of_round if each.ballot in acknowledged]
                )
                again = await ballots.house.ingest.hand_in(of_round)
                assert again == [COUNTED] * 60
                await ballots.stop(round)
            await ballots.keeper.work()
            for round in rounds:
                assert told((await ballots.kept(round)).release).n == 60
            await ballots.look.close()


async def write_while_it_is_killed(
    ballots: Ballots, place: Path, waiting: list[Envelope]
) -> set[bytes]:
    """Each writer tries until it is acknowledged; the server is killed three times meanwhile."""
    acknowledged: set[bytes] = set()
    turns = asyncio.Semaphore(40)

    async def write(envelope: Envelope) -> None:
        async with turns:
            while envelope.ballot not in acknowledged:
                with suppress(*LOST):
                    assert await ballots.house.ingest.submit(envelope) is COUNTED
                    acknowledged.add(envelope.ballot)
                await asyncio.sleep(0.002)

    async with asyncio.TaskGroup() as writers:
        for envelope in waiting:
            writers.create_task(write(envelope))
        for share in 0.1, 0.4, 0.7:
            while len(acknowledged) < share * len(waiting):
                await asyncio.sleep(0.001)
            server, *_ = (place / "postgresql/data/postmaster.pid").read_text().split()
            os.kill(int(server), signal.SIGKILL)
    return acknowledged
