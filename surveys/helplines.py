"""Where somebody finds help: telephone lines, by country."""

from functools import cache
from pathlib import Path

import msgspec
from msgspec import Struct

from surveys.instrument import Stage

FILE = Path(__file__).with_suffix(".toml")


class Helpline(Struct, frozen=True, forbid_unknown_fields=True):
    """A number to call, by the name that people know it by; the one for danger needs none."""

    number: str
    stages: tuple[Stage, ...]
    name: str = ""
    danger: bool = False
    worried: bool = False  # for an adult who fears that a student is not safe

    @property
    def digits(self) -> str:
        return self.number.replace("-", "")


@cache
def of(country: str = "nl") -> tuple[Helpline, ...]:
    """Raises KeyError for a country whose lines nobody has written down yet."""
    by_country = msgspec.toml.decode(FILE.read_bytes(), type=dict[str, tuple[Helpline, ...]])
    return by_country[country]
