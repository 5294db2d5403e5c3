"""Counts in words, hundreds on one page: patterns of a template, filled in here.

A template's macro takes twenty microseconds for each, and nine school years hold hundreds.
"""

from enum import StrEnum
from functools import cache

from jinja2 import Environment
from msgspec import Struct

from surveys.cells import Count


class Kind(StrEnum):
    """What is told of a count: itself, or where it lies."""

    EXACTLY = "exactly"
    AT_LEAST = "at least"
    AT_MOST = "at most"
    BETWEEN = "between"


class Wording(Struct, frozen=True):
    """Patterns of one language, by kind, and the names of what is counted."""

    language: str
    well: str
    unwell: str
    took_part: str
    shares: dict[Kind, str]
    counts: dict[Kind, str]

    def share(self, count: Count) -> str:
        """Such as 78%, 5% to 7%, or 99% or more."""
        low, high = count.percents
        kind = Kind.EXACTLY if low == high else kind_of(count)
        return self.shares[kind].format(low, high)

    def of(self, count: Count) -> str:
        """Such as 195 of 250, 12 to 18 of 250, or 247 or more of 250."""
        low, high = count.interval.low, count.interval.high
        return self.counts[kind_of(count)].format(None, None, low, high, count.n)

    def told(self, count: Count) -> str:
        return f"{self.share(count)} ({self.of(count)})"


@cache
def wording(templates: Environment, language: str) -> Wording:
    patterns = templates.get_template("wellbeing/patterns.html").make_module({"language": language})
    return Wording(
        language=language,
        well=str(patterns.well()),  # type: ignore[attr-defined]
        unwell=str(patterns.unwell()),  # type: ignore[attr-defined]
        took_part=str(patterns.took_part()),  # type: ignore[attr-defined]
        shares={kind: str(patterns.share(kind)) for kind in Kind},  # type: ignore[attr-defined]
        counts={kind: str(patterns.of(kind)) for kind in Kind},  # type: ignore[attr-defined]
    )


def kind_of(count: Count) -> Kind:
    if count.interval.exact:
        return Kind.EXACTLY
    if count.interval.high == count.n:
        return Kind.AT_LEAST
    return Kind.AT_MOST if count.interval.low == 0 else Kind.BETWEEN
