"""The file for research: cells of R4 and nothing finer, and no school that stands there alone."""

from datetime import UTC, date, datetime
from random import Random
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from surveys import cells, instrument, research, tables
from surveys.answers import Answers
from surveys.cells import Asked, Past, Year
from surveys.instrument import Stage
from surveys.release import WELLBEING
from surveys.research import LEAST_SCHOOLS, Cell, recorded, rows
from surveys.waves import Member, Wave, by_class, by_year_group

SCHOOLPULS = instrument.library()["schoolpuls"]
WELL, UNWELL = Answers((8, 5, 5, 5), ()), Answers((2, 1, 1, 1), ())
AUTUMN = date(2026, 10, 16)
SECONDARY, VOCATIONAL = Stage.SECONDARY, Stage.VOCATIONAL
Classes = dict[tuple[Stage, int | None], int]
FOUR_YEARS: Classes = {(SECONDARY, year): 3 for year in (1, 2, 3, 4)}


def past(
    classes: Classes = FOUR_YEARS,
    *,
    on: date = AUTUMN,
    size: int = 20,
    seed: int = 0,
    class_level: bool = False,
) -> Past:
    """A wave of so many classes by year, in each of which one student in five is not well."""
    random = Random(seed)
    members = [
        Member(UUID(int=random.getrandbits(128)), f"{year}{number}", stage, year, size)
        for (stage, year), many in classes.items()
        for number in range(many)
    ]
    ballots = {
        one.group_id: [UNWELL if random.random() < 0.2 else WELL for _ in range(size)]
        for one in members
    }
    wave = Wave(
        school_id=UUID(int=1),
        wave_id=UUID(int=random.getrandbits(128)),
        instrument=SCHOOLPULS,
        by_class=class_level,
        cards=True,
        opened_on=on,
        closes_at=datetime(on.year, on.month, on.day, tzinfo=UTC),
        released_on=on,
    )
    pooled = by_class if class_level else by_year_group
    pools = pooled(SCHOOLPULS, members, ballots, WELLBEING)
    asked = {
        Year(stage, year): Asked(
            tuple(one.group_id for one in members if (one.stage, one.year_group) == (stage, year)),
            many * size,
        )
        for (stage, year), many in classes.items()
    }
    return cells.past(wave, on, asked, pools)


def schools(*each: Past) -> dict[int, list[Past]]:
    return {10 * number: [one] for number, one in enumerate(each, start=1)}


def strata(found: list[Cell]) -> set[tuple[Stage, int | None]]:
    return {(each.stage, each.year_group) for each in found}


def test_a_stage_and_its_year_groups_are_told_of_each_school() -> None:
    found = recorded(schools(*[past(seed=seed) for seed in range(5)]))
    assert strata(found) == {(SECONDARY, None), *((SECONDARY, year) for year in (1, 2, 3, 4))}
    assert len(found) == 5 * 5
    whole = [each for each in found if each.year_group is None]
    assert {(each.groups, each.year_groups, each.told.n) for each in whole} == {(12, 4, 240)}
    assert {each.school_year for each in found} == {2026}


def test_nothing_is_told_of_four_schools() -> None:
    assert recorded(schools(*[past(seed=seed) for seed in range(4)])) == []
    assert recorded({}) == []


def test_the_only_vocational_school_does_not_stand_there() -> None:
    both = FOUR_YEARS | {(VOCATIONAL, 1): 3, (VOCATIONAL, 2): 3}
    found = recorded(schools(past(both), *[past(seed=seed) for seed in range(1, 6)]))
    assert {stage for stage, _ in strata(found)} == {SECONDARY}
    assert len({each.school for each in found}) == 6


def test_a_year_that_few_have_takes_its_neighbours_along() -> None:
    """Else the stage without the other years would be the year that was left out."""
    with_five = FOUR_YEARS | {(SECONDARY, 5): 3}
    found = recorded(schools(past(with_five), *[past(seed=seed) for seed in range(1, 6)]))
    of_first = [each for each in found if each.school == 10]
    assert [each.year_group for each in of_first] == [None]
    assert len([each for each in found if each.school == 20]) == 5


def test_what_one_school_loses_may_be_what_five_others_needed() -> None:
    with_five = FOUR_YEARS | {(SECONDARY, 5): 3}
    found = recorded(schools(past(with_five), *[past(seed=seed) for seed in range(1, 5)]))
    assert strata(found) == {(SECONDARY, None)}


def test_years_that_were_told_together_are_not_told_apart() -> None:
    """R4 merged a small year with its neighbour, so the neighbour is not there by itself either."""
    merged: Classes = {(SECONDARY, 1): 3, (SECONDARY, 2): 3, (SECONDARY, 3): 2}
    found = recorded(schools(*[past(merged, seed=seed) for seed in range(6)]))
    assert strata(found) == {(SECONDARY, None)}


