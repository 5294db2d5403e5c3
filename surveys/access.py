"""Who may see what, and who may do what. Pages ask here; nothing here knows of pages.

Whose result it is decides alone: no role opens somebody else's result, the administrator's
least of all. What is shared is shared by its owner, by name.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from surveys.governing import GoverningBoard
from surveys.instrument import Text
from surveys.rounds import Group, Survey


class Role(StrEnum):
    """What somebody does at a school; one person may have several."""

    TEACHER = "teacher"
    LEADER = "leader"
    ADMINISTRATOR = "administrator"
    ADVISER = "adviser"  # the confidential adviser, who reads talk requests and nothing else


class Rights(Struct, frozen=True):
    """Who gives a role, and in words what it sees: what the page of people tells beside it."""

    granted_by: tuple[Role, ...]
    sees: Text


RIGHTS: Mapping[Role, Rights] = {
    Role.ADMINISTRATOR: Rights(
        (Role.ADMINISTRATOR,),
        {
            "nl": "mensen, groepen, instellingen en het logboek; geen resultaten",
            "en": "people, groups, settings and the log; no results",
        },
    ),
    Role.LEADER: Rights(
        (Role.ADMINISTRATOR,),
        {
            "nl": "de school als geheel; een klas alleen waar dat vooraf aan de leerlingen is "
            "verteld, of waar een docent het laat zien",
            "en": "the school as a whole; a class only where its students were told so "
            "beforehand, or where a teacher shows it",
        },
    ),
    Role.ADVISER: Rights(
        (Role.LEADER,),
        {
            "nl": "wie om een gesprek vraagt, verder niets",
            "en": "who asks for a talk, nothing else",
        },
    ),
    Role.TEACHER: Rights(
        (Role.LEADER, Role.ADMINISTRATOR),
        {
            "nl": "resultaten van eigen klassen, en wat een collega met naam laat zien",
            "en": "results of own classes, and what a colleague shows by name",
        },
    ),
}

NEVER_WITHOUT = (Role.ADMINISTRATOR, Role.LEADER)
"""Who looks after people, and who is told when somebody gets a role: of each there stays one."""


class Viewer(Struct, frozen=True):
    """Somebody of the staff, signed in to one school; `governs` where also on a governing board."""

    account_id: UUID
    school_id: UUID
    name: str
    email: str
    language: str
    roles: frozenset[Role]
    governs: bool = False

    def is_a(self, *roles: Role) -> bool:
        return not self.roles.isdisjoint(roles)


class Governor(Struct, frozen=True):
    """Somebody who sits on governing boards, signed in; at a school by that alone nobody."""

    account_id: UUID
    name: str
    email: str
    boards: tuple[GoverningBoard, ...]


def needs_second_factor(viewer: Viewer) -> bool:
    """Who sees the school as a whole, or decides who does: a stolen password opens nothing."""
    return viewer.governs or viewer.is_a(Role.LEADER, Role.ADMINISTRATOR)


def may_see_results(viewer: Viewer, survey: Survey) -> bool:
    """A teacher's releases are the teacher's own, lesson and wellbeing alike."""
    own = viewer.school_id == survey.school_id and viewer.account_id == survey.owner
    return own and viewer.is_a(Role.TEACHER)


def may_read(viewer: Viewer, survey: Survey, shared: frozenset[UUID]) -> bool:
    """The owner, and those with whom the owner shared it, by name."""
    own_school = viewer.school_id == survey.school_id
    shown = own_school and viewer.account_id in shared and works_with_results(viewer.roles)
    return shown or may_see_results(viewer, survey)


def may_run_rounds(viewer: Viewer, survey: Survey) -> bool:
    return may_see_results(viewer, survey)


def may_hold_round(viewer: Viewer, survey: Survey, taught: frozenset[UUID]) -> bool:
    """Showing the code to the class: of a wave, who teaches the class does, and sees no result."""
    if survey.owner is not None:
        return may_run_rounds(viewer, survey)
    own_school = viewer.school_id == survey.school_id
    teaches_it = viewer.is_a(Role.TEACHER) and survey.group_id in taught
    return own_school and (viewer.is_a(Role.LEADER) or teaches_it)


def may_lead_waves(viewer: Viewer) -> bool:
    """Opening a wave, and seeing what it told of the school as a whole."""
    return viewer.is_a(Role.LEADER)


def may_ask(viewer: Viewer, teaches: frozenset[UUID], group: Group) -> bool:
    """A teacher asks the groups that he or she teaches, until they end."""
    return viewer.is_a(Role.TEACHER) and group.group_id in teaches and group.ended_on is None


def may_grant(viewer: Viewer, role: Role) -> bool:
    """By an invitation, or to somebody who is here already; nobody does it to himself."""
    return viewer.is_a(*RIGHTS[role].granted_by)


def may_take(viewer: Viewer, role: Role) -> bool:
    """The administrator; from the adviser, whom students trust, a leader."""
    return viewer.is_a(Role.LEADER if role is Role.ADVISER else Role.ADMINISTRATOR)


def may_manage_people(viewer: Viewer) -> bool:
    """Ending access, the settings of the school, and reading what the staff did."""
    return viewer.is_a(Role.ADMINISTRATOR)


def may_manage_groups(viewer: Viewer) -> bool:
    """Which groups there are, and who teaches them."""
    return viewer.is_a(Role.LEADER, Role.ADMINISTRATOR)


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
    return viewer.account_id in members and works_with_results(viewer.roles)


def may_show_school(viewer: Viewer) -> bool:
    """Saying yes to a governing board, and taking it back: the leader's, whose totals they are."""
    return viewer.is_a(Role.LEADER)


def may_allow_research(viewer: Viewer) -> bool:
    return viewer.is_a(Role.LEADER, Role.ADMINISTRATOR)
