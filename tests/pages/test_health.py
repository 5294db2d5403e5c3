"""For whoever watches: it lives, it is ready or says why not, and its figures name nobody."""

import httpx
import pytest

from tests.house import Running
from tests.pages.test_answering import GOOD


async def figures(house: Running) -> dict[str, float]:
    async with house.visitor() as watcher:
        text = (await watcher.get("/metrics")).text
    lines = [line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in lines}


async def test_a_service_that_answers_lives_and_is_ready_with_keys(house: Running) -> None:
    async with house.visitor() as watcher:
        assert (await watcher.get("/health/live")).text == "alive\n"
        await house.service.keeper.fill_stock()
        assert (await watcher.get("/health/ready")).status_code == 200
        async with house.service.house.pool.acquire() as connection:
            await connection.execute("delete from key_stock")
        reply = await watcher.get("/health/ready")
        assert reply.status_code == 503
        assert "keeper" in reply.text


async def test_answers_and_closings_are_counted(house: Running) -> None:
    teacher = await house.staff("ilse")
    round_id = await house.open_round(teacher, await house.survey("2B"))
    code = await house.code(teacher, round_id)
    for _ in range(8):
        await house.answer(code, GOOD)
    await house.close(teacher, round_id)
    assert (await house.answer(code, GOOD)).status_code == 410
    found = await figures(house)
    assert found['stemlokaal_submissions_total{outcome="counted"}'] == 8
    assert found["stemlokaal_rounds_closed_total"] == 1
    assert found["stemlokaal_envelopes_unopened_total"] == 0
    assert found["stemlokaal_keeper_lag_seconds"] == 0
    assert found['stemlokaal_students_request_seconds_count{method="POST"}'] == 9


async def test_figures_name_no_school_no_class_and_no_code(house: Running) -> None:
    teacher = await house.staff("ilse")
    round_id = await house.open_round(teacher, await house.survey("2B"))
    code = await house.code(teacher, round_id)
    await house.answer(code, GOOD)
    async with house.visitor() as watcher:
        text = (await watcher.get("/metrics")).text
    for secret in (code, round_id, str(house.cast.school), "Kompas", "2B", "ilse"):
        assert secret not in text


@pytest.mark.parametrize("claims", [{"X-Forwarded-For": "127.0.0.1"}])
async def test_figures_are_not_passed_on_by_a_proxy(house: Running, claims: dict[str, str]) -> None:
    async with house.visitor() as watcher:
        assert (await watcher.get("/metrics", headers=claims)).status_code == 404


async def test_a_keeper_that_is_away_shows_as_lag(house: Running) -> None:
    teacher = await house.staff("ilse")
    await house.open_round(teacher, await house.survey("2B"))
    house.clock.go(hours=3)
    assert 6_000 < (await figures(house))["stemlokaal_keeper_lag_seconds"] < 8_000


async def test_who_watches_needs_no_account_and_gets_no_cookie(house: Running) -> None:
    async with house.visitor() as watcher:
        replies: list[httpx.Response] = [
            await watcher.get(path) for path in ("/health/live", "/health/ready", "/metrics")
        ]
    assert all("set-cookie" not in reply.headers for reply in replies)
