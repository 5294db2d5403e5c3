"""The agreement is asked after in the next round, beside the survey's own items."""

import pytest

from surveys.answers import Answers, pack, packed_length, read, unpack
from surveys.instrument import Kind, Purpose, checked, library
from surveys.noticing import NOTICED, asked

AGREED = "Eerst overleggen in tweetallen"


@pytest.mark.parametrize("key", sorted(library()))
def test_what_is_asked_is_a_sound_instrument_with_the_same_items_first(key):
    own = library()[key]
    with_it = asked(own, AGREED)
    checked(with_it, key)
    assert [item.id for item in own.items if item in with_it.items] == [
        item.id for item in own.items
    ]


def test_a_class_without_an_agreement_is_not_asked_after_one():
    assert asked(library()["lesfeedback"], "") == library()["lesfeedback"]


def test_it_stands_before_the_open_questions_and_names_the_agreement():
    with_it = asked(library()["lesfeedback"], AGREED)
    noticed = with_it.closed[-1]
    assert noticed.id == NOTICED
    assert with_it.of(noticed).kind is Kind.CHOICE
    assert AGREED in noticed.text["nl"]
    assert with_it.items[-2:] == with_it.open


def test_wellbeing_is_never_joined_by_it():
    for instrument in library().values():
        if instrument.purpose is Purpose.WELLBEING:
            assert asked(instrument, AGREED) == instrument


def test_a_survey_that_asks_already_asks_once():
    assert asked(library()["doelmeting"], AGREED) == library()["doelmeting"]


def test_its_answers_are_packed_with_the_others():
    with_it = asked(library()["lesfeedback"], AGREED)
    given = read(with_it, {NOTICED: "3", "clarity": "4"})
    assert isinstance(given, Answers)
    packed = pack(with_it, given)
    assert len(packed) == packed_length(with_it)
    assert unpack(with_it, packed) == given
