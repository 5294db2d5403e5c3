"""What can be known of the image and the compose file without an engine: they parse, they set only
what settings know, and what they promise about PostgreSQL is what the service asks for."""

import os
import re
import shutil
import ssl
import subprocess
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import asyncpg
import pytest
import yaml
from cryptography import x509

from service import embedded, settings
from service.conduit import context_of
from service.storage import durability
from tests.letting_in import followed
from tests.test_postgresql_elsewhere import name_in

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


def flags(compose: dict[str, Any]) -> dict[str, str]:
    command = compose["services"]["database"]["command"][1:]
    return dict(part.removeprefix("--").split("=", 1) for part in command)


def test_the_database_keeps_what_it_acknowledges_and_repeats_no_row(
    compose: dict[str, Any],
) -> None:
    given = flags(compose)
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


# Database and service know each other by certificates


@pytest.fixture
def secrets(openssl: str, place: Path) -> Path:
    """What the script makes, beside a copy of it."""
    shutil.copy(DOCKER / "secrets.sh", place)
    assert "Made in " in run(place)
    return place / "secrets"


def run(place: Path, *words: str) -> str:
    return subprocess.run(
        [place / "secrets.sh", *words], check=True, capture_output=True, text=True
    ).stdout


def test_the_script_makes_each_file_that_is_asked_for_and_no_other(
    compose: dict[str, Any], secrets: Path
) -> None:
    named = {name: Path(each["file"]).name for name, each in compose["secrets"].items()}
    assert set(named) == set(named.values()) == {file.name for file in secrets.iterdir()}
    modes = {file.name: file.stat().st_mode & 0o777 for file in secrets.iterdir()}
    keys = {name for name in modes if name.endswith("_key")}
    assert modes == {name: 0o400 if name in keys else 0o444 for name in modes}
    assert keys == {"database_key", "service_key"}  # that of the authority is nowhere
    if os.geteuid() == 0:
        owners = {name: (secrets / name).stat().st_uid for name in keys}
        assert owners == {"database_key": 999, "service_key": 10001}
    each = {name: set(compose["services"][name]["secrets"]) for name in ("database", "stemlokaal")}
    assert each["database"] == {"authority", "database_certificate", "database_key"}
    assert each["stemlokaal"] == {"authority", "service_certificate", "service_key"}


def test_what_is_made_stays_until_it_is_renewed(secrets: Path) -> None:
    made = content(secrets)
    assert "stays as it is" in run(secrets.parent)
    assert content(secrets) == made
    run(secrets.parent, "--renew")
    assert made.keys() == content(secrets).keys()
    assert not set(made.values()) & set(content(secrets).values())


