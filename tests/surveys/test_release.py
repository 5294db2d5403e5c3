"""R1, R2, R3 and R7: what is told of a round, and that it never settles what one student said.

The enumeration below is the proof that the help page speaks of: not a sample, every class.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator
from itertools import product
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import fields

from surveys.answers import Answers
from surveys.instrument import Purpose, Stage, texts_allowed
from surveys.release import (
    LEAST_ANSWERS_FOR_TEXTS,
    LEAST_TEXTS,
    LESSON,
    SMALL_CLASSES,
    WELLBEING,
    Interval,
    Release,
    Rule,
    Told,
    TooFew,
    coded,
    release,
    rule,
    texts,
)
from surveys.rounds import MOST_MEMBERS, MOST_RAISED
from tests.surveys.examples import EVERY_KIND, answers_to, choosing, instruments

RULES = {"lesson": LESSON, "wellbeing": WELLBEING, "small classes": SMALL_CLASSES}

every_rule = pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
rules = st.sampled_from([LESSON, WELLBEING, SMALL_CLASSES])


def released(answers: list[Answers], rule: Rule = LESSON) -> Release:
    found = release(EVERY_KIND, answers, rule)
    assert isinstance(found, Release)
    return found


# How many answers it takes


def test_the_rules_are_those_that_the_promise_names():
    assert (LESSON.k, LESSON.d) == (8, 2)
    assert (WELLBEING.k, WELLBEING.d) == (10, 3)
    assert (SMALL_CLASSES.k, SMALL_CLASSES.d) == (5, 1)


@every_rule
def test_a_class_of_four_is_never_shown(rule):
    assert release(EVERY_KIND, [choosing(4)] * 4, rule) == TooFew(4)


@every_rule
def test_one_answer_too_few_is_too_few(rule):
    assert release(EVERY_KIND, [choosing(4)] * (rule.k - 1), rule) == TooFew(rule.k - 1)
    assert released([choosing(4)] * rule.k, rule).n == rule.k


def test_an_empty_round_is_too_few():
    assert release(EVERY_KIND, [], LESSON) == TooFew(0)


def test_too_few_answers_hold_no_number_but_their_own():
    assert [field.name for field in fields(TooFew)] == ["n"]


def test_wellbeing_keeps_its_rule_in_a_school_with_small_classes():
    assert rule(Purpose.WELLBEING, small_classes=True) == WELLBEING
    assert rule(Purpose.WELLBEING, small_classes=False) == WELLBEING
    assert rule(Purpose.LESSON, small_classes=True) == SMALL_CLASSES
    assert rule(Purpose.LESSON, small_classes=False) == LESSON


# R1 for every class: the enumeration
#
# Of an item with n answers the release tells two intervals, of the positive and of the negative
# answers; the rest is one remainder. The students are alike in it, so what is told is the same
# for every class with the same histogram (positive, rest, negative), and an outsider who reads
# it can only ask: which histograms would have been told like this?
#
# Somebody would know what a student said if a claim such as "they all agreed" or "not one of
# them agreed" held in each of those histograms. So for every claim there has to be a histogram
# in it that contradicts the claim for at least d students; and as the students are alike, these
# may be any d of them. Colluders know their own answers and take them out of the sum: of the
# others still at least d - c may have answered otherwise when c of them put theirs together.
#
# The claim "nobody skipped or was in between" is left out: where all who did not agree
# disagreed, both counts are told. It says of nobody whether the answer was good or bad news.

Histogram = tuple[int, int, int]  # how many answers were positive, the rest, negative
Code = Callable[[int, int, int], object]  # a count of n at depth d -> what is told of it

POSITIVE, REST, NEGATIVE = range(3)
LARGEST = MOST_MEMBERS + MOST_RAISED


def told_alike(code: Code, n: int, d: int) -> Collection[list[Histogram]]:
    """All histograms of n answers, those of which the same is told together."""
    alike: dict[object, list[Histogram]] = defaultdict(list)
    for positive in range(n + 1):
        for negative in range(n + 1 - positive):
            told = code(positive, n, d), code(negative, n, d)
            alike[told].append((positive, n - positive - negative, negative))
    return alike.values()


def colluding(most: int) -> Iterator[Histogram]:
    """The answers of at most so many students who tell them to each other; of nobody first."""
    for positive, rest, negative in product(range(most + 1), repeat=3):
        if positive + rest + negative <= most:
            yield positive, rest, negative


def fewest_in_doubt(alike: list[Histogram], known: Histogram) -> int | None:
    """How many students may have answered otherwise, whatever is claimed of those not known.

    None where no class that was told like this can hold the known answers.
    """
    others = [
        (positive - known[POSITIVE], rest - known[REST], negative - known[NEGATIVE])
        for positive, rest, negative in alike
        if positive >= known[POSITIVE] and rest >= known[REST] and negative >= known[NEGATIVE]
    ]
    if not others:
        return None
    unknown = sum(others[0])
    positives, rests, negatives = zip(*others, strict=True)
    doubts: tuple[int, ...] = (
        unknown - min(positives),  # "they were all positive"
        unknown - min(rests),  # "they all skipped it or were in between"
        unknown - min(negatives),  # "they were all negative"
        max(positives),  # "not one was positive"
        max(negatives),  # "not one was negative"
    )
    return min(doubts)


def leaks(code: Code, rule: Rule, largest: int = LARGEST) -> Iterator[tuple[int, Histogram]]:
    """A class size and what colluders know, for each result that settles too much."""
    insiders = list(colluding(rule.d - 1))
    for n in range(rule.k, largest + 1):
        for alike in told_alike(code, n, rule.d):
            for known in insiders:
                doubt = fewest_in_doubt(alike, known)
                if doubt is not None and doubt < rule.d - sum(known):
                    yield n, known


@every_rule
def test_at_least_d_students_may_always_have_answered_otherwise(rule):
    assert next(leaks(coded, rule), None) is None


def exact(count: int, n: int, d: int) -> object:
    return count


def hidden_if_unanimous(count: int, n: int, d: int) -> object:
    return "hidden" if count in (0, n) else count


def bottom_only(count: int, n: int, d: int) -> object:
    return "few" if count <= d else count


def one_less(count: int, n: int, d: int) -> object:
    return coded(count, n, d - 1)


def a_rounded_share(count: int, n: int, d: int) -> object:
    return round(count / n, 1)


@every_rule
@pytest.mark.parametrize(
    "weaker", [exact, hidden_if_unanimous, bottom_only, one_less, a_rounded_share]
)
def test_the_enumeration_breaks_what_is_weaker(rule, weaker):
    assert next(leaks(weaker, rule, largest=20), None) is not None


@every_rule
def test_no_finer_range_near_the_ends_would_leave_d_students_in_doubt(rule):
    """The few who are not well cannot be told more exactly: a range that holds 0 reaches to d."""
    for split in range(1, rule.d + 1):

        def finer(count: int, n: int, d: int, split: int = split) -> object:
            told = coded(count, n, d)
            return (told, count < split) if told.low == 0 else told

        assert next(leaks(finer, rule, largest=rule.k + 1), None) is not None


@every_rule
def test_one_colluder_more_than_promised_would_learn_something(rule):
    """The depth is told as it is: d who put their answers together may know the others'."""
    unanimous = next(
        alike for alike in told_alike(coded, rule.k, rule.d) if (rule.k, 0, 0) in alike
    )
    assert fewest_in_doubt(unanimous, (0, 0, rule.d)) == 0


