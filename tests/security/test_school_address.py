"""A school is one address: its students' mistakes are never held against those who make none.

ANONYMITY.md, 4: 120 wrong codes a minute are free, then a wrong one waits; a right one never does.
The whole of it, 1,500 students in five minutes, is `python -m tests.bench school_address`.
"""

import asyncio
from datetime import timedelta
from pathlib import Path
from time import perf_counter

import httpx

from service.slowing import A_MINUTE, FREE
from tests.house import NONCE, Running, served, settle

HALF_A_MINUTE = 30.0
STUDENTS = 24
MISTAKES = 60  # beyond those that are free, all at once


async def a_student_answers(house: Running, code: str) -> tuple[float, int]:
    """Types the code, opens the page, answers: the longest of the three waits, and the last
    status."""
    async with house.visitor() as phone:
        began = perf_counter()
        found = await phone.post("/", data={"code": code})
        first = perf_counter() - began
        began = perf_counter()
        page = await phone.get(found.headers["location"])
        second = perf_counter() - began
        nonce = NONCE.search(page.text)
        assert nonce, page.text
        began = perf_counter()
        sent = await phone.post(f"/{code}", data={"nonce": nonce[1], "clarity": "4"})
        return max(first, second, perf_counter() - began), sent.status_code


async def mistyped(house: Running, phone: httpx.AsyncClient, code: str) -> float:
    began = perf_counter()
    reply = await phone.post("/", data={"code": code})
    assert reply.status_code == 404
    return perf_counter() - began


async def test_a_whole_school_behind_one_address_is_never_held_up_by_its_mistakes(
    house: Running,
) -> None:
    """More mistakes than are free in one minute, and right codes among them, all at once.

    A mistake waits half a minute here, so that a busy machine does not look like one that waits.
    """
    house.service.house.wrong_codes.pause = HALF_A_MINUTE
    teacher = await house.staff("ilse")
    code = await house.code(teacher, await house.open_round(teacher, await house.survey("2B")))
    async with house.visitor() as phone:
        for _ in range(FREE):
            await mistyped(house, phone, "BCDF2345")
        wrong = [asyncio.create_task(mistyped(house, phone, "BCDF2346")) for _ in range(MISTAKES)]
        right = await asyncio.gather(*(a_student_answers(house, code) for _ in range(STUDENTS)))
        assert [status for _, status in right] == [200] * STUDENTS
        assert max(waited for waited, _ in right) < HALF_A_MINUTE
        assert not any(task.done() for task in wrong)
        for task in wrong:
            task.cancel()
        await asyncio.gather(*wrong, return_exceptions=True)
    house.clock.go(minutes=2)
    async with house.visitor() as phone:
        assert await mistyped(house, phone, "BCDF2347") < HALF_A_MINUTE  # and it is forgotten


def test_the_figures_are_those_that_were_promised() -> None:
    assert (120, timedelta(minutes=1)) == (FREE, A_MINUTE)


async def test_an_address_that_a_visitor_claims_is_not_believed(
    house: Running, database: str, place: Path
) -> None:
    """Or guesses would be spread over addresses that are made up; a proxy of one's own is
    believed, and of what it passes on only what it added itself."""
    known = house.service.house.wrong_codes.seen
    async with house.visitor() as phone:
        for number in range(3):
            claims = {"X-Forwarded-For": f"203.0.113.{number}", "X-Real-IP": "203.0.113.99"}
            await phone.post("/", data={"code": "BCDF2345"}, headers=claims)
    assert set(known) == {"127.0.0.1"}


async def test_a_proxy_of_ones_own_is_believed_for_what_it_added(
    database: str, place: Path
) -> None:
    async with served(database, place, proxies=("127.0.0.1",)) as house:
        await settle(house)
        async with house.visitor() as phone:
            for number in range(3):
                passed_on = {"X-Forwarded-For": f"198.51.100.{number}, 203.0.113.7"}
                await phone.post("/", data={"code": "BCDF2345"}, headers=passed_on)
        assert set(house.service.house.wrong_codes.seen) == {"203.0.113.7"}