def test_a_wave_of_one_year_is_told_as_that_year_and_not_as_its_stage() -> None:
    found = recorded(schools(*[past({(SECONDARY, 3): 4}, seed=seed) for seed in range(5)]))
    assert strata(found) == {(SECONDARY, 3)}


def test_a_month_in_which_few_asked_is_not_told() -> None:
    october = [past(seed=seed) for seed in range(5)]
    june = past(on=date(2027, 6, 18), seed=9)
    found = recorded(schools(*october, june))
    assert {each.month for each in found if each.school <= 50} == {10}
    assert {each.month for each in found if each.school == 60} == {None}
    assert {each.school_year for each in found} == {2026}


def test_school_years_do_not_help_each_other() -> None:
    this_year = [past(seed=seed) for seed in range(4)]
    last_year = past(on=date(2026, 6, 19), seed=9)
    assert recorded(schools(*this_year, last_year)) == []


def test_one_school_with_five_waves_is_one_school() -> None:
    waves = [past(on=date(2026, month, 9), seed=month) for month in (8, 9, 10, 11, 12)]
    assert recorded({7: waves}) == []


def test_the_waves_of_a_school_are_numbered_in_the_order_of_time() -> None:
    twice = {
        number: [past(on=date(2027, 3, 5), seed=number), past(seed=100 + number)]
        for number in range(5)
    }
    found = recorded(twice)
    assert {(each.wave, each.month) for each in found} == {(1, 10), (2, 3)}


def test_every_count_is_an_interval_of_the_releases_and_no_class_is_there() -> None:
    found = recorded(schools(*[past(seed=seed, class_level=True) for seed in range(5)]))
    for each in found:
        assert each.groups >= 3
        assert each.told.n >= 30
        for item in each.told.items:
            for count in (item.positive, item.negative):
                assert count.low <= count.high <= each.told.n


def test_the_lines_are_the_cells_with_a_line_for_each_item() -> None:
    found = recorded(schools(*[past(seed=seed) for seed in range(5)]))
    first, *lines = rows(found)
    assert first == [*research.COLUMNS]
    assert len(lines) == len(found) * len(SCHOOLPULS.closed)
    assert all(len(line) == len(first) for line in lines)
    told = dict(zip(first, lines[0], strict=True))
    whole, item = found[0].told, found[0].told.items[0]
    assert (told["n"], told["item"], told["month"]) == (whole.n, "ladder", 10)
    assert (told["positive_low"], told["negative_high"]) == (item.positive.low, item.negative.high)
    assert "" in lines[0]  # a stage as a whole has no year


def test_no_cell_of_the_table_is_a_formula() -> None:
    """What stands in it comes from our own lists; the guard is that of every export."""
    found = recorded(schools(*[past(seed=seed) for seed in range(5)]))
    written = tables.written([*rows(found)], ",")
    assert tables.written([["=1"]], ",").endswith("'=1\r\n")
    assert not any(line.startswith(tables.FORMULA) for line in written.splitlines())


@given(
    st.lists(
        st.tuples(
            st.sets(
                st.sampled_from([(s, y) for s in (SECONDARY, VOCATIONAL) for y in range(1, 5)])
            ),
            st.integers(2, 4),
            st.sampled_from([date(2026, 10, 1), date(2027, 2, 1), date(2027, 9, 1)]),
        ).filter(lambda school: school[0]),
        max_size=9,
    )
)
def test_whatever_schools_there_are_nobody_stands_alone(
    made: list[tuple[set[tuple[Stage, int]], int, date]],
) -> None:
    found = recorded(
        schools(
            *[
                past(
                    dict.fromkeys(sorted(years), many),
                    on=on,
                    size=12,
                    seed=seed,
                )
                for seed, (years, many, on) in enumerate(made)
            ]
        )
    )
    by_stratum: dict[object, set[int]] = {}
    by_season: dict[object, set[int]] = {}
    for each in found:
        by_stratum.setdefault(each.stratum, set()).add(each.school)
        if each.month:
            by_season.setdefault(each.season, set()).add(each.school)
    assert all(len(each) >= LEAST_SCHOOLS for each in by_stratum.values())
    assert all(len(each) >= LEAST_SCHOOLS for each in by_season.values())
    for each in found:
        apart = [one for one in found if one.of == each.of and one.year_group]
        if each.year_group is None and apart:
            assert sum(one.told.n for one in apart) == each.told.n
            assert len(apart) == each.year_groups
