"""An instrument that is used is sound, and one that is not says exactly what is wrong with it."""

import re
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.instrument import (
    LIBRARY,
    MOST_ITEMS,
    InstrumentError,
    Item,
    Kind,
    Purpose,
    Stage,
    folded,
    library,
    read,
    said,
    same_item,
)
from tests.surveys.examples import EVERY_KIND, SOUND

STUDENTS = (Stage.PRIMARY, Stage.SECONDARY, Stage.VOCATIONAL)
NEGATIONS = {
    "nl": {"niet", "geen", "nooit", "niemand", "niets", "nergens"},
    "en": {"not", "no", "never", "nobody", "nothing", "nowhere", "without"},
}

every_instrument = pytest.mark.parametrize("instrument", library().values(), ids=library().keys())


def test_the_library_holds_every_file_under_its_own_name():
    assert {path.stem for path in LIBRARY.glob("*.toml")} == library().keys()


@pytest.mark.parametrize("stage", STUDENTS)
@pytest.mark.parametrize("purpose", Purpose)
def test_students_of_every_stage_can_be_asked_about_lessons_and_wellbeing(stage, purpose):
    assert any(stage in one.stages and one.purpose is purpose for one in library().values())


def test_the_staff_can_be_asked_how_they_are():
    assert any(
        Stage.STAFF in one.stages and one.purpose is Purpose.WELLBEING for one in library().values()
    )


@every_instrument
def test_nobody_is_asked_in_own_words_about_wellbeing_or_in_primary_school(instrument):
    if instrument.purpose is Purpose.WELLBEING or Stage.PRIMARY in instrument.stages:
        assert instrument.open == ()


@every_instrument
def test_it_fits_into_a_minute(instrument):
    assert len(instrument.items) <= MOST_ITEMS
    assert all(len(text) <= 60 for item in instrument.items for text in item.text.values())


@every_instrument
@pytest.mark.parametrize("language", NEGATIONS)
def test_no_item_is_put_as_a_negation(instrument, language):
    for item in instrument.closed:
        words = set(re.findall(r"\w+", item.text[language].lower()))
        assert words.isdisjoint(NEGATIONS[language]), item.text[language]


@every_instrument
def test_options_stand_in_order_and_the_high_ones_are_good_news(instrument):
    for responses in instrument.responses.values():
        assert list(responses.values) == sorted(responses.values)
        if responses.kind is not Kind.TEXT:
            assert max(responses.negative) < min(responses.positive)


@every_instrument
def test_the_items_of_a_scale_are_answered_alike(instrument):
    for scale in instrument.scales:
        assert len({item.responses for item in instrument.items if item.scale == scale}) == 1


@every_instrument
def test_it_names_the_research_that_it_rests_on(instrument):
    assert all(re.search(r"\((19|20)\d\d\)", source) for source in instrument.sources)
    assert instrument.sources


def test_no_instrument_makes_another_of_its_stage_wait():
    for one, other in combinations(library().values(), 2):
        if set(one.stages) & set(other.stages):
            assert not any(same_item(a, b) for a in one.closed for b in other.closed)


def test_closed_items_are_counted_and_open_ones_read():
    assert [item.id for item in EVERY_KIND.closed] == ["calm", "noise", "help", "step"]
    assert [item.id for item in EVERY_KIND.open] == ["top", "tip"]


def test_disagreeing_with_a_reversed_item_is_good_news():
    calm, noise = EVERY_KIND.items[:2]
    assert EVERY_KIND.positive(calm) == EVERY_KIND.negative(noise) == {3, 4}
    assert EVERY_KIND.negative(calm) == EVERY_KIND.positive(noise) == {1, 2}


def test_a_text_is_said_in_its_first_language_where_another_is_missing():
    assert said({"nl": "ja", "en": "yes"}, "en") == "yes"
    assert said({"nl": "ja", "en": "yes"}, "fr") == "ja"
    assert said({}, "fr") == ""


