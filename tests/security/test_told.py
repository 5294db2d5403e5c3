"""The page about security tells what the code does: limits, ways in, keys, and who is spoken to."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import service
from service import (
    fetching,
    ingest,
    logs,
    mail,
    mistakes,
    passwords,
    patience,
    replies,
    rostering,
    slowing,
    uploads,
)
from service.languages import STAFF
from service.pages.help import written
from surveys import rounds, waves

ROOT = Path(service.__file__).parent
SPEAK = {"httpx", "httpx2", "authlib", "smtplib", "socket", "urllib.request"}
SPEAKING = {
    "fetching": "the provider of the account of the school",
    "oidc_wire": "the same, through `fetching`",
    "mail": "the school's mail server",
    "conduit": "PostgreSQL on another machine, for its own programs",
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
    "replacing": "compares the same",
    "rostering": "compares what was shown",
    "pages.signin": "compares the token of the first run",
}
NO_SECRET = {"assets", "students", "storage.migrate", "doctor_database", "fragments"}
"""These name content by its hash: files, our own scripts, migrations, parts of pages."""

FITTING = {
    "a class and a question list": "test_classes.py::test_a_class_of_another_stage_is_not_asked",
    "a class and the day": (
        "test_classes.py::test_the_same_questions_wait_a_week_and_the_day_is_told"
    ),
    "a round and its end": (
        "test_rounds.py::test_a_round_stays_open_a_day_longer_but_never_beyond_a_week"
    ),
    "a wave and its end": "test_waves.py::test_a_wave_is_prolonged_by_a_week_and_never_beyond_four",
    "a round and its answers": "test_answering.py::test_places_are_raised_by_two_at_most",
    "an answer and its round": "test_cards.py::test_cards_end_with_their_round",
    "the classes of a wave": "test_waves.py::test_a_class_that_is_being_asked_cannot_be_chosen",
    "classes in the new year": (
        "test_turning.py::test_two_teachers_who_call_their_class_the_same_may_go_on_doing_so"
    ),
    "a wave and what the school decides": (
        "test_waves.py::test_nothing_is_decided_before_it_is_told"
    ),
    "an agreement and its question": (
        "test_results.py::test_an_agreement_is_about_a_question_of_its_survey"
    ),
    "a role, who gets it and who gives it": "test_people.py::test_who_may_give_which_role",
    "an invitation and its address": "test_invitations.py::test_nobody_invites_himself",
    "the files of an import": (
        "test_rosters.py::test_four_thousand_lines_with_twenty_faults_write_nothing_and_each_is_named"
    ),
    "what was shown and what is carried out": (
        "test_rosters.py::test_what_was_shown_is_done_or_nothing_when_the_school_changed"
    ),
    "what a provider says and a role": (
        "test_providers.py::test_what_is_wrong_is_said_and_nothing_is_kept"
    ),
}
"""What has to fit together by the page, and the test of `tests/pages` that shows it."""
STEPS = {
    "en": ("made", "given", "replaced", "leaks", "destroyed"),
    "nl": ("gemaakt", "gegeven", "vervangen", "uitlekt", "vernietigd"),
}
"""Through which a key goes (NIST SP 800-57, part 1)."""
BESIDE = {
    "a password": ("passwords", {"HASHER.hash", "verified"}),
    "a mail": ("mail", {"self.hand_over"}),
    "an import of 4,000 lines": ("pages.rosters", {"reading.read"}),
}
"""What is heavy by the page and done in threads, and where."""

both_languages = pytest.mark.parametrize("language", STAFF)


def table(page: str, heading: str) -> dict[str, list[str]]:
    """A table of a section, by its first cells; without its head."""
    part = page.split(f"## {heading}\n")[1].split("\n## ", maxsplit=1)[0]
    found = [block for block in part.strip().split("\n\n") if block.startswith("| ")]
    lines = [line.strip("| ").split(" | ") for line in found[0].splitlines()[2:]]
    return {line[0]: line[1:] for line in lines}


def headings(page: str) -> list[str]:
    return [line[3:] for line in page.splitlines() if line.startswith("## ")]


def in_threads(module: str) -> set[str]:
    path = ROOT.joinpath(*module.split(".")).with_suffix(".py")
    return {
        ast.unparse(node.args[0])
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "asyncio.to_thread"
    }


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


# What fits together, keys, libraries, and what is heavy


def test_what_has_to_fit_together_is_what_tests_show() -> None:
    told = table(written("security", "en"), "What has to fit together")
    assert told.keys() == FITTING.keys()
    for test in FITTING.values():
        file, _, name = test.partition("::")
        source = (ROOT.parent / "tests/pages" / file).read_text()
        assert f"def {name}(" in source, test
    dutch = table(written("security", "nl"), "Wat bij elkaar moet passen")
    assert len(dutch) == len(told)


@both_languages
def test_limits_of_what_fits_together_are_those_of_the_code(language: str) -> None:
    page = written("security", language)
    (fitting,) = (each for each in headings(page) if "fit together" in each or "passen" in each)
    told = " ".join(" ".join(cells) for cells in table(page, fitting).values())
    for time in (*rounds.WAIT.values(), rounds.LONGEST, waves.LONGEST):
        assert f"{time.days} {'days' if language == 'en' else 'dagen'}" in told
    assert f" {rounds.MOST_RAISED} " in told


@both_languages
def test_every_key_has_a_life_from_the_making_to_the_end(language: str) -> None:
    page = written("security", language)
    heading = {"en": "Keys", "nl": "Sleutels"}[language]
    lives = dict(re.findall(r"(?m)^- \*\*(.+?)\*\*: (.+)$", page.split(f"## {heading}\n")[1]))
    assert lives.keys() == table(page, heading).keys()
    for life in lives.values():
        steps = [life.lower().find(step) for step in STEPS[language]]
        assert steps == sorted(steps), life
        assert min(steps) >= 0, life
    assert "NIST SP 800-57" in page


@both_languages
def test_holes_in_libraries_have_a_time_by_how_bad_they_are(language: str) -> None:
    page = written("security", language)
    heading = {"en": "Libraries", "nl": "Bibliotheken"}[language]
    times = [int(cells[0].split()[0]) for cells in table(page, heading).values()]
    assert times == [2, 7, 30, 90]
    assert "`stemlokaal libraries`" in page


def test_what_is_heavy_is_kept_from_blocking_as_the_page_says() -> None:
    """By threads, by so many at once, by a queue, by a page that grows, by an end."""
    told = table(written("security", "en"), "What is heavy")
    assert len(table(written("security", "nl"), "Wat zwaar is")) == len(told) == 8
    for what, (module, works) in BESIDE.items():
        assert "thread" in told[what][1]
        assert in_threads(module) == works
    assert f"{passwords.MOST_AT_ONCE} at once" in told["a password"][1]
    assert f"{rostering.MAILS_AT_ONCE} at once" in told["a mail"][1]
    assert f"{uploads.LARGEST // 2**20} MB" in told["an import of 4,000 lines"][1]
    assert f"queue of {ingest.MOST_WAITING}" in told["an answer"][1]
    assert told["a mail"][0].startswith(f"{mail.PATIENCE:.0f} seconds")
    assert told["a provider"][0].startswith(f"{fetching.PATIENCE:.0f} seconds")
    assert told["whoever dawdles"][0].startswith(f"{patience.Patient.seconds:.0f} seconds")