# R1 and R3: what is told


@given(rules, st.integers(0, LARGEST), st.data())
def test_a_count_is_told_as_it_is_between_the_ends_and_as_a_range_near_them(rule, more, data):
    n = rule.k + more
    count = data.draw(st.integers(0, n))
    told = coded(count, n, rule.d)
    assert told.low <= count <= told.high
    assert told.exact == (rule.d < count < n - rule.d)
    assert told.exact or told.high - told.low == rule.d


@every_rule
def test_unanimity_is_top_coded_and_never_hidden(rule):
    for n in range(rule.k, LARGEST + 1):
        told = released([choosing(4, 4)] * n, rule)
        assert told.of("calm") == Told("calm", Interval(n - rule.d, n), Interval(0, rule.d))
        assert told.of("noise") == Told("noise", Interval(0, rule.d), Interval(n - rule.d, n))


def test_unanimity_is_told_as_if_two_had_disagreed():
    unanimous = [choosing(4)] * 28
    assert released(unanimous) == released([choosing(4)] * 26 + [choosing(1)] * 2)
    assert released(unanimous).of("calm").positive == Interval(26, 28)


def test_each_item_is_counted_by_its_own_options():
    answers = [choosing(4, 4, 1, 2)] * 9 + [choosing(2, 1, 3, 0)] * 6
    told = released(answers)
    assert told.of("calm") == Told("calm", Interval(9, 9), Interval(6, 6))
    assert told.of("noise") == Told("noise", Interval(6, 6), Interval(9, 9))
    assert told.of("help") == Told("help", Interval(6, 6), Interval(9, 9))
    assert told.of("step") == Told("step", Interval(9, 9), Interval(6, 6))


def test_in_between_and_skipped_are_one_remainder():
    in_between = [choosing(None, None, 2, 1)] * 10
    skipped = [choosing()] * 10
    assert released(in_between) == released(skipped)


