"""What can be known of the image and the compose file without an engine: they parse, they set only
what settings know, and what they promise about PostgreSQL is what the service asks for."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from service import embedded, settings
from service.storage import durability

DOCKER = Path(__file__).parent.parent / "docker"
KNOWN = set(re.findall(r'"(STEMLOKAAL_[A-Z_]+)"', Path(settings.__file__).read_text()))
SECRETS = {f"{name}_FILE" for name in ("STEMLOKAAL_DATABASE", "STEMLOKAAL_SMTP")}
OF_COMPOSE = {"STEMLOKAAL_NAME"}  # Caddy's, and part of STEMLOKAAL_URL


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return dict(yaml.safe_load((DOCKER / "compose.yaml").read_text()))


def test_every_variable_that_is_set_is_one_that_settings_know(compose: dict[str, Any]) -> None:
    assert {"STEMLOKAAL_DATABASE", "STEMLOKAAL_URL"} <= KNOWN
    set_here = set(compose["services"]["stemlokaal"]["environment"])
    image = set(re.findall(r"\b(STEMLOKAAL_\w+)=", (DOCKER / "Dockerfile").read_text()))
    assert set_here | image <= KNOWN | SECRETS


def test_every_variable_that_is_asked_for_stands_in_the_example() -> None:
    asked = set(re.findall(r"\${(\w+)", (DOCKER / "compose.yaml").read_text()))
    named = set(re.findall(r"(?m)^(\w+)=", (DOCKER / ".env.example").read_text()))
    assert asked == named
    assert asked <= KNOWN | OF_COMPOSE


def test_the_database_keeps_what_it_acknowledges_and_repeats_no_row(
    compose: dict[str, Any],
) -> None:
    given = dict(
        part.removeprefix("--").split("=", 1)
        for part in compose["services"]["database"]["command"][1:]
    )
    assert {name: given[name] for name in durability.REQUIRED} == durability.REQUIRED
    quiet = {name for name in embedded.SETTINGS if name.startswith("log_m") or "parameter" in name}
    for name in quiet & given.keys():
        assert given[name] == embedded.SETTINGS[name], name
    assert {"log_min_error_statement", "log_parameter_max_length_on_error"} <= given.keys()


def test_the_service_runs_with_as_little_as_it_can(compose: dict[str, Any]) -> None:
    service = compose["services"]["stemlokaal"]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    image = (DOCKER / "Dockerfile").read_text()
    assert re.search(r"(?m)^USER stemlokaal$", image)
    assert image.count("\nFROM ") == 2
    assert "/health/live" in image


def test_keys_and_pepper_are_on_no_volume_of_the_database(compose: dict[str, Any]) -> None:
    services = compose["services"]
    theirs = {each.split(":")[0] for each in services["database"]["volumes"]}
    own = {each.split(":")[0] for each in services["stemlokaal"]["volumes"]}
    assert own == {"keys", "pepper"}
    assert not own & theirs


def test_no_secret_stands_in_a_file_of_ours(compose: dict[str, Any]) -> None:
    for name, secret in compose["secrets"].items():
        assert secret["file"].startswith("./secrets/"), name
    assert "PASSWORD:" not in (DOCKER / "compose.yaml").read_text()
    assert not (DOCKER / "secrets").exists()
    assert "docker/secrets" in (DOCKER.parent / ".dockerignore").read_text()


def test_no_proxy_keeps_a_log_of_who_answers() -> None:
    lines = (DOCKER / "Caddyfile").read_text().splitlines()
    directives = [line.split()[0] for line in lines if line.strip() and not line.startswith("#")]
    assert "log" not in directives


def test_the_image_is_made_by_the_lines_that_the_gate_runs() -> None:
    assert "/checkout/docker/install.sh " in (DOCKER / "Dockerfile").read_text()
    assert "docker/install.sh" in (DOCKER.parent / ".ci/run").read_text()