def content(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_they_hold_for_two_years_and_say_whose_they_are(secrets: Path) -> None:
    found = {
        name: x509.load_pem_x509_certificate((secrets / name).read_bytes())
        for name in ("authority", "database_certificate", "service_certificate")
    }
    for each in found.values():
        assert timedelta(days=729) < each.not_valid_after_utc - datetime.now(UTC)
        assert each.not_valid_after_utc - datetime.now(UTC) <= timedelta(days=730)
    assert len({each.serial_number for each in found.values()}) == 3
    assert found["service_certificate"].subject.rfc4514_string() == "CN=stemlokaal"


def test_database_and_service_take_each_other_and_nobody_else(secrets: Path, place: Path) -> None:
    """By PostgreSQL's `verify-full` and `cert`, as far as TLS goes."""
    (place / "another").mkdir()
    run(place, str(place / "another"), "database")
    other = place / "another"
    assert shaken(theirs(secrets), ours(secrets), "database") == "stemlokaal"
    for server, client, name in (
        (secrets, secrets, "elsewhere"),
        (other, secrets, "database"),
        (secrets, other, "database"),
    ):
        with pytest.raises(ssl.SSLError):
            shaken(theirs(server), ours(client), name)
    with pytest.raises(ssl.SSLError):
        shaken(theirs(secrets), context_of(address(secrets, own="database")), "database")


def test_for_a_database_with_another_name_they_are_made_in_another_folder(
    secrets: Path, place: Path
) -> None:
    run(place, str(place / "certificates"), "db.school.nl")
    folder = place / "certificates"
    assert shaken(theirs(folder), ours(folder), "db.school.nl") == "stemlokaal"
    assert {file.stat().st_uid for file in folder.iterdir()} == {os.geteuid()}


def address(folder: Path, own: str = "service") -> str:
    compose = yaml.safe_load((DOCKER / "compose.yaml").read_text())
    found = str(compose["services"]["stemlokaal"]["environment"]["STEMLOKAAL_DATABASE"])
    return found.replace("/run/secrets", str(folder)).replace("service_", f"{own}_")


def ours(folder: Path) -> ssl.SSLContext:
    """As the service makes it out of the address that compose gives it."""
    return context_of(str(settings.database(address(folder))))


def theirs(folder: Path) -> ssl.SSLContext:
    """As PostgreSQL makes it out of the files that its command names."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(folder / "authority"))
    context.load_cert_chain(folder / "database_certificate", folder / "database_key")
    context.verify_mode = ssl.CERT_REQUIRED
    return context


def shaken(server: ssl.SSLContext, client: ssl.SSLContext, name: str) -> str:
    """Hands, in memory; returns the name in the client's certificate."""
    inwards, outwards = ssl.MemoryBIO(), ssl.MemoryBIO()
    database = server.wrap_bio(inwards, outwards, server_side=True)
    service = client.wrap_bio(outwards, inwards, server_hostname=name)
    for each in (service, database, service, database):
        with suppress(ssl.SSLWantReadError):
            each.do_handshake()
    return name_in(dict(database.getpeercert() or {}))


def test_the_address_of_the_database_holds_no_secret_and_names_what_is_mounted(
    compose: dict[str, Any],
) -> None:
    found = settings.read({"STEMLOKAAL_DATABASE": address(Path("/run/secrets"))}).database
    parts = urlsplit(str(found))
    assert (parts.username, parts.password, parts.hostname) == ("stemlokaal", None, "database")
    said = {name: value for name, (value,) in parse_qs(parts.query).items()}
    assert said.pop("sslmode") == "verify-full"
    mounted = {f"/run/secrets/{name}" for name in compose["services"]["stemlokaal"]["secrets"]}
    assert set(said.values()) == mounted


def test_the_database_speaks_tls_and_reads_rules_that_take_no_password(
    compose: dict[str, Any],
) -> None:
    given = flags(compose)
    database = compose["services"]["database"]
    assert given["ssl"] == "on"
    named = {Path(given[f"ssl_{each}_file"]) for each in ("cert", "key", "ca")}
    assert named == {Path("/run/secrets", name) for name in database["secrets"]}
    for setting, file in ("hba_file", "pg_hba.conf"), ("ident_file", "pg_ident.conf"):
        assert f"./{file}:{given[setting]}:ro" in database["volumes"]
    rules = lines("pg_hba.conf")
    assert [(rule[0], rule[-1]) for rule in rules] == [
        ("local", "map=stemlokaal"),
        ("hostssl", "cert"),
    ]
    assert [rule[:3] for rule in rules if rule[0] != "local"] == [
        ["hostssl", "stemlokaal", "stemlokaal"]
    ]
    assert rules[0][3:] == ["peer", "map=stemlokaal"]
    assert {tuple(each) for each in lines("pg_ident.conf")} == {
        ("stemlokaal", account, "stemlokaal") for account in ("postgres", "root")
    }


async def test_these_rules_are_ones_that_postgresql_reads(place: Path) -> None:
    async with embedded.running(place) as server:
        look = await asyncpg.connect(server)
        home = place / "postgresql"
        for name in ("pg_ident.conf", "pg_hba.conf"):
            ours = (home / name).read_text()
            # The PostgreSQL of the wheel speaks no TLS: only of that line it says so.
            await followed(look, home / name, f"{ours}{(DOCKER / name).read_text()}")
        wrong = await look.fetch("select error from pg_hba_file_rules where error is not null")
        assert [each["error"] for each in wrong] in (
            [],
            ['invalid authentication method "cert": not supported by this build'],
        )
        mapped = await look.fetch("select error from pg_ident_file_mappings")
        assert len(mapped) >= 3
        assert {each["error"] for each in mapped} == {None}
        await look.close()


def lines(name: str) -> list[list[str]]:
    text = (DOCKER / name).read_text().splitlines()
    return [line.split() for line in text if line.strip() and not line.startswith("#")]


# What is in front


def test_no_proxy_keeps_a_log_of_who_answers() -> None:
    lines = (DOCKER / "Caddyfile").read_text().splitlines()
    directives = [line.split()[0] for line in lines if line.strip() and not line.startswith("#")]
    assert "log" not in directives


def test_the_image_is_made_by_the_lines_that_the_gate_runs() -> None:
    assert "/checkout/docker/install.sh " in (DOCKER / "Dockerfile").read_text()
    assert "docker/install.sh" in (DOCKER.parent / ".ci/run").read_text()
