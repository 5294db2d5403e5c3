"""What a leader reads before a wave opens, if everybody answers."""

from uuid import UUID

from surveys.instrument import Stage
from surveys.outlook import outlook
from surveys.waves import Member


def of(number: int, members: int, year_group: int = 1) -> Member:
    return Member(UUID(int=number), f"class {number}", Stage.SECONDARY, year_group, members)


def test_a_large_class_stands_alone_and_two_small_ones_of_its_year_stand_together() -> None:
    large, small, smaller = of(1, 24), of(2, 7), of(3, 6)
    (year,) = outlook([large, small, smaller], by_class=True).years
    assert year.alone == (large,)
    assert year.together == (small, smaller)


def test_a_small_class_with_nobody_beside_it_in_its_year_is_named_as_untold() -> None:
    large, small = of(1, 24), of(2, 7, year_group=2)
    seen = outlook([large, small], by_class=True)
    assert seen.untold == (small,)
    assert [year.alone for year in seen.years] == [(large,)]
    assert seen.members == 31


def test_without_classes_nobody_is_told_of_alone() -> None:
    groups = [of(number, 24) for number in range(1, 4)]
    seen = outlook(groups, by_class=False)
    assert seen.cells == (tuple(groups),)
    assert [year.alone for year in seen.years] == [()]
