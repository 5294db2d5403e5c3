"""Instruments for the tests of the core, and the strategies that fill them in."""

from hypothesis import strategies as st

from surveys.answers import Answers
from surveys.instrument import TEXT_LIMIT, Instrument, library, read

SOUND = """
key = "every-kind"
version = 1
purpose = "lesson"
stages = ["secondary"]
languages = ["nl", "en"]
name.nl = "Alle soorten"
name.en = "Every kind"
about.nl = "Van elke soort één vraag."
about.en = "One item of every kind."

[scales.calm]
name.nl = "Rust"
name.en = "Calm"

[responses.agree]
kind = "agreement"
options = [
    { value = 1, text.nl = "Oneens", text.en = "Disagree" },
    { value = 2, text.nl = "Beetje oneens", text.en = "Partly disagree" },
    { value = 3, text.nl = "Beetje eens", text.en = "Partly agree" },
    { value = 4, text.nl = "Eens", text.en = "Agree" },
]
positive = [3, 4]
negative = [1, 2]

[responses.faces]
kind = "faces"
options = [
    { value = 1, text.nl = "Nee", text.en = "No" },
    { value = 2, text.nl = "Soms", text.en = "Sometimes" },
    { value = 3, text.nl = "Ja", text.en = "Yes" },
]
positive = [3]
negative = [1]
not_applicable = true

[responses.ladder]
kind = "range"
options = [
    { value = 0, text.nl = "Slecht", text.en = "Bad" },
    { value = 1 },
    { value = 2, text.nl = "Goed", text.en = "Good" },
]
positive = [2]
negative = [0]

[responses.words]
kind = "text"

[[items]]
id = "calm"
responses = "agree"
scale = "calm"
text.nl = "Het was rustig."
text.en = "It was calm."

[[items]]
id = "noise"
responses = "agree"
scale = "calm"
reversed = true
text.nl = "Het was druk."
text.en = "It was noisy."

[[items]]
id = "help"
responses = "faces"
text.nl = "Ik kreeg hulp."
text.en = "I got help."

[[items]]
id = "step"
responses = "ladder"
text.nl = "Zo ging het."
text.en = "This is how it went."

[[items]]
id = "top"
responses = "words"
text.nl = "Wat ging goed?"
text.en = "What went well?"

[[items]]
id = "tip"
responses = "words"
text.nl = "Wat kan beter?"
text.en = "What could be better?"
"""

EVERY_KIND = read(SOUND, "every-kind.toml")

instruments = st.sampled_from([EVERY_KIND, *library().values()])

own_words = st.text(st.characters(exclude_categories=["Cs"]), max_size=TEXT_LIMIT)


def answers_to(instrument: Instrument) -> st.SearchStrategy[Answers]:
    """Any answers: skipped or chosen, without words or with as many as fit."""
    choices = [
        st.none() | st.sampled_from(instrument.of(item).values) for item in instrument.closed
    ]
    return st.builds(Answers, st.tuples(*choices), st.tuples(*[own_words for _ in instrument.open]))


def choosing(*choices: int | None, texts: tuple[str, ...] = ("", "")) -> Answers:
    """Answers to every kind of item; what is not mentioned is skipped."""
    skipped = (None,) * (len(EVERY_KIND.closed) - len(choices))
    return Answers((*choices, *skipped), texts)
