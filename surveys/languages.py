"""The languages in which students are asked, and whether their texts have been reviewed."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

FILE = Path(__file__).with_suffix(".toml")


class Language(Struct, frozen=True, forbid_unknown_fields=True):
    """A language by its code, and by its own name in its own script."""

    code: str
    name: str
    direction: Literal["ltr", "rtl"]
    reviewed: bool


@cache
def languages() -> Mapping[str, Language]:
    """Every language that we speak, by code."""
    spoken = msgspec.toml.decode(FILE.read_bytes(), type=dict[str, tuple[Language, ...]])
    return {language.code: language for language in spoken["languages"]}
