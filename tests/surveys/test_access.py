"""Whose result is it: the teacher's who asked, and nobody else's by any role."""

from datetime import date
from uuid import UUID

import pytest
from msgspec.structs import replace

from surveys.access import (
    RIGHTS,
    Role,
    Viewer,
    may_ask,
    may_grant,
    may_hold_round,
    may_manage_people,
    may_read,
    may_read_board,
    may_run_rounds,
    may_see_results,
    may_see_school,
    may_take,
)
from surveys.instrument import Stage, library
from surveys.rounds import Group, GroupKind, Survey

HERE, ELSEWHERE = UUID(int=1), UUID(int=2)
CLASS, ANOTHER_CLASS = UUID(int=3), UUID(int=4)
GROUP = Group(HERE, CLASS, "2B", GroupKind.CLASS, Stage.SECONDARY, 2, 2026, 24)
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
    assert may_ask(TEACHER, frozenset({CLASS}), GROUP)
    assert not may_ask(TEACHER, frozenset({ANOTHER_CLASS}), GROUP)
    assert not may_ask(TEACHER, frozenset(), GROUP)


def test_a_class_that_ended_is_asked_no_more():
    assert not may_ask(TEACHER, frozenset({CLASS}), replace(GROUP, ended_on=date(2027, 7, 9)))


def test_the_code_of_a_wave_is_shown_by_who_teaches_the_class_or_leads_the_school():
    wave = replace(survey_by_teacher("schoolpuls"), owner=None)
    assert may_hold_round(TEACHER, wave, frozenset({CLASS}))
    assert may_hold_round(LEADER, wave, frozenset())
    assert not may_hold_round(TEACHER, wave, frozenset({ANOTHER_CLASS}))
    assert not may_hold_round(ADMINISTRATOR, wave, frozenset({CLASS}))  # a teacher once
    assert not may_hold_round(replace(LEADER, school_id=ELSEWHERE), wave, frozenset())


@both_purposes
def test_who_is_a_teacher_no_more_reads_no_result(survey):
    assert not may_see_results(replace(TEACHER, roles=frozenset({Role.LEADER})), survey)


def test_who_only_administers_reads_nothing_that_was_shown_by_name():
    survey, shown = survey_by_teacher("lesfeedback"), frozenset({COLLEAGUE.account_id})
    assert may_read(COLLEAGUE, survey, shown)
    assert not may_read(ADMINISTRATOR, survey, shown)
    assert not may_read_board(ADMINISTRATOR, shown)


@pytest.mark.parametrize("viewer", [LEADER, ADMINISTRATOR, NO_ROLE])
def test_who_is_no_teacher_asks_no_class(viewer):
    assert not may_ask(viewer, frozenset({CLASS}), GROUP)


def test_leaders_and_administrators_invite_teachers():
    assert may_grant(LEADER, Role.TEACHER)
    assert may_grant(ADMINISTRATOR, Role.TEACHER)
    assert not may_grant(TEACHER, Role.TEACHER)
    assert not may_grant(NO_ROLE, Role.TEACHER)


@pytest.mark.parametrize("role", [Role.LEADER, Role.ADMINISTRATOR])
def test_nobody_makes_a_leader_or_an_administrator_but_an_administrator(role):
    assert may_grant(ADMINISTRATOR, role)
    assert not any(may_grant(viewer, role) for viewer in (TEACHER, LEADER, NO_ROLE))


def test_the_adviser_is_the_leaders_choice_and_stays_until_a_leader_says_otherwise():
    for viewer in (TEACHER, ADMINISTRATOR, NO_ROLE):
        assert not may_grant(viewer, Role.ADVISER)
        assert not may_take(viewer, Role.ADVISER)
    assert may_grant(LEADER, Role.ADVISER)
    assert may_take(LEADER, Role.ADVISER)


@pytest.mark.parametrize("role", [Role.TEACHER, Role.LEADER, Role.ADMINISTRATOR])
def test_a_role_is_taken_by_an_administrator(role):
    assert may_take(ADMINISTRATOR, role)
    assert not any(may_take(viewer, role) for viewer in (TEACHER, LEADER, NO_ROLE))


def test_every_role_says_who_gives_it_and_what_it_sees_in_the_staffs_languages():
    assert RIGHTS.keys() == set(Role)
    for rights in RIGHTS.values():
        assert rights.granted_by
        assert rights.sees.keys() == {"nl", "en"}


def test_people_are_managed_by_administrators_only():
    assert may_manage_people(ADMINISTRATOR)
    assert not any(may_manage_people(viewer) for viewer in (TEACHER, LEADER, NO_ROLE))


def test_the_page_of_the_school_is_for_its_leaders_and_administrators():
    assert may_see_school(LEADER)
    assert may_see_school(ADMINISTRATOR)
    assert not any(may_see_school(viewer) for viewer in (TEACHER, NO_ROLE))


def test_somebody_with_two_roles_may_do_what_either_may():
    assert EVERYTHING.is_a(Role.TEACHER)
    assert may_ask(EVERYTHING, frozenset({CLASS}), GROUP)
    assert may_grant(EVERYTHING, Role.LEADER)
