"""Two schools of which the same may be told look alike to everybody, to the last byte.

This needs no reader and no solver: whatever a page may show, in whatever words, order or header,
it is worked out from the releases and from nothing else.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import asyncpg
import pytest

from tests.adversary.events import History
from tests.adversary.histories import history
from tests.adversary.playing import Played
from tests.adversary.spying import Adversary, Seen
from tests.adversary.twins import twin
from tests.adversary.weakened import WEAKENED
from tests.conftest import numbers, of_database
from tests.house import Running, in_process

pytestmark = pytest.mark.adversary

WITHIN = 80  # histories in which a weakened build has to show a difference


class Twins:
    """Services that start alike, each with a database of its own, so that ids and codes agree."""

    def __init__(
        self, cluster: str, administrator: asyncpg.Connection, template: str, place: Path
    ) -> None:
        self.cluster = cluster
        self.administrator = administrator
        self.template = template
        self.place = place

    async def look(
        self, school: History, weaken: Callable[[Running], None] = lambda _: None
    ) -> list[Seen]:
        """All that anybody got to see of a school."""
        name = f"twin_{next(numbers)}"
        async with self.database(name) as dsn, in_process(dsn, self.place / name) as running:
            weaken(running)
            played = Played(running, school)
            adversary = Adversary(played, sweeps_at=school.seed % len(school.events))
            await played.play(adversary.look)
            await played.school.move_out()
        return adversary.seen

    @asynccontextmanager
    async def database(self, name: str) -> AsyncIterator[str]:
        await self.administrator.execute(f"create database {name} template {self.template}")
        try:
            yield of_database(self.cluster, name)
        finally:
            await self.administrator.execute(f"drop database {name} with (force)")


@pytest.fixture
def twins(cluster: str, administrator: asyncpg.Connection, template: str, place: Path) -> Twins:
    return Twins(cluster, administrator, template, place)


async def test_twins_look_alike(seed_of_twins: int, twins: Twins) -> None:
    one, other = history(seed_of_twins), twin(history(seed_of_twins))
    assert other
    assert other.events != one.events
    for first, second in zip(await twins.look(one), await twins.look(other), strict=True):
        assert first == second


@pytest.mark.parametrize("build", WEAKENED)
async def test_in_a_weakened_build_they_do_not(
    build: str, twins: Twins, monkeypatch: pytest.MonkeyPatch
) -> None:
    for seed in range(WITHIN):
        one, other = history(seed), twin(history(seed))
        if other is None:
            continue
        looks = []
        for school in (one, other):
            with monkeypatch.context() as patch:
                looks.append(await twins.look(school, partial(WEAKENED[build], patch)))
        if looks[0] != looks[1]:
            return
    pytest.fail(f"{build}: nothing differed in {WITHIN} histories")
