"""Trying a provider out before anybody depends on it: the whole way there and back, in words.

It is done by an administrator who is signed in already. That proves whose account it is, so that
the administrator's identity is tied by it.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any
from uuid import UUID

from litestar import Request
from litestar.exceptions import NotFoundException
from litestar.response import Template
from msgspec import Struct
from msgspec.structs import replace

from service import admission, departing, sessions
from service.claims import Person, person_of
from service.house import House
from service.oidc import OF_THE_SIGN_IN, Failed, Trouble
from service.presets import presets
from service.rendering import page
from service.storage import identities, providers, tenancy
from service.storage.providers import Provider
from surveys import access
from surveys.access import Viewer

Visit = Request[Any, Any, Any]


class Step(StrEnum):
    """In the order in which they are gone through."""

    REACHED = "reached"
    SIGNED_IN = "signed in"
    CLIENT = "client"
    GENUINE = "genuine"
    OURS = "ours"
    EMAIL = "email"
    VERIFIED = "verified"
    OWN = "own"


FAILS_AT: Mapping[Trouble, Step] = {
    Trouble.UNREACHABLE: Step.REACHED,
    Trouble.NOT_ALLOWED: Step.REACHED,
    Trouble.NO_PROVIDER: Step.REACHED,
    Trouble.REFUSED: Step.SIGNED_IN,
    Trouble.LOCKED: Step.CLIENT,
    Trouble.CODE: Step.CLIENT,
    Trouble.FORGED: Step.GENUINE,
    Trouble.EXPIRED: Step.GENUINE,
    Trouble.NOT_FOR_US: Step.GENUINE,
    Trouble.NONCE: Step.GENUINE,
}


OF_THE_TOKEN = {"iss", "sub", "aud", "azp", "exp", "iat", "nbf", "nonce", "at_hash"}
"""What a token says of itself. The rest it says of somebody."""


class Report(Struct, frozen=True):
    """What worked, and the first that did not; `claims` are the names of what was told."""

    passed: tuple[Step, ...]
    failed: Step | None
    trouble: Trouble | None = None
    person: Person | None = None
    claims: tuple[str, ...] = ()


async def came_back(request: Visit, house: House, provider: Provider, account_id: UUID) -> Template:
    """For the administrator who left, and for nobody else."""
    viewer = await sessions.viewer(request, house)
    if viewer.account_id != account_id or not access.may_manage_people(viewer):
        raise NotFoundException
    try:
        claims = await departing.claims_of(request, house, provider)
    except Failed as failed:
        return report_page(request, viewer, provider, report_of_trouble(failed.trouble))
    person = person_of(claims, presets()[provider.preset], provider)
    report = await report_of_person(house, viewer, provider, person)
    named = tuple(sorted(claims.keys() - OF_THE_TOKEN - OF_THE_SIGN_IN))
    return report_page(request, viewer, provider, replace(report, claims=named))


def report_of_trouble(trouble: Trouble) -> Report:
    failed = FAILS_AT[trouble]
    return Report(before(failed), failed, trouble)


async def report_of_person(
    house: House, viewer: Viewer, provider: Provider, person: Person
) -> Report:
    """All of it worked where the provider knows the administrator by the address known here."""
    wrong = {
        Step.OURS: not person.is_ours,
        Step.EMAIL: not sessions.EMAIL.match(person.email),
        Step.VERIFIED: not person.verified,
        Step.OWN: person.email != viewer.email or not await tied(house, viewer, provider, person),
    }
    failed = next((step for step, is_wrong in wrong.items() if is_wrong), None)
    if failed is None:
        await worked(house, viewer, provider, person)
    return Report(before(failed), failed, person=person)


async def tied(house: House, viewer: Viewer, provider: Provider, person: Person) -> bool:
    """Whether nobody else is known by this subject already."""
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        found = await identities.tied(connection, viewer.school_id, provider.issuer, person.subject)
    return found is None or found.account_id == viewer.account_id


async def worked(house: House, viewer: Viewer, provider: Provider, person: Person) -> None:
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        present = await providers.get(connection, viewer.school_id, provider.provider_id)
        if present == provider:  # not changed meanwhile
            await providers.put(connection, replace(provider, tried_on=house.today()))
            await admission.tie(house, connection, provider, person, viewer.account_id)


def before(failed: Step | None) -> tuple[Step, ...]:
    steps = list(Step)
    return tuple(steps if failed is None else steps[: steps.index(failed)])


def report_page(request: Visit, viewer: Viewer, provider: Provider, report: Report) -> Template:
    return page(
        request,
        "providers/trial.html",
        viewer=viewer,
        provider=provider,
        preset=presets()[provider.preset],
        report=report,
        steps=list(Step),
    )
