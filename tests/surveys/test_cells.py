"""What a wave told, cell by cell: nothing that was not published, and no class unless promised."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from hypothesis import given

from surveys import cells, waves
from surveys.cells import Asked, Past, Year, Years
from surveys.instrument import Stage
from surveys.release import WELLBEING
from surveys.waves import LEAST_ANSWERS, LEAST_GROUPS, Wave, by_class, by_year_group
from tests.surveys.examples import EVERY_KIND
from tests.surveys.test_waves import School, View, both_views, school, schools

A_DAY = date(2027, 3, 17)


def wave(number: int = 1, *, of_classes: bool = False) -> Wave:
    return Wave(
        school_id=UUID(int=0),
        wave_id=UUID(int=number),
        instrument=EVERY_KIND,
        by_class=of_classes,
        cards=True,
        opened_on=A_DAY,
        closes_at=datetime(2027, 3, 17, tzinfo=UTC),
        released_on=A_DAY,
    )


def past(view: View, there: School) -> Past:
    """A wave that asked these groups, and was told in this view."""
    members, ballots = there
    asked = {
        Year(year[0].stage, year[0].year_group): Asked(
            tuple(member.group_id for member in year), sum(member.members for member in year)
        )
        for year in waves.year_groups(members)
    }
    pools = view(EVERY_KIND, members, ballots, WELLBEING)
    return cells.past(wave(of_classes=view is by_class), A_DAY, asked, pools)


def year(*numbers: int) -> Years:
    return tuple(Year(Stage.SECONDARY, number) for number in numbers)


def names(there: School) -> dict[UUID, str]:
    return {member.group_id: member.name for member in there[0]}


# Cells


@both_views
@given(schools())
def test_a_cell_has_three_groups_and_thirty_answers_and_none_gave_over_half(view, there):
    found = past(view, there)
    for years in found.cells:
        given = [
            len(there[1][group_id])
            for pool in cells.inside(found.pools, years)
            for group_id in pool.groups
        ]
        assert len(given) >= LEAST_GROUPS
        assert sum(given) >= LEAST_ANSWERS
        assert 2 * max(given) <= sum(given)


@both_views
@given(schools())
def test_a_cell_is_all_who_were_asked_a_stage_or_what_was_pooled(view, there):
    """Fixed before the wave opened, or merged by R4: never a choice made afterwards."""
    found = past(view, there)
    for years in found.cells:
        stages = {each.stage for each in years}
        of_stages = tuple(each for each in found.asked if each.stage in stages)
        assert years in (found.everybody, *found.pools) or years == of_stages


@both_views
@given(schools())
def test_no_pool_reaches_beyond_the_cell_that_shows_it(view, there):
    found = past(view, there)
    for years in found.cells:
        for of, pools in found.pools.items():
            assert set(of) <= set(years) or not set(of) & set(years)
            shown = cells.inside(found.pools, years)
            assert all((pool in shown) == (set(of) <= set(years)) for pool in pools)


@both_views
@given(schools())
def test_each_year_is_a_cell_or_it_is_said_what_shows_it(view, there):
    found = past(view, there)
    untold = [each for years in cells.untold(found).values() for each in years]
    assert {*untold} | {years[0] for years in found.cells if len(years) == 1} == {*found.asked}
    for larger, years in cells.untold(found).items():
        assert larger is None or (larger in found.cells and set(years) <= set(larger))


def test_neighbours_that_were_merged_are_one_cell():
    found = past(by_year_group, school([20] * 4, [20], [20] * 3))
    assert set(found.cells) == {year(1, 2, 3), year(1), year(2, 3)}
    assert cells.untold(found) == {year(2, 3): year(2, 3)}


def test_pools_that_would_add_up_to_a_cell_do_not_make_it_one():
    """Years 2 and 3 were told of apart: together they were never promised nor merged."""
    found = past(by_year_group, school([20] * 4, [20] * 3, [20] * 3))
    assert year(2, 3) not in found.cells
    assert cells.total(found, year(2, 3)) is None


def test_a_stage_has_a_total_where_there_are_several():
    members, ballots = school([20] * 3, [20] * 3)
    younger, younger_ballots = school([15] * 3, stage=Stage.PRIMARY)
    renamed = [
        waves.Member(UUID(int=900 + n), f"groep {n}", Stage.PRIMARY, 1, 60)
        for n, _ in enumerate(younger)
    ]
    moved = {
        new.group_id: younger_ballots[old.group_id]
        for new, old in zip(renamed, younger, strict=True)
    }
    found = past(by_year_group, ([*members, *renamed], {**ballots, **moved}))
    secondary = year(1, 2)
    assert secondary in found.cells
    total = cells.total(found, secondary)
    assert total is not None
    assert total.n == 120
    assert [len(years) for years in cells.followed([found])] == [3, 2, 1, 1, 1]


def test_those_that_hold_others_are_offered_first():
    found = past(by_year_group, school([20] * 4, [20] * 3, [20] * 3))
    assert cells.followed([found]) == [year(1, 2, 3), year(1), year(2), year(3)]


# Parts


@both_views
@given(schools())
def test_the_parts_of_a_cell_lie_in_it_and_do_not_overlap(view, there):
    found = past(view, there)
    for years in (found.everybody, *found.cells):
        parts = cells.parts(found, years, names(there))
        assert all(set(part.years) <= set(years) for part in parts)
        whole = [each for part in parts if not part.names for each in part.years]
        assert len(whole) == len(set(whole))
        assert not any(set(part.years) & set(whole) for part in parts if part.names)


@given(schools())
def test_without_the_class_level_view_no_class_is_named(there):
    found = past(by_year_group, there)
    for years in (found.everybody, *found.cells):
        assert all(part.names == () for part in cells.parts(found, years, {}))


@given(schools())
def test_classes_stand_by_year_and_name_whatever_they_said(there):
    found = past(by_class, there)
    for years in found.cells:
        if len(years) == 1:
            named = [part.names for part in cells.parts(found, years, names(there))]
            assert named == sorted(named)
            asked = found.asked[years[0]].groups
            assert sorted(name for each in named for name in each) == sorted(
                names(there)[group_id] for group_id in asked
            )


def test_small_classes_are_named_together_and_a_lone_one_has_too_few():
    there = school([24, 24, 24, 6, 5], [20, 20, 20, 9])
    found = past(by_class, there)
    first = cells.parts(found, year(1), names(there))
    assert [len(part.names) for part in first] == [1, 1, 1, 2]
    second = cells.parts(found, year(2), names(there))
    assert [bool(part.items) for part in second] == [True, True, True, False]


def test_where_a_year_has_no_total_its_classes_stand_beside_the_other_years():
    there = school([24, 24, 24], [20, 20])
    found = past(by_class, there)
    parts = cells.parts(found, found.everybody, names(there))
    assert [(part.years, bool(part.names)) for part in parts] == [
        (year(1), False),
        (year(2), True),
        (year(2), True),
    ]


# Counts


@pytest.mark.parametrize("view", [by_class, by_year_group])
@given(schools())
def test_a_part_says_what_was_published_and_nothing_finer(view, there):
    found = past(view, there)
    for part in cells.parts(found, found.everybody, names(there)):
        pools = [
            pool
            for pool in cells.inside(found.pools, part.years)
            if not part.names or {names(there)[each] for each in pool.groups} == {*part.names}
        ]
        for index, sides in enumerate(part.items):
            told = [pool.told.items[index] for pool in pools]
            assert sides.well.interval == waves.summed([each.positive for each in told])
            assert sides.unwell.interval == waves.summed([each.negative for each in told])
            assert sides.well.n == sum(pool.told.n for pool in pools)
