"""The languages in which students are asked, and whether their texts have been reviewed."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from surveys.instrument import Instrument, Purpose

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


def spoken_in(instrument: Instrument, *, all_languages: bool) -> tuple[str, ...]:
    """The languages in which a school asks an instrument.

    A wrong word about how a child feels does more harm than one about a lesson, so wellbeing is
    asked in languages that no native speaker has reviewed only where the school chose to.
    """
    known = languages()
    open_to_all = all_languages or instrument.purpose is Purpose.LESSON
    return tuple(
        code
        for code in instrument.languages
        if code in known and (open_to_all or known[code].reviewed)
    )
