"""How often a trend is wrong, and how often it sees what is there, in classes that are made up.

In these classes a student has an opinion that lasts and a mood of the moment, and a day moves
the whole class, half of it on all items alike. The sizes of these are standard deviations on
the logistic scale.
"""

import json
from collections.abc import Sequence
from functools import cache, partial

import numpy as np
from msgspec import Struct
from numpy.random import Generator
from numpy.typing import NDArray

from surveys import bounds
from surveys.bounds import DOUBT, Change, Share
from surveys.release import LESSON, Interval, coded

SEED = 20260907
SURVEYS = 4000  # of each kind; a share of 5% is known to within 0.7 points
ITEMS = 9
SIZES = (8, 12, 20, 28, 32)
RESPONSES = (1.0, 0.8, 0.6)
CHANCES = (0.5, 0.65, 0.8)
DAYS = (0.0, 0.2, 0.3, 0.4, 0.5, 0.65, 1.0)
GOAL = (0.55, 0.75)

Numbers = NDArray[np.float64]
Counts = NDArray[np.int64]


class World(Struct, frozen=True):
    name: str
    opinion: float
    mood: float

    def further(self, day: float) -> float:
        """How much further out an average lies before all that moves students flattens it."""
        return float(np.sqrt(1 + (self.opinion**2 + self.mood**2 + day**2) / 2.9))

    def points(self, day: float) -> float:
        """A deviation of the day in percentage points of a share of one half."""
        return 100 * day / 4 / self.further(0)


WORLDS = (
    # Nobody answers alike but for the day, as if each round had a new class: the worst case.
    World("strangers", opinion=0, mood=0),
    # Opinions that last vary less than moods, as in Bijlsma's dissertation, table 2.2.
    World("classmates", opinion=0.8, mood=1.0),
)


def main() -> None:
    chance = np.random.default_rng(SEED)
    covering = coverage(chance)
    alarming = {world.name: false_alarms(chance, world) for world in WORLDS}
    told = {
        "bench": "simulation",
        "allowance": bounds.DAY,
        "coverage": covering,
        "false_alarms": alarming,
        "withstands": {name: withstands(found) for name, found in alarming.items()},
        "scale_false_alarms": {world.name: scale_alarms(chance, world) for world in WORLDS},
        "response": low_response(chance),
        "goal": {world.name: goal(chance, world) for world in WORLDS},
    }
    print(json.dumps(told))


# What is measured


def coverage(chance: Generator) -> dict[str, float]:
    """Of single items at 95%: how often the bounds hold the true difference, at worst."""
    print(f"\nThe bounds of a difference hold the true one, % of {SURVEYS} surveys, at worst")
    print(f"{'':12}" + "".join(f"{'day ' + str(day):>10}" for day in (0.0, 0.2, 0.4)))
    worst: dict[str, float] = {}
    for world in WORLDS:
        for day in (0.0, 0.2, 0.4):
            worst[f"{world.name}, day {day}"] = min(
                covered(chance, world, day, size, pair)
                for size in SIZES
                for pair in [(0.5, 0.5), GOAL, (0.9, 0.6)]
            )
        row = [worst[f"{world.name}, day {day}"] for day in (0.0, 0.2, 0.4)]
        print(f"{world.name:12}" + "".join(f"{share:10.1f}" for share in row))
    return worst


def covered(
    chance: Generator, world: World, day: float, size: int, pair: tuple[float, float]
) -> float:
    counts = drawn(chance, world, day, size, size, pair, items=1)[:, :, 0]
    before, after = counts.mean(axis=0) / size
    held = [low <= after - before <= high for low, high in map(partial(ends, size), counts)]
    return percent(held)


def ends(n: int, counts: Counts) -> tuple[float, float]:
    before, after = (share(n, (int(count),)) for count in counts)
    return (
        bounds.least_difference(before, after, DOUBT),
        -bounds.least_difference(after, before, DOUBT),
    )


def false_alarms(chance: Generator, world: World) -> dict[float, dict[int, float]]:
    """Surveys in which nothing changed but the day, called clearly changed, at worst."""
    print(f"\nFalse alarms, % of surveys of {ITEMS} items, all answer: {world.name}")
    print(f"{'day':>6}{'points':>8}" + "".join(f"{size:>8}" for size in SIZES))
    found: dict[float, dict[int, float]] = {}
    for day in DAYS:
        row = {size: alarms(chance, world, day, size, size) for size in SIZES}
        found[day] = row
        print(
            f"{day:6}{world.points(day):8.0f}" + "".join(f"{share:8.1f}" for share in row.values())
        )
    day = withstands(found)
    print(f"At most {DOUBT:.0%} up to a day of {day}, {world.points(day):.0f} points.")
    return found


def withstands(found: dict[float, dict[int, float]]) -> float:
    """The largest day at which, in every class size, no more than the promised 5% are called."""
    kept = [day for day, row in found.items() if round(max(row.values())) <= 100 * DOUBT]
    return max(kept)


def scale_alarms(chance: Generator, world: World) -> dict[float, float]:
    """The same for one scale of all the items, which carries the whole doubt."""
    found = {
        day: max(
            percent([scale_called(size, one) for one in survey])
            for size in SIZES
            for survey in [drawn(chance, world, day, size, size, (0.65, 0.65), ITEMS)]
        )
        for day in DAYS
    }
    cells = ", ".join(f"day {day}: {share}" for day, share in found.items())
    print(f"\nFalse alarms of a scale of {ITEMS} items, %, {world.name}: {cells}")
    return found


