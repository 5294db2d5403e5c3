"""Every child is asked in a language that is named, written and marked as what it is."""

import unicodedata

import pytest

from surveys.composing import KINDS, own_responses
from surveys.instrument import folded, library, problems_of_responses, said
from surveys.languages import languages
from surveys.problems import Place

SCRIPTS = {"ar": "ARABIC", "uk": "CYRILLIC"}

every_language = pytest.mark.parametrize("language", languages().values(), ids=languages().keys())
every_instrument = pytest.mark.parametrize("instrument", library().values(), ids=library().keys())


def script(text: str) -> set[str]:
    """The scripts of its letters, as Unicode names them: LATIN, ARABIC, CYRILLIC."""
    return {unicodedata.name(sign).split()[0] for sign in text if sign.isalpha()}


def test_dutch_and_english_come_first_and_are_reviewed():
    assert list(languages())[:2] == ["nl", "en"]
    assert languages()["nl"].reviewed
    assert languages()["en"].reviewed


@every_language
def test_a_language_is_named_and_runs_as_its_own_script_does(language):
    runs = {unicodedata.bidirectional(sign) for sign in language.name}
    assert runs == {"AL" if language.direction == "rtl" else "L"}
    assert script(language.name) == {SCRIPTS.get(language.code, "LATIN")}


@every_instrument
def test_students_are_asked_in_every_language_that_we_speak(instrument):
    assert set(instrument.languages) == languages().keys()


@every_instrument
@every_language
def test_its_texts_are_written_in_the_script_of_the_language(instrument, language):
    items = [item.text for item in instrument.items]
    options = [one.text for each in instrument.responses.values() for one in each.options]
    for text in (instrument.name, *items, *options):
        if language.code in text:
            assert script(text[language.code]) == {SCRIPTS.get(language.code, "LATIN")}


@every_language
@pytest.mark.parametrize("kind", KINDS)
def test_own_questions_are_answered_in_it_and_no_two_options_read_alike(kind, language):
    texts = [option.text for option in own_responses()[kind].options if option.text]
    assert all(
        script(text[language.code]) == {SCRIPTS.get(language.code, "LATIN")} for text in texts
    )
    assert len({folded(text[language.code]) for text in texts}) == len(texts)
    checked = list(problems_of_responses(Place(), own_responses()[kind], tuple(languages())))
    assert checked == []


@every_instrument
@every_language
def test_no_two_items_and_no_two_options_read_alike(instrument, language):
    items = [folded(item.text[language.code]) for item in instrument.items]
    assert len(set(items)) == len(items)
    for responses in instrument.responses.values():
        named = [folded(said(one.text, language.code)) for one in responses.options if one.text]
        assert len(set(named)) == len(named)
