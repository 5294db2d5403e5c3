"""What is proposed for a group when the school year turns, and what it is afterwards."""

from datetime import date
from uuid import UUID

import pytest
from msgspec.structs import replace

from surveys.instrument import Stage
from surveys.rounds import Group, GroupKind
from surveys.turnover import Fate, coming_year, proposal, proposals, turned

CLASS = Group(UUID(int=1), UUID(int=2), "2B", GroupKind.CLASS, Stage.SECONDARY, 2, 2026, 24)
JULY = date(2027, 7, 5)


@pytest.mark.parametrize(
    ("stage", "name", "year", "fate", "becomes"),
    [
        (Stage.SECONDARY, "2B", 2, Fate.UP, "3B"),
        (Stage.SECONDARY, "2B", None, Fate.UP, "3B"),  # as most teachers leave it
        (Stage.SECONDARY, "H4a", 4, Fate.UP, "H5a"),
        (Stage.SECONDARY, "2B2", 2, Fate.UP, "3B2"),
        (Stage.SECONDARY, "V6", 6, Fate.END, "V6"),
        (Stage.PRIMARY, "Groep 6", 6, Fate.UP, "Groep 7"),
        (Stage.PRIMARY, "Groep 8", 8, Fate.END, "Groep 8"),
        (Stage.PRIMARY, "De Uilen", 3, Fate.UP, "De Uilen"),
        (Stage.PRIMARY, "De Uilen", None, Fate.STAY, "De Uilen"),
        (Stage.VOCATIONAL, "KOK 4", 4, Fate.END, "KOK 4"),
        (Stage.VOCATIONAL, "24MBO12", None, Fate.STAY, "24MBO12"),
        (Stage.STAFF, "Team 2", None, Fate.STAY, "Team 2"),
    ],
)
def test_what_is_proposed(
    stage: Stage, name: str, year: int | None, fate: Fate, becomes: str
) -> None:
    found = proposal(replace(CLASS, stage=stage, name=name, year_group=year))
    assert (found.fate, found.name) == (fate, becomes)


def test_a_lesson_group_ends_with_its_lessons() -> None:
    assert proposal(replace(CLASS, kind=GroupKind.LESSON)).fate is Fate.END


def test_a_team_stays() -> None:
    assert proposal(replace(CLASS, kind=GroupKind.TEAM)).fate is Fate.STAY


def test_nothing_is_proposed_before_july_or_twice() -> None:
    assert proposals([CLASS], date(2027, 6, 30)) == []
    assert len(proposals([CLASS], date(2027, 7, 1))) == 1
    assert proposals([turned(CLASS, Fate.UP, "3B", JULY)], JULY) == []
    assert proposals([turned(CLASS, Fate.STAY, "2B", JULY)], date(2028, 6, 30)) == []


def test_a_school_that_forgot_it_can_still_do_it_in_spring() -> None:
    assert len(proposals([CLASS], date(2028, 3, 1))) == 1
    assert coming_year(date(2028, 3, 1)) == 2027


def test_a_group_that_moved_up_is_the_same_group_a_year_further() -> None:
    after = turned(CLASS, Fate.UP, "3B", JULY)
    assert after == replace(CLASS, name="3B", year_group=3, school_year=2027)


def test_a_group_that_ended_stays_what_it_was() -> None:
    assert turned(CLASS, Fate.END, "3B", JULY) == replace(CLASS, ended_on=JULY)


def test_there_is_no_ninth_year_group() -> None:
    eighth = replace(CLASS, stage=Stage.PRIMARY, name="Groep 8", year_group=8)
    assert turned(eighth, Fate.UP, "Groep 8", JULY).year_group == 8