def scale_called(n: int, counts: Counts) -> bool:
    before, after = (
        Share(
            low=float(np.mean([share(n, (count,)).low for count in items])),
            high=float(np.mean([share(n, (count,)).high for count in items])),
            n=share(n, (0,)).n,
        )
        for items in counts.tolist()
    )
    return bounds.change(before, after, DOUBT) is not Change.NORMAL


def low_response(chance: Generator) -> dict[str, dict[int, float | None]]:
    """The same where not all answer, and other students each time; None where nothing is told."""
    world, day = WORLDS[1], 0.3
    print(f"\nFalse alarms, %, by response: {world.name}, day {day}")
    print(f"{'response':>14}" + "".join(f"{size:>8}" for size in SIZES))
    found: dict[str, dict[int, float | None]] = {}
    for response in RESPONSES:
        row = {
            size: alarms(chance, world, day, size, round(response * size))
            if round(response * size) >= LESSON.k
            else None
            for size in SIZES
        }
        found[str(response)] = row
        cells = (f"{'-' if share is None else round(share, 1):>8}" for share in row.values())
        print(f"{response:14.0%}" + "".join(cells))
    return found


def alarms(chance: Generator, world: World, day: float, size: int, n: int) -> float:
    called = calls(n, DOUBT / ITEMS)
    return max(
        percent((called[counts[:, 0], counts[:, 1]] != 0).any(axis=1))
        for counts in (drawn(chance, world, day, size, n, (p, p), ITEMS) for p in CHANCES)
    )


def goal(chance: Generator, world: World) -> dict[str, dict[int, tuple[float, float]]]:
    """A goal chosen beforehand, two rounds against two: seen when real, and when it is not."""
    low, high = GOAL
    print(f"\nA goal, %: seen when it goes from {low:.0%} to {high:.0%} / when nothing changed")
    print(f"{world.name:>12}" + "".join(f"{size:>14}" for size in SIZES))
    found: dict[str, dict[int, tuple[float, float]]] = {}
    for day in (0.0, 0.2, 0.3, 0.4, 0.5):
        row = {
            size: (
                seen(chance, world, day, size, (low, low, high, high)),
                max(seen(chance, world, day, size, (p,) * 4) for p in CHANCES),
            )
            for size in SIZES
        }
        found[str(day)] = row
        cells = (f"{f'{real:.0f} / {false:.1f}':>14}" for real, false in row.values())
        print(f"{'day ' + str(day):>12}" + "".join(cells))
    return found


def seen(chance: Generator, world: World, day: float, size: int, chances: Sequence[float]) -> float:
    """Of a real change those called clearly more; of none those called anything but normal."""
    counts = drawn(chance, world, day, size, size, chances, items=1)[:, :, 0]
    judged = [
        judge(size, tuple(sorted(four[:2])), tuple(sorted(four[2:]))) for four in counts.tolist()
    ]
    wanted = {Change.CLEARLY_MORE}
    if chances[0] == chances[-1]:
        wanted |= {Change.CLEARLY_LESS}
    return percent([one in wanted for one in judged])


# What is called clear, by the rules of the core


@cache
def calls(n: int, doubt: float) -> Counts:
    """1 where a count of n is clearly more than another, -1 where clearly less, else 0."""
    sign = {Change.CLEARLY_MORE: 1, Change.NORMAL: 0, Change.CLEARLY_LESS: -1}
    shares = [share(n, (count,)) for count in range(n + 1)]
    return np.array([[sign[bounds.change(b, a, doubt)] for a in shares] for b in shares])


@cache
def judge(n: int, before: tuple[int, ...], after: tuple[int, ...]) -> Change:
    return bounds.change(share(n, before), share(n, after), DOUBT)


@cache
def share(n: int, counts: tuple[int, ...]) -> Share:
    published: list[Interval] = [coded(count, n, LESSON.d) for count in counts]
    return bounds.together(published, [n] * len(published))


# Classes that are made up


def drawn(
    chance: Generator,
    world: World,
    day: float,
    size: int,
    n: int,
    chances: Sequence[float],
    items: int,
) -> Counts:
    """Positive answers by survey, round and item; in each round n of the class answer."""
    opinion = spread(chance, world.opinion, SURVEYS, size, items)
    further = world.further(day)
    return np.stack(
        [
            one_round(chance, world, day, n, opinion + further * np.log(p / (1 - p)))
            for p in chances
        ],
        axis=1,
    )


def one_round(chance: Generator, world: World, day: float, n: int, opinion: Numbers) -> Counts:
    surveys, _, items = opinion.shape
    leaning = (
        opinion
        + spread(chance, world.mood, *opinion.shape[:2], 1)
        + spread(chance, day / np.sqrt(2), surveys, 1, 1)
        + spread(chance, day / np.sqrt(2), surveys, 1, items)
    )
    answers = chance.random(leaning.shape) < 1 / (1 + np.exp(-leaning))
    taking_part = np.argsort(chance.random(opinion.shape[:2]), axis=1)[:, :n, None]
    counts: Counts = np.take_along_axis(answers, taking_part, axis=1).sum(axis=1)
    return counts


def spread(chance: Generator, deviation: float, *shape: int) -> Numbers:
    return chance.normal(0, deviation, shape) if deviation else np.zeros(shape)


def percent(hits: Sequence[bool] | NDArray[np.bool_]) -> float:
    return round(100 * float(np.mean(hits)), 1)
