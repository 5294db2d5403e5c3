"""What came of a history: what the adversary could find out, and how near it came.

`Finding` is one history's; findings add up to those of a run.
"""

from collections.abc import Iterable, Iterator
from itertools import pairwise

from msgspec import Struct
from msgspec.structs import replace

from tests.adversary.constraints import Seat
from tests.adversary.histories import history
from tests.adversary.playing import Played, RoundSeen
from tests.adversary.solver import Knowledge, ambiguity, claims
from tests.adversary.spying import Adversary, Doubt
from tests.house import Running

BOTH = "both rounds"


class Finding(Struct, frozen=True):
    """`smallest` is the smallest ambiguity without colluders, by the depth that was promised.

    `absentees` counts items of students who were absent in one of two rounds, and `guessed` those
    of them that would be known if nobody else had changed an answer in between.
    """

    seed: int
    looks: int
    determined: int
    broken: tuple[Doubt, ...]
    smallest: dict[int, int]
    absentees: int
    guessed: int


async def judge(running: Running, seed: int, sweeps: bool = False) -> Finding:
    """Plays one history, and lets the adversary find out what it can."""
    played = Played(running, history(seed))
    adversary = Adversary(played, sweeps_at=seed % len(played.history.events) if sweeps else -1)
    try:
        await played.play(adversary.look)
    finally:
        await played.leave()
    for fact in adversary.facts:
        assert fact.holds(played.truth), f"history {seed}: {fact} rules out the truth"
    doubts = list(adversary.doubts())
    absentees, guessed = absentee_figure(played, adversary)
    return Finding(
        seed=seed,
        looks=len(adversary.seen),
        determined=sum(doubt.proven for doubt in doubts),
        broken=tuple(doubt for doubt in doubts if doubt.broken),
        smallest=smallest(doubts),
        absentees=absentees,
        guessed=guessed,
    )


def smallest(doubts: Iterable[Doubt]) -> dict[int, int]:
    """Of rounds with more than d answers: with fewer there are not d who could differ."""
    found: dict[int, int] = {}
    for doubt in doubts:
        if doubt.colluders == 0 and doubt.others > doubt.d:
            found[doubt.d] = min(doubt.otherwise, found.get(doubt.d, doubt.otherwise))
    return found


def absentee_figure(played: Played, adversary: Adversary) -> tuple[int, int]:
    """How many items of known absentees there are, and how many would be known.

    The assumption: who took part in both rounds answered alike in both. Then both rounds ask of
    the same x[student, item, option], and the absentee's is what one release has more than the
    other. Counted where it is true, so that nothing is called known that is only wrong.
    """
    total = guessed = 0
    for earlier, later in pairs(played):
        before, after = students(earlier), students(later)
        alike = all(
            played.truth[Seat(earlier.id, student)] == played.truth[Seat(later.id, student)]
            for student in before & after
        )
        absent = before ^ after
        if not (alike and absent and earlier.instrument == later.instrument):
            continue
        known = as_one_round(adversary.knowledge(), earlier, later)
        for item, question in known.questions[BOTH].items():
            about = known.about(BOTH, item)
            for student in sorted(absent):
                suspect = Seat(BOTH, student)
                settled = (
                    ambiguity(about, suspect, item, claim, about.seats) == 0
                    for claim in claims(question)
                    if claim.settles
                )
                total += 1
                guessed += any(settled)
    return total, guessed


def pairs(played: Played) -> Iterator[tuple[RoundSeen, RoundSeen]]:
    """Two rounds of one survey, one after the other, of both of which something was told."""
    for survey in played.surveys.values():
        told = [one for one in played.rounds if one.survey == survey and one.shows_result]
        yield from pairwise(told)


def students(round: RoundSeen) -> set[str]:
    return {seat.student for seat in round.arrivals}


def as_one_round(known: Knowledge, earlier: RoundSeen, later: RoundSeen) -> Knowledge:
    merged = {earlier.id: BOTH, later.id: BOTH}

    def moved(seats: Iterable[Seat]) -> frozenset[Seat]:
        return frozenset(
            Seat(merged[seat.round], seat.student) for seat in seats if seat.round in merged
        )

    facts = [replace(fact, seats=moved(fact.seats)) for fact in known.facts if moved(fact.seats)]
    return Knowledge(moved(known.seats), {BOTH: known.questions[later.id]}, facts)


class Tally:
    """What a run came to."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []

    @property
    def smallest(self) -> dict[int, int]:
        found: dict[int, int] = {}
        for finding in self.findings:
            for d, ambiguous in finding.smallest.items():
                found[d] = min(ambiguous, found.get(d, ambiguous))
        return dict(sorted(found.items()))

    def total(self, what: str) -> int:
        return sum(getattr(finding, what) for finding in self.findings)
