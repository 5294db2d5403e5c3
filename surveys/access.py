"""Who may see what, and who may do what. Pages ask here; nothing here knows of pages.

Whose result it is decides alone: no role opens somebody else's result, the administrator's
least of all. What is shared is shared by its owner, by name.
"""

from collections.abc import Iterable
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from surveys.rounds import Survey


class Role(StrEnum):
    """What somebody does at a school; one person may have several."""

    TEACHER = "teacher"
    LEADER = "leader"
    ADMINISTRATOR = "administrator"
    ADVISER = "adviser"  # the confidential adviser, who reads talk requests and nothing else


class Viewer(Struct, frozen=True):
    """Somebody of the staff, signed in to one school."""

    account_id: UUID
    school_id: UUID
    name: str
    email: str
    language: str
    roles: frozenset[Role]

    def is_a(self, *roles: Role) -> bool:
        return not self.roles.isdisjoint(roles)


def may_see_results(viewer: Viewer, survey: Survey) -> bool:
    """A teacher's releases are the teacher's own, lesson and wellbeing alike."""
    return viewer.school_id == survey.school_id and viewer.account_id == survey.owner


def may_read(viewer: Viewer, survey: Survey, shared: frozenset[UUID]) -> bool:
    """The owner, and those with whom the owner shared it, by name."""
    own_school = viewer.school_id == survey.school_id
    return may_see_results(viewer, survey) or (own_school and viewer.account_id in shared)


def may_run_rounds(viewer: Viewer, survey: Survey) -> bool:
    return may_see_results(viewer, survey)


def may_hold_round(viewer: Viewer, survey: Survey, taught: frozenset[UUID]) -> bool:
    """Showing the code to the class: of a wave, who teaches the class does, and sees no result."""
    if survey.owner is not None:
        return may_run_rounds(viewer, survey)
    own_school = viewer.school_id == survey.school_id
    return own_school and (viewer.is_a(Role.LEADER) or survey.group_id in taught)


def may_lead_waves(viewer: Viewer) -> bool:
    """Opening a wave, and seeing what it told of the school as a whole."""
    return viewer.is_a(Role.LEADER)


def may_ask(viewer: Viewer, teaches: frozenset[UUID], group_id: UUID) -> bool:
    """A teacher asks the groups that he or she teaches."""
    return viewer.is_a(Role.TEACHER) and group_id in teaches


def may_invite(viewer: Viewer, role: Role) -> bool:
    """Leaders and administrators bring in teachers; who becomes a leader, an administrator says.

    The confidential adviser is the leader's choice.
    """
    if role is Role.TEACHER:
        return viewer.is_a(Role.LEADER, Role.ADMINISTRATOR)
    return viewer.is_a(Role.LEADER if role is Role.ADVISER else Role.ADMINISTRATOR)


def may_manage_people(viewer: Viewer) -> bool:
    return viewer.is_a(Role.ADMINISTRATOR)


def may_see_school(viewer: Viewer) -> bool:
    """The school's own page: how much is asked and answered, never what was answered."""
    return viewer.is_a(Role.LEADER, Role.ADMINISTRATOR)


def may_read_talk_requests(viewer: Viewer) -> bool:
    return viewer.is_a(Role.ADVISER)


def works_with_results(roles: Iterable[Role]) -> bool:
    """Whom a teacher may show a result to: who only administers has no business with results."""
    return not {Role.TEACHER, Role.LEADER}.isdisjoint(roles)


def may_read_board(viewer: Viewer, members: frozenset[UUID]) -> bool:
    """A team's board is its members'; of each line its teacher says who of them reads it."""
    return viewer.account_id in members
