"""The form of a provider: what is proposed, what is wrong with it, and the provider it makes."""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit
from uuid import UUID

from msgspec.structs import replace

from service import client_secrets
from service.house import House
from service.presets import Preset, presets
from service.storage.providers import Provider
from service.storage.schools import School

Form = Mapping[str, str]

LONGEST = {"name": 60, "client_id": 255, "secret": 1000, "organisation": 255, "issuer": 500}
LONGEST |= {"role_claim": 100, "role_value": 255}
DOMAIN = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")
MOST_DOMAINS = 20
STUDENTS = re.compile("student|pupil|learner|leerling|alum", re.IGNORECASE)
"""Of what a provider calls students, none becomes a teacher by it."""


def proposed(preset: str, school: School) -> dict[str, str]:
    return {"name": school.name, "issuer": presets()[preset].issuer}


def filled_from(provider: Provider) -> dict[str, str]:
    """All but the secret, which is never shown again."""
    return {
        "name": provider.name,
        "issuer": provider.issuer,
        "client_id": provider.client_id,
        "organisation": provider.organisation,
        "domains": ", ".join(provider.domains),
        "role_claim": provider.role_claim,
        "role_value": provider.role_value,
        **({"second_factor": "yes"} if provider.second_factor else {}),
    }


def problems_of(form: Form, preset: Preset, house: House, *, is_new: bool) -> dict[str, str]:
    needed = ["name", "client_id"]
    needed += ["secret"] if is_new else []
    needed += ["organisation"] if preset.organisation else []
    found = {name: "missing" for name in needed if not given(form, name)}
    found |= {name: "long" for name, most in LONGEST.items() if len(given(form, name)) > most}
    if not preset.issuer and not is_address(given(form, "issuer"), house):
        found["issuer"] = "wrong"
    if not all(map(DOMAIN.fullmatch, domains_of(form))) or len(domains_of(form)) > MOST_DOMAINS:
        found["domains"] = "wrong"
    if bool(given(form, "role_claim")) != bool(given(form, "role_value")):
        found["role_value"] = "half"
    if STUDENTS.search(given(form, "role_value")):
        found["role_value"] = "students"
    return found


def provider_of(form: Form, house: House, school_id: UUID, preset: str) -> Provider:
    empty = Provider(
        school_id=school_id,
        provider_id=house.new_id(),
        preset=preset,
        name="",
        issuer="",
        client_id="",
        secret=b"",
    )
    return changed(empty, form, house)


def changed(before: Provider, form: Form, house: House) -> Provider:
    secret = given(form, "secret")
    return replace(
        before,
        name=given(form, "name"),
        issuer=presets()[before.preset].issuer or given(form, "issuer"),
        client_id=given(form, "client_id"),
        secret=client_secrets.lock(house.pepper, before.school_id, before.provider_id, secret)
        if secret
        else before.secret,
        organisation=given(form, "organisation"),
        domains=domains_of(form),
        role_claim=given(form, "role_claim"),
        role_value=given(form, "role_value"),
        second_factor="second_factor" in form,
    )


def given(form: Form, name: str) -> str:
    return form.get(name, "").strip()


def domains_of(form: Form) -> tuple[str, ...]:
    """As people write them: with commas or spaces between, with or without the @."""
    found = re.split(r"[,;\s]+", given(form, "domains").lower())
    return tuple(each.removeprefix("@") for each in found if each)


def is_address(text: str, house: House) -> bool:
    """Over TLS; tests run a provider on this machine without."""
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018  raises where it is no number
    except ValueError:
        return False
    schemes = ("https", "http") if house.settings.loopback_providers else ("https",)
    return (
        parts.scheme in schemes
        and bool(parts.hostname)
        and not (parts.query or parts.fragment or parts.username)
        and not re.search(r"[\s\x00-\x1f]", text)
    )
