"""The page about security tells what the code does: limits, ways in, keys, and who is spoken to."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import service
from service import fetching, logs, mistakes, passwords, replies, slowing, uploads
from service.languages import STAFF
from service.pages.help import written

ROOT = Path(service.__file__).parent
SPEAK = {"httpx", "httpx2", "authlib", "smtplib", "socket", "urllib.request"}
SPEAKING = {
    "fetching": "the provider of the account of the school",
    "oidc_wire": "the same, through `fetching`",
    "mail": "the school's mail server",
    "doctor_network": "what the operator set: mail server and own address",
    "simulating": "this service itself, in the demo",
    "starting": "looks whether its own port is free",
}
"""Modules that speak to something else than PostgreSQL; the page names what that is."""
LOCKS = {"nacl", "hmac", "argon2", "pyotp", "joserfc", "hashlib"}
LOCKING = {
    "sealing": "answers, and HMACs under the pepper",
    "keys": "the keys of rounds",
    "vault": "secrets in the database",
    "passwords": "Argon2id",
    "second_factor": "codes of an app",
    "oidc": "state and PKCE of a sign-in by a provider",
    "oidc_wire": "tokens of a provider",
    "departing": "marks of a sign-out",
    "sessions": "session tokens",
    "opening": "compares a key's HMAC",
    "rostering": "compares what was shown",
    "pages.signin": "compares the token of the first run",
}
NO_SECRET = {"assets", "students", "storage.migrate", "doctor_database", "fragments"}
"""These name content by its hash: files, our own scripts, migrations, parts of pages."""

both_languages = pytest.mark.parametrize("language", STAFF)


def importing(libraries: set[str]) -> Iterator[str]:
    for path in ROOT.rglob("*.py"):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.Import(names=names):
                    found = {alias.name for alias in names}
                case ast.ImportFrom(module=str(name)):
                    found = {name}
                case _:
                    continue
            if any(
                one == each or one.startswith(f"{each}.") for one in found for each in libraries
            ):
                yield module


def test_nobody_else_is_spoken_to_than_the_page_names() -> None:
    assert set(importing(SPEAK)) == SPEAKING.keys()


def test_no_key_and_no_cipher_is_missing_from_the_inventory() -> None:
    assert set(importing(LOCKS)) == LOCKING.keys() | NO_SECRET


@both_languages
def test_a_provider_is_asked_as_briefly_as_the_page_says(language: str) -> None:
    assert (fetching.PATIENCE, fetching.LARGEST) == (8.0, 512 * 2**10)
    words = {"en": "8 seconds and 512 KB at most", "nl": "hoogstens 8 seconden en 512 KB"}
    assert words[language] in written("security", language)


@both_languages
def test_every_cipher_in_use_stands_on_the_page(language: str) -> None:
    page = written("security", language)
    for named in ("X25519", "XSalsa20-Poly1305", "HMAC-SHA-256", "RFC 6238", "Argon2id", "SHA-256"):
        assert named in page
    assert passwords.HASHER.memory_cost == 19 * 1024
    assert passwords.HASHER.time_cost == 2
    assert "19 MiB" in page


@both_languages
def test_limits_of_mistakes_and_of_what_is_taken_in_stand_on_the_page(language: str) -> None:
    page = written("security", language)
    for word in passwords.TRIED_HERE:
        assert word in page
    for figure in (
        passwords.SHORTEST,
        passwords.LONGEST,
        mistakes.OFTEN,
        mistakes.MOST_CODES,
        slowing.FREE,
        replies.MOST_FIELDS,
        uploads.LARGEST // 2**20,
    ):
        assert f" {figure} " in page


@both_languages
def test_every_event_that_is_logged_stands_on_the_page_of_the_log(language: str) -> None:
    page = written("operator", language)
    for each in (*logs.Event, *logs.Way):
        assert f"`{each}`" in page
    keeping = {"en": "three months", "nl": "drie maanden"}[language]
    assert keeping in page
    assert "log" in written("security", language)


@both_languages
def test_every_way_in_and_every_life_of_a_session_stand_together(language: str) -> None:
    page = written("security", language)
    ways = page.split("\n## ")[1].splitlines()
    assert sum(line.startswith("| ") for line in ways) == 9  # with the head of the table
    for lasting in {"en": ("12 hours", "30 minutes"), "nl": ("12 uur", "30 minuten")}[language]:
        assert lasting in page
