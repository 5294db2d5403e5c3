"""A full disk, a database that goes away, a clock that jumps, a keeper that is away for a day:
nothing is acknowledged that is not kept, and all goes on by itself afterwards."""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from pathlib import Path

import asyncpg
import httpx
import pytest

from service import embedded, keeper
from service.ingest import Outcome
from service.opening import NoKeyReady
from service.sealing import Envelope
from service.storage.migrate import migrate
from surveys.rounds import Round
from tests.ballots import POSITIVE, Ballots, at_rest, told
from tests.faults.full import Filled, limited_files, may_mount, small_disk
from tests.house import Clock, Running, in_process, settle
from tests.pages.living import GOOD

LOST = OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError
RECOVERED = 30.0  # seconds, at most
COUNTED, CLOSED = Outcome.COUNTED, Outcome.CLOSED
MOST = 60  # in a round
ROUNDS, ROUNDS_WHEN_MARKED = 12, 60

pytestmark = pytest.mark.faults


# The disk is full


@pytest.mark.parametrize("way", [small_disk, limited_files], ids=["disk", "files"])
async def test_on_a_full_disk_nothing_is_acknowledged_that_is_not_kept(
    place: Path,
    way: Callable[[Path], AbstractContextManager[Filled]],
    request: pytest.FixtureRequest,
    table: dict[str, str],
) -> None:
    if way is small_disk and not may_mount(place):
        # Said, not skipped: the same promise is tried with a limit on files in the other case.
        table["disk full: a disk of its own"] = "only root may mount one; tried by a limit on files"
        way = limited_files
    rounds = ROUNDS_WHEN_MARKED if request.config.getoption("markexpr") else ROUNDS
    with way(place) as filled:
        acknowledged, refused, seconds = await written_while_full(place, rounds, filled)
    name = f"disk full ({'a disk' if way is small_disk else 'files'}): kept, refused, back after"
    table[name] = f"{acknowledged:,}, {refused:,}, {seconds:.1f} s"


async def written_while_full(place: Path, rounds: int, filled: Filled) -> tuple[int, int, float]:
    """Acknowledged, refused while it was full, and seconds until it took answers again."""
    fill, make_room = filled
    clock = Clock()
    async with embedded.running(place, say=lambda _: None) as dsn:
        look = await asyncpg.connect(dsn)
        await migrate(look)
        (place / "elsewhere").mkdir()
        async with at_rest(dsn, [place / "elsewhere/keys"], clock) as service:
            ballots = Ballots(service, dsn, clock, look)
            await ballots.settle()
            opened = [await ballots.open_round(members=MOST) for _ in range(rounds)]
            sheets = [
                sheet
                for round in opened
                for sheet in await ballots.envelopes(round, [POSITIVE] * MOST)
            ]
            await look.close()
            acknowledged: set[bytes] = set()
            half = len(sheets) // 2
            assert await submitted(ballots, sheets[:half], acknowledged) == 0
            fill()
            refused = await submitted(ballots, sheets, acknowledged)
            assert refused > 0
            make_room()
            began = time.monotonic()
            await until_taken(ballots, sheets[half])
            seconds = time.monotonic() - began
            ballots.look = await asyncpg.connect(dsn)
            kept = await ballots.look.fetch("select receipt from envelope")
            assert acknowledged <= {row["receipt"] for row in kept}
            assert await submitted(ballots, sheets, acknowledged) == 0
            await all_told(ballots, opened, MOST)
            await ballots.look.close()
    assert len(acknowledged) == len(sheets)
    return len(acknowledged), refused, seconds


async def submitted(ballots: Ballots, sheets: Sequence[Envelope], acknowledged: set[bytes]) -> int:
    """How many were refused; each is tried once, 40 at a time."""
    turns = asyncio.Semaphore(40)

    async def submit(sheet: Envelope) -> bool:
        async with turns:
            with suppress(*LOST):
                assert await ballots.house.ingest.submit(sheet) is COUNTED
                acknowledged.add(sheet.receipt)
                return True
            return False

    return (await asyncio.gather(*map(submit, sheets))).count(False)


async def until_taken(ballots: Ballots, sheet: Envelope) -> None:
    async with asyncio.timeout(RECOVERED):
        while await submitted(ballots, [sheet], set()):
            await asyncio.sleep(0.1)


async def all_told(ballots: Ballots, rounds: Sequence[Round], n: int) -> None:
    for round in rounds:
        await ballots.stop(round)
    await ballots.keeper.work()
    for round in rounds:
        assert told((await ballots.kept(round)).release).n == n


# The database goes away


