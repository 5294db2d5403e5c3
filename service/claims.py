"""What a provider says of somebody, read by a preset: pure."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct

from service.oidc import LEEWAY
from service.presets import Preset
from service.storage.providers import Provider

LONGEST_NAME = 80


class Person(Struct, frozen=True):
    """`is_ours` where no organisation is asked for, or it is the school's; `teaches` where the
    school gives the role of a teacher to whom the provider says so of. `second_factor` where the
    provider asked for one, this time."""

    subject: str
    email: str
    verified: bool
    name: str
    is_ours: bool
    teaches: bool
    second_factor: bool


def person_of(claims: Mapping[str, Any], preset: Preset, provider: Provider) -> Person:
    email = next(iter(values(claims, preset.email)), "").strip().lower()
    is_ours = not preset.organisation or provider.organisation.lower() in lower(
        values(claims, preset.organisation)
    )
    teaches = bool(provider.role_claim) and provider.role_value.lower() in lower(
        values(claims, (provider.role_claim,))
    )
    return Person(
        subject=str(claims["sub"]),
        email=email,
        verified=is_true(claims.get(preset.verified)) if preset.verified else is_ours,
        name=name_of(claims, email),
        is_ours=is_ours,
        teaches=teaches,
        second_factor=shows_second_factor(claims, preset),
    )


def shows_second_factor(claims: Mapping[str, Any], preset: Preset) -> bool:
    """Where nothing is said of it, or not in the form in which it is said, there was none."""
    methods, context = claims.get("amr"), claims.get("acr")
    if isinstance(methods, list) and "mfa" in methods:
        return True
    return isinstance(context, str) and not preset.second_factor.isdisjoint(context.split())


def was_asked_again(claims: Mapping[str, Any], preset: Preset, since: datetime) -> bool:
    """Whether somebody showed the provider anew who they are, and did not just come from there."""
    at = claims.get("auth_time")
    if at is None:
        return "max_age" not in preset.again  # where it was, whoever asks without it is noticed
    return isinstance(at, int | float) and at >= since.timestamp() - LEEWAY


def values(claims: Mapping[str, Any], names: Iterable[str]) -> tuple[str, ...]:
    """Those of the first claim that is there, one or a list of them."""
    for name in names:
        found = claims.get(name)
        if isinstance(found, str) and found:
            return (found,)
        if isinstance(found, list) and found:
            return tuple(each for each in found if isinstance(each, str))
    return ()


def lower(found: Iterable[str]) -> set[str]:
    return {each.lower() for each in found}


def is_true(found: object) -> bool:
    """Some write it as a word, or as a number in quotes."""
    return found is True or (isinstance(found, str) and found.lower() in ("true", "1"))


def name_of(claims: Mapping[str, Any], email: str) -> str:
    whole = " ".join(values(claims, (part,))[0] for part in NAMES if values(claims, (part,)))
    return (next(iter(values(claims, ("name",))), "") or whole or email)[:LONGEST_NAME]


NAMES = ("given_name", "family_name")
