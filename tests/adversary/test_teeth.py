"""The same adversary breaks every weakened build. Where it cannot, the adversary is wrong."""

from pathlib import Path

import pytest

from tests.adversary.judging import judge
from tests.adversary.weakened import WEAKENED
from tests.house import in_process

pytestmark = pytest.mark.adversary

WITHIN = 200  # histories


@pytest.mark.parametrize("build", WEAKENED)
async def test_it_breaks_a_weakened_build(
    build: str,
    database: str,
    place: Path,
    monkeypatch: pytest.MonkeyPatch,
    table: dict[str, str],
) -> None:
    async with in_process(database, place) as running:
        WEAKENED[build](monkeypatch, running)
        for seed in range(WITHIN):
            finding = await judge(running, seed)
            if finding.determined:
                break
    assert finding.determined, f"{build}: no student's answer was found in {WITHIN} histories"
    table[f"weakened: {build}"] = f"broken, a student determined after {seed + 1} histories"
