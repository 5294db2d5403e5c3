"""R4: the rounds of many groups, told together: pools, totals, spread.

Each answer belongs to one pool, and each pool has one release. All else that is shown is worked
out from those releases, so no two views can be subtracted to leave a class or a child.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from statistics import quantiles
from uuid import UUID

from msgspec import Struct

from surveys.answers import Answers
from surveys.instrument import Instrument, Stage
from surveys.release import Interval, Release, Rule, Told, release
from surveys.rounds import COUNTED_WITHIN

LEAST_GROUPS = 3  # that answered, in what a leader sees of several groups together
LEAST_ANSWERS = 30
LARGEST_PART = 0.5  # of these answers that one group may have given
LEAST_CLASSES_FOR_SPREAD = 5
SPREAD_STEP = 5  # percentage points

LONGEST = timedelta(days=28)  # from opening to the end
LONGEST_DECISION = 140  # characters

Ballots = Mapping[UUID, Sequence[Answers]]
"""The answers of a wave, by group."""
Sizes = Mapping[UUID, int]
"""How many answers, by group."""


class Wave(Struct, frozen=True):
    """One asking of many groups. `by_class`: told of each class, as students were told before.

    Otherwise a year group is told of as one. It is released as a whole, once it has closed.
    """

    school_id: UUID
    wave_id: UUID
    instrument: Instrument
    by_class: bool
    cards: bool
    opened_on: date
    closes_at: datetime
    released_on: date | None = None
    decision: str = ""
    decided_on: date | None = None

    def takes_answers(self, now: datetime) -> bool:
        return self.released_on is None and now < self.closes_at

    def is_stuck(self, now: datetime) -> bool:
        """Whether it should have been told long ago: its key is lost, or its keeper is down."""
        return self.released_on is None and self.closes_at + COUNTED_WITHIN < now


class Member(Struct, frozen=True):
    """A group as it was when its wave opened."""

    group_id: UUID
    name: str
    stage: Stage
    year_group: int | None
    members: int


Cell = tuple[Member, ...]
"""Groups whose answers are counted as one."""


class Pool(Struct, frozen=True):
    """Groups that share one release; a single one where the wave tells of classes."""

    groups: tuple[UUID, ...]
    told: Release


class Total(Struct, frozen=True):
    """What the releases of some pools add up to, each count at the least and at the most."""

    n: int
    items: tuple[Told, ...]


def by_class(
    instrument: Instrument, members: Iterable[Member], ballots: Ballots, rule: Rule
) -> list[Pool]:
    """A wave with class-level view: a release per class, small classes of a year group together."""
    return pools(classes(members, sizes(ballots), rule), instrument, ballots, rule)


def by_year_group(
    instrument: Instrument, members: Iterable[Member], ballots: Ballots, rule: Rule
) -> list[Pool]:
    """A wave without class-level view: a release per year group, merged until large enough.

    It is told as R1 tells a class. A year group is large, so the few who are not well are told
    exactly from d + 1 on, and as "d or fewer" below. No finer range would leave d students in
    doubt: one that holds 0 has to reach to d. With class-level view the ranges of many classes
    add up instead, and the lower end of a total is that much wider.
    """
    return pools(merged(members, sizes(ballots)), instrument, ballots, rule)


def pools(
    cells: Iterable[Cell], instrument: Instrument, ballots: Ballots, rule: Rule
) -> list[Pool]:
    """The cells with enough answers for a release; of the others nothing is told."""
    found = []
    for cell in cells:
        answers = [answer for member in cell for answer in ballots[member.group_id]]
        told = release(instrument, answers, rule)
        if isinstance(told, Release):
            found.append(Pool(tuple(member.group_id for member in cell), told))
    return found


def sizes(ballots: Ballots) -> Sizes:
    return {group_id: len(answers) for group_id, answers in ballots.items()}


def expected(members: Iterable[Member], *, with_classes: bool, rule: Rule) -> list[Cell]:
    """What would be told if everybody answered: what a school is shown before it opens a wave."""
    members = list(members)
    everybody = {member.group_id: member.members for member in members}
    if not with_classes:
        return merged(members, everybody)
    cells = classes(members, everybody, rule)
    return [cell for cell in cells if size(cell, everybody) >= rule.k]


def classes(members: Iterable[Member], sizes: Sizes, rule: Rule) -> list[Cell]:
    """Each class by itself, and the small ones of a year group together.

    Classes under k that are k together are at least two, so no small class is told of alone.
    Where even together they stay under k, their answers are told nowhere.
    """
    members = answering(members, sizes)
    small = [member for member in members if sizes[member.group_id] < rule.k]
    alone = [(member,) for member in members if member not in small]
    return sorted([*alone, *year_groups(small)], key=lambda cell: standing(cell[0]))


def answering(members: Iterable[Member], sizes: Sizes) -> list[Member]:
    """The groups with answers: the others would count as groups to hide in, and hide nobody."""
    return [member for member in members if sizes.get(member.group_id)]


def merged(members: Iterable[Member], sizes: Sizes) -> list[Cell]:
    """Year groups, of which a weak one joins its neighbour until none is weak.

    In the end there is the whole school; where that is weak too, there is nothing. Only numbers
    of answers decide.
    """
    cells = year_groups(answering(members, sizes))
    while len(cells) > 1 and (weak := [cell for cell in cells if not strong(cell, sizes)]):
        cells = joined(cells, cells.index(weak[0]), sizes)
    return [cell for cell in cells if strong(cell, sizes)]


def joined(cells: Sequence[Cell], at: int, sizes: Sizes) -> list[Cell]:
    """The cells after one of them joined a neighbour: of its own stage first, then the smaller."""
    beside = min(
        (place for place in (at - 1, at + 1) if 0 <= place < len(cells)),
        key=lambda place: (stages(cells[place]) != stages(cells[at]), size(cells[place], sizes)),
    )
    first, second = sorted((at, beside))
    return [*cells[:first], cells[first] + cells[second], *cells[second + 1 :]]


def strong(cell: Cell, sizes: Sizes) -> bool:
    largest = max(sizes[member.group_id] for member in cell)
    return enough(len(cell), size(cell, sizes), largest)


def size(cell: Cell, sizes: Sizes) -> int:
    return sum(sizes[member.group_id] for member in cell)


def stages(cell: Cell) -> set[Stage]:
    return {member.stage for member in cell}


def in_order(members: Iterable[Member]) -> list[Member]:
    """In the order of the school: by stage, year and name."""
    return sorted(members, key=lambda member: (standing(member), member.name))


def year_groups(members: Iterable[Member]) -> list[Cell]:
    """The groups of each stage and year, in the order of the school."""
    return [tuple(cell) for _, cell in groupby(in_order(members), key=standing)]


def standing(member: Member) -> tuple[int, int]:
    """Where a group stands in the school; what has no year group stands before the first."""
    return list(Stage).index(member.stage), member.year_group or 0


def enough(groups: int, n: int, largest: int) -> bool:
    """Whether n answers of some groups, of which one gave at most `largest`, are a result.

    A result to which one class gave most of the answers would be the result of that class.
    """
    return groups >= LEAST_GROUPS and n >= LEAST_ANSWERS and largest <= LARGEST_PART * n


def total(pools: Sequence[Pool]) -> Total | None:
    """The pools of a year group, a stage or the school together; None where they are too few.

    Then the next larger of these cells shows them, which are the same in every wave.
    """
    if not may_be_added(pools):
        return None
    items = zip(*(pool.told.items for pool in pools), strict=True)
    return Total(sum(pool.told.n for pool in pools), tuple(added(same) for same in items))


def may_be_added(pools: Sequence[Pool]) -> bool:
    # In a pool of several groups each is under k, or gave at most half of that pool already.
    largest = max((pool.told.n for pool in pools if len(pool.groups) == 1), default=0)
    groups = sum(len(pool.groups) for pool in pools)
    return enough(groups, sum(pool.told.n for pool in pools), largest)


def added(same: Sequence[Told]) -> Told:
    """One item of several releases as the sum of its published intervals."""
    return Told(
        item=same[0].item,
        positive=summed([told.positive for told in same]),
        negative=summed([told.negative for told in same]),
    )


def summed(counts: Sequence[Interval]) -> Interval:
    return Interval(sum(count.low for count in counts), sum(count.high for count in counts))


def spread(pools: Sequence[Pool], item: str) -> tuple[int, int, int] | None:
    """The quartiles between classes of a positive share, in steps of 5 points; never extremes.

    None where fewer than five classes have a release of their own.
    """
    classes = [pool.told for pool in pools if len(pool.groups) == 1]
    if len(classes) < LEAST_CLASSES_FOR_SPREAD:
        return None
    shares = [middle(told.of(item).positive, told.n) for told in classes]
    low, median, high = quantiles(shares, n=4, method="inclusive")
    return stepped(low), stepped(median), stepped(high)


def middle(count: Interval, n: int) -> float:
    return (count.low + count.high) / (2 * n)


def stepped(share: float) -> int:
    return SPREAD_STEP * round(100 * share / SPREAD_STEP)
