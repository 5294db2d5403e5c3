"""What a provider says of somebody, read by the presets that come along."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from service.claims import Person, person_of, was_asked_again
from service.presets import presets
from service.storage.providers import Provider

NOWHERE = UUID(int=0)


def read(preset: str, claims: dict[str, Any], **changed: Any) -> Person:
    provider = Provider(NOWHERE, NOWHERE, preset, "", "", "", b"", **changed)
    return person_of({"sub": "1", **claims}, presets()[preset], provider)


LEVELS = "http://surfconext.nl/assurance/"


@pytest.mark.parametrize(
    ("preset", "claims", "shown"),
    [
        ("other", {"amr": ["pwd", "mfa"]}, True),
        ("other", {"amr": ["pwd", "otp"]}, False),
        ("other", {"acr": f"{LEVELS}loa3"}, False),  # another one's word for it
        ("surfconext", {"acr": f"{LEVELS}loa1.5"}, True),
        ("surfconext", {"acr": f"urn:another {LEVELS}loa2"}, True),
        ("surfconext", {"acr": f"{LEVELS}loa1"}, False),
        ("surfconext", {"acr": [f"{LEVELS}loa2"]}, False),
        ("surfconext", {"acr": "https://refeds.org/profile/mfa"}, True),
        ("surfconext", {"acr": "urn:oasis:names:tc:SAML:2.0:ac:classes:Password"}, False),
        ("google", {"amr": ["pwd", "mfa"]}, True),
        ("google", {"amr": ["pwd"]}, False),
        ("microsoft", {}, False),
        ("entree", {}, False),
    ],
)
def test_a_second_factor_is_what_a_provider_calls_one(
    preset: str, claims: dict[str, Any], shown: bool
) -> None:
    assert read(preset, claims).second_factor is shown


@pytest.mark.parametrize("preset", presets())
def test_who_says_when_somebody_signed_in_says_it_of_now(preset: str) -> None:
    left = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
    at, kind = int(left.timestamp()), presets()[preset]
    for seconds, fresh in {5: True, 0: True, -60: True, -61: False, -3600: False}.items():
        assert was_asked_again({"auth_time": at + seconds}, kind, left) is fresh
    for odd in "now", [at], True, {"at": at}:
        assert not was_asked_again({"auth_time": odd}, kind, left)


def test_where_it_had_to_say_it_and_does_not_it_did_not_ask() -> None:
    left = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
    silent = {name for name, kind in presets().items() if was_asked_again({}, kind, left)}
    assert silent == {"microsoft", "google"}


def test_every_preset_has_what_it_needs() -> None:
    assert set(presets()) == {"entree", "surfconext", "microsoft", "google", "other"}
    for preset in presets().values():
        assert "openid" in preset.scope.split()
        assert preset.issuer.startswith("https://") or preset.example.startswith("https://")
        assert preset.email
        assert preset.again["prompt"]  # each asks again, in its own way
        assert "id_token" in json.loads(preset.asks.get("claims", '{"id_token": {}}'))
        # Somebody vouches for the address: the provider in so many words, or the own organisation.
        assert preset.verified or preset.organisation


@pytest.mark.parametrize(
    ("preset", "claims"),
    [
        ("entree", {"mail": ["Ilse@Kompas.nl"], "nlEduPersonHomeOrganizationId": "01ab"}),
        ("surfconext", {"email": "ilse@kompas.nl", "schac_home_organization": "01AB"}),
        ("microsoft", {"email": "ilse@kompas.nl", "xms_edov": "1"}),
        ("google", {"email": "ilse@kompas.nl", "email_verified": True, "hd": "01ab"}),
        ("other", {"email": " ilse@kompas.nl ", "email_verified": "true"}),
    ],
)
def test_somebody_of_the_school_is_known(preset: str, claims: dict[str, Any]) -> None:
    person = read(preset, claims, organisation="01AB")
    assert (person.email, person.verified, person.is_ours) == ("ilse@kompas.nl", True, True)


@pytest.mark.parametrize("preset", ["entree", "surfconext", "google"])
@pytest.mark.parametrize("organisation", ["", "02AB", "01AB.example.org"])
def test_somebody_of_another_school_is_not(preset: str, organisation: str) -> None:
    (claim,) = presets()[preset].organisation
    for claims in {}, {claim: organisation}, {claim: [organisation]}, {claim: None}, {claim: 1}:
        person = read(preset, {"email": "ilse@kompas.nl", **claims}, organisation="01AB")
        assert not person.is_ours
        assert not person.verified


@pytest.mark.parametrize("said", [None, False, "false", "0", "", 1, [], ["true"], {}])
def test_an_address_is_vouched_for_in_so_many_words(said: object) -> None:
    assert not read("other", {"email": "ilse@kompas.nl", "email_verified": said}).verified
    assert not read("microsoft", {"email": "ilse@kompas.nl", "xms_edov": said}).verified
    assert not read("microsoft", {"email": "ilse@kompas.nl", "email_verified": True}).verified


@pytest.mark.parametrize(
    ("said", "teaches"),
    [
        ("employee", True),
        ("Employee", True),
        (["member", "employee"], True),
        ("employees", False),
        (["student"], False),
        (None, False),
        ({"employee": True}, False),
        ([["employee"]], False),
    ],
)
def test_who_teaches_is_said_by_one_claim(said: object, teaches: bool) -> None:
    mapping = {"role_claim": "affiliation", "role_value": "employee"}
    assert read("other", {"affiliation": said}, **mapping).teaches is teaches
    assert not read("other", {"affiliation": said}).teaches


def test_a_name_is_put_together_from_what_there_is() -> None:
    assert read("other", {"name": "Ilse de Wit"}).name == "Ilse de Wit"
    assert read("other", {"given_name": "Ilse", "family_name": "de Wit"}).name == "Ilse de Wit"
    assert read("other", {"email": "i@kompas.nl"}).name == "i@kompas.nl"
    assert len(read("other", {"name": "x" * 500}).name) == 80
