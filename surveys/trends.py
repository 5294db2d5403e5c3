"""Releases in time order become a Trend: each item and scale from round to round."""

from collections.abc import Sequence
from datetime import date
from math import ceil, floor
from statistics import fmean

from msgspec import Struct

from surveys import bounds
from surveys.bounds import DOUBT, Change, Level, Parts, Share, Signal
from surveys.instrument import Instrument, Item, Scale
from surveys.release import Interval, Release, Told, TooFew

LEAST_ROUNDS = 3  # no change is called before
LEAST_ITEMS = 2  # of a scale: one alone is told as itself
EACH_SIDE = 2  # rounds before and after an action that tell whether it helped


class Point(Struct, frozen=True):
    """One round of a survey and what may be told of it. `places` are the announced students."""

    number: int
    on: date
    places: int
    told: Release | TooFew
    focus: str = ""


class Result(Struct, frozen=True):
    """One item in one released round: told of `n` answers, coded to depth `d` (R1)."""

    number: int
    on: date
    places: int
    n: int
    d: int
    positive: Interval
    negative: Interval

    @property
    def remainder(self) -> Interval:
        return bounds.remainder(self.positive, self.negative, self.n)

    @property
    def level(self) -> Level:
        return bounds.level(self.positive, self.n)

    @property
    def share(self) -> Share:
        return bounds.share(self.positive, self.n)

    @property
    def if_all_had_answered(self) -> Interval:
        return bounds.if_all_had_answered(self.positive, self.n, self.places)

    @property
    def speaks_for_the_class(self) -> bool:
        return bounds.speaks_for_the_class(self.n, self.places)

    @property
    def parts(self) -> Parts:
        return bounds.parts(self.positive, self.negative, self.n, self.places)


class ItemTrend(Struct, frozen=True):
    """One item through the released rounds; `change` is the last one's against the one before.

    `signal` is what the last one would have had to show; None while any change is too early.
    """

    item: Item
    results: tuple[Result, ...]
    change: Change | None
    signal: Signal | None

    @property
    def last(self) -> Result | None:
        return self.results[-1] if self.results else None

    @property
    def before(self) -> Result | None:
        return self.results[-2] if len(self.results) > 1 else None


class Score(Struct, frozen=True):
    """A scale in one released round: the average of its items' published shares (R2)."""

    number: int
    on: date
    places: int
    n: int
    share: Share

    @property
    def percents(self) -> tuple[int, int]:
        """Between which whole per cents it lies; the same one twice where it is exact."""
        low, high = (round(100 * bound, 6) for bound in (self.share.low, self.share.high))
        return (round(low), round(low)) if low == high else (floor(low), ceil(high))


class ScaleTrend(Struct, frozen=True):
    """One scale through the released rounds; `change` as in `ItemTrend`."""

    key: str
    scale: Scale
    trends: tuple[ItemTrend, ...]  # of its items
    change: Change | None

    @property
    def items(self) -> tuple[Item, ...]:
        return tuple(each.item for each in self.trends)

    @property
    def scores(self) -> tuple[Score, ...]:
        return scores([each.results for each in self.trends])

    @property
    def last(self) -> Score | None:
        return score([each.results[-1] for each in self.trends]) if self.trends[0].last else None

    @property
    def before(self) -> Score | None:
        return score([each.results[-2] for each in self.trends]) if self.trends[0].before else None


class Trend(Struct, frozen=True):
    """A survey of one group. `strength` and `talk_about` are of its last released round."""

    points: tuple[Point, ...]
    items: tuple[ItemTrend, ...]
    scales: tuple[ScaleTrend, ...]
    strength: ItemTrend | None
    talk_about: ItemTrend | None

    def of(self, item: str) -> ItemTrend:
        return next(trend for trend in self.items if trend.item.id == item)


class Effect(Struct, frozen=True):
    """A goal's item in the two rounds before an action and in the two after it."""

    item: Item
    before: tuple[Result, ...]
    after: tuple[Result, ...]
    change: Change


def trend(instrument: Instrument, points: Sequence[Point]) -> Trend:
    """R6: rounds of the same instrument version, in time order."""
    items = tuple(item_trend(instrument, item, points) for item in instrument.closed)
    strong = strength(items)
    return Trend(
        points=tuple(points),
        items=items,
        scales=scale_trends(instrument, items),
        strength=strong,
        talk_about=talk_about(items, strong),
    )


