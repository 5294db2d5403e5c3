"""Weakened waves, which tell the same answers in two ways: what one says less the other leaks.

They are switched on like those of `weakened`, and each comes with its reader too.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from uuid import UUID

import msgspec
from litestar import MediaType, get
from litestar.di import NamedDependency as Named
from msgspec import Struct

from surveys import waves
from surveys.access import Viewer
from surveys.instrument import Instrument
from surveys.release import Interval, Rule
from surveys.waves import Ballots, Cell, Member, Pool, Sizes
from tests.adversary.constraints import Known, counted, question, told_as
from tests.adversary.markup import Node
from tests.adversary.playing import Played
from tests.adversary.seen import RoundSeen
from tests.adversary.weakened import Patch, Weaken, add_page
from tests.house import Running


class Line(Struct, frozen=True):
    """What was told besides of an item, after so many waves of these groups before."""

    before: int
    groups: tuple[UUID, ...]
    item: str
    positive: Interval
    n: int


def classes_of_a_year(patch: Patch, running: Running) -> None:
    """Beside what a year group says stands what its classes say: so much for the promise."""

    def each(members: Sequence[Member], sizes: Sizes, rule: Rule) -> Iterable[Cell]:
        return [(member,) for member in waves.answering(members, sizes)]

    tell_besides(patch, running, "by_year_group", each)


def total_of_two(patch: Patch, running: Running) -> None:
    """A class of which much is told and a small one of which nothing is, together."""

    def two(members: Sequence[Member], sizes: Sizes, rule: Rule) -> Iterable[Cell]:
        there = waves.answering(members, sizes)
        large = [member for member in there if sizes[member.group_id] >= rule.k]
        small = [member for member in there if member not in large]
        return list(zip(large[:1], small[:1], strict=False))

    tell_besides(patch, running, "by_class", two)


WEAKENED_WAVES: dict[str, Weaken] = {
    "classes inside a year group": classes_of_a_year,
    "a total of two classes": total_of_two,
}


def tell_besides(
    patch: Patch,
    running: Running,
    name: str,
    cells: Callable[[Sequence[Member], Sizes, Rule], Iterable[Cell]],
) -> None:
    """Adds a page with releases of more cells than those that `surveys.waves` has by this name."""
    lines: list[Line] = []
    asked: list[set[UUID]] = []
    tell = getattr(waves, name)

    def and_besides(
        instrument: Instrument, members: Iterable[Member], ballots: Ballots, rule: Rule
    ) -> list[Pool]:
        members = list(members)
        more = cells(members, waves.sizes(ballots), rule)
        for pool in waves.pools(more, instrument, ballots, rule):
            before = sum(groups.issuperset(pool.groups) for groups in asked)
            lines.extend(
                Line(before, pool.groups, told.item, told.positive, pool.told.n)
                for told in pool.told.items
            )
        asked.append({member.group_id for member in members})
        found: list[Pool] = tell(instrument, members, ballots, rule)
        return found

    @get("/weakened/cells", media_type=MediaType.HTML)
    async def besides(viewer: Named[Viewer]) -> str:
        return "".join(f"<p>{msgspec.json.encode(line).decode()}</p>" for line in lines)

    patch.setattr(waves, name, and_besides)
    add_page(patch, running, besides, read_besides)


def read_besides(found: Node, played: Played, round: RoundSeen) -> Iterator[Known]:
    for shown in found.all("p"):
        line = msgspec.json.decode(shown.text, type=Line)
        told = [wave for wave in played.waves if wave.ended_on]
        of_these = [wave for wave in told if wave.rounds.keys() >= set(line.groups)]
        if of_these:  # else of a school before this one
            rounds = [of_these[line.before].rounds[group] for group in line.groups]
            seats = [seat for one in rounds for seat in one.arrivals]
            (item,) = (one for one in rounds[0].instrument.closed if one.id == line.item)
            of = question(rounds[0].instrument, item)
            possible = told_as(line.positive, line.n, rounds[0].rule.d)
            yield counted(seats, of.item, of.positive, possible)
        shown.clear()