async def test_a_database_that_goes_away_and_comes_back_is_found_again(
    place: Path, monkeypatch: pytest.MonkeyPatch, table: dict[str, str]
) -> None:
    """While it is away students are asked to try again; a round that falls due closes after."""
    async with embedded.running(place, say=lambda _: None) as dsn:
        connection = await asyncpg.connect(dsn)
        await migrate(connection)
        await connection.close()
    running = embedded.running(place, say=lambda _: None)
    assert await running.__aenter__() == dsn
    async with in_process(dsn, place) as house:
        await settle(house)
        teacher = await house.staff("ilse")
        round_id = await house.open_round(teacher, await house.survey("2B"))
        code = await house.code(teacher, round_id)
        for _ in range(9):
            assert (await house.answer(code, GOOD)).status_code == 200
        await running.__aexit__(None, None, None)

        away = [await house.answer(code, GOOD) for _ in range(3)]
        assert {reply.status_code for reply in away} == {503}
        assert (await ready(house)).status_code == 503
        assert (await house.visitor().get("/health/live")).status_code == 200
        house.clock.go(hours=2)

        running = embedded.running(place, say=lambda _: None)
        await running.__aenter__()
        began = time.monotonic()
        async with asyncio.timeout(RECOVERED):
            while (await ready(house)).status_code != 200:
                await asyncio.sleep(0.1)
            while (n := await released(dsn)) is None:
                await asyncio.sleep(0.1)
        assert n == 9
        table["database away and back: counted alone after"] = f"{time.monotonic() - began:.1f} s"
    await running.__aexit__(None, None, None)


async def ready(house: Running) -> httpx.Response:
    return await house.visitor().get("/health/ready")


async def released(dsn: str) -> int | None:
    connection = await asyncpg.connect(dsn)
    try:
        found: int | None = await connection.fetchval("select (told ->> 'n')::int from release")
        return found
    finally:
        await connection.close()


# The clock jumps


async def test_a_clock_that_jumps_forward_closes_once_and_takes_nothing_late(
    ballots: Ballots, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper, "LONGEST_SLEEP", 0.1)
    working = asyncio.create_task(ballots.keeper.run())
    round = await ballots.open_round(minutes=60)
    assert await ballots.hand_in(round, [POSITIVE] * 9) == [COUNTED] * 9
    late = await ballots.envelopes(round, [POSITIVE] * 2)
    ballots.clock.go(days=400)
    assert await ballots.house.ingest.hand_in(late[:1]) == [CLOSED]
    await until_released(ballots, round)
    ballots.clock.go(days=-400)  # and back to when it was open
    assert await ballots.house.ingest.hand_in(late) == [CLOSED] * 2
    await asyncio.sleep(0.5)
    assert told((await ballots.kept(round)).release).n == 9
    await ended(working)


async def test_a_clock_that_jumps_back_loses_nothing_and_closes_when_it_is_time(
    ballots: Ballots, monkeypatch: pytest.MonkeyPatch, table: dict[str, str]
) -> None:
    monkeypatch.setattr(keeper, "LONGEST_SLEEP", 0.1)
    working = asyncio.create_task(ballots.keeper.run())
    round = await ballots.open_round(minutes=60)
    assert await ballots.hand_in(round, [POSITIVE] * 5) == [COUNTED] * 5
    ballots.clock.go(days=-3)
    assert await ballots.hand_in(round, [POSITIVE] * 5) == [COUNTED] * 5
    await asyncio.sleep(0.5)
    assert (await ballots.kept(round)).state == "open"
    ballots.clock.go(days=3, hours=2)
    await until_released(ballots, round)
    assert told((await ballots.kept(round)).release).n == 10
    table["clock 400 days on and back, 3 days back"] = "one release each, nothing lost"
    await ended(working)


async def until_released(ballots: Ballots, round: Round) -> None:
    async with asyncio.timeout(RECOVERED):
        while (await ballots.kept(round)).public_key:
            await asyncio.sleep(0.05)


async def ended(working: asyncio.Task[None]) -> None:
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)


# The keeper is away


async def test_a_keeper_that_was_away_for_a_day_counts_what_waited(
    ballots: Ballots, table: dict[str, str]
) -> None:
    """Pages go on: they take answers until a round is due, then none, and promise no release."""
    rounds = [await ballots.open_round(minutes=30 * number) for number in range(1, 13)]
    for round in rounds:
        assert await ballots.hand_in(round, [POSITIVE] * 9) == [COUNTED] * 9
    ballots.clock.go(days=1)
    for round in rounds:
        assert await ballots.hand_in(round, [POSITIVE] * 3) == [CLOSED] * 3
        kept = await ballots.kept(round)
        assert (kept.envelopes, kept.release) == (9, None)
    await ballots.look.execute("delete from key_stock")  # what there was, was used up meanwhile
    ballots.keeper.stock = 0
    with pytest.raises(NoKeyReady):
        await ballots.open_round()

    ballots.keeper.stock = keeper.STOCK
    working = asyncio.create_task(ballots.keeper.run())
    began = time.monotonic()
    for round in rounds:
        await until_released(ballots, round)
        kept = await ballots.kept(round)
        assert (told(kept.release).n, kept.envelopes) == (9, 0)
    seconds = time.monotonic() - began
    await ended(working)
    assert await ballots.hand_in(await ballots.open_round(), [POSITIVE]) == [COUNTED]
    table["keeper away for a day: 12 rounds counted in"] = f"{seconds:.1f} s"
