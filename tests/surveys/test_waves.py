"""R4: whatever school takes part and however it answers, no class and no child stands out."""

from collections import Counter
from collections.abc import Callable, Iterable
from random import Random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.answers import Answers
from surveys.instrument import Instrument, Stage
from surveys.release import WELLBEING, Interval, Release, Rule, Told
from surveys.waves import (
    LEAST_ANSWERS,
    LEAST_CLASSES_FOR_SPREAD,
    LEAST_GROUPS,
    Ballots,
    Member,
    Pool,
    by_class,
    by_year_group,
    spread,
    total,
)
from tests.surveys.examples import EVERY_KIND, choosing

School = tuple[list[Member], dict[UUID, list[Answers]]]
View = Callable[[Instrument, Iterable[Member], Ballots, Rule], list[Pool]]

both_views = pytest.mark.parametrize("view", [by_class, by_year_group])


def group(number: int, year_group: int | None = 1, stage: Stage = Stage.SECONDARY) -> Member:
    return Member(UUID(int=number + 1), f"class {number}", stage, year_group, 60)


def school(*years: list[int], well: float = 0.8, stage: Stage = Stage.SECONDARY) -> School:
    """A list of class sizes for each year; of each class so many are well, the others are not."""
    groups: list[Member] = []
    ballots = {}
    for year, sizes in enumerate(years, 1):
        for n in sizes:
            groups.append(group(len(groups), year, stage))
            calm = round(well * n)
            ballots[groups[-1].group_id] = [choosing(4)] * calm + [choosing(1)] * (n - calm)
    return groups, ballots


@st.composite
def schools(draw) -> School:
    """Classes of any stage and year, each with as many answers as came in: often none."""
    places = st.tuples(
        st.sampled_from([Stage.PRIMARY, Stage.SECONDARY, Stage.VOCATIONAL]),
        st.none() | st.integers(1, 3),
        st.just(0) | st.integers(0, 34),
    )
    drawn = draw(st.lists(places, max_size=24))
    random = Random(draw(st.integers()))
    groups = [group(number, year, stage) for number, (stage, year, _) in enumerate(drawn)]
    likely = [random.random() for _ in drawn]
    ballots = {
        one.group_id: [choosing(4 if random.random() < share else 1) for _ in range(n)]
        for one, share, (_, _, n) in zip(groups, likely, drawn, strict=True)
    }
    return groups, ballots


def told(view: View, school: School) -> list[Pool]:
    return view(EVERY_KIND, *school, WELLBEING)


def sizes(pools: list[Pool]) -> list[int]:
    return [pool.told.n for pool in pools]


def calm(n: int, positive: int) -> Pool:
    """A class of its own with n answers of which so many found it calm."""
    items = (Told("calm", Interval(positive, positive), Interval(n - positive, n - positive)),)
    return Pool((UUID(int=n),), Release(n, WELLBEING.d, items))


# Each answer in one pool, each pool with a release


@both_views
@given(schools())
def test_each_answer_is_told_in_one_pool_at_most(view, school):
    _, ballots = school
    pools = told(view, school)
    pooled = Counter(group_id for pool in pools for group_id in pool.groups)
    assert max(pooled.values(), default=1) == 1
    for pool in pools:
        assert pool.told.n == sum(len(ballots[group_id]) for group_id in pool.groups)


@both_views
@given(schools())
def test_every_group_of_a_pool_has_answered(view, school):
    """A class without answers would count as one to hide in, and hide nobody."""
    _, ballots = school
    assert all(ballots[group_id] for pool in told(view, school) for group_id in pool.groups)


@both_views
@given(schools())
def test_what_students_answer_does_not_decide_who_is_told_of(view, school):
    groups, ballots = school
    same_numbers = {group_id: [choosing(1)] * len(given) for group_id, given in ballots.items()}
    assert [pool.groups for pool in told(view, (groups, same_numbers))] == [
        pool.groups for pool in told(view, school)
    ]


# With class-level view


@given(schools())
def test_a_class_is_told_of_alone_from_k_answers_on(school):
    groups, ballots = school
    alone = {pool.groups[0] for pool in told(by_class, school) if len(pool.groups) == 1}
    assert alone == {one.group_id for one in groups if len(ballots[one.group_id]) >= WELLBEING.k}


@given(schools())
def test_small_classes_are_told_of_with_others_of_their_year_or_not_at_all(school):
    groups, ballots = school
    by_id = {one.group_id: one for one in groups}
    for pool in told(by_class, school):
        assert pool.told.n >= WELLBEING.k
        if len(pool.groups) > 1:
            assert len({(by_id[one].stage, by_id[one].year_group) for one in pool.groups}) == 1
            assert all(len(ballots[one]) < WELLBEING.k for one in pool.groups)


def test_two_small_classes_of_a_year_are_pooled():
    assert sizes(told(by_class, school([24, 6, 4], [28]))) == [24, 10, 28]


def test_a_small_class_without_another_one_is_told_nowhere():
    assert sizes(told(by_class, school([24, 9], [28, 9], [9, 0]))) == [24, 28]


def test_small_classes_that_stay_under_k_together_are_told_nowhere():
    assert told(by_class, school([5, 4])) == []


# Without it: year groups


@given(schools())
def test_year_groups_are_told_from_three_classes_and_thirty_answers_none_over_half(school):
    _, ballots = school
    for pool in told(by_year_group, school):
        given = [len(ballots[group_id]) for group_id in pool.groups]
        assert len(given) >= LEAST_GROUPS
        assert sum(given) >= LEAST_ANSWERS
        assert 2 * max(given) <= sum(given)