def item_trend(instrument: Instrument, item: Item, points: Sequence[Point]) -> ItemTrend:
    """One of a survey's items, each of which could stand out by chance.

    They share the doubt equally (Bonferroni), so it holds for the survey as a whole.
    """
    results = tuple(
        result(point, point.told, point.told.of(item.id))
        for point in points
        if isinstance(point.told, Release)
    )
    doubt = DOUBT / len(instrument.closed)
    return ItemTrend(
        item=item,
        results=results,
        change=last_change(results, doubt),
        signal=last_signal(results, doubt),
    )


def result(point: Point, release: Release, told: Told) -> Result:
    return Result(
        number=point.number,
        on=point.on,
        places=point.places,
        n=release.n,
        d=release.d,
        positive=told.positive,
        negative=told.negative,
    )


def scale_trends(instrument: Instrument, items: Sequence[ItemTrend]) -> tuple[ScaleTrend, ...]:
    """The scales, which share the doubt as items do, apart from these: there are few of them."""
    keys = dict.fromkeys(trend.item.scale for trend in items if trend.item.scale is not None)
    members = {key: [trend for trend in items if trend.item.scale == key] for key in keys}
    told = {key: trends for key, trends in members.items() if len(trends) >= LEAST_ITEMS}
    return tuple(
        scale_trend(key, instrument.scales[key], trends, DOUBT / len(told))
        for key, trends in told.items()
    )


def scale_trend(key: str, scale: Scale, items: Sequence[ItemTrend], doubt: float) -> ScaleTrend:
    latest = [each.results[-LEAST_ROUNDS:] for each in items]
    return ScaleTrend(
        key=key,
        scale=scale,
        trends=tuple(items),
        change=last_change(scores(latest), doubt),
    )


def scores(results: Sequence[Sequence[Result]]) -> tuple[Score, ...]:
    """A scale's score in each round, of the same rounds of each of its items."""
    return tuple(score(of_a_round) for of_a_round in zip(*results, strict=True))


def score(results: Sequence[Result]) -> Score:
    """A scale's score in a round, worth no more answers than one of its items.

    A student's own average over the items lies between 0 and 1, and nothing between 0 and 1
    spreads more than a yes or no with the same mean. So what bounds an item bounds a scale,
    however much its items have in common.
    """
    shares = [result.share for result in results]
    return Score(
        number=results[0].number,
        on=results[0].on,
        places=results[0].places,
        n=results[0].n,
        share=Share(
            low=fmean(share.low for share in shares),
            high=fmean(share.high for share in shares),
            n=shares[0].n,
        ),
    )


def last_change(told: Sequence[Result] | Sequence[Score], doubt: float) -> Change | None:
    if len(told) < 2:
        return None
    if len(told) < LEAST_ROUNDS:
        return Change.TOO_EARLY
    return bounds.change(told[-2].share, told[-1].share, doubt)


def last_signal(results: Sequence[Result], doubt: float) -> Signal | None:
    if len(results) < LEAST_ROUNDS:
        return None
    before, last = results[-2:]
    return bounds.signal(before.share, last.n, last.d, doubt)


def strength(items: Sequence[ItemTrend]) -> ItemTrend | None:
    """What goes well: the highest lower bound, where more than half say so. Ties: asked first.

    The only item of a survey has nothing to stand out from; it is talked about.
    """
    strong = [
        trend
        for trend in items
        if len(items) > 1 and trend.last and 2 * trend.last.positive.low > trend.last.n
    ]
    return max(strong, key=lambda trend: trend.results[-1].positive.low, default=None)


def talk_about(items: Sequence[ItemTrend], strength: ItemTrend | None) -> ItemTrend | None:
    """What to discuss: the lowest upper bound of the other items. Ties: asked first."""
    others = [trend for trend in items if trend.results and trend is not strength]
    return min(others, key=lambda trend: trend.results[-1].positive.high, default=None)


def effect(trend: ItemTrend, acted_on: date) -> Effect:
    """Whether a goal came nearer: the two rounds before an action against the two after it.

    Its item was chosen beforehand, so it has the doubt to itself. A round of the same day comes
    before: it is the one that the class discussed when it agreed on the action.
    """
    before = [result for result in trend.results if result.on <= acted_on][-EACH_SIDE:]
    after = [result for result in trend.results if result.on > acted_on][:EACH_SIDE]
    enough = len(before) == len(after) == EACH_SIDE
    return Effect(
        item=trend.item,
        before=tuple(before),
        after=tuple(after),
        change=bounds.change(together(before), together(after), DOUBT)
        if enough
        else Change.TOO_EARLY,
    )


def together(results: Sequence[Result]) -> Share:
    return bounds.together(
        [result.positive for result in results], [result.n for result in results]
    )
