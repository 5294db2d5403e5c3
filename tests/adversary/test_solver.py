"""The solver finds what trying every world finds: no more, no less."""

from collections.abc import Iterator, Sequence
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.adversary.constraints import (
    Fact,
    Known,
    NobodyEmpty,
    Option,
    Question,
    Seat,
    counted,
    mean_of,
)
from tests.adversary.solver import Knowledge, ambiguity, claims

AGREE = Question("agree", (1, 2, None), frozenset({2}), frozenset({1}))
FACES = Question("faces", (1, 2, 3, None), frozenset({3}), frozenset({1}))
QUESTIONS = {"agree": AGREE, "faces": FACES}
SEATS = [Seat("round", f"s{number}") for number in range(4)]

seats = st.lists(st.sampled_from(SEATS), min_size=1, unique=True)


@st.composite
def facts(draw) -> list[Known]:
    """Facts of a world that exists, so that they never contradict each other."""
    answers = [st.sampled_from(question.options) for question in QUESTIONS.values()]
    forms = (
        st.tuples(*answers).filter(any).map(lambda form: dict(zip(QUESTIONS, form, strict=True)))
    )
    truth = {seat: draw(forms) for seat in SEATS}
    found: list[Known] = []
    for among in draw(st.lists(seats, max_size=3)):
        question = draw(st.sampled_from([AGREE, FACES]))
        options = draw(st.sampled_from(question.classes))
        exact = sum(truth[seat][question.item] in options for seat in among)
        others = draw(st.sets(st.integers(0, len(among))))
        found.append(counted(among, question.item, options, {exact, *others}))
    if draw(st.booleans()):
        chosen = [truth[seat]["faces"] for seat in SEATS if truth[seat]["faces"] is not None]
        if chosen:
            found += mean_of(SEATS, FACES, round(10 * sum(chosen) / len(chosen)))
    if draw(st.booleans()):
        found.append(NobodyEmpty(frozenset(draw(seats)), tuple(QUESTIONS)))
    assert all(fact.holds(truth) for fact in found)
    return found


def worlds(known: Sequence[Known]) -> Iterator[dict[Seat, dict[str, Option]]]:
    forms = [
        dict(zip(QUESTIONS, form, strict=True))
        for form in product(*(question.options for question in QUESTIONS.values()))
    ]
    for chosen in product(forms, repeat=len(SEATS)):
        world = dict(zip(SEATS, chosen, strict=True))
        if all(fact.holds(world) for fact in known):
            yield world


@settings(max_examples=25, deadline=None)
@given(facts(), st.sampled_from(SEATS), st.sampled_from([AGREE, FACES]))
def test_it_finds_what_trying_every_world_finds(known, suspect, question):
    knowledge = Knowledge(SEATS, {"round": QUESTIONS}, known)
    about = knowledge.about(["round"], question.item)
    possible = list(worlds(known))
    for claim in claims(question):
        doubters = [
            sum(world[seat][question.item] in claim.otherwise for seat in SEATS)
            for world in possible
            if world[suspect][question.item] in claim.otherwise
        ]
        assert ambiguity(about, suspect, question.item, claim, SEATS) == max(doubters, default=0)


def test_half_a_student_proves_nothing():
    """A relaxation to fractions would let each of two students be half positive."""
    pairs = [SEATS[:2], SEATS[1:3], [SEATS[0], SEATS[2]]]
    known: list[Known] = [counted(pair, "agree", {2}, {0, 2}) for pair in pairs]
    known.append(counted(SEATS[:3], "agree", {2}, {1, 2, 3}))
    knowledge = Knowledge(SEATS, {"round": QUESTIONS}, known).about(["round"], "agree")
    positive = claims(AGREE)[0]
    assert ambiguity(knowledge, SEATS[0], "agree", positive, SEATS) == 0
    assert ambiguity(knowledge, SEATS[3], "agree", positive, SEATS) == 1


def test_alike_students_are_solved_once():
    known = Knowledge(SEATS, {"round": QUESTIONS}, [counted(SEATS[:3], "agree", {2}, {1})])
    assert [len(cell) for cell in known.about(["round"], "agree").cells()] == [3, 1]


def test_a_fact_without_gaps_needs_no_choice():
    assert counted(SEATS, "agree", {2}, {2, 1, 3}).possible == ()
    assert counted(SEATS, "agree", {2}, {0, 4}).possible == (0, 4)
    assert isinstance(counted(SEATS, "agree", {2}, {0}), Fact)