@given(instruments.flatmap(lambda one: st.tuples(st.just(one), st.lists(answers_to(one)))), rules)
def test_a_release_tells_every_item_as_coded_and_nothing_from_too_few(case, rule):
    instrument, answers = case
    found = release(instrument, answers, rule)
    if len(answers) < rule.k:
        assert found == TooFew(len(answers))
        return
    assert isinstance(found, Release)
    assert (found.n, found.d) == (len(answers), rule.d)
    assert [told.item for told in found.items] == [item.id for item in instrument.closed]
    for index, item in enumerate(instrument.closed):
        count = Counter(answer.choices[index] for answer in answers)
        positive = sum(count[value] for value in instrument.positive(item))
        negative = sum(count[value] for value in instrument.negative(item))
        assert found.of(item.id) == Told(
            item.id, coded(positive, found.n, rule.d), coded(negative, found.n, rule.d)
        )


@given(st.lists(answers_to(EVERY_KIND), min_size=LESSON.k), st.randoms(use_true_random=False))
def test_the_order_of_the_answers_leaves_no_trace(answers, random):
    mixed = random.sample(answers, len(answers))
    assert released(mixed) == released(answers)


def test_a_release_holds_intervals_and_nothing_finer():
    """R2: no mean, no histogram, no answer; a mean to one decimal gives unanimity away."""
    assert [field.name for field in fields(Release)] == ["n", "d", "items"]
    assert [field.name for field in fields(Told)] == ["item", "positive", "negative"]
    assert [field.name for field in fields(Interval)] == ["low", "high"]


def test_intervals_add_up():
    assert Interval(26, 28) + Interval(3, 3) == Interval(29, 31)


# R7: own words

TIPS = [f"tip {number}" for number in range(30)]
SECONDARY = (Stage.SECONDARY,)


def writing(*tips: str, n: int) -> list[Answers]:
    """The answers of n students, the first of whom wrote these tips."""
    silent = [""] * (n - len(tips))
    return [choosing(4, texts=("", tip)) for tip in (*tips, *silent)]


def told_words(answers: list[Answers], stages: tuple[Stage, ...] = SECONDARY) -> dict:
    return texts(EVERY_KIND, answers, stages, Random(1).shuffle)


def test_own_words_are_shown_from_ten_answers():
    assert told_words(writing(*TIPS[:9], n=LEAST_ANSWERS_FOR_TEXTS - 1)) == {}
    assert set(told_words(writing(*TIPS[:9], n=LEAST_ANSWERS_FOR_TEXTS))["tip"]) == set(TIPS[:9])


def test_own_words_are_shown_from_five_texts():
    assert told_words(writing(*TIPS[:4], n=30)) == {}
    assert set(told_words(writing(*TIPS[:LEAST_TEXTS], n=30))["tip"]) == set(TIPS[:5])


def test_each_item_needs_five_texts_of_its_own():
    answers = writing(*TIPS[:9], n=12)
    answers[0] = choosing(4, texts=("a lonely top", "tip 0"))
    assert told_words(answers).keys() == {"tip"}


@pytest.mark.parametrize(
    ("purpose", "stages", "allowed"),
    [
        (Purpose.LESSON, {Stage.SECONDARY}, True),
        (Purpose.LESSON, {Stage.VOCATIONAL}, True),
        (Purpose.LESSON, {Stage.PRIMARY}, False),
        (Purpose.LESSON, {Stage.PRIMARY, Stage.SECONDARY}, False),
        (Purpose.WELLBEING, {Stage.SECONDARY}, False),
        (Purpose.WELLBEING, {Stage.STAFF}, False),
    ],
)
def test_own_words_are_asked_about_lessons_only_and_never_in_primary_school(
    purpose, stages, allowed
):
    assert texts_allowed(purpose, stages) is allowed


def test_own_words_from_a_primary_class_are_never_shown():
    assert told_words(writing(*TIPS, n=30), (Stage.PRIMARY,)) == {}


def test_own_words_lose_their_order():
    assert told_words(writing(*TIPS, n=30))["tip"] != tuple(TIPS)


@given(st.permutations(writing(*TIPS, n=30)))
def test_their_order_follows_from_the_texts_and_from_chance_alone(answers):
    assert told_words(answers) == told_words(writing(*TIPS, n=30))


def test_the_top_and_the_tip_of_one_student_are_shuffled_apart():
    answers = [choosing(4, texts=(f"top {number}", f"tip {number}")) for number in range(20)]
    shown = told_words(answers)
    assert sorted(shown["top"]) == sorted(f"top {number}" for number in range(20))
    assert [top.split()[1] for top in shown["top"]] != [tip.split()[1] for tip in shown["tip"]]


@given(st.lists(answers_to(EVERY_KIND)), st.randoms(use_true_random=False))
def test_what_is_shown_is_what_was_written_or_nothing(answers, random):
    shown = texts(EVERY_KIND, answers, SECONDARY, random.shuffle)
    for index, item in enumerate(EVERY_KIND.open):
        written = [answer.texts[index] for answer in answers if answer.texts[index]]
        if len(answers) >= LEAST_ANSWERS_FOR_TEXTS and len(written) >= LEAST_TEXTS:
            assert Counter(shown[item.id]) == Counter(written)
        else:
            assert item.id not in shown
