"""An own survey in other languages. The questions are the same ones, so its trend goes on.

What we say ourselves, such as our own items and ways of answering, is translated already; the rest
its teacher writes. A language is claimed, and so asked in, as soon as nothing is missing in it.
Until then what there is of it stands in the texts, where it is asked of nobody.
"""

from collections.abc import Mapping

from msgspec import Struct

from surveys import texts
from surveys.answers import plain
from surveys.composing import LONGEST_ITEM, LONGEST_NAME, is_wellbeing
from surveys.instrument import Instrument, Purpose, Text
from surveys.languages import languages

MAY_STAY = ("name", "about", "scale")  # kinds of texts that may be said as in the original


class Passage(Struct, frozen=True):
    """A text that students read, as it was written first and in another language.

    `ours` is said by us in both languages.
    """

    field: str
    said: str
    written: str
    ours: bool


class Question(Struct, frozen=True):
    """An item, with those of its options that did not come with an earlier one."""

    item: Passage
    options: tuple[Passage, ...]


class Translation(Struct, frozen=True):
    """A survey in one other language."""

    language: str
    name: Passage
    questions: tuple[Question, ...]

    @property
    def required(self) -> tuple[Passage, ...]:
        return tuple(each for one in self.questions for each in (one.item, *one.options))

    @property
    def missing(self) -> tuple[Passage, ...]:
        return tuple(each for each in self.required if not each.written)

    @property
    def asked_for(self) -> tuple[Passage, ...]:
        """What its teacher writes."""
        return (self.name, *(each for each in self.required if not each.ours))

    @property
    def begun(self) -> bool:
        return any(each.written for each in self.asked_for)


def original(instrument: Instrument) -> str:
    """The language in which it was written: the first that we speak."""
    known = [language for language in instrument.languages if language in languages()]
    return [*known, *instrument.languages][0]


def others(instrument: Instrument) -> tuple[str, ...]:
    return tuple(language for language in languages() if language != original(instrument))


def translation(instrument: Instrument, language: str) -> Translation:
    first = original(instrument)
    said, ours = texts.of(instrument), texts.ours(instrument, first)

    def passage(field: str) -> Passage:
        our_words = ours.get(field, {}).get(language, "")
        written = said[field].get(language, our_words)
        return Passage(field, said[field].get(first, ""), written, written == our_words != "")

    shown: set[str] = set()
    questions = []
    for item in instrument.items:
        options = texts.of_options({item.responses: instrument.of(item)})
        new = [passage(field) for field in options if field not in shown]
        shown |= options.keys()
        questions.append(Question(passage(texts.field_of(item)), tuple(new)))
    return Translation(language, passage("name"), tuple(questions))


def read(
    instrument: Instrument, language: str, form: Mapping[str, str]
) -> Instrument | dict[str, str]:
    """The survey with a posted form in this language, as far as it goes; or problems by field."""
    fields = [each.field for each in translation(instrument, language).asked_for]
    written = {field: " ".join(plain(form.get(field, "")).split()) for field in fields}
    found = {field: "long" for field in fields if len(written[field]) > longest(field)}
    if instrument.purpose is Purpose.LESSON:
        found |= {field: "wellbeing" for field in fields if is_wellbeing(written[field])}
    return found or translated(instrument, language, written)


def longest(field: str) -> int:
    return LONGEST_ITEM if texts.kind_of(field) == "item" else LONGEST_NAME


def translated(instrument: Instrument, language: str, written: Mapping[str, str]) -> Instrument:
    """The survey with these words by field, and ours; claimed where nothing is missing."""
    first = original(instrument)
    ours = texts.ours(instrument, first)
    changed = {}
    for field, text in texts.of(instrument).items():
        words = written.get(field, text.get(language, "")) or ours.get(field, {}).get(language, "")
        changed[field] = with_words(text, language, words)
    may_stay = [field for field in changed if texts.kind_of(field) in MAY_STAY]
    complete = all(language in text for field, text in changed.items() if field not in may_stay)
    if complete:
        for field in may_stay:
            changed[field].setdefault(language, changed[field].get(first, ""))
    claimed = {*instrument.languages} - {language} | ({language} if complete else set())
    order = dict.fromkeys((first, *others(instrument), *instrument.languages))
    return texts.put(instrument, changed, [code for code in order if code in claimed])


def with_words(text: Text, language: str, words: str) -> Text:
    rest = {code: said for code, said in text.items() if code != language}
    return rest | {language: words} if words else rest


def carried(made: Instrument, before: Instrument | None) -> Instrument:
    """A changed survey in the languages that it had: what still says the same is not lost.

    A language in which we say all of it ourselves is claimed at once.
    """
    for language in others(made):
        earlier = said_before(before, language) if before else {}
        written = {
            field: text.get(language) or earlier.get((texts.kind_of(field), said(made, text)), "")
            for field, text in texts.of(made).items()
        }
        found = translated(made, language, written)
        if language in found.languages or earlier:
            made = found
    return made


def said_before(before: Instrument, language: str) -> dict[tuple[str, str], str]:
    """What was said in a language, by the kind of text and its words in the original."""
    return {
        (texts.kind_of(field), said(before, text)): text[language]
        for field, text in texts.of(before).items()
        if language in text
    }


def said(instrument: Instrument, text: Text) -> str:
    return text.get(original(instrument), "")