MISTAKES = {
    # What is changed in a sound file: (from, to, what is said of it)
    "a name missing in a language": (
        'name.en = "Every kind"',
        "",
        "name has no text in language 'en'",
    ),
    "about missing in a language": (
        'about.nl = "Van elke soort één vraag."',
        "",
        "about has no text in language 'nl'",
    ),
    "a scale without a name in a language": (
        'name.en = "Calm"',
        "",
        "scale 'calm' has no text in language 'en'",
    ),
    "an item missing in a language": (
        'text.en = "It was noisy."',
        "",
        "item 'noise' has no text in language 'en'",
    ),
    "an item of spaces only": (
        '"It was noisy."',
        '"  "',
        "item 'noise' has no text in language 'en'",
    ),
    "an option missing in a language": (
        'text.nl = "Nee", text.en = "No"',
        'text.nl = "Nee"',
        "responses 'faces', option 1 has no text in language 'en'",
    ),
    "an end of a range missing in a language": (
        'text.nl = "Goed", text.en = "Good"',
        'text.nl = "Goed"',
        "responses 'ladder', option 2 has no text in language 'en'",
    ),
    "a language that is not claimed": (
        'text.en = "I got help."',
        'text.en = "I got help."\ntext.fr = "On m\'a aidé."',
        "item 'help' has language 'fr', which the instrument does not claim",
    ),
    "a language twice": (
        '["nl", "en"]',
        '["nl", "en", "nl"]',
        "language 'nl' is claimed twice",
    ),
    "an item twice": ('id = "noise"', 'id = "calm"', "item 'calm' stands in it twice"),
    "responses that do not exist": (
        'id = "help"\nresponses = "faces"',
        'id = "help"\nresponses = "smileys"',
        "item 'help' names responses 'smileys', which do not exist",
    ),
    "responses without an item": (
        'id = "step"\nresponses = "ladder"',
        'id = "step"\nresponses = "faces"',
        "responses 'ladder': no item uses them",
    ),
    "a scale that does not exist": (
        'scale = "calm"\nreversed',
        'scale = "noise"\nreversed',
        "item 'noise' names scale 'noise', which does not exist",
    ),
    "a scale without items": ('scale = "calm"\n', "", "scale 'calm' has no items"),
    "own words about wellbeing": (
        '"lesson"',
        '"wellbeing"',
        "item 'tip': own words are not asked about wellbeing or in primary school",
    ),
    "own words in primary school": (
        '["secondary"]',
        '["primary", "secondary"]',
        "item 'top': own words are not asked about wellbeing or in primary school",
    ),
    "own words on a scale": (
        'responses = "words"',
        'responses = "words"\nscale = "calm"',
        "item 'tip': own words are not reversed and belong to no scale",
    ),
    "own words with options": (
        'kind = "text"',
        'kind = "text"\nnot_applicable = true',
        "responses 'words': own words have no options",
    ),
    "a single option": (
        '{ value = 1 },\n    { value = 2, text.nl = "Goed", text.en = "Good" },',
        "",
        "responses 'ladder': at least two options",
    ),
    "an option twice": (
        "{ value = 1 }",
        '{ value = 0, text.nl = "Slecht", text.en = "Bad" }',
        "responses 'ladder': option 0 stands in it twice",
    ),
    "two faces": (
        '{ value = 2, text.nl = "Soms", text.en = "Sometimes" },',
        "",
        "responses 'faces': faces come in three or in five",
    ),
    "three points of agreement": (
        '{ value = 4, text.nl = "Eens", text.en = "Agree" },',
        "",
        "responses 'agree': agreement has four or five points",
    ),
    "nothing that counts as positive": (
        "positive = [2]",
        "positive = []",
        "responses 'ladder': says which options count as positive and which as negative",
    ),
    "counting what is no option": (
        "positive = [2]",
        "positive = [2, 3]",
        "responses 'ladder': counts 3, which is no option",
    ),
    "an option both positive and negative": (
        "positive = [2]",
        "positive = [2, 0]",
        "responses 'ladder': option 0 counts as positive or as negative, not as both",
    ),
    "a word that instruments do not know": (
        "version = 1",
        "verzion = 1",
        "Object contains unknown field `verzion`",
    ),
    "a kind that does not exist": (
        'kind = "faces"',
        'kind = "smileys"',
        "Invalid enum value 'smileys' - at `$.responses[...].kind`",
    ),
    "an id that is no key": (
        'id = "step"',
        'id = "Step 1"',
        "Expected `str` matching regex '^[a-z][a-z0-9-]{0,39}\\\\Z' - at `$.items[3].id`",
    ),
    "a value that is no small number": (
        "value = 4",
        "value = 4000",
        "Expected `int` <= 100 - at `$.responses[...].options[3].value`",
    ),
}


