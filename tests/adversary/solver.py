"""Whether a student's answer follows from what is known, and how many could have answered else.

For a student i, an item and a claim such as "i was positive", let C be the options that
contradict the claim. The *ambiguity* of the claim is

    max  sum over the other students j, and over C, of x[j, item, option]   (i counts too)
    s.t. everything known, and  sum over C of x[i, item, option] = 1,  x whole numbers:

how many students, i among them, could all have answered otherwise. It is 0 where i could not
have: then the claim is proven. Solved exactly, as an integer program: a fractional relaxation
finds worlds in which half a student disagrees, and so misses what whole students give away.

Students whom every fact counts alike form a cell. Exchanging two of them changes no fact, so one
whole number per cell, item and option stands for all of them (any numbers that add up to the
size of the cell can be dealt out to its students), and one suspect per cell stands for the cell.
`NobodyEmpty` survives this too: options chosen in numbers a1, a2, ... of a cell of size s can be
dealt out so that nobody is left without one exactly if a1 + a2 + ... >= s.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

import numpy as np
from msgspec import Struct
from scipy.optimize import Bounds, LinearConstraint, milp

from tests.adversary.constraints import Fact, Known, NobodyEmpty, Option, Question, Seat

Column = tuple[int, str, Option]  # cell, item, option
Coefficients = tuple[tuple[int, float], ...]  # by column
Row = tuple[Coefficients, float, float]  # low, high
Program = tuple[tuple[int, ...], tuple[Row, ...], tuple[int, ...]]  # doubted, rows, sizes

OPTIMAL, INFEASIBLE = 0, 2


class Claim(Struct, frozen=True):
    """What somebody would like to know of a student; `otherwise` are the options against it."""

    says: str
    otherwise: frozenset[Option]
    settles: bool
    """Whether, once proven, it is known which of the three the student chose."""


def claims(question: Question) -> tuple[Claim, ...]:
    """ "Not in between" is left out: it says of nobody whether the answer was good or bad news."""
    everything = frozenset(question.options)
    return (
        Claim("positive", everything - question.positive, settles=True),
        Claim("in between", everything - question.rest, settles=True),
        Claim("negative", everything - question.negative, settles=True),
        Claim("not positive", question.positive, settles=False),
        Claim("not negative", question.negative, settles=False),
    )


class Knowledge:
    """All that is known: who sat where, what could be chosen, and facts."""

    def __init__(
        self,
        seats: Collection[Seat],
        questions: Mapping[str, Mapping[str, Question]],
        facts: Iterable[Known],
    ) -> None:
        """`questions` by round and item."""
        self.questions = questions
        self.seats = frozenset(seats)
        self.facts = tuple(dict.fromkeys(facts))
        self.free: dict[tuple[str, str], bool] = {}  # what `all_may_choose` found

    def about(self, rounds: Collection[str], item: str) -> "Knowledge":
        """The part that bears on one item of some rounds, directly or by way of other facts.

        That nobody's form was empty ties all items of a round together, but tells nothing of an
        item where everybody may have chosen something of another one: whatever they chose of
        this, no form was empty then.
        """
        alone = self.tied_to(rounds, item, [fact for fact in self.facts if isinstance(fact, Fact)])
        forms = [fact for fact in self.facts if isinstance(fact, NobodyEmpty)]
        if all(
            any(self.all_may_choose(of_round, other) for other in set(fact.items) - {item})
            for fact in forms
            for of_round in {seat.round for seat in fact.seats} & alone.questions.keys()
        ):
            return alone
        return self.tied_to(rounds, item, self.facts)

    def tied_to(self, rounds: Collection[str], item: str, by: Iterable[Known]) -> "Knowledge":
        places = {(round, item) for round in rounds}
        facts: dict[Known, None] = {}
        waiting = {fact: places_of(fact) for fact in by}
        while touching := [fact for fact, of in waiting.items() if not of.isdisjoint(places)]:
            for fact in touching:
                facts[fact] = None
                places |= waiting.pop(fact)
        questions: dict[str, dict[str, Question]] = {}
        for of_round, of_item in sorted(places):
            question = self.questions[of_round][of_item]
            questions.setdefault(of_round, {})[of_item] = question
        return Knowledge([s for s in self.seats if s.round in questions], questions, facts)

    def all_may_choose(self, round: str, item: str) -> bool:
        """Whether everybody in it may have chosen something of this item, and so may all others
        whom what is known of it ties to them."""
        if (round, item) not in self.free:
            facts = [fact for fact in self.facts if isinstance(fact, Fact)]
            known = self.tied_to([round], item, facts)
            chosen = set(known.questions[round][item].options) - {None}
            most_of_them = most(*program(known, None, item, chosen, known.seats))
            self.free[round, item] = most_of_them == len(known.seats)
        return self.free[round, item]

    def cells(self, suspect: Seat | None = None) -> list[tuple[Seat, ...]]:
        """Students whom no fact tells apart; the suspect apart from all."""
        alike: dict[tuple, list[Seat]] = {}
        for seat in sorted(self.seats):
            counted_by = tuple(seat in fact.seats for fact in self.facts)
            alike.setdefault((seat == suspect, seat.round, counted_by), []).append(seat)
        return [tuple(cell) for cell in alike.values()]


def places_of(fact: Known) -> set[tuple[str, str]]:
    return {(seat.round, item) for seat in fact.seats for item in fact.items}


def ambiguity(
    known: Knowledge, suspect: Seat, item: str, claim: Claim, among: Collection[Seat]
) -> int:
    """How many of `among`, the suspect one of them, could have answered otherwise; 0 if proven.

    `known` is what bears on the item. `among` is a union of its cells.
    """
    return most(*program(known, suspect, item, claim.otherwise, among))


def program(
    known: Knowledge,
    suspect: Seat | None,
    item: str,
    counted: Collection[Option],
    among: Collection[Seat],
) -> Program:
    """As many as can be of `among` are to choose one of these options; the suspect has to."""
    cells = known.cells(suspect)
    columns = list(columns_of(known, cells))
    number = {column: index for index, column in enumerate(columns)}
    rows = list(rows_of(known, cells, number))
    doubted = [0] * len(columns)
    for index, cell in enumerate(cells):
        if cell[0] not in among:
            continue
        otherwise = [number[index, item, option] for option in counted]
        if cell == (suspect,):
            rows.append((tuple((column, 1.0) for column in otherwise), 1, 1))
        for column in otherwise:
            doubted[column] = 1
    sizes = [len(cells[cell]) for cell, _, _ in columns]
    for fact in known.facts:
        if isinstance(fact, Fact) and fact.possible:
            choice = range(len(sizes), len(sizes) + len(fact.possible))
            sizes += [1] * len(choice)
            doubted += [0] * len(choice)
            rows += rows_of_choice(fact, cells, number, choice)
    return told_apart(doubted, rows, sizes)


def columns_of(known: Knowledge, cells: Sequence[tuple[Seat, ...]]) -> Iterator[Column]:
    for index, cell in enumerate(cells):
        for item, question in known.questions[cell[0].round].items():
            for option in question.options:
                yield index, item, option


def rows_of(
    known: Knowledge, cells: Sequence[tuple[Seat, ...]], number: Mapping[Column, int]
) -> Iterator[Row]:
    for index, cell in enumerate(cells):
        for item, question in known.questions[cell[0].round].items():
            everything = tuple((number[index, item, option], 1.0) for option in question.options)
            yield everything, len(cell), len(cell)
    for fact in known.facts:
        if isinstance(fact, Fact):
            yield total(fact, cells, number), fact.low, fact.high
        else:
            yield from rows_of_nobody_empty(fact, cells, number)


def total(
    fact: Fact, cells: Sequence[tuple[Seat, ...]], number: Mapping[Column, int]
) -> Coefficients:
    return tuple(
        (number[index, fact.item, option], float(weight))
        for index, cell in enumerate(cells)
        if cell[0] in fact.seats
        for option, weight in fact.weights
        if weight
    )


def rows_of_choice(
    fact: Fact,
    cells: Sequence[tuple[Seat, ...]],
    number: Mapping[Column, int],
    choice: Sequence[int],
) -> Iterator[Row]:
    """The total is one of some numbers: sum(w x) = sum(v y), with one of the y 1, the others 0."""
    chosen = tuple((column, -float(v)) for column, v in zip(choice, fact.possible, strict=True))
    yield total(fact, cells, number) + chosen, 0, 0
    yield tuple((column, 1.0) for column in choice), 1, 1


def rows_of_nobody_empty(
    fact: NobodyEmpty, cells: Sequence[tuple[Seat, ...]], number: Mapping[Column, int]
) -> Iterator[Row]:
    for index, cell in enumerate(cells):
        if cell[0] in fact.seats:
            chosen = tuple(
                (column, 1.0)
                for (of_cell, item, option), column in number.items()
                if of_cell == index and item in fact.items and option is not None
            )
            yield chosen, len(cell), float("inf")


def told_apart(doubted: Sequence[int], rows: Iterable[Row], sizes: Sequence[int]) -> Program:
    """The same program, written alike wherever it comes up, so that it is solved once.

    Options of a cell that no row and no doubt tells apart are one column: only their sum counts,
    and what they add up to is bounded by their cell. Of two rows with the same coefficients both
    bounds hold. Which column comes first makes no difference, so they are sorted.
    """
    bounds: dict[Coefficients, tuple[float, float]] = {}
    for coefficients, low, high in rows:
        of = tuple(sorted(coefficients))
        least, most = bounds.get(of, (low, high))
        bounds[of] = max(low, least), min(high, most)
    met: list[list[tuple[int, float]]] = [[] for _ in sizes]
    for row, of in enumerate(bounds):
        for column, coefficient in of:
            met[column].append((row, coefficient))
    alike: dict[tuple, int] = {}
    for column, found in enumerate(met):
        alike.setdefault((doubted[column], *found), column)
    seen = [(len(of), *told) for of, told in bounds.items()]
    order = sorted(
        alike.values(),
        key=lambda column: (
            sizes[column],
            doubted[column],
            sorted((*seen[row], coefficient) for row, coefficient in met[column]),
        ),
    )
    number = {column: index for index, column in enumerate(order)}
    written = (
        (tuple(sorted((number[column], each) for column, each in of if column in number)), *told)
        for of, told in bounds.items()
    )
    return (
        tuple(doubted[column] for column in order),
        tuple(sorted(written)),
        tuple(sizes[column] for column in order),
    )


@lru_cache(maxsize=20_000)  # small classes are told alike again and again
def most(doubted: tuple[int, ...], rows: tuple[Row, ...], sizes: tuple[int, ...]) -> int:
    """The maximum of the integer program; 0 where it has no solution."""
    matrix = np.zeros((len(rows), len(sizes)))
    for index, (coefficients, _, _) in enumerate(rows):
        for column, coefficient in coefficients:
            matrix[index, column] += coefficient
    solution = milp(
        -np.array(doubted),
        constraints=LinearConstraint(matrix, [row[1] for row in rows], [row[2] for row in rows]),
        bounds=Bounds(0, np.array(sizes)),
        integrality=np.ones(len(sizes)),
    )
    if solution.status == INFEASIBLE:
        return 0
    assert solution.status == OPTIMAL, solution.message
    maximum: float = -solution.fun
    return round(maximum)
