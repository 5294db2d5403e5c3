"""What leaders and administrators see of their school."""

from collections.abc import Iterator

from tests.adversary.constraints import Known
from tests.adversary.markup import Node
from tests.adversary.playing import Played
from tests.adversary.seen import RoundSeen


def school(found: Node, played: Played, round: RoundSeen) -> Iterator[Known]:
    """How many classes, rounds and agreements in a month: that something was told, never what."""
    for count in found.all("td.count"):
        count.take(r"\d+")
    for month in found.all("th"):
        month.take(r"[A-Z][a-z]+ \d{4}")
    yield from ()
