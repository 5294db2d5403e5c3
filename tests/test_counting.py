"""Many watch how many have answered: they are counted together, and each is told of its own."""

import asyncio

import asyncpg

from service.app import pool_as
from service.counting import Counting
from tests.ballots import POSITIVE, Ballots


async def test_many_who_ask_at_once_are_a_few_questions(ballots: Ballots, monkeypatch) -> None:
    rounds = [await ballots.open_round(members=20 + number) for number in range(8)]
    for number, round in enumerate(rounds):
        await ballots.hand_in(round, [POSITIVE] * number)
    await ballots.stop(rounds[3])
    counting, questions = ballots.house.counting, []
    fetch = type(counting.pool).fetch

    async def counted(pool, query, *arguments):
        questions.append(query)
        return await fetch(pool, query, *arguments)

    monkeypatch.setattr(type(counting.pool), "fetch", counted)
    seen = await asyncio.gather(
        *(counting.of(round.school_id, round.round_id) for round in rounds * 20)
    )
    assert len(questions) < 4
    for number, attendance in enumerate(seen):
        place = number % len(rounds)
        assert attendance
        assert (attendance.n, attendance.places) == (place, 20 + place)
        assert attendance.open == (place != 3)


async def test_of_a_round_that_is_gone_there_is_nothing_to_tell(ballots: Ballots) -> None:
    round = await ballots.open_round()
    counting = ballots.house.counting
    assert await counting.of(ballots.house.new_id(), round.round_id) is None
    assert await counting.of(round.school_id, ballots.house.new_id()) is None


async def test_who_went_away_holds_nobody_up(ballots: Ballots) -> None:
    round = await ballots.open_round()
    counting = ballots.house.counting
    leaving = asyncio.create_task(counting.of(round.school_id, round.round_id))
    staying = asyncio.create_task(counting.of(round.school_id, round.round_id))
    await asyncio.sleep(0)
    leaving.cancel()
    assert await staying


async def test_a_database_that_is_away_is_told_to_who_asks_and_asked_again_later(
    ballots: Ballots,
) -> None:
    round = await ballots.open_round()

    async with pool_as("stemlokaal_pages", ballots.dsn) as ended:
        counting = Counting(ended)
    answers = await asyncio.gather(
        *(counting.of(round.school_id, round.round_id) for _ in range(3)), return_exceptions=True
    )
    assert [type(each) for each in answers] == [asyncpg.InterfaceError] * 3
    counting.pool = ballots.house.pool
    assert await counting.of(round.school_id, round.round_id)
