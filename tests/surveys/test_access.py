"""Whose result is it: the teacher's who asked, and nobody else's by any role."""

from uuid import UUID

import pytest
from msgspec.structs import replace

from surveys.access import (
    Role,
    Viewer,
    may_ask,
    may_invite,
    may_manage_people,
    may_run_rounds,
    may_see_results,
    may_see_school,
)
from surveys.instrument import library
from surveys.rounds import Survey

HERE, ELSEWHERE = UUID(int=1), UUID(int=2)
CLASS, ANOTHER_CLASS = UUID(int=3), UUID(int=4)
TEACHER = Viewer(
    account_id=UUID(int=5),
    school_id=HERE,
    name="a teacher",
    email="teacher@school.example",
    language="nl",
    roles=frozenset({Role.TEACHER}),
)
COLLEAGUE = replace(TEACHER, account_id=UUID(int=6))
LEADER = replace(COLLEAGUE, roles=frozenset({Role.LEADER}))
ADMINISTRATOR = replace(COLLEAGUE, roles=frozenset({Role.ADMINISTRATOR}))
EVERYTHING = replace(COLLEAGUE, roles=frozenset(Role))
NO_ROLE = replace(COLLEAGUE, roles=frozenset())
OTHERS = {
    "colleague": COLLEAGUE,
    "leader": LEADER,
    "administrator": ADMINISTRATOR,
    "every role": EVERYTHING,
    "no role": NO_ROLE,
}


def survey_by_teacher(key: str) -> Survey:
    return Survey(HERE, UUID(int=7), CLASS, TEACHER.account_id, library()[key])


both_purposes = pytest.mark.parametrize(
    "survey", [survey_by_teacher("lesfeedback"), survey_by_teacher("schoolpuls")]
)


@both_purposes
def test_a_teacher_sees_and_runs_own_surveys(survey):
    assert may_see_results(TEACHER, survey)
    assert may_run_rounds(TEACHER, survey)


@both_purposes
@pytest.mark.parametrize("viewer", OTHERS.values(), ids=OTHERS)
def test_no_role_opens_a_result_of_somebody_else(survey, viewer):
    assert not may_see_results(viewer, survey)
    assert not may_run_rounds(viewer, survey)


@both_purposes
def test_a_teacher_who_signs_in_to_another_school_leaves_results_behind(survey):
    assert not may_see_results(replace(TEACHER, school_id=ELSEWHERE), survey)
    assert not may_run_rounds(replace(TEACHER, school_id=ELSEWHERE), survey)


def test_a_teacher_asks_own_classes_only():
    assert may_ask(TEACHER, frozenset({CLASS}), CLASS)
    assert not may_ask(TEACHER, frozenset({CLASS}), ANOTHER_CLASS)
    assert not may_ask(TEACHER, frozenset(), CLASS)


@pytest.mark.parametrize("viewer", [LEADER, ADMINISTRATOR, NO_ROLE])
def test_who_is_no_teacher_asks_no_class(viewer):
    assert not may_ask(viewer, frozenset({CLASS}), CLASS)


def test_leaders_and_administrators_invite_teachers():
    assert may_invite(LEADER, Role.TEACHER)
    assert may_invite(ADMINISTRATOR, Role.TEACHER)
    assert not may_invite(TEACHER, Role.TEACHER)
    assert not may_invite(NO_ROLE, Role.TEACHER)


@pytest.mark.parametrize("role", [Role.LEADER, Role.ADMINISTRATOR])
def test_nobody_makes_a_leader_or_an_administrator_but_an_administrator(role):
    assert may_invite(ADMINISTRATOR, role)
    assert not any(may_invite(viewer, role) for viewer in (TEACHER, LEADER, NO_ROLE))


def test_people_are_managed_by_administrators_only():
    assert may_manage_people(ADMINISTRATOR)
    assert not any(may_manage_people(viewer) for viewer in (TEACHER, LEADER, NO_ROLE))


def test_the_page_of_the_school_is_for_its_leaders_and_administrators():
    assert may_see_school(LEADER)
    assert may_see_school(ADMINISTRATOR)
    assert not any(may_see_school(viewer) for viewer in (TEACHER, NO_ROLE))


def test_somebody_with_two_roles_may_do_what_either_may():
    assert EVERYTHING.is_a(Role.TEACHER)
    assert may_ask(EVERYTHING, frozenset({CLASS}), CLASS)
    assert may_invite(EVERYTHING, Role.LEADER)
