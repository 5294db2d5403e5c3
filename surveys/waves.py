"""R4: the rounds of many groups, told together: pools, totals over fixed cells, spread.

Each answer belongs to one pool, and each pool has one release. What a leader sees is a function
of those releases, so no view can be subtracted from another to leave a class or a child.
"""

from collections.abc import Mapping, Sequence
from statistics import quantiles
from uuid import UUID

from msgspec import Struct

from surveys.answers import Answers
from surveys.instrument import Instrument, Stage
from surveys.release import Interval, Release, Rule, Told, TooFew, release
from surveys.rounds import Group

LEAST_GROUPS = 3  # of a pool or a total that a leader sees
LEAST_ANSWERS = 30
LARGEST_PART = 0.5  # of a total's answers that one group may have given
LEAST_GROUPS_OF_SMALL_POOL = 2  # classes that are each too small to be told of
LEAST_GROUPS_FOR_SPREAD = 5
SPREAD_STEP = 5  # percentage points


Year = tuple[Stage, int]
"""A year group of a stage; 0 for groups without one."""
Cell = tuple[Year, ...]
"""Neighbouring year groups whose answers are told together."""


class Pool(Struct, frozen=True):
    """Groups whose answers have one release; one group where the wave tells of classes."""

    groups: tuple[UUID, ...]
    told: Release | TooFew


class Total(Struct, frozen=True):
    """Sums of published intervals over some pools, at the least and at the most."""

    n: int
    items: tuple[Told, ...]


Ballots = Mapping[UUID, Sequence[Answers]]
"""The answers of each group of a wave, by group id."""


def by_class(
    instrument: Instrument, groups: Sequence[Group], ballots: Ballots, rule: Rule
) -> list[Pool]:
    """A wave with class-level view: each class that may be told of, small ones per year group.

    A class under k that stood alone would be found by subtracting the others from a total, so
    small classes are told of together, at least two of them, or not at all.
    """
    large = [group for group in groups if len(ballots[group.group_id]) >= rule.k]
    pools = [pool([group], instrument, ballots, rule) for group in large]
    small = [group for group in groups if group not in large]
    for year in sorted({year_of(group) for group in small}):
        together = members((year,), small)
        if len(together) >= LEAST_GROUPS_OF_SMALL_POOL:
            found = pool(together, instrument, ballots, rule)
            if isinstance(found.told, Release):
                pools.append(found)
    return pools


def by_year_group(
    instrument: Instrument, groups: Sequence[Group], ballots: Ballots, rule: Rule
) -> list[Pool]:
    """A wave without class-level view: one release per year group, merged until large enough."""
    pools = [
        pool(members(cell, groups), instrument, ballots, rule) for cell in merged(groups, ballots)
    ]
    return [found for found in pools if isinstance(found.told, Release)]


def merged(groups: Sequence[Group], ballots: Ballots) -> list[Cell]:
    """The cells of a wave: a year group too small is joined to its smallest neighbour.

    Stages stay apart as long as each is large enough; in the end there is the whole school.
    A school that is too small as a whole has no cell.
    """
    cells: list[Cell] = [(year,) for year in sorted({year_of(group) for group in groups})]
    while len(cells) > 1:
        weak = [cell for cell in cells if not strong(members(cell, groups), ballots)]
        if not weak:
            return cells
        at = cells.index(min(weak, key=lambda cell: size(members(cell, groups), ballots)))
        neighbours = [index for index in (at - 1, at + 1) if 0 <= index < len(cells)]
        same_stage = [index for index in neighbours if stages(cells[index]) == stages(cells[at])]
        beside = min(
            same_stage or neighbours, key=lambda index: size(members(cells[index], groups), ballots)
        )
        first, second = sorted((at, beside))
        cells[first : second + 1] = [cells[first] + cells[second]]
    return cells if cells and strong(members(cells[0], groups), ballots) else []


def total(pools: Sequence[Pool]) -> Total | None:
    """R4: what a leader may see of some pools together; None where they are too few to hide in."""
    released = [found.told for found in pools if isinstance(found.told, Release)]
    n = sum(found.n for found in released)
    groups = sum(len(found.groups) for found in pools if isinstance(found.told, Release))
    if groups < LEAST_GROUPS or n < LEAST_ANSWERS:
        return None
    if any(found.n > LARGEST_PART * n for found in released):
        return None
    items = zip(*(found.items for found in released), strict=True)
    return Total(n=n, items=tuple(added(same) for same in items))


def added(same: Sequence[Told]) -> Told:
    nothing = Interval(0, 0)
    return Told(
        item=same[0].item,
        positive=sum((told.positive for told in same), nothing),
        negative=sum((told.negative for told in same), nothing),
    )


def spread(pools: Sequence[Pool], item: str) -> tuple[int, int, int] | None:
    """The quartiles between classes of a positive share, in steps of 5 points; never extremes."""
    released = [found.told for found in pools if isinstance(found.told, Release)]
    if len(released) < LEAST_GROUPS_FOR_SPREAD:
        return None
    shares = [
        (found.of(item).positive.low + found.of(item).positive.high) / (2 * found.n)
        for found in released
    ]
    low, middle, high = (
        SPREAD_STEP * round(100 * quartile / SPREAD_STEP)
        for quartile in quantiles(shares, n=4, method="inclusive")
    )
    return low, middle, high


def pool(groups: Sequence[Group], instrument: Instrument, ballots: Ballots, rule: Rule) -> Pool:
    answers = [answer for group in groups for answer in ballots[group.group_id]]
    return Pool(
        groups=tuple(group.group_id for group in groups),
        told=release(instrument, answers, rule),
    )


def year_of(group: Group) -> Year:
    return group.stage, group.year_group or 0


def members(cell: Cell, groups: Sequence[Group]) -> list[Group]:
    return [group for group in groups if year_of(group) in cell]


def stages(cell: Cell) -> set[Stage]:
    return {stage for stage, _ in cell}


def strong(groups: Sequence[Group], ballots: Ballots) -> bool:
    return len(groups) >= LEAST_GROUPS and size(groups, ballots) >= LEAST_ANSWERS


def size(groups: Sequence[Group], ballots: Ballots) -> int:
    return sum(len(ballots[group.group_id]) for group in groups)
