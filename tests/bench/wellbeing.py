"""How often wellbeing over time calls a change that is none, and how often it sees a real one.

The schools are made up. Each wave asks other students, as from one school year to the next: with
the same students chance moves less. A class has a mood of its own, and at each moment something
moves the whole school; their sizes are deviations of a share of one half, in percentage points.
"""

import json
from collections.abc import Sequence
from functools import cache
from statistics import NormalDist
from uuid import UUID

import numpy as np
from msgspec import Struct
from numpy.random import Generator
from numpy.typing import NDArray

from surveys import bounds, wellbeing
from surveys.bounds import DOUBT, Change, Share
from surveys.cells import Count
from surveys.release import WELLBEING, Interval, Release, coded
from surveys.waves import Pool

SEED = 20270317
PAGES = 2000  # of each kind; a share of 5% is known to within a point
ITEMS = 4
MOODS = (0.0, 5.0, 8.7, 12.0)  # of a class; DAY allows for 8.7
MOMENTS = (0.0, 2.0, 4.0)  # of the school; SEASON allows for 2
LEVELS = ((0.5, 0.3), (0.75, 0.12), (0.85, 0.06))  # well, and not well
DROP = (0.75, 0.12), (0.62, 0.22)

Counts = NDArray[np.int64]
Level = tuple[float, float]


class Cell(Struct, frozen=True):
    """Pools of so many classes, each with so many answers."""

    name: str
    pools: int
    classes: int
    answers: int

    @property
    def n(self) -> int:
        return self.pools * self.classes * self.answers


CELLS = (
    Cell("3 small classes", 1, 3, 12),
    Cell("a year of 10", 1, 10, 25),
    Cell("a school of 60", 6, 10, 25),
    Cell("60, by class", 60, 1, 25),
)


def main() -> None:
    chance = np.random.default_rng(SEED)
    told = {
        "bench": "wellbeing",
        "allowances": {"class": bounds.DAY, "school": wellbeing.SEASON},
        "false_alarms": false_alarms(chance),
        "seen": {cell.name: seen(chance, cell) for cell in CELLS},
    }
    print(json.dumps(told))


def false_alarms(chance: Generator, pages: int = PAGES) -> dict[str, dict[str, float]]:
    """Of pages on which nothing changed, those that call any of their lines changed, at worst."""
    print(f"\nFalse alarms, % of pages of {ITEMS} items, both their sides")
    print(f"{'class':>8}{'school':>8}" + "".join(f"{cell.name:>18}" for cell in CELLS))
    found: dict[str, dict[str, float]] = {}
    for mood in MOODS:
        for moment in MOMENTS:
            row = {cell.name: alarms(chance, cell, mood, moment, pages) for cell in CELLS}
            found[f"class {mood}, school {moment}"] = row
            cells = "".join(f"{share:18.1f}" for share in row.values())
            print(f"{mood:8}{moment:8}{cells}")
    return found


def alarms(chance: Generator, cell: Cell, mood: float, moment: float, pages: int) -> float:
    """At the worst of the levels."""
    return max(
        share_called(
            waves_of(chance, cell, mood, moment, [level, level], pages),
            cell,
            {Change.CLEARLY_LESS, Change.CLEARLY_MORE},
        )
        for level in LEVELS
    )


def seen(chance: Generator, cell: Cell) -> float:
    """Pages that call a real drop on all items, with the moods and the moment that we allow for."""
    counts = waves_of(chance, cell, MOODS[2], MOMENTS[1], DROP, PAGES)
    found = share_called(counts, cell, {Change.CLEARLY_LESS, Change.CLEARLY_MORE})
    (well, unwell), (then, now) = DROP
    print(
        f"{cell.name}: {well:.0%} well becomes {then:.0%}, {unwell:.0%} not well becomes {now:.0%}:"
        f" called on {found}% of pages"
    )
    return found


def share_called(counts: Counts, cell: Cell, calls: set[Change]) -> float:
    called = [
        any(
            changed(cell, tuple(before), tuple(after)) in calls
            for before, after in zip(*page, strict=True)
        )
        for page in counts.reshape(len(counts), 2, -1, cell.pools).tolist()
    ]
    return round(100 * float(np.mean(called)), 1)


# By the rules of the core


@cache
def worth(cell: Cell) -> float:
    release = Release(cell.classes * cell.answers, WELLBEING.d, ())
    return wellbeing.worth([Pool((UUID(int=0),) * cell.classes, release)] * cell.pools)


@cache
def changed(cell: Cell, before: Sequence[int], after: Sequence[int]) -> Change:
    return bounds.change(told(cell, before), told(cell, after), DOUBT / (2 * ITEMS))


def told(cell: Cell, counts: Sequence[int]) -> Share:
    """What is published of a line in one wave: of each pool a range, and their sum."""
    n = cell.classes * cell.answers
    total = sum((coded(count, n, WELLBEING.d) for count in counts), Interval(0, 0))
    return wellbeing.share(Count(total, cell.n), worth(cell))


# Schools that are made up


def waves_of(
    chance: Generator, cell: Cell, mood: float, moment: float, levels: Sequence[Level], pages: int
) -> Counts:
    """Answers by page, wave, item, side (well, not well) and pool."""
    return np.stack(
        [one_wave(chance, cell, mood, moment, level, pages) for level in levels], axis=1
    )


def one_wave(
    chance: Generator, cell: Cell, mood: float, moment: float, level: Level, pages: int
) -> Counts:
    """Leanings are normal with deviation 1; half of what is shared is so on all items alike."""
    classes = cell.pools * cell.classes
    shared = shared_by(chance, mood, pages, classes) + shared_by(chance, moment, pages, 1)
    rest = np.sqrt(1 - deviation(mood) ** 2 - deviation(moment) ** 2)
    well, unwell = cuts(level)
    counts = np.empty((pages, ITEMS, 2, classes), dtype=np.int64)
    for item in range(ITEMS):
        own = chance.normal(0, rest, (pages, classes, cell.answers))
        leaning = own + shared[:, item, :, None]
        counts[:, item, 0] = (leaning > well).sum(axis=2)
        counts[:, item, 1] = (leaning < unwell).sum(axis=2)
    of_pools: Counts = counts.reshape(pages, ITEMS, 2, cell.pools, cell.classes).sum(axis=4)
    return of_pools


def shared_by(chance: Generator, points: float, pages: int, groups: int) -> NDArray[np.float64]:
    half = deviation(points) / np.sqrt(2)
    alike = chance.normal(0, half, (pages, 1, groups))
    return alike + chance.normal(0, half, (pages, ITEMS, groups))


def deviation(points: float) -> float:
    """Of leanings, so that a share of one half deviates by these percentage points."""
    return points / 100 * float(np.sqrt(2 * np.pi))


@cache
def cuts(level: Level) -> tuple[float, float]:
    """From where a leaning is well, and up to where it is not well."""
    well, unwell = level
    return NormalDist().inv_cdf(1 - well), NormalDist().inv_cdf(unwell)
