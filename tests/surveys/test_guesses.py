"""What a teacher expects, of every ten who answer."""

import pytest

from surveys.guesses import Guess, read
from surveys.instrument import library

ASKED = library()["lesfeedback"]


@pytest.mark.parametrize("typed", ["11", "-1", "3.5", "٣", "seven", "007", "9" * 5000])
def test_only_whole_numbers_to_ten_are_guesses(typed):
    assert read(ASKED, {"clarity": typed}) == {"clarity": "wrong"}


def test_what_is_left_empty_is_no_guess_of_nought():
    guess = read(ASKED, {"clarity": " 7 ", "order": "", "unknown": "3"})
    assert guess == Guess({"clarity": 7})
    assert guess.count("order", 24) is None


def test_a_guess_is_told_as_a_count_of_those_who_answered():
    guess = Guess({"clarity": 7, "order": 0, "climate": 10})
    assert [guess.count(item, 24) for item in ("clarity", "order", "climate")] == [17, 0, 24]
