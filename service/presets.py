"""Kinds of providers that schools have: their addresses and their claims."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import msgspec
from msgspec import Struct

FILE = Path(__file__).with_suffix(".toml")


class Preset(Struct, frozen=True, forbid_unknown_fields=True):
    """See the file for what each means."""

    name: str
    issuer: str
    scope: str
    email: tuple[str, ...]
    again: Mapping[str, str]
    asks: Mapping[str, str] = {}
    second_factor: frozenset[str] = frozenset()
    verified: str = ""
    organisation: tuple[str, ...] = ()
    role_claim: tuple[str, ...] = ()
    role_value: str = ""
    example: str = ""
    organisation_example: str = ""


@cache
def presets() -> Mapping[str, Preset]:
    return msgspec.toml.decode(FILE.read_bytes(), type=dict[str, Preset])