@pytest.mark.parametrize(("sound", "broken", "said_of_it"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_named_with_its_file_and_its_place(sound, broken, said_of_it):
    assert sound in SOUND
    with pytest.raises(InstrumentError) as refusal:
        read(SOUND.replace(sound, broken), "every-kind.toml")
    assert f"every-kind.toml: {said_of_it}" in str(refusal.value).splitlines()


def test_all_mistakes_are_named_at_once():
    broken = SOUND.replace('text.en = "It was calm."', "").replace('text.nl = "Het was druk."', "")
    with pytest.raises(InstrumentError) as refusal:
        read(broken, "every-kind.toml")
    assert [str(problem) for problem in refusal.value.problems] == [
        "item 'calm' has no text in language 'en'",
        "item 'noise' has no text in language 'nl'",
    ]


def test_an_instrument_of_own_words_only_could_tell_nothing():
    words_only = """
        key = "words"
        version = 1
        purpose = "lesson"
        stages = ["secondary"]
        languages = ["nl"]
        name.nl = "Woorden"
        about.nl = "Alleen woorden."
        items = [{ id = "tip", responses = "words", text.nl = "Tip?" }]
        responses.words.kind = "text"
    """
    with pytest.raises(InstrumentError, match=r"words\.toml: has no item with response options"):
        read(words_only, "words.toml")


@pytest.mark.parametrize("nonsense", ["key = ", b"\xff\xfe", "", "[[items]]", "a.b.c = 1"])
def test_what_is_no_instrument_is_refused_by_the_name_of_its_file(nonsense):
    with pytest.raises(InstrumentError, match=r"nonsense\.toml: "):
        read(nonsense, "nonsense.toml")


@given(st.text() | st.binary())
def test_nothing_that_is_read_breaks_the_reader(anything):
    with pytest.raises(InstrumentError, match=r"anything\.toml: "):
        read(anything, "anything.toml")


def asked_as(**text: str) -> Item:
    return Item(id="own", responses="agree", text=text)


@pytest.mark.parametrize(
    "again",
    [
        "ik voel mij thuis",
        "Ik voel mij thuis!",
        "Ik  voel mij, thuis?",
        "Ík voel mij thúís.",
        "𝐈𝐤 𝐯𝐨𝐞𝐥 𝐦𝐢𝐣 𝐭𝐡𝐮𝐢𝐬",
        "Ik voel mij thuis",
    ],
)
def test_a_question_that_differs_in_its_dress_only_is_the_same_question(again):
    assert same_item(asked_as(nl="Ik voel mij thuis."), asked_as(nl=again))


def test_a_question_is_the_same_when_one_language_of_it_is():
    assert same_item(asked_as(nl="Rustig?", en="Calm?"), asked_as(nl="Stil?", en="calm"))
    assert not same_item(asked_as(nl="Rustig?"), asked_as(en="Rustig?"))
    assert not same_item(asked_as(nl="Rustig?"), asked_as(nl="Stil?"))


@given(st.text())
def test_a_question_has_one_bare_form(text):
    assert folded(folded(text)) == folded(text)
    assert folded(text.upper()) == folded(text.upper().lower())


def test_an_item_may_not_take_the_name_of_another_field_of_the_form():
    text = (LIBRARY / "les-flits.toml").read_text().replace('id = "climate"', 'id = "nonce"')
    with pytest.raises(InstrumentError, match="keeps for itself"):
        read(text, "own.toml")
