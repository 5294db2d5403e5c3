"""The words of students' pages are complete in every language in which students are asked."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from service import languages
from service.rendering import TEMPLATES
from surveys import languages as spoken

PLACEHOLDER = re.compile(r"%\((\w+)\)s")
ASKED_IN = sorted(spoken.languages().keys() - {languages.SOURCE})


def said_by_templates() -> set[str]:
    found = extract_from_dir(TEMPLATES / "answer", [("**.html", "jinja2")], {"jinja2": {}})
    return {message if isinstance(message, str) else message[0] for _, _, message, _, _ in found}


def catalog(language: str) -> Catalog:
    path = Path(languages.STUDENTS) / f"{language}.po"
    with path.open("rb") as file:
        return read_po(file, locale=language)


def messages(language: str) -> list[Message]:
    return [message for message in catalog(language) if message.id]


def singular(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def translations(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string or ())


@pytest.mark.parametrize("language", ASKED_IN)
def test_every_word_is_there_and_none_too_many(language):
    assert {singular(message) for message in messages(language)} == said_by_templates()
    assert not catalog(language).obsolete


@pytest.mark.parametrize("language", ASKED_IN)
def test_every_word_is_said_in_every_form_and_none_is_a_guess(language):
    forms = catalog(language).num_plurals
    for message in messages(language):
        said = translations(message)
        assert all(said), message.id
        assert not message.fuzzy, message.id
        assert len(said) == (forms if message.pluralizable else 1), message.id


@pytest.mark.parametrize("language", ASKED_IN)
def test_no_number_is_lost_in_translation(language):
    for message in messages(language):
        asked = set(PLACEHOLDER.findall(singular(message)))
        for said in translations(message):
            # "One question" may say its number as a word.
            assert set(PLACEHOLDER.findall(said)) in (asked, asked - {"n"}), message.id
