"""The class's screen: a link of its own, as many dots as the class may see, and never a result."""

import asyncio
import re
from collections.abc import AsyncIterator

import msgspec
import pytest

from service import participation
from tests.house import Running
from tests.pages.living import GOOD, look, opened


async def screen_of(house: Running, teacher, page: str) -> str:
    found = re.search(r"/screen/[0-9a-f]{32}", (await teacher.get(page)).text)
    assert found
    return found[0]


async def test_the_screen_needs_no_signing_in_and_shows_how_to_join(house: Running) -> None:
    teacher = await house.staff("ilse")
    page, code = await opened(house, teacher)
    async with house.visitor() as projector:
        shown = await projector.get(await screen_of(house, teacher, page))
    assert shown.status_code == 200
    assert f"{code[:4]} {code[4:]}" in shown.text
    assert "<svg" in shown.text
    assert "set-cookie" not in shown.headers


@pytest.mark.parametrize(("members", "n", "full"), [("20", 0, 0), ("20", 5, 2), ("20", 15, 7)])
async def test_dots_are_tenths_of_the_class_and_no_number(
    house: Running, members: str, n: int, full: int
) -> None:
    teacher = await house.staff("ilse")
    page, code = await opened(house, teacher, members=members)
    for _ in range(n):
        await house.answer(code, GOOD)
    async with house.visitor() as projector:
        shown = (await projector.get(await screen_of(house, teacher, page))).text
    assert shown.count('<i class="full">') == full
    words = re.sub(r"<[^>]+>|" + re.escape(house.settings.address), " ", shown)
    assert str(n) not in re.findall(r"\b\d+\b", words) or n == 0


async def test_the_last_fifth_of_the_class_is_never_told_apart(house: Running) -> None:
    """R8: so that nobody turns round to look at the last one."""
    teacher = await house.staff("ilse")
    page, code = await opened(house, teacher, members="10")
    screen = await screen_of(house, teacher, page)
    shown = []
    async with house.visitor() as projector:
        for _ in range(10):
            await house.answer(code, GOOD)
            shown.append((await projector.get(screen)).text)
    assert len(set(shown)) == 8
    assert len(set(shown[7:])) == 1


async def test_what_is_pushed_to_the_screen_is_dots_until_it_closes(house: Running) -> None:
    teacher = await house.staff("ilse")
    page, code = await opened(house, teacher, members="5")
    screen = await screen_of(house, teacher, page)
    seen = []
    async with (
        house.visitor() as projector,
        projector.stream("GET", f"{screen}/participation") as stream,
    ):
        async for line in stream.aiter_lines():
            if line.startswith("data:"):
                seen.append(msgspec.json.decode(line.removeprefix("data:")))
                if len(seen) == 1:
                    await house.answer(code, GOOD)
                elif len(seen) == 2:
                    for _ in range(3):
                        await house.answer(code, GOOD)
                elif len(seen) == 3:
                    await teacher.post(f"{page}/closure")
    assert seen[:2] == [{"dots": 0, "open": True}, {"dots": 2, "open": True}]
    assert all(set(each) == {"dots", "open"} for each in seen)
    assert seen[-1]["open"] is False


async def test_an_answer_of_which_nothing_is_told_puts_off_no_sign_of_life(
    house: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R8: its rhythm would tell when each of the last students answered."""
    monkeypatch.setattr(participation, "AT_MOST_EVERY", 0.05)
    monkeypatch.setattr(participation, "ALIVE_EVERY", 1.0)
    teacher = await house.staff("ilse")
    page, code = await opened(house, teacher, members="5")
    for _ in range(4):
        await house.answer(code, GOOD)
    screen = await screen_of(house, teacher, page)

    async def answers_without_end() -> None:
        while True:
            await house.answer(code, GOOD)

    async with (
        asyncio.timeout(10),
        house.visitor() as projector,
        projector.stream("GET", f"{screen}/participation") as stream,
    ):
        answering = asyncio.create_task(answers_without_end())
        seen = [line async for line in until_alive(stream.aiter_lines())]
        answering.cancel()
    told = [line for line in seen if line.startswith("data:")]
    assert told == ['data: {"dots":null,"open":true}']


async def until_alive(lines: AsyncIterator[str]) -> AsyncIterator[str]:
    async for line in lines:
        yield line
        if line.startswith(":"):
            return


async def test_another_link_ends_the_one_before(house: Running) -> None:
    teacher = await house.staff("ilse")
    page, _ = await opened(house, teacher)
    old = await screen_of(house, teacher, page)
    await teacher.post(f"{page}/screen")
    new = await screen_of(house, teacher, page)
    assert old != new
    async with house.visitor() as projector:
        assert (await projector.get(old)).status_code == 404
        assert (await projector.get(f"{old}/participation")).status_code == 404
        assert (await projector.get(new)).status_code == 200


async def test_a_code_is_no_screen_and_a_screen_is_no_code(house: Running) -> None:
    teacher = await house.staff("ilse")
    page, code = await opened(house, teacher)
    token = (await screen_of(house, teacher, page)).removeprefix("/screen/")
    async with house.visitor() as visitor:
        assert (await visitor.get(f"/screen/{code}")).status_code == 404
        assert (await visitor.get(f"/{token}")).status_code == 404
        assert (await visitor.get("/screen/" + "0" * 32)).status_code == 404


async def test_the_screen_says_thanks_when_the_round_has_closed_and_been_told(
    house: Running,
) -> None:
    """Without script it loads itself again: the class must not see that a page is not found."""
    teacher = await house.staff("ilse")
    page, code = await opened(house, teacher)
    screen = await screen_of(house, teacher, page)
    for _ in range(9):
        await house.answer(code, GOOD)
    async with house.visitor() as projector:
        await teacher.post(f"{page}/closure")
        closed = await projector.get(screen)
        await house.service.keeper.work()
        told = await projector.get(screen)
    assert (closed.status_code, told.status_code) == (200, 200)
    for shown in closed.text, told.text:
        assert re.search(r"data-when-closed(?! hidden)", shown)
        assert re.search(r"data-while-open hidden", shown)
    assert await look(house, "select count(*) from release") == 1
