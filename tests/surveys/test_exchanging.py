"""An own survey travels as a file and comes back whole; a file from anybody keeps our rules."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys import composing, exchanging
from surveys.instrument import LIBRARY, Instrument, Purpose, Stage, library
from surveys.problems import Problem, Wrong

LESSON = (LIBRARY / "lesfeedback.toml").read_text()
FORM = {
    "name": "Onze les",
    "lesfeedback.clarity": "1",
    "own.1.text": "Ik durf fouten te maken.",
    "own.1.kind": "agreement",
    "purpose": "lesson",
    "written_in": "nl",
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
    assert {problem.wrong for problem in refused} == {Wrong.NO_OWN_WORDS}


def test_one_wellbeing_question_in_it_makes_it_wellbeing():
    wellbeing = (LIBRARY / "hoe-zit-je-erbij.toml").read_text()
    called_lesson = wellbeing.replace('purpose = "wellbeing"', 'purpose = "lesson"')
    assert called_lesson != wellbeing
    taken = exchanging.take_in(called_lesson, Stage.PRIMARY)
    assert isinstance(taken, Instrument)
    assert taken.purpose is Purpose.WELLBEING


# Problems


def problems_of(written: str) -> list[Problem]:
    found = exchanging.take_in(written, Stage.SECONDARY)
    assert isinstance(found, list), found
    return found


def told(written: str) -> list[tuple[str, str]]:
    """Each problem, with the line as it is written in the file."""
    return [(str(problem), problem.source) for problem in problems_of(written)]


CLARITY = ("item 'clarity'", 'id = "clarity"')


@pytest.mark.parametrize(
    ("sound", "broken", "problem", "source"),
    [
        ('id = "clarity"', 'id = "clarity', "not written as TOML is", 'id = "clarity'),
        ('id = "clarity"', "id clarity", "not written as TOML is", "id clarity"),
        ("version = 1", "version = 1\nversion = 2", "written twice", "version = 2"),
        ("version = 1\n", "", ": 'version' is missing", ""),
        ("version = 1", "version = 0", ": what stands at 'version' does not fit", "version = 0"),
        ('"lesson"', '"les"', ": 'les' is none of the choices", 'purpose = "les"'),
        ('["nl",', "[3,", ": what stands at 'languages[1]' does not fit", "languages = [3, "),
        ('["nl",', '["nl", "nl",', "language 'nl' is claimed twice", 'languages = ["nl", '),
        ("[scales.basis]", "[scals.basis]", ": 'scals' is a word", "[scals.basis]"),
        ('id = "clarity"', "id = 3", "item '3': what stands at 'id' does not fit", "id = 3"),
        ('id = "clarity"\n', "", "item '3': 'id' is missing", "[[items]]"),
        ('id = "clarity"', 'id = "Clear"', "item '3': 'id' holds small letters", 'id = "Clear"'),
        ('id = "clarity"', 'id = "climate"', "item 'climate' stands", 'id = "climate"'),
        ('id = "clarity"', 'id = "language"', "item 'language': 'lang", 'id = "language"'),
        ("De uitleg was duidelijk", "Duidelijk " * 20, "item 'clarity': longer", CLARITY[1]),
        ('text.en = "The explanation was clear."\n', "", "item 'clarity' has no text", CLARITY[1]),
        ("Er was genoeg rust", "\\u0000", ": a null character", ""),
        ('name.nl = "Lesfeedback"', f'name.nl = "{"x" * 61}"', "name: longer", "name.nl = "),
        ("Helemaal oneens", "x" * 61, "responses 'agree', option 1: longer", "value = 1"),
        ('kind = "agreement"', 'kind = "agree"', "responses 'agree': 'agree'", 'kind = "agree"'),
        ("value = 4", "value = 400", "responses 'agree': what stands at 'options[4].value'", ""),
    ],
)
def test_a_mistake_is_told_with_its_line_and_its_item(sound, broken, problem, source):
    written = LESSON.replace(sound, broken, 1)
    assert written != LESSON
    found = problems_of(written)
    assert any(str(each).startswith(problem) and each.source.startswith(source) for each in found)
    for each in found:
        assert each.line is None or each.source in written.splitlines()[each.line - 1]


def test_a_second_mistake_is_told_with_the_first():
    both = LESSON.replace('id = "clarity"', "id = 3").replace('kind = "text"', 'kind = "tekst"')
    assert told(both) == [
        ("responses 'words': 'tekst' is none of the choices", 'kind = "tekst"'),
        ("item '3': what stands at 'id' does not fit", "id = 3"),
    ]


def test_brackets_inside_one_another_are_refused_before_they_break_anything():
    assert told("key = " + "[" * 60_000) == [("nested too deeply", "")]


@pytest.mark.parametrize("key", sorted(library()))
def test_of_what_we_wrote_ourselves_every_item_is_found_again(key):
    written = exchanging.write(library()[key])
    for item in library()[key].items:
        shortened = written.replace(f'id = "{item.id}"', f'id = "{item.id}"\nrevers = true')
        line = shortened.splitlines().index("revers = true") + 1
        (problem,) = problems_of(shortened)
        assert (problem.wrong, problem.of, problem.line) == (Wrong.UNKNOWN, "revers", line)


@given(st.data())
def test_whatever_is_in_a_file_it_is_taken_in_or_told_what_is_wrong(data):
    lines = LESSON.splitlines()
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(lines) - 1))
        lines[at] = data.draw(st.sampled_from(["", lines[at] * 2, '"', "x = 1", lines[at][:-1]]))
    found = exchanging.take_in("\n".join(lines), Stage.SECONDARY)
    assert isinstance(found, Instrument) or found
    for problem in found if isinstance(found, list) else []:
        assert str(problem)
        assert problem.line is None or 1 <= problem.line <= len(lines)


def test_a_survey_of_languages_that_nobody_here_speaks_is_refused():
    written = exchanging.write(composed()).replace('"nl"', '"xx"').replace("nl = ", "xx = ")
    refused = exchanging.take_in(written, Stage.SECONDARY)
    assert isinstance(refused, list)
    (problem,) = refused
    assert problem.wrong is Wrong.NO_LANGUAGE_OF_OURS


def test_a_composed_survey_comes_back_as_the_form_it_came_from():
    form = composing.form_of(composed(), Stage.SECONDARY)
    assert form == FORM
    again = composing.compose(form, Stage.SECONDARY)
    assert again == composed()


def test_a_survey_from_a_file_has_no_such_form():
    taken = exchanging.take_in(LESSON, Stage.SECONDARY)
    assert isinstance(taken, Instrument)
    assert composing.form_of(taken, Stage.SECONDARY) is None
