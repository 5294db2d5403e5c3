"""Nobody's answer can be worked out from all that anybody sees.

Each history is a school drawn from a seed. After every event all who look put together what they
see; every number is a constraint; for each student an integer program says whether the answer
follows, and how many could have answered otherwise. The docstrings of `constraints` and `solver`
give the formulas.
"""

from asyncio import wrap_future
from collections.abc import Mapping, Sequence
from concurrent.futures import Future

import pytest

from tests.adversary.judging import Finding, Tally
from tests.adversary.side_by_side import Chunk

pytestmark = pytest.mark.adversary


async def test_nobody_is_determined(
    side_by_side: Mapping[Chunk, Future[Sequence[Finding]]], chunk: Chunk, tally: Tally
) -> None:
    found = await wrap_future(side_by_side[chunk])
    tally.findings += found
    for finding in found:
        assert finding.determined == 0, (finding.seed, finding.broken)
        assert not finding.broken, (finding.seed, finding.broken)
