"""Nobody's answer can be worked out from all that anybody sees.

Each history is a school drawn from a seed. After every event all who look put together what they
see; every number is a constraint; for each student an integer program says whether the answer
follows, and how many could have answered otherwise. The docstrings of `constraints` and `solver`
give the formulas.
"""

from asyncio import wrap_future
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path

import pytest

from tests.adversary.judging import Finding, Tally
from tests.adversary.side_by_side import findings
from tests.house import served

pytestmark = pytest.mark.adversary


async def test_nobody_is_determined_over_http(
    database: str, place: Path, seeds_over_http: range, tally: Tally
) -> None:
    async with served(database, place) as running:
        nobody_is_determined(await findings(running, seeds_over_http), tally)


async def test_nobody_is_determined_in_process(
    side_by_side: Mapping[range, Future[Sequence[Finding]]], seeds_in_process: range, tally: Tally
) -> None:
    nobody_is_determined(await wrap_future(side_by_side[seeds_in_process]), tally)


def nobody_is_determined(findings: Sequence[Finding], tally: Tally) -> None:
    tally.findings += findings
    for finding in findings:
        assert finding.determined == 0, (finding.seed, finding.broken)
        assert not finding.broken, (finding.seed, finding.broken)
