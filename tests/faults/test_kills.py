"""Killed again and again under load: whatever a phone was told is kept, is there once, and is
counted once."""

import asyncio
import time
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from surveys.rounds import MOST_MEMBERS, Round
from tests.bench._schools import school_with_rounds
from tests.faults.phones import Phones, filled_in
from tests.faults.victim import Victim, started

KILLS, ANSWERS = 3, 900
KILLS_WHEN_MARKED, ANSWERS_WHEN_MARKED = 100, 201_000
A_SCHOOL = 50  # rounds
COUNTED_WITHIN = 600.0  # seconds, for some thousands of rounds on a busy machine


async def opened(victim: Victim, answers: int) -> list[Round]:
    """Rounds that have a place for each of them."""
    rounds: list[Round] = []
    async with victim.inside() as service:
        while len(rounds) * MOST_MEMBERS < answers:
            missing = -(-answers // MOST_MEMBERS) - len(rounds)
            service.keeper.stock = min(A_SCHOOL, missing)
            await service.keeper.fill_stock()
            name = f"School {len(rounds)}"
            rounds += await school_with_rounds(service, name, service.keeper.stock)
    return rounds


async def strike(victim: Victim, phones: Phones, kills: int, answers: int) -> None:
    """Kills the database and the service in turn, each time while answers come in."""
    random = Random()
    share = answers / (2 * kills + 1)
    for number in range(2 * kills):
        await phones.until(int((number + random.random()) * share) + 1)
        if number % 2 == 0:
            victim.kill_database()
        else:
            await victim.kill()
            await victim.start()


async def closed(victim: Victim) -> None:
    """All at once are due, and a service that starts finds them; nobody helps it."""
    async with victim.looked_into() as look:
        await look.execute("update round set closes_at = now()")
        await look.execute("update code set due = now() where kind = 'class'")
    await victim.kill()
    await victim.start()
    async with victim.looked_into() as look, asyncio.timeout(COUNTED_WITHIN):
        while await look.fetchval("select exists (select from code where due notnull)"):
            await asyncio.sleep(0.1)


@pytest.mark.faults
async def test_killed_again_and_again_it_loses_nothing_that_it_acknowledged(
    place: Path, request: pytest.FixtureRequest, table: dict[str, str]
) -> None:
    marked = bool(request.config.getoption("markexpr"))
    kills, answers = (KILLS_WHEN_MARKED, ANSWERS_WHEN_MARKED) if marked else (KILLS, ANSWERS)
    async with started(place) as victim:
        rounds = await opened(victim, answers)
        sheets = filled_in(rounds, MOST_MEMBERS, victim.pepper)
        phones = Phones(victim.settings.url)
        began = time.monotonic()
        async with asyncio.TaskGroup() as group:
            group.create_task(phones.send(sheets))
            group.create_task(strike(victim, phones, kills, len(sheets)))
        took = time.monotonic() - began

        async with victim.looked_into() as look:
            kept = Counter(
                row["receipt"] for row in await look.fetch("select receipt from envelope")
            )
        lost = len(phones.acknowledged - kept.keys())
        double = kept.total() - len(kept)
        await closed(victim)
        async with victim.looked_into() as look:
            counted = await look.fetchval("select sum((told ->> 'n')::int) from release")
            told = await look.fetchval("select count(*) from release")
            left = await look.fetchval("select count(*) from envelope")

    assert phones.refused == []
    assert (lost, double, left) == (0, 0, 0)
    assert kept.keys() <= {sheet.receipt for sheet in sheets}
    assert (told, counted) == (len(rounds), len(phones.acknowledged))
    assert len(phones.acknowledged) == len(sheets) >= answers
    table["kill -9 of the service, of PostgreSQL"] = f"{kills}, {kills}, in {took:.0f} s"
    table["acknowledged, lost, double"] = f"{len(phones.acknowledged):,}, {lost}, {double}"
    table["counted in releases afterwards"] = f"{counted:,}"
    table["sent in vain, and sent again"] = f"{phones.in_vain:,}"
    table["longest until it listened again"] = f"{victim.longest_absence:.1f} s"
