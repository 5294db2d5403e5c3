"""Which staff pages open when: the one place where it is decided.

A page that is not named here asks for everything: signed in, with a second factor where one is
needed, and used within the half hour.
"""

from datetime import timedelta

IDLE = timedelta(minutes=30)

OPEN_WHILE_IDLE = frozenset(
    {
        # A teacher at the end of a lesson: asking the class, and the page of the running round.
        "/classes",
        "/classes/{group_id}/ask",
        "/surveys/{survey_id}/ask",
        "/surveys/{survey_id}/preview",
        "/rounds/{round_id}",
        "/rounds/{round_id}/participation",
        "/rounds/{round_id}/closure",
        "/rounds/{round_id}/extension",
        "/rounds/{round_id}/places",
        "/rounds/{round_id}/screen",
        "/rounds/{round_id}/thanks",
        "/rounds/{round_id}/cards",
        "/rounds/{round_id}/visit",
        "/demo/answers",
        # Made up, and open to who has no class yet.
        "/example",
    }
)
"""No result is on them, and nothing of people or settings."""

ASKED_BY_THEMSELVES = frozenset({"/rounds/{round_id}/participation"})
"""A page asks for these while nobody touches it: that is no use of a session."""

WITHOUT_SECOND_FACTOR = frozenset({"/account/second-factor"})
"""Where who needs a second factor is led to, until there is one."""
