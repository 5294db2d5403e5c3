"""What came of a history: what the adversary could find out, and how near it came.

`Finding` is one history's; findings add up to those of a run.
"""

from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct
from msgspec.structs import replace

from tests.adversary.constraints import Question, Seat, questions
from tests.adversary.histories import history
from tests.adversary.playing import Played
from tests.adversary.seen import RoundSeen
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
        await played.school.move_out()
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
    everything = adversary.knowledge()
    for earlier, later in pairs(played):
        before, after = students(earlier), students(later)
        absent = before ^ after
        shared = asked_in_both(earlier, later)
        alike = all(
            played.truth[Seat(earlier.id, student)][item]
            == played.truth[Seat(later.id, student)][item]
            for student in before & after
            for item in shared
        )
        if not (alike and absent):
            continue
        known = as_one_round(everything, earlier, later, shared)
        for item, question in shared.items():
            about = known.about([BOTH], item)
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
    """A round of a class and the one before it that asked some of the same, both told of."""
    told = [one for one in played.rounds if one.shows_result]
    for place, later in enumerate(told):
        for earlier in reversed(told[:place]):
            same_class = earlier.survey.group_id == later.survey.group_id
            if same_class and asked_in_both(earlier, later):
                yield earlier, later
                break


def asked_in_both(earlier: RoundSeen, later: RoundSeen) -> dict[str, Question]:
    before = set(questions(earlier.instrument))
    return {each.item: each for each in questions(later.instrument) if each in before}


def students(round: RoundSeen) -> set[str]:
    return {seat.student for seat in round.arrivals}


def as_one_round(
    known: Knowledge, earlier: RoundSeen, later: RoundSeen, shared: Mapping[str, Question]
) -> Knowledge:
    merged = {earlier.id: BOTH, later.id: BOTH}

    def moved(seats: Iterable[Seat]) -> frozenset[Seat]:
        return frozenset(
            Seat(merged[seat.round], seat.student) for seat in seats if seat.round in merged
        )

    facts = [
        replace(fact, seats=moved(fact.seats))
        for fact in known.facts
        if moved(fact.seats) and shared.keys() >= set(fact.items)
    ]
    return Knowledge(moved(known.seats), {BOTH: shared}, facts)


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
