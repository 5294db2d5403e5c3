"""Small things that a teacher might try, by what an item is about."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import msgspec
from msgspec import Struct

from surveys.instrument import Item, Text

FILE = Path(__file__).with_suffix(".toml")


class Suggestion(Struct, frozen=True, forbid_unknown_fields=True):
    """Something to try, and where it comes from."""

    text: Text
    source: str


@cache
def library() -> Mapping[str, tuple[Suggestion, ...]]:
    return msgspec.toml.decode(FILE.read_bytes(), type=dict[str, tuple[Suggestion, ...]])


def about(item: Item) -> tuple[Suggestion, ...]:
    """An item keeps its name when it is chosen for an own survey, behind that of its instrument."""
    known = library()
    return known.get(item.id) or known.get(item.id.rpartition("-")[2], ())