@given(schools())
def test_year_groups_are_merged_until_all_are_told_of_or_nobody(school):
    groups, ballots = school
    answering = {one.group_id for one in groups if ballots[one.group_id]}
    pooled = {group_id for pool in told(by_year_group, school) for group_id in pool.groups}
    assert pooled in (answering, set())


@given(schools())
def test_pools_are_whole_year_groups_in_the_order_of_the_school(school):
    groups, ballots = school
    where = {one.group_id: (list(Stage).index(one.stage), one.year_group or 0) for one in groups}
    years = sorted({where[group_id] for group_id, given in ballots.items() if given})
    pools = told(by_year_group, school)
    pooled = [sorted({where[group_id] for group_id in pool.groups}) for pool in pools]
    assert not pools or [year for years in pooled for year in years] == years


def test_large_year_groups_are_told_of_apart():
    assert sizes(told(by_year_group, school([24, 25, 26], [20, 20, 20]))) == [75, 60]


def test_a_small_year_group_joins_its_smaller_neighbour():
    assert sizes(told(by_year_group, school([20] * 4, [20], [20] * 3))) == [80, 80]
    assert sizes(told(by_year_group, school([20] * 3, [20], [20] * 4))) == [80, 80]


def test_a_year_group_joins_one_of_its_own_stage_first():
    younger = [group(number, 8, Stage.PRIMARY) for number in range(3)]
    older = [group(number, number // 3, Stage.SECONDARY) for number in range(3, 10)]
    ballots = {one.group_id: [choosing(4)] * 12 for one in (*younger, *older)}
    ballots[older[0].group_id] = []  # year 1 is left with two classes
    assert sizes(told(by_year_group, ([*younger, *older], ballots))) == [36, 72]


def test_in_the_end_the_whole_school_is_one_pool():
    assert sizes(told(by_year_group, school([12], [10], [9]))) == [31]


@pytest.mark.parametrize(
    "weak", [[[29]], [[10, 10, 9]], [[15, 15]], [[20, 15, 4]], [[30, 0, 0]], []]
)
def test_a_school_that_is_too_small_as_a_whole_is_not_told_of(weak):
    assert told(by_year_group, school(*weak)) == []


@pytest.mark.parametrize(
    ("unwell", "told_as"), [(0, (0, 3)), (3, (0, 3)), (4, (4, 4)), (15, (15, 15))]
)
def test_of_a_year_group_the_few_who_are_not_well_are_told_exactly_but_the_fewest(unwell, told_as):
    """6% of 250 are 15. That none, or one, is unwell stays open, as it does for a class."""
    groups, ballots = school([25] * 10, well=1)
    ballots[groups[0].group_id] = [choosing(1)] * unwell + [choosing(4)] * (25 - unwell)
    (pool,) = told(by_year_group, (groups, ballots))
    assert pool.told.n == 250
    assert pool.told.of("calm").negative == Interval(*told_as)


# Totals


@both_views
@given(schools())
def test_a_total_is_the_sum_of_what_was_published(view, school):
    pools = told(view, school)
    whole = total(pools)
    if whole is None:
        return
    assert whole.n == sum(sizes(pools))
    for item in EVERY_KIND.closed:
        (told_of,) = [one for one in whole.items if one.item == item.id]
        parts = [pool.told.of(item.id) for pool in pools]
        assert told_of.positive.low == sum(part.positive.low for part in parts)
        assert told_of.positive.high == sum(part.positive.high for part in parts)
        assert told_of.negative.low == sum(part.negative.low for part in parts)
        assert told_of.negative.high == sum(part.negative.high for part in parts)


@both_views
@given(schools())
def test_a_total_has_three_groups_and_thirty_answers_and_none_gave_over_half(view, school):
    _, ballots = school
    pools = told(view, school)
    given = [len(ballots[group_id]) for pool in pools for group_id in pool.groups]
    hidden = len(given) >= LEAST_GROUPS and sum(given) >= LEAST_ANSWERS
    assert (total(pools) is not None) == (hidden and 2 * max(given) <= sum(given))


def test_two_classes_have_no_total():
    assert total([calm(28, 20), calm(27, 20)]) is None
    assert total([calm(28, 20), calm(27, 20), calm(26, 20)]) is not None


def test_a_class_with_most_of_the_answers_is_not_told_as_the_total():
    assert total([calm(30, 20), calm(15, 10), calm(14, 10)]) is None
    assert total([calm(30, 20), calm(16, 10), calm(14, 10)]) is not None


def test_no_pools_have_no_total():
    assert total([]) is None


# Spread


@both_views
@given(schools())
def test_the_spread_has_steps_of_five_points_from_five_classes(view, school):
    pools = told(view, school)
    classes = sum(len(pool.groups) == 1 for pool in pools)
    found = spread(pools, "calm")
    assert (found is not None) == (classes >= LEAST_CLASSES_FOR_SPREAD)
    if found:
        assert all(share % 5 == 0 and 0 <= share <= 100 for share in found)
        assert list(found) == sorted(found)


def test_the_spread_is_that_of_classes_never_of_year_groups():
    years = [[10, 10, 10]] * 6
    assert len(told(by_year_group, school(*years))) == 6
    assert spread(told(by_year_group, school(*years)), "calm") is None
    assert spread(told(by_class, school(*years)), "calm") is not None


def test_the_spread_names_no_extreme():
    ordinary = [calm(20, 12), calm(21, 13), calm(22, 13), calm(23, 14), calm(24, 14)]
    worst = [calm(19, 4), *ordinary[1:-1], calm(25, 21)]
    assert spread(worst, "calm") == spread(ordinary, "calm") == (60, 60, 60)
