"""The same adversary breaks every weakened build. Where it cannot, the adversary is wrong."""

from pathlib import Path

import pytest

from tests.adversary.histories import history
from tests.adversary.judging import judge
from tests.adversary.weakened import WEAKENED
from tests.adversary.weakened_waves import WEAKENED_WAVES
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


@pytest.mark.parametrize("build", WEAKENED_WAVES)
async def test_it_breaks_weakened_waves(
    build: str,
    database: str,
    place: Path,
    monkeypatch: pytest.MonkeyPatch,
    table: dict[str, str],
) -> None:
    """Of so many students nobody is determined at once: fewer than d are left in doubt."""
    with_waves = [
        seed for seed in range(WITHIN) if any(asked.by_school for asked in history(seed).surveys)
    ]
    async with in_process(database, place) as running:
        WEAKENED_WAVES[build](monkeypatch, running)
        for seed in with_waves:
            finding = await judge(running, seed)
            if finding.broken:
                break
    assert finding.broken, f"{build}: d students were left in doubt in all {WITHIN} histories"
    table[f"weakened: {build}"] = f"broken, fewer than d in doubt after {seed + 1} histories"
