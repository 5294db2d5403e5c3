"""What the adversary knows, as constraints on what each student chose.

The unknowns are x[seat, item, option]: 1 where the student on that seat chose that option of that
item, else 0. A seat is one student in one round: nobody is assumed to answer alike twice. The
option None stands for "skipped" and for "does not apply". Of every seat and item

    sum over options of x[seat, item, option] = 1.

Each number on a page is one more constraint. It must never exclude what really happened, or the
adversary would rule out the truth and call the rest safe: `holds` says whether it does, and every
history asserts it.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from msgspec import Struct

from surveys import release
from surveys.instrument import Instrument, Item
from surveys.release import Interval

Option = int | None
Form = Mapping[str, Option]
"""What one student chose: item id to option."""


class Seat(NamedTuple):
    round: str
    student: str


class Question(Struct, frozen=True):
    """A closed item as the adversary sees it."""

    item: str
    options: tuple[Option, ...]
    positive: frozenset[Option]
    negative: frozenset[Option]

    @property
    def rest(self) -> frozenset[Option]:
        return frozenset(self.options) - self.positive - self.negative

    @property
    def classes(self) -> tuple[frozenset[Option], ...]:
        return self.positive, self.rest, self.negative


class Fact(Struct, frozen=True):
    """The sum of the weights of what these seats chose of an item is one of `possible`.

    An empty `possible` stands for every number from `low` to `high`.
    """

    seats: frozenset[Seat]
    item: str
    weights: tuple[tuple[Option, int], ...]
    low: float
    high: float
    possible: tuple[int, ...] = ()

    @property
    def items(self) -> tuple[str, ...]:
        return (self.item,)

    def holds(self, truth: Mapping[Seat, Form]) -> bool:
        weights = dict(self.weights)
        total = sum(weights.get(truth[seat][self.item], 0) for seat in self.seats)
        return self.low <= total <= self.high and (not self.possible or total in self.possible)


class NobodyEmpty(Struct, frozen=True):
    """An empty form is refused, so each of these seats chose an option of at least one item."""

    seats: frozenset[Seat]
    items: tuple[str, ...]

    def holds(self, truth: Mapping[Seat, Form]) -> bool:
        return all(any(truth[seat][item] is not None for item in self.items) for seat in self.seats)


Known = Fact | NobodyEmpty


def questions(instrument: Instrument) -> Iterator[Question]:
    for item in instrument.closed:
        yield question(instrument, item)


def question(instrument: Instrument, item: Item) -> Question:
    return Question(
        item=item.id,
        options=(*instrument.of(item).values, None),
        positive=frozenset(instrument.positive(item)),
        negative=frozenset(instrument.negative(item)),
    )


def counted(
    seats: Collection[Seat], item: str, options: Collection[Option], possible: Collection[int]
) -> Fact:
    """So many of these seats chose one of these options; `possible` lists the numbers."""
    low, high = min(possible), max(possible)
    whole = len(set(possible)) == high - low + 1
    return Fact(
        seats=frozenset(seats),
        item=item,
        weights=tuple((option, 1) for option in sorted(options, key=str)),
        low=low,
        high=high,
        possible=() if whole else tuple(sorted(set(possible))),
    )


def chose(seat: Seat, item: str, option: Option) -> Fact:
    """A colluder tells what he or she chose."""
    return counted([seat], item, [option], [1])


def told_as(interval: Interval, n: int, d: int) -> list[int]:
    """The counts of n that would be told as this interval.

    The adversary has read our source: what is told of a count is no secret, so what was told
    leaves exactly those counts of which the same would have been told.
    """
    alike = [count for count in range(n + 1) if release.coded(count, n, d) == interval]
    return alike or list(range(interval.low, interval.high + 1))


def mean_of(seats: Collection[Seat], question: Question, tenths: int) -> tuple[Fact, Fact]:
    """A mean, rounded to one decimal, of what these seats chose; who skipped is left out.

    |sum(v x) / sum(x) - m| <= 1/20, with m in tenths: 20 sum(v x) <= (2 m + 1) sum(x), and the
    same from below. Whole numbers, so that nothing is lost in rounding.
    """
    chosen = [option for option in question.options if option is not None]
    below = tuple((option, 20 * option - (2 * tenths + 1)) for option in chosen)
    above = tuple((option, 20 * option - (2 * tenths - 1)) for option in chosen)
    anything = float("inf")
    return (
        Fact(frozenset(seats), question.item, below, -anything, 0),
        Fact(frozenset(seats), question.item, above, 0, anything),
    )


def nobody_empty(seats: Collection[Seat], instrument: Instrument) -> Iterator[NobodyEmpty]:
    """Only where None means skipped and there is nothing else to fill in."""
    may_not_apply = any(instrument.of(item).not_applicable for item in instrument.closed)
    if seats and not may_not_apply and not instrument.open:
        yield NobodyEmpty(frozenset(seats), tuple(item.id for item in instrument.closed))
