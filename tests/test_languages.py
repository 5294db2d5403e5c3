"""The words of the staff's pages are complete in Dutch; English is what the templates say."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from service import languages
from service.rendering import TEMPLATES

PLACEHOLDER = re.compile(r"%\((\w+)\)s")
TAG = re.compile(r"</?\w+")
TRANSLATED = [language for language in languages.STAFF if language != languages.SOURCE]


def said_by_templates() -> set[str]:
    found = extract_from_dir(
        TEMPLATES,
        [("**", "jinja2")],
        {"**": {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}},
        directory_filter=lambda folder: Path(folder).name != "answer",  # students' words
    )
    return {message if isinstance(message, str) else message[0] for _, _, message, _, _ in found}


def catalog(language: str) -> Catalog:
    with (languages.LOCALE / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def messages(language: str) -> list[Message]:
    return [message for message in catalog(language) if message.id]


def forms(text: str | tuple[str, ...] | list[str] | None) -> list[str]:
    return [text] if isinstance(text, str) else list(text or ())


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_word_of_a_page_is_translated_and_none_is_left_over(language):
    assert {forms(message.id)[0] for message in messages(language)} == said_by_templates()
    assert not catalog(language).obsolete


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_form_is_said_and_none_is_a_guess(language):
    for message in messages(language):
        assert all(forms(message.string)), message.id
        assert len(forms(message.string)) == len(forms(message.id)), message.id
        assert not message.fuzzy, message.id


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_number_and_no_tag_is_lost_in_translation(language):
    for message in messages(language):
        for english, said in zip(forms(message.id), forms(message.string), strict=True):
            assert set(PLACEHOLDER.findall(said)) <= set(PLACEHOLDER.findall(english)), message.id
            assert set(PLACEHOLDER.findall(english)) - {"n"} <= set(PLACEHOLDER.findall(said))
            assert sorted(TAG.findall(said)) == sorted(TAG.findall(english)), message.id


def test_text_that_no_catalogue_knows_stands_in_no_template():
    """Words between tags go through a translation; what is left between them is punctuation."""
    for path in TEMPLATES.rglob("*.html"):
        if path.parent.name == "answer":
            continue
        text = path.read_text()
        for pattern in (
            r"{#.*?#}",
            r"{%-?\s*trans\b.*?endtrans\s*-?%}",
            r"{%.*?%}",
            r"{{.*?}}",
            r"<!doctype html>",
            r"<[^>]*>",
            r'[\w-]+="[^"]*"|autofocus',  # attributes that a macro writes
            "Stemlokaal",
        ):
            text = re.sub(pattern, " ", text, flags=re.DOTALL)
        assert not re.search(r"[A-Za-zÀ-ÿ]{2,}", text), (path.name, text.split())
