"""An own survey travels as a file and comes back whole; a file from anybody keeps our rules."""

import pytest

from surveys import composing, exchanging
from surveys.instrument import LIBRARY, Instrument, Purpose, Stage, library

LESSON = (LIBRARY / "lesfeedback.toml").read_text()
FORM = {
    "name": "Onze les",
    "lesfeedback.clarity": "1",
    "own.1.text": "Ik durf fouten te maken.",
    "own.1.kind": "agreement",
    "purpose": "lesson",
}


def composed(**changed: str) -> Instrument:
    made = composing.compose({**FORM, **changed}, Stage.SECONDARY)
    assert isinstance(made, Instrument)
    return made


@pytest.mark.parametrize("key", sorted(library()))
def test_what_was_handed_over_is_taken_in_whole(key):
    handed_over = library()[key]
    taken = exchanging.take_in(exchanging.write(handed_over), handed_over.stages[0])
    assert isinstance(taken, Instrument)
    assert taken.items == handed_over.items
    assert taken.responses == handed_over.responses
    assert taken.scales == handed_over.scales


def test_it_never_passes_for_an_instrument_of_ours():
    taken = exchanging.take_in(LESSON, Stage.SECONDARY, version=3)
    assert isinstance(taken, Instrument)
    assert (taken.key, taken.version) == ("own", 3)


def test_it_is_asked_of_the_stage_where_it_is_taken_in():
    refused = exchanging.take_in(LESSON, Stage.PRIMARY)
    assert isinstance(refused, list)
    for problem in refused:
        assert "own words are not asked" in problem


def test_one_wellbeing_question_in_it_makes_it_wellbeing():
    wellbeing = (LIBRARY / "hoe-zit-je-erbij.toml").read_text()
    called_lesson = wellbeing.replace('purpose = "wellbeing"', 'purpose = "lesson"')
    assert called_lesson != wellbeing
    taken = exchanging.take_in(called_lesson, Stage.PRIMARY)
    assert isinstance(taken, Instrument)
    assert taken.purpose is Purpose.WELLBEING


@pytest.mark.parametrize(
    ("written", "complaint"),
    [
        ("key = ", "end of document"),
        ('key = "own"\nversion = = 1', "line 2"),
        ("key = " + "[" * 60_000, "nested too deeply"),
        ('key = "own"', "version"),
        (LESSON.replace('id = "clarity"', "id = 3"), "item 3 id"),
        (LESSON.replace('id = "clarity"', 'id = "climate"'), "item 'climate'"),
        (LESSON.replace('id = "clarity"', 'id = "language"'), "item 'language'"),
        (LESSON.replace("De uitleg was duidelijk", "Duidelijk " * 20), "item 'clarity'"),
        (LESSON.replace('name.nl = "Lesfeedback"', f'name.nl = "{"x" * 61}"'), "name"),
        (LESSON.replace("Helemaal oneens", "x" * 61), "responses 'agree'"),
        (LESSON.replace("Helemaal oneens", "x\\u0000"), "null character"),
    ],
)
def test_a_mistake_is_told_with_its_line_or_its_item(written, complaint):
    found = exchanging.take_in(written, Stage.SECONDARY)
    assert isinstance(found, list)
    assert any(complaint in problem for problem in found), found


def test_a_survey_of_languages_that_nobody_here_speaks_is_refused():
    written = exchanging.write(composed()).replace('"nl"', '"xx"').replace('"en"', '"yy"')
    for ours, other in (("nl", "xx"), ("en", "yy")):
        written = written.replace(f"{ours} = ", f"{other} = ")
    refused = exchanging.take_in(written, Stage.SECONDARY)
    assert isinstance(refused, list)
    (problem,) = refused
    assert "languages" in problem


def test_a_composed_survey_comes_back_as_the_form_it_came_from():
    form = composing.form_of(composed(), Stage.SECONDARY)
    assert form == FORM
    again = composing.compose(form, Stage.SECONDARY)
    assert again == composed()


def test_a_survey_from_a_file_has_no_such_form():
    taken = exchanging.take_in(LESSON, Stage.SECONDARY)
    assert isinstance(taken, Instrument)
    assert composing.form_of(taken, Stage.SECONDARY) is None
