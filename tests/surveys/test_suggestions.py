"""What a teacher might try: about items that there are, in both languages, with a source."""

import pytest

from surveys import suggestions
from surveys.composing import compose
from surveys.instrument import Instrument, Stage
from surveys.instrument import library as instruments


@pytest.mark.parametrize("about", sorted(suggestions.library()))
def test_each_is_about_an_item_that_there_is_and_names_its_source(about):
    assert about in {item.id for each in instruments().values() for item in each.closed}
    for suggestion in suggestions.library()[about]:
        assert suggestion.text.keys() == {"nl", "en"}
        assert suggestion.source


@pytest.mark.parametrize("key", ["lesfeedback", "lesfeedback-praktijk", "les-flits"])
def test_every_item_about_a_lesson_has_one(key):
    for item in instruments()[key].closed:
        assert suggestions.about(item)


def test_an_item_keeps_its_suggestions_in_an_own_survey():
    own = compose({"name": "Uitleg", "lesfeedback.clarity": "on"}, Stage.SECONDARY)
    assert isinstance(own, Instrument)
    assert suggestions.about(own.items[0]) == suggestions.library()["clarity"]
