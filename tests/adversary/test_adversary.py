"""Nobody's answer can be worked out from all that anybody sees.

Each history is a school drawn from a seed. After every event all who look put together what they
see; every number is a constraint; for each student an integer program says whether the answer
follows, and how many could have answered otherwise. The docstrings of `constraints` and `solver`
give the formulas.
"""

from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.adversary.judging import Tally, judge
from tests.house import Running, in_process, served

pytestmark = pytest.mark.adversary

EVERYBODY_TRIES = 8  # one in so many histories: every role, every page, at some moment


async def test_nobody_is_determined_over_http(
    database: str, place: Path, seeds_over_http: range, tally: Tally
) -> None:
    async with served(database, place) as running:
        await nobody_is_determined(running, seeds_over_http, tally)


async def test_nobody_is_determined_in_process(
    database: str, place: Path, seeds_in_process: range, tally: Tally
) -> None:
    async with in_process(database, place) as running:
        await nobody_is_determined(running, seeds_in_process, tally)


async def nobody_is_determined(running: Running, seeds: Iterable[int], tally: Tally) -> None:
    for seed in seeds:
        finding = await judge(running, seed, sweeps=seed % EVERYBODY_TRIES == 0)
        tally.add(finding)
        assert finding.determined == 0, (seed, finding.broken)
        assert not finding.broken, (seed, finding.broken)
