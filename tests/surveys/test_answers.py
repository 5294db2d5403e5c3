"""What a student posts becomes answers or kind problems, and bytes that tell nothing by length."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.answers import (
    LENGTH_BYTES,
    NOT_APPLICABLE,
    Answers,
    Problem,
    Problems,
    pack,
    packed_length,
    plain,
    read,
    unpack,
)
from surveys.instrument import TEXT_LIMIT, Instrument, library
from tests.surveys.examples import EVERY_KIND, answers_to, choosing, instruments

ANYTHING = st.text() | st.sampled_from(["", " ", "1", "3", "+1", "1.0", "١", "-1", NOT_APPLICABLE])


def form_of(instrument: Instrument, answers: Answers) -> dict[str, str]:
    """The form as a browser would post these answers."""
    chosen = {
        item.id: str(choice)
        for item, choice in zip(instrument.closed, answers.choices, strict=True)
        if choice is not None
    }
    written = {item.id: text for item, text in zip(instrument.open, answers.texts, strict=True)}
    return chosen | written


# Reading


def test_a_filled_in_form_is_answers_in_the_order_of_the_instrument():
    form = {"tip": "Korter", "step": "0", "calm": "4", "noise": "1", "help": "2", "top": "Alles"}
    assert read(EVERY_KIND, form) == Answers((4, 1, 2, 0), ("Alles", "Korter"))


def test_every_item_may_be_skipped_but_not_all_of_them():
    assert read(EVERY_KIND, {"calm": "4"}) == choosing(4)
    assert read(EVERY_KIND, {"calm": "", "help": "3", "tip": ""}) == choosing(None, None, 3)
    assert read(EVERY_KIND, {"top": "Alles"}) == choosing(texts=("Alles", ""))
    assert read(EVERY_KIND, {}) == Problems(empty=True)
    assert read(EVERY_KIND, {"calm": "", "top": " \r\n\t"}) == Problems(empty=True)
    assert read(EVERY_KIND, {"another": "4"}) == Problems(empty=True)


def test_words_that_nobody_can_see_are_no_words():
    assert read(EVERY_KIND, {"top": "\x00\u200b\u202e\u200d"}) == Problems(empty=True)


def test_does_not_apply_is_an_answer_and_is_kept_as_skipped():
    assert read(EVERY_KIND, {"help": NOT_APPLICABLE}) == choosing()


def test_does_not_apply_is_an_answer_only_where_it_is_offered():
    posted = {"calm": NOT_APPLICABLE, "help": NOT_APPLICABLE}
    assert read(EVERY_KIND, posted) == Problems(items={"calm": Problem.NO_SUCH_OPTION})


@pytest.mark.parametrize("posted", ["5", "0", "-1", "+1", "1.0", " 1", "01", "١", "true", "1\x00"])
def test_an_option_that_was_not_offered_is_a_problem_of_its_item(posted):
    assert read(EVERY_KIND, {"calm": posted}) == Problems(items={"calm": Problem.NO_SUCH_OPTION})


def test_words_may_be_as_long_as_the_limit_and_no_longer():
    assert read(EVERY_KIND, {"tip": "😀" * TEXT_LIMIT}) == choosing(texts=("", "😀" * TEXT_LIMIT))
    too_long = read(EVERY_KIND, {"tip": "a" * (TEXT_LIMIT + 1)})
    assert too_long == Problems(items={"tip": Problem.TOO_LONG})


def test_a_line_break_counts_as_one_sign_whatever_the_browser_sends():
    lines = "\r\n".join("a" * (TEXT_LIMIT // 2))
    assert isinstance(read(EVERY_KIND, {"tip": lines}), Answers)


def test_all_problems_of_a_form_are_told_at_once():
    form = {"calm": "9", "noise": "2", "step": "x", "tip": "a" * 1000}
    assert read(EVERY_KIND, form) == Problems(
        items={
            "calm": Problem.NO_SUCH_OPTION,
            "step": Problem.NO_SUCH_OPTION,
            "tip": Problem.TOO_LONG,
        }
    )


@given(instruments.flatmap(lambda one: st.tuples(st.just(one), answers_to(one))))
def test_what_was_filled_in_is_what_is_read(case):
    instrument, answers = case
    found = read(instrument, form_of(instrument, answers))
    texts = tuple(plain(text) for text in answers.texts)
    if any(choice is not None for choice in answers.choices) or any(texts):
        assert found == Answers(answers.choices, texts)
    else:
        assert found == Problems(empty=True)


@given(instruments, st.data())
def test_no_form_breaks_the_reader(instrument, data):
    fields = st.sampled_from([item.id for item in instrument.items]) | st.text()
    form = data.draw(st.dictionaries(fields, ANYTHING))
    found = read(instrument, form)
    if isinstance(found, Answers):
        assert unpack(instrument, pack(instrument, found)) == found
    else:
        assert found.empty or found.items


# Own words


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("  Meer\ttijd  ", "Meer tijd"),
        ("Meer\u00a0tijd\u202f!", "Meer tijd !"),  # the spaces that French keyboards write
        ("eerst\r\ndan\rtoen", "eerst\ndan\ntoen"),
        ("a\x00b\x1b[31mc", "ab[31mc"),
        ("a\u202eb\u2066c", "abc"),  # signs that turn the direction of what follows
        ("a\ud800b", "ab"),  # half a character
        ("می\u200cروم", "می\u200cروم"),
        ("👩\u200d🏫", "👩\u200d🏫"),
    ],
)
def test_own_words_keep_their_signs_and_lose_what_controls_a_screen(written, kept):
    assert plain(written) == kept


@given(st.text())
def test_cleaned_words_stay_as_they_are(text):
    assert plain(plain(text)) == plain(text)


# Packing


@given(instruments.flatmap(lambda one: st.tuples(st.just(one), answers_to(one))))
def test_packed_answers_come_back_and_all_have_one_length(case):
    instrument, answers = case
    packed = pack(instrument, answers)
    assert len(packed) == packed_length(instrument)
    assert unpack(instrument, packed) == answers


@pytest.mark.parametrize("instrument", [EVERY_KIND, *library().values()], ids=lambda one: one.key)
@pytest.mark.parametrize("sign", ["a", "é", "语", "😀"])
def test_the_longest_answers_have_the_length_of_the_empty_ones(instrument, sign):
    most = tuple(max(instrument.of(item).values) for item in instrument.closed)
    full = Answers(most, tuple(sign * TEXT_LIMIT for _ in instrument.open))
    empty = Answers(tuple(None for _ in most), tuple("" for _ in instrument.open))
    assert len(pack(instrument, full)) == len(pack(instrument, empty))


def refused(packed: bytes, instrument: Instrument = EVERY_KIND) -> str:
    with pytest.raises(ValueError, match=r"answers|option|text") as refusal:
        unpack(instrument, packed)
    assert refusal.type is ValueError
    assert refusal.value.__context__ is None or refusal.value.__suppress_context__
    return str(refusal.value)


def padded(body: bytes) -> bytes:
    return (len(body).to_bytes(LENGTH_BYTES) + body).ljust(packed_length(EVERY_KIND), b"\0")


SKIPPED = b"\x94\xc0\xc0\xc0\xc0"  # four choices, none made
SECRET = b"\xa6geheim"

BROKEN = {
    "nothing": b"",
    "answers without their padding": pack(EVERY_KIND, choosing(4))[:-1],
    "arrays in arrays": padded(b"\x91" * 2000),
    "arrays in arrays for a text": padded(b"\x92" + SKIPPED + b"\x91" * 2000),
    "a third part of many arrays": padded(b"\x93" + SKIPPED + b"\x92\xa0\xa0" + b"\x91" * 2000),
    "words for a choice": padded(b"\x92\x94" + SECRET + b"\xc0\xc0\xc0\x92\xa0\xa0"),
    "true for a choice": padded(b"\x92\x94\xc3\xc0\xc0\xc0\x92\xa0\xa0"),
    "words in no known letters": padded(b"\x92" + SKIPPED + b"\x92\xa0\xa7geheim\xff"),
    "half of the words": padded(b"\x92" + SKIPPED + b"\x92\xa0\xa8geheim"),
}


@pytest.mark.parametrize("packed", BROKEN.values(), ids=BROKEN)
def test_broken_answers_are_refused_without_quoting_them(packed):
    assert "geheim" not in refused(packed)


@given(st.binary() | st.binary(max_size=2 * packed_length(EVERY_KIND)).map(padded))
def test_any_bytes_are_answers_or_are_refused(packed):
    with suppress(ValueError):
        assert isinstance(unpack(EVERY_KIND, packed), Answers)


@given(answers_to(EVERY_KIND), st.data())
def test_damaged_answers_are_answers_or_are_refused(answers, data):
    packed = bytearray(pack(EVERY_KIND, answers))
    for place in data.draw(st.lists(st.integers(0, 40), min_size=1, max_size=3)):
        packed[place] = data.draw(st.integers(0, 255))
    with suppress(ValueError):
        found = unpack(EVERY_KIND, bytes(packed))
        assert unpack(EVERY_KIND, pack(EVERY_KIND, found)) == found


def test_answers_to_another_instrument_are_refused():
    packed = pack(EVERY_KIND, choosing(4))
    for instrument in library().values():
        refused(packed, instrument)


@pytest.mark.parametrize(
    "answers",
    [
        choosing(5),
        choosing(0),
        Answers((1, 1, 1), ("", "")),
        Answers((1, 1, 1, 1), ("",)),
        Answers((1, 1, 1, 1), ("a" * (TEXT_LIMIT + 1), "")),
    ],
)
def test_answers_that_nobody_could_have_given_are_refused(answers):
    refused(pack(EVERY_KIND, answers))
