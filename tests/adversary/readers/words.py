"""What is said in words: counts, as ranges, and days."""

import re
from calendar import month_abbr, month_name
from collections.abc import Iterator, Sequence
from datetime import date

from surveys.release import Interval
from tests.adversary.constraints import Known, Question, counted, told_as
from tests.adversary.seen import RoundSeen

INTERVAL = (
    r"(?:(?P<least>\d+) or more|(?P<most>\d+) or fewer"
    r"|(?P<low>\d+) to (?P<high>\d+)|(?P<exact>\d+)) of (?P<n>\d+)"
)
MONTHS = "|".join([*month_name[1:], *month_abbr[1:]])
DAY = rf"\d{{1,2}} (?:{MONTHS})\b(?: \d{{4}})?"


class Unread(AssertionError):
    """A page shows something that the adversary does not understand."""


def told(of: Question, which: str, found: list[re.Match[str]], round: RoundSeen) -> Iterator[Known]:
    """What is told of a count, read by somebody who knows how we code counts (R1)."""
    options = of.positive if which == "positive" else of.negative
    for each in found:
        low, high = bounds(each)
        n = int(each["n"])
        yield counted(
            round.first(n), of.item, options, told_as(Interval(low, high), n, round.rule.d)
        )


def bounds(found: re.Match[str]) -> tuple[int, int]:
    n = int(found["n"])
    if found["exact"]:
        return int(found["exact"]), int(found["exact"])
    low, high = found["least"] or found["low"], found["most"] or found["high"]
    return int(low) if low else 0, int(high) if high else n


def everybody(round: RoundSeen, n: int) -> Iterator[Known]:
    """Each acknowledged answer is counted once. Nothing else: presence is known anyway."""
    assert n == len(round.arrivals), "another number of answers than were acknowledged"
    yield from ()


def took_part(round: RoundSeen, n: int) -> Iterator[Known]:
    """Of a result: all who answered, once the round has closed."""
    if round.closed_on:
        yield from everybody(round, n)


def told_until(asked: Sequence[RoundSeen], last: RoundSeen) -> list[RoundSeen]:
    """The rounds of which something is told, up to and with this one."""
    before = asked[: asked.index(last)]
    return [*(one for one in before if one.shows_result), last]


def on_day(asked: Sequence[RoundSeen], day: str) -> RoundSeen:
    """The last round of this day; of one before it on the same day nothing was told."""
    return next(one for one in reversed(asked) if day in (english(one.on), english(one.on)[:-5]))


def english(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
