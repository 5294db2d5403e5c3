"""Whatever a teacher puts together is a sound instrument, or comes back with what is wrong."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.composing import (
    KINDS,
    LONGEST_ITEM,
    LONGEST_NAME,
    OWN_ITEMS,
    compose,
    offered,
    own_responses,
)
from surveys.instrument import (
    MOST_ITEMS,
    Instrument,
    Kind,
    Purpose,
    Stage,
    library,
    problems,
)
from surveys.languages import languages

NAMED = {"name": "Onze les"}
LESSON_ITEM, WELLBEING_ITEM = "lesfeedback.clarity", "schoolpuls.belonging"
WORDS = "lesfeedback.tip"
BELONGING = library()["schoolpuls"].closed[1].text["nl"]

stages = st.sampled_from(Stage)
every_stage = pytest.mark.parametrize("stage", Stage)


def own(number: int, text: str, kind: str = "agreement") -> dict[str, str]:
    return {f"own.{number}.text": text, f"own.{number}.kind": kind}


def picking(*fields: str) -> dict[str, str]:
    return dict.fromkeys(fields, "1")


def made(form: dict[str, str], stage: Stage = Stage.SECONDARY) -> Instrument:
    found = compose(NAMED | form, stage)
    assert isinstance(found, Instrument), found
    return found


def refused(form: dict[str, str], stage: Stage = Stage.SECONDARY) -> dict[str, str]:
    found = compose(NAMED | form, stage)
    assert isinstance(found, dict)
    return found


@st.composite
def forms(draw) -> tuple[Stage, dict[str, str]]:
    """A form as the page makes it, with whatever was ticked and typed."""
    stage = draw(stages)
    fields = [each.field for found in offered(stage) for each in found.items]
    form = picking(*draw(st.lists(st.sampled_from(fields), max_size=MOST_ITEMS + 1)))
    form["name"] = draw(st.just("Onze les") | st.text(max_size=LONGEST_NAME + 2))
    texts = st.sampled_from(["", "Ik snap de uitleg.", BELONGING]) | st.text()
    for n in range(1, OWN_ITEMS + 1):
        form |= own(n, draw(texts), draw(st.sampled_from([*KINDS, "", "choice"])))
    form["purpose"] = draw(st.sampled_from(["", *Purpose, "other"]))
    form["written_in"] = draw(st.sampled_from(["", "nl", "ar", "other"]))
    return stage, form


@given(forms())
def test_any_form_is_a_sound_instrument_or_has_its_problems_named(case):
    stage, form = case
    found = compose(form, stage)
    if isinstance(found, dict):
        assert found
        assert found.keys() <= {*form, "items"}
        return
    assert list(problems(found)) == []
    assert found.closed
    assert len(found.items) <= MOST_ITEMS
    assert found.stages == (stage,)
    assert msgspec.json.decode(msgspec.json.encode(found), type=Instrument) == found


@given(st.dictionaries(st.text(), st.text()), stages)
def test_no_form_breaks_it(form, stage):
    assert isinstance(compose(form, stage), dict | Instrument)


@every_stage
def test_every_item_on_offer_can_be_asked_on_its_own_and_keeps_what_it_means(stage):
    for found in offered(stage):
        for each in found.items:
            if each.responses.kind is Kind.TEXT:
                continue
            instrument = made(picking(each.field), stage)
            (item,) = instrument.items
            assert item.text == each.item.text
            assert instrument.positive(item) == found.instrument.positive(each.item)
            assert instrument.negative(item) == found.instrument.negative(each.item)
            assert instrument.purpose is found.instrument.purpose


# How much


def test_a_survey_has_ten_items_at_most():
    fields = [each.field for found in offered(Stage.SECONDARY) for each in found.items]
    lesson = [field for field in fields if field.split(".")[0] in ("lesfeedback", "doelmeting")]
    assert len(made(picking(*lesson[:MOST_ITEMS])).items) == MOST_ITEMS
    assert refused(picking(*lesson[: MOST_ITEMS + 1])) == {"items": "many"}
    more = picking(*lesson[:MOST_ITEMS]) | own(1, "Ik snap de uitleg.") | {"purpose": "lesson"}
    assert refused(more) == {"items": "many"}


@pytest.mark.parametrize("form", [{}, picking(WORDS), own(1, "Wat wil je kwijt?", "text")])
def test_a_survey_needs_an_item_that_is_answered_by_choosing(form):
    assert refused(form | {"purpose": "lesson"}) == {"items": "none"}


@pytest.mark.parametrize("name", ["", "  ", "\u200b", "a" * (LONGEST_NAME + 1)])
def test_a_survey_has_a_name_that_fits(name):
    assert refused(picking(LESSON_ITEM) | {"name": name}) == {"name": "missing"}


def test_an_own_item_is_short_and_says_how_it_is_answered():
    form = own(2, "a" * (LONGEST_ITEM + 1)) | own(3, "Het ging goed.", "choice")
    assert refused(form | {"purpose": "lesson"}) == {"own.2.text": "long", "own.3.kind": "missing"}


def test_a_line_that_was_left_empty_is_no_item():
    form = picking(LESSON_ITEM) | own(1, " \u200b ", "text") | own(2, "", "choice")
    assert [item.id for item in made(form).items] == ["lesfeedback-clarity"]


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "text"])
def test_an_own_item_is_answered_as_its_author_chose(kind):
    (item,) = made(own(1, "Het ging goed.", kind) | {"purpose": "lesson"}).items
    assert item.text == {"nl": "Het ging goed."}
    assert own_responses()[kind].kind == kind


# What it is about


def test_one_wellbeing_item_makes_the_whole_survey_wellbeing():
    assert made(picking(LESSON_ITEM)).purpose is Purpose.LESSON
    assert made(picking(LESSON_ITEM, WELLBEING_ITEM)).purpose is Purpose.WELLBEING
    called_lesson = own(1, "Het ging goed.") | {"purpose": "lesson"}
    assert made(picking(WELLBEING_ITEM) | called_lesson).purpose is Purpose.WELLBEING


@pytest.mark.parametrize("purpose", Purpose)
def test_of_own_items_the_author_says_what_they_are_about(purpose):
    assert made(own(1, "Het ging goed.") | {"purpose": purpose}).purpose is purpose


@pytest.mark.parametrize("said", [{}, {"purpose": ""}, {"purpose": "other"}])
def test_own_items_are_not_asked_before_their_author_has_said_it(said):
    assert refused(own(1, "Het ging goed.") | said) == {"purpose": "missing"}
    assert made(picking(LESSON_ITEM) | said).purpose is Purpose.LESSON


@pytest.mark.parametrize("copied", [BELONGING, BELONGING.upper(), f" {BELONGING.rstrip('.')} !"])
def test_a_wellbeing_item_written_over_is_about_wellbeing_whatever_it_is_called(copied):
    assert made(own(1, copied) | {"purpose": "lesson"}).purpose is Purpose.WELLBEING


# Own words (R7)


def test_own_words_stand_beside_lesson_items():
    assert [item.id for item in made(picking(LESSON_ITEM, WORDS)).open] == ["lesfeedback-tip"]


def test_own_words_are_not_asked_in_what_became_a_wellbeing_survey():
    assert refused(picking(WELLBEING_ITEM, LESSON_ITEM, WORDS)) == {"items": "no words"}
    assert refused(picking(WELLBEING_ITEM) | own(1, "Wat wil je kwijt?", "text")) == {
        "own.1.kind": "no words"
    }
    said = own(1, "Het ging goed.") | picking(WORDS) | {"purpose": "wellbeing"}
    assert refused(said) == {"items": "no words"}


def test_own_words_are_neither_offered_nor_taken_in_primary_school():
    kinds = {each.responses.kind for found in offered(Stage.PRIMARY) for each in found.items}
    assert Kind.TEXT not in kinds
    form = picking("les-flits.clarity") | own(1, "Wat wil je kwijt?", "text")
    assert refused(form | {"purpose": "lesson"}, Stage.PRIMARY) == {"own.1.kind": "no words"}


# Languages


def test_a_survey_speaks_the_languages_that_all_its_items_have():
    ours = library()["lesfeedback"].languages
    assert made(picking(LESSON_ITEM)).languages == ours


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "text"])
def test_an_own_item_is_asked_in_the_language_in_which_it_was_written(language, kind):
    form = own(1, "Gut.", kind) | {"purpose": "lesson", "written_in": language}
    mixed = made(picking(LESSON_ITEM) | form)
    assert mixed.languages == (language,)
    assert all(item.text.keys() == {language} for item in mixed.items)


def test_a_language_that_nobody_speaks_here_is_not_written_in():
    form = own(1, "Goed.") | {"purpose": "lesson", "written_in": "tlh"}
    assert made(form).languages == ("nl",)
