"""Where to after signing in: a page of ours, never another site."""

import re
from collections.abc import Mapping

PAGE = re.compile(r"/[a-z][\w/-]*", re.ASCII)
PAGE_AND_QUERY = re.compile(r"/[a-z][\w/.-]*(\?[\w=&.%+-]*)?", re.ASCII)


def next_of(given: Mapping[str, str]) -> str:
    wanted = given.get("next", "")
    return wanted if PAGE.fullmatch(wanted) else "/classes"


def back_of(given: Mapping[str, str]) -> str:
    """The very page where somebody was, with what was asked of it."""
    wanted = given.get("next", "")
    return wanted if PAGE_AND_QUERY.fullmatch(wanted) else "/classes"
