"""What may be told of a round: answers in, one Release out, and nothing finer ever again.

The rules have numbers (R1 to R9); each stands here with the attack that it prevents.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Annotated

from msgspec import Meta, Struct

from surveys.answers import Answers
from surveys.instrument import Instrument, Item, Purpose, Stage, texts_allowed

LEAST_ANSWERS_FOR_TEXTS = 10
LEAST_TEXTS = 5


class Rule(Struct, frozen=True):
    """`k`, the fewest answers for a release, and `d`, the depth of top- and bottom-coding."""

    k: int
    d: int


LESSON = Rule(k=8, d=2)
WELLBEING = Rule(k=10, d=3)
SMALL_CLASSES = Rule(k=5, d=1)  # lesson feedback in a school that has declared small classes


def rule(purpose: Purpose, *, small_classes: bool) -> Rule:
    if purpose is Purpose.WELLBEING:
        return WELLBEING
    return SMALL_CLASSES if small_classes else LESSON


class Interval(Struct, frozen=True, array_like=True):
    """A count as it may be told: at least `low`, at most `high`."""

    low: Annotated[int, Meta(ge=0)]
    high: Annotated[int, Meta(ge=0)]

    @property
    def exact(self) -> bool:
        return self.low == self.high

    def __add__(self, other: "Interval") -> "Interval":
        return Interval(self.low + other.low, self.high + other.high)


class Told(Struct, frozen=True):
    """One item of a release. The remainder follows from n and is never split."""

    item: str
    positive: Interval
    negative: Interval


class Release(Struct, frozen=True, tag="release"):
    """The only thing ever told of a round with `n` answers."""

    n: int
    d: int
    items: tuple[Told, ...]

    def of(self, item: str) -> Told:
        return next(told for told in self.items if told.item == item)


class TooFew(Struct, frozen=True, tag="too few"):
    """A round with fewer than k answers: it holds their number, and no result to leak."""

    n: int


def release(instrument: Instrument, answers: Sequence[Answers], rule: Rule) -> Release | TooFew:
    """R1: one release per round, made at closing, never before.

    Interim results could be subtracted from each other, which leaves one child's answer.
    """
    n = len(answers)
    if n < rule.k:
        return TooFew(n)
    return Release(
        n=n,
        d=rule.d,
        items=tuple(
            told(instrument, item, [answer.choices[index] for answer in answers], rule.d)
            for index, item in enumerate(instrument.closed)
        ),
    )


def told(instrument: Instrument, item: Item, choices: Sequence[int | None], d: int) -> Told:
    positive, negative = instrument.positive(item), instrument.negative(item)
    n = len(choices)
    return Told(
        item=item.id,
        positive=coded(sum(choice in positive for choice in choices), n, d),
        negative=coded(sum(choice in negative for choice in choices), n, d),
    )


def coded(count: int, n: int, d: int) -> Interval:
    """R1, R3: near 0 and near n a count is told as a range, so unanimity is never certain.

    "All 28 agree" would tell what each of them said; hiding only that case would tell it too.
    """
    if count <= d:
        return Interval(0, d)
    if count >= n - d:
        return Interval(n - d, n)
    return Interval(count, count)


def texts(
    instrument: Instrument,
    answers: Sequence[Answers],
    stages: Iterable[Stage],
    shuffle: Callable[[list[str]], None],
) -> dict[str, tuple[str, ...]]:
    """R7: own words by item id, in random order; what may not be shown is not in it.

    Each item's texts are shuffled apart, so that a top and a tip of one student cannot be
    matched, and sorted before that, so that their order follows from the texts and from chance
    alone. Below ten answers or five texts a style of writing gives its writer away.
    """
    if not texts_allowed(instrument.purpose, stages) or len(answers) < LEAST_ANSWERS_FOR_TEXTS:
        return {}
    shown: dict[str, tuple[str, ...]] = {}
    for index, item in enumerate(instrument.open):
        written = sorted(answer.texts[index] for answer in answers if answer.texts[index])
        if len(written) >= LEAST_TEXTS:
            shuffle(written)
            shown[item.id] = tuple(written)
    return shown
