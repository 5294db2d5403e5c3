"""A survey in another language is the same survey, and is asked in it only when it is whole."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from surveys import composing, exchanging, stored, texts, translating
from surveys.answers import packed_length
from surveys.instrument import (
    LIBRARY,
    Instrument,
    Purpose,
    Stage,
    library,
    problems,
    said,
)
from surveys.languages import languages
from tests.surveys.examples import EVERY_KIND

FORM = {
    "name": "Onze les",
    "lesfeedback.clarity": "1",
    "own.1.text": "Ik durf fouten te maken.",
    "own.1.kind": "agreement",
    "own.2.text": "Ik kan goed samenwerken.",
    "own.2.kind": "faces",
    "purpose": "lesson",
    "written_in": "nl",
}
TURKISH = {
    "name": "Bizim ders",
    "item.own-1": "Hata yapmaktan korkmuyorum.",
    "item.own-2": "Başkalarıyla iyi çalışabiliyorum.",
}

every_other = pytest.mark.parametrize("language", [code for code in languages() if code != "nl"])


def composed(**changed: str) -> Instrument:
    made = composing.compose({**FORM, **changed}, Stage.SECONDARY)
    assert isinstance(made, Instrument)
    return made


def written(
    instrument: Instrument, words: dict[str, str] = TURKISH, language: str = "tr"
) -> Instrument:
    found = translating.read(instrument, language, words)
    assert isinstance(found, Instrument), found
    return found


def fields(instrument: Instrument, language: str = "tr") -> list[str]:
    return [each.field for each in translating.translation(instrument, language).asked_for]


# What is missing


@every_other
def test_what_we_say_ourselves_is_translated_already(language):
    assert fields(composed(), language) == ["name", "item.own-1", "item.own-2"]
    whole = written(composed(), {"item.own-1": "a", "item.own-2": "b"}, language)
    assert language in whole.languages
    assert list(problems(whole)) == []
    clarity = library()["lesfeedback"].items[2]
    assert clarity.id == "clarity"
    assert whole.items[0].text[language] == clarity.text[language]
    for kind in ("agreement", "faces"):
        ours = composing.own_responses()[kind].options
        assert [option.text[language] for option in whole.responses[f"own.{kind}"].options] == [
            option.text[language] for option in ours
        ]


def test_a_survey_of_ours_alone_speaks_every_language_at_once():
    picked = {"name": "Kort", "lesfeedback.clarity": "1"}
    made = composing.compose(picked, Stage.SECONDARY)
    assert isinstance(made, Instrument)
    assert set(made.languages) == languages().keys()
    only_dutch = (LIBRARY / "lesfeedback.toml").read_text()
    taken = exchanging.take_in(only_dutch, Stage.SECONDARY)
    assert isinstance(taken, Instrument)
    dutch = texts.put(
        taken, {field: {"nl": text["nl"]} for field, text in texts.of(taken).items()}, ["nl"]
    )
    assert set(translating.carried(dutch, None).languages) == languages().keys()


def test_labels_of_its_author_are_translated_by_its_author():
    assert fields(EVERY_KIND) == [
        "name",
        "item.calm",
        *(f"option.agree.{value}" for value in (1, 2, 3, 4)),
        "item.noise",
        "item.help",
        *(f"option.faces.{value}" for value in (1, 2, 3)),
        "item.step",
        *(f"option.ladder.{value}" for value in (0, 2)),  # between the ends there are no words
        "item.top",
        "item.tip",
    ]


def test_a_half_translation_is_kept_and_asked_of_nobody():
    half = written(composed(), {"item.own-1": TURKISH["item.own-1"]})
    assert half.languages == ("nl",)
    here = translating.translation(half, "tr")
    assert [each.said for each in here.missing] == ["Ik kan goed samenwerken."]
    assert here.begun
    assert not translating.translation(half, "ar").begun
    assert written(half).languages == ("nl", "tr")


def test_a_language_that_loses_a_text_is_asked_no_more():
    assert written(written(composed()), {"item.own-1": "x"}).languages == ("nl",)


def test_the_name_may_stay_as_it_is():
    whole = written(composed(), {"item.own-1": "a", "item.own-2": "b"})
    assert whole.name == {"nl": "Onze les", "tr": "Onze les"}
    assert written(composed()).name["tr"] == "Bizim ders"


@pytest.mark.parametrize("field", ["item.own-1", "name"])
def test_a_translation_is_as_short_as_the_question(field):
    long = TURKISH | {field: "x" * (translating.longest(field) + 1)}
    assert translating.read(composed(), "tr", long) == {field: "long"}


def test_a_question_of_ours_about_wellbeing_does_not_come_in_by_its_translation():
    belonging = library()["schoolpuls"].closed[1].text["tr"]
    form = TURKISH | {"item.own-1": belonging.upper()}
    assert translating.read(composed(), "tr", form) == {"item.own-1": "wellbeing"}
    about_wellbeing = composed(purpose="wellbeing")
    assert about_wellbeing.purpose is Purpose.WELLBEING
    assert isinstance(translating.read(about_wellbeing, "tr", form), Instrument)


# The same survey


@given(st.data())
def test_whatever_is_written_it_stays_the_same_questions(data):
    """Answers to it fit, its trend goes on, and what it claims is whole."""
    instrument = data.draw(st.sampled_from([composed(), EVERY_KIND, written(composed())]))
    language = data.draw(st.sampled_from(translating.others(instrument)))
    words = st.sampled_from(["", " ", "x", "ق", "a\nb"])
    form = {field: data.draw(words) for field in fields(instrument, language)}
    found = translating.read(instrument, language, form)
    assert isinstance(found, Instrument)
    assert packed_length(found) == packed_length(instrument)
    assert [replace(item, text={}) for item in found.items] == [
        replace(item, text={}) for item in instrument.items
    ]
    first = translating.original(instrument)
    assert translating.original(found) == first
    for field, text in texts.of(instrument).items():
        now = texts.of(found)[field]
        assert {code: said for code, said in now.items() if code != language} == {
            code: said for code, said in text.items() if code != language
        }
    assert not [each for each in problems(found) if each.wrong.name != "NOT_CLAIMED"]
    assert found.key == instrument.key
    assert found.version == instrument.version


def test_writing_the_same_again_changes_nothing():
    assert written(written(composed())) == written(composed())
    assert translating.carried(written(composed()), None) == written(composed())


# Questions that change


def test_a_question_that_stays_keeps_its_translation_when_another_changes():
    made = composed(**{"own.2.text": "Ik kan goed alleen werken."})
    changed = translating.carried(made, written(composed()))
    assert changed.languages == ("nl",)
    assert changed.items[1].text["tr"] == TURKISH["item.own-1"]
    assert "tr" not in changed.items[2].text


def test_where_nothing_changed_nothing_of_a_translation_is_lost():
    for before in (written(composed()), written(composed(), {"item.own-1": "x"})):
        form = composing.form_of(before, Stage.SECONDARY)
        assert form == FORM
        made = composing.compose(form, Stage.SECONDARY)
        assert isinstance(made, Instrument)
        assert translating.carried(made, before) == before
        file = exchanging.take_in(exchanging.write(before), Stage.SECONDARY)
        assert isinstance(file, Instrument)
        assert translating.carried(file, before) == before


def test_where_a_language_is_missing_the_original_is_said_after_it_was_stored_too():
    """JSONB sorts keys: Arabic would come before Dutch."""
    whole = written(composed(), TURKISH, "ar")
    by_key = json.dumps(json.loads(msgspec.json.encode(whole)), sort_keys=True)
    again = stored.instrument(by_key)
    assert again == whole
    assert said(again.items[1].text, "en") == "Ik durf fouten te maken."
    assert all(said(text, "xx") == text["nl"] for text in texts.of(again).values())


def test_a_half_translation_is_not_handed_over():
    half = written(composed(), {"item.own-1": "Hata"})
    assert "Hata" not in exchanging.write(half)
    whole = exchanging.take_in(exchanging.write(written(composed())), Stage.SECONDARY)
    assert isinstance(whole, Instrument)
    assert whole.languages == ("nl", "tr")
