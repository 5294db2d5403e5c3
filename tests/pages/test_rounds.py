"""A round while it runs: its teacher sees how many, closes it once, and nobody else does."""

import asyncio
import re
from datetime import timedelta

import asyncpg
import msgspec
import pytest

from tests.house import A_TUESDAY, Running
from tests.pages.living import EVERYBODY_ELSE, GOOD, look, opened, statuses, text_of, told


async def test_the_teacher_sees_how_many_answered_and_how_to_join(house: Running) -> None:
    teacher = await house.staff("ilse")
    page, code = await opened(house, teacher)
    for _ in range(3):
        await house.answer(code, GOOD)
    shown = (await teacher.get(page)).text
    assert "data-n>3<" in shown
    assert "data-places>24<" in shown
    assert f"{house.url}/{code}" in shown
    assert f"{code[:4]} {code[4:]}" in shown
    assert "<svg" in shown


async def test_nobody_else_sees_or_touches_a_round(house: Running) -> None:
    teacher = await house.staff("ilse")
    page, _ = await opened(house, teacher)
    for rest in "", "/closure", "/thanks", "/participation":
        assert await statuses(house, page + rest, *EVERYBODY_ELSE) == EVERYBODY_ELSE
    for name in "omar", "wim", "ada", "eva", "nobody":
        visitor = house.visitor() if name == "nobody" else await house.staff(name)
        for rest in "closure", "extension", "places", "screen":
            reply = await visitor.post(f"{page}/{rest}", data={"more": "1"})
            assert reply.status_code == EVERYBODY_ELSE[name]
    state = "select (state, raised, screen)::text from round"
    assert await look(house, state) == "(open,0,0)"
    assert await look(house, "select closes_at from round") == A_TUESDAY + timedelta(hours=1)


async def test_how_many_is_pushed_to_the_teacher_exactly(house: Running) -> None:
    teacher = await house.staff("ilse")
    page, code = await opened(house, teacher)
    seen: list[dict[str, object]] = []
    async with teacher.stream("GET", f"{page}/participation") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        assert "content-encoding" not in stream.headers
        async for line in stream.aiter_lines():
            if line.startswith("data:"):
                seen.append(msgspec.json.decode(line.removeprefix("data:")))
                if len(seen) == 1:
                    await house.answer(code, GOOD)
                elif seen[-1]["open"]:
                    await teacher.post(f"{page}/closure")
    assert seen[0] == {"n": 0, "places": 24, "open": True}
    assert seen[1] == {"n": 1, "places": 24, "open": True}
    assert seen[-1]["open"] is False


# Closing


@pytest.mark.parametrize(("n", "lost"), [(0, True), (7, True), (8, False)])
async def test_below_k_the_closing_warns_and_offers_to_stay_open(
    house: Running, n: int, lost: bool
) -> None:
    teacher = await house.staff("ilse")
    page, code = await opened(house, teacher)
    for _ in range(n):
        await house.answer(code, GOOD)
    asked = (await teacher.get(f"{page}/closure")).text
    assert f'action="{page}/closure"' in asked
    assert (f'action="{page}/extension"' in asked) is lost
    assert await look(house, "select state from round") == "open"


async def test_closing_leads_to_thanks_that_the_class_may_see_never_to_the_result(
    house: Running,
) -> None:
    teacher = await house.staff("ilse")
    _, page = await told(house, teacher, good=9, bad=3)
    reply = await teacher.post(f"{page}/closure")  # once more changes nothing
    assert (reply.status_code, reply.headers["location"]) == (303, f"{page}/thanks")
    shown = (await teacher.get(f"{page}/thanks")).text
    assert not re.search(r"\d", text_of(shown.split("<main")[1]))
    assert (await teacher.get(page)).headers["location"] == f"{page}/thanks"
    assert (await teacher.get(f"{page}/closure")).headers["location"] == f"{page}/thanks"
    assert await look(house, "select count(*) from release") == 1


async def test_nothing_reopens_a_round(house: Running) -> None:
    teacher = await house.staff("ilse")
    _, page = await told(house, teacher)
    before = await look(house, "select r::text from round r")
    for rest in "extension", "places", "screen", "closure":
        assert (await teacher.post(f"{page}/{rest}", data={"more": "1"})).status_code == 303
    assert await look(house, "select r::text from round r") == before


async def test_a_round_stays_open_a_day_longer_but_never_beyond_a_week(house: Running) -> None:
    teacher = await house.staff("ilse")
    page, code = await opened(house, teacher)
    ends = []
    for _ in range(9):
        await teacher.post(f"{page}/extension")
        ends.append(await look(house, "select closes_at from round"))
        house.clock.go(hours=23)
        teacher = await house.staff("ilse")
        if house.clock() < ends[-1]:
            assert (await house.answer(code, GOOD)).status_code == 200
    assert ends[0] == A_TUESDAY + timedelta(days=1)
    assert max(ends) <= A_TUESDAY + timedelta(days=7)
    await house.service.keeper.work()
    assert await look(house, "select state from round") == "too few"


async def test_a_round_that_is_closed_in_another_tab_is_counted_at_once(house: Running) -> None:
    """Its answers would lie there a day longer, closed and not counted."""
    teacher = await house.staff("ilse")
    page, _ = await opened(house, teacher)
    other_tab = await asyncpg.connect(house.dsn)
    try:
        async with other_tab.transaction():
            await other_tab.execute("update round set state = 'closed', closed_on = current_date")
            await other_tab.execute("update code set due = $1 where kind = 'class'", A_TUESDAY)
            extending = asyncio.create_task(teacher.post(f"{page}/extension"))
            while not await look(house, "select count(*) from pg_locks where not granted"):
                await asyncio.sleep(0.01)
        await extending
    finally:
        await other_tab.close()
    assert await look(house, "select due from code where kind = 'class'") == A_TUESDAY


async def test_the_clock_closes_a_round_that_nobody_closes(house: Running) -> None:
    teacher = await house.staff("ilse")
    page, code = await opened(house, teacher)
    for _ in range(8):
        await house.answer(code, GOOD)
    house.clock.go(hours=1)
    assert (await teacher.get(page)).headers["location"] == f"{page}/thanks"
    assert (await house.answer(code, GOOD)).status_code == 410
    await house.service.keeper.work()
    assert await look(house, "select told ->> 'n' from release") == "8"


# Places


@pytest.mark.parametrize("more", ["3", "-1", "0", "", "x", "1" * 5000])
async def test_no_other_number_of_places_is_added_than_one_or_two(
    house: Running, more: str
) -> None:
    teacher = await house.staff("ilse")
    page, _ = await opened(house, teacher)
    await teacher.post(f"{page}/places", data={"more": more})
    assert await look(house, "select raised from round") == 0


async def test_students_see_that_a_place_was_added(house: Running) -> None:
    teacher = await house.staff("ilse")
    page, code = await opened(house, teacher)
    async with house.visitor() as student:
        before = text_of((await student.get(f"/{code}")).text)
        await teacher.post(f"{page}/places", data={"more": "2"})
        house.clock.go(minutes=2)
        after = text_of((await student.get(f"/{code}")).text)
    assert "26" not in before
    assert "26" in after
