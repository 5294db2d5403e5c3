"""What the staff do that others may later want to know: the verbs of the audit.

Of the staff alone. Nothing that a student does has a verb, and nothing that was answered has one.
"""

from enum import StrEnum

from surveys.access import Role


class Verb(StrEnum):
    """What was done; the subject is what it was done to."""

    # The subject is an invitation.
    INVITED = "invited"
    INVITATION_REPEATED = "invitation repeated"
    INVITATION_WITHDRAWN = "invitation withdrawn"

    # The subject is an account.
    TEACHER_GRANTED = "teacher granted"
    LEADER_GRANTED = "leader granted"
    ADMINISTRATOR_GRANTED = "administrator granted"
    ADVISER_GRANTED = "adviser granted"
    TEACHER_TAKEN = "teacher taken"
    LEADER_TAKEN = "leader taken"
    ADMINISTRATOR_TAKEN = "administrator taken"
    ADVISER_TAKEN = "adviser taken"
    ADVISER_CONFIRMED = "adviser confirmed"
    ACCESS_ENDED = "access ended"
    ACCESS_RESTORED = "access restored"
    ACCOUNT_DELETED = "account deleted"
    SIGN_IN_FAILED = "sign-in failed"  # too often
    PASSWORD_CHANGED = "password changed"  # noqa: S105  a deed
    PASSWORD_RESET_ASKED = "password reset asked"  # noqa: S105  a deed
    SECOND_FACTOR_SET_UP = "second factor set up"
    SECOND_FACTOR_REMOVED = "second factor removed"
    RECOVERY_CODES_MADE = "recovery codes made"
    RECOVERY_CODE_USED = "recovery code used"
    IDENTITY_TIED = "identity tied"  # a provider is believed who it is

    # The subject is the school.
    SETTINGS_CHANGED = "settings changed"
    SMALL_CLASSES_DECLARED = "small classes declared"
    SMALL_CLASSES_ENDED = "small classes ended"
    TURNOVER_UNDONE = "turnover undone"
    IMPORTED = "imported"
    SCHOOL_DELETION_ASKED = "school deletion asked"
    SCHOOL_DELETION_STOPPED = "school deletion stopped"
    RESEARCH_ALLOWED = "research allowed"
    RESEARCH_ENDED = "research ended"
    LOCAL_SIGN_IN_ENDED = "local sign-in ended"
    LOCAL_SIGN_IN_RESTORED = "local sign-in restored"

    # The subject is a provider by which people sign in.
    PROVIDER_ADDED = "provider added"
    PROVIDER_CHANGED = "provider changed"
    PROVIDER_SWITCHED_ON = "provider switched on"
    PROVIDER_SWITCHED_OFF = "provider switched off"
    PROVIDER_REMOVED = "provider removed"

    # The subject is a governing board.
    GOVERNING_JOINED = "governing joined"
    GOVERNING_LEFT = "governing left"

    # The subject is a group.
    GROUP_MADE = "group made"
    GROUP_CHANGED = "group changed"
    GROUP_MOVED = "group moved"
    GROUP_ENDED = "group ended"
    GROUP_RESTORED = "group restored"
    TEACHERS_CHANGED = "teachers changed"

    # The subject is a survey, a round or a wave.
    SURVEY_SHARED = "survey shared"
    SURVEY_UNSHARED = "survey unshared"
    ROUND_OPENED = "round opened"
    ROUND_CLOSED = "round closed"
    WAVE_OPENED = "wave opened"
    WAVE_CLOSED = "wave closed"


def granted(role: Role) -> Verb:
    return Verb(f"{role} granted")


def taken(role: Role) -> Verb:
    return Verb(f"{role} taken")
