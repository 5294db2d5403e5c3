"""Instruments: fixed sets of items with a version, read from TOML and checked when read."""

import unicodedata
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path
from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from surveys.problems import Part, Place, Problem, Wrong

LIBRARY = Path(__file__).parent / "instruments"
TEXT_LIMIT = 280  # characters: long enough for a tip, short enough to hide a style of writing
TAKEN = {"items", "language", "name", "next", "nonce", "padding", "send"}  # by their forms
MOST_ITEMS = 10  # an own survey; a student's minute holds no more

Text = dict[str, str]
"""A text in several languages: language code to words."""

Key = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]{0,39}\Z")]

Value = TypeVar("Value", bound=Hashable)


class Purpose(StrEnum):
    """What is asked about: it decides k, the waiting time, and whether own words are asked."""

    LESSON = "lesson"
    WELLBEING = "wellbeing"


class Stage(StrEnum):
    """The kind of education; staff are asked as a stage of their own."""

    PRIMARY = "primary"
    SECONDARY = "secondary"
    VOCATIONAL = "vocational"
    STAFF = "staff"


class Kind(StrEnum):
    """How an item is answered, and so how it is drawn."""

    AGREEMENT = "agreement"
    FREQUENCY = "frequency"
    FACES = "faces"
    CHOICE = "choice"
    RANGE = "range"
    TEXT = "text"


class InstrumentError(Exception):
    """An instrument that may not be used; `problems` name the file, the item and the language."""

    def __init__(self, where: str, problems: list[Problem]) -> None:
        super().__init__("\n".join(f"{where}: {problem}" for problem in problems))
        self.problems = problems


class ResponseOption(Struct, frozen=True, forbid_unknown_fields=True):
    """One possible answer; between the ends of a range it needs no words."""

    value: Annotated[int, Meta(ge=0, le=100)]
    text: Text = {}


class Responses(Struct, frozen=True, forbid_unknown_fields=True):
    """The options of an item, which of them count as positive and which as negative.

    What is in neither list (in between, does not apply, skipped) is the remainder and is
    never split when results are told.
    """

    kind: Kind
    options: tuple[ResponseOption, ...] = ()
    positive: tuple[int, ...] = ()
    negative: tuple[int, ...] = ()
    not_applicable: bool = False

    @property
    def values(self) -> tuple[int, ...]:
        return tuple(option.value for option in self.options)


class Scale(Struct, frozen=True, forbid_unknown_fields=True):
    """Items that measure one thing; its score is the mean of their published shares."""

    name: Text


class Item(Struct, frozen=True, forbid_unknown_fields=True):
    """One question; of a `reversed` one disagreement is positive."""

    id: Key
    responses: str
    text: Text
    reversed: bool = False
    scale: str | None = None


class Instrument(Struct, frozen=True, forbid_unknown_fields=True):
    """A checked instrument; make one with `read` or `checked`.

    Stored, its texts may hold more languages than it claims: translations on their way, which
    nobody is asked in.
    """

    key: Key
    version: Annotated[int, Meta(ge=1)]
    purpose: Purpose
    stages: Annotated[tuple[Stage, ...], Meta(min_length=1)]
    languages: Annotated[tuple[str, ...], Meta(min_length=1)]
    name: Text
    about: Text
    responses: dict[str, Responses]
    items: Annotated[tuple[Item, ...], Meta(min_length=1)]
    scales: dict[str, Scale] = {}
    sources: tuple[str, ...] = ()

    @property
    def closed(self) -> tuple[Item, ...]:
        """The items with response options, in order: those that are counted."""
        return tuple(item for item in self.items if self.of(item).kind is not Kind.TEXT)

    @property
    def open(self) -> tuple[Item, ...]:
        """The items answered in own words, in order."""
        return tuple(item for item in self.items if self.of(item).kind is Kind.TEXT)

    def of(self, item: Item) -> Responses:
        return self.responses[item.responses]

    def positive(self, item: Item) -> frozenset[int]:
        """The values that mean that it goes well; for a reversed item those of disagreement."""
        responses = self.of(item)
        return frozenset(responses.negative if item.reversed else responses.positive)

    def negative(self, item: Item) -> frozenset[int]:
        responses = self.of(item)
        return frozenset(responses.positive if item.reversed else responses.negative)


def said(text: Mapping[str, str], language: str) -> str:
    """The text in a language, or in the first language that it has."""
    return text.get(language) or next(iter(text.values()), "")


def same_item(one: Item, other: Item) -> bool:
    """Whether two items ask the same: their texts agree in a language, however written.

    Asking twice within the waiting time (R5) would let two releases be subtracted, so a
    question that differs in a comma only is the same question.
    """
    return any(
        folded(one.text[language]) == folded(other.text[language])
        for language in one.text.keys() & other.text.keys()
    )


@lru_cache(maxsize=10_000)  # a class is asked the same questions all year
def folded(text: str) -> str:
    """The text without case, accents, spaces and punctuation."""
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    return "".join(sign for sign in decomposed if sign.isalnum())


def texts_allowed(purpose: Purpose, stages: Iterable[Stage]) -> bool:
    """R7: whether own words are asked at all: never about wellbeing, never in primary school."""
    return purpose is Purpose.LESSON and Stage.PRIMARY not in stages


def read(toml: str | bytes, where: str) -> Instrument:
    """An instrument from TOML. Raises InstrumentError, naming `where` and every problem found."""
    try:
        instrument = msgspec.toml.decode(toml, type=Instrument)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise InstrumentError(where, [Problem(Wrong.UNREADABLE, of=str(error))]) from error
    return checked(instrument, where)


def checked(instrument: Instrument, where: str) -> Instrument:
    if found := list(problems(instrument)):
        raise InstrumentError(where, found)
    return instrument


@cache
def library() -> Mapping[str, Instrument]:
    """Every instrument that comes with Stemlokaal, by key."""
    found = (read(path.read_bytes(), path.name) for path in sorted(LIBRARY.glob("*.toml")))
    return {instrument.key: instrument for instrument in found}


def problems(instrument: Instrument) -> Iterator[Problem]:
    """What stands in the way of asking it, each with the item and the language."""
    languages, items = instrument.languages, instrument.items
    for language in repeated(languages):
        yield Problem(Wrong.LANGUAGE_TWICE, of=language)
    yield from untranslated(Place(Part.NAME), instrument.name, languages)
    yield from untranslated(Place(Part.ABOUT), instrument.about, languages)
    for key, scale in instrument.scales.items():
        place = Place(Part.SCALE, key)
        yield from untranslated(place, scale.name, languages)
        if key not in (item.scale for item in items):
            yield Problem(Wrong.SCALE_WITHOUT_ITEMS, place)
    for key, responses in instrument.responses.items():
        place = Place(Part.RESPONSES, key)
        yield from problems_of_responses(place, responses, languages)
        if key not in (item.responses for item in items):
            yield Problem(Wrong.UNUSED, place)
    for item_id in repeated(item.id for item in items):
        yield Problem(Wrong.ITEM_TWICE, Place(Part.ITEM, item_id))
    for item in items:
        yield from problems_of_item(Place(Part.ITEM, item.id), item, instrument)
    if all(responses.kind is Kind.TEXT for responses in instrument.responses.values()):
        yield Problem(Wrong.NOTHING_TO_TELL)


def problems_of_item(place: Place, item: Item, instrument: Instrument) -> Iterator[Problem]:
    if item.id in TAKEN:
        yield Problem(Wrong.TAKEN, place, item.id)
    yield from untranslated(place, item.text, instrument.languages)
    if item.scale is not None and item.scale not in instrument.scales:
        yield Problem(Wrong.NO_SUCH_SCALE, place, item.scale)
    if item.responses not in instrument.responses:
        yield Problem(Wrong.NO_SUCH_RESPONSES, place, item.responses)
    elif instrument.of(item).kind is Kind.TEXT:
        if not texts_allowed(instrument.purpose, instrument.stages):
            yield Problem(Wrong.NO_OWN_WORDS, place)
        if item.reversed or item.scale is not None:
            yield Problem(Wrong.WORDS_ALONE, place)


def problems_of_responses(
    place: Place, responses: Responses, languages: tuple[str, ...]
) -> Iterator[Problem]:
    values = responses.values
    counted = {*responses.positive, *responses.negative}
    if responses.kind is Kind.TEXT:
        if values or counted or responses.not_applicable:
            yield Problem(Wrong.WORDS_WITH_OPTIONS, place)
        return
    if len(values) < 2:
        yield Problem(Wrong.TOO_FEW_OPTIONS, place)
    for value in repeated(values):
        yield Problem(Wrong.OPTION_TWICE, place, str(value))
    if responses.kind is Kind.FACES and len(values) not in (3, 5):
        yield Problem(Wrong.FACES, place)
    if responses.kind is Kind.AGREEMENT and len(values) not in (4, 5):
        yield Problem(Wrong.AGREEMENT, place)
    if not responses.positive or not responses.negative:
        yield Problem(Wrong.NOT_COUNTED, place)
    for value in sorted(counted - set(values)):
        yield Problem(Wrong.NO_SUCH_OPTION, place, str(value))
    for value in sorted(set(responses.positive) & set(responses.negative)):
        yield Problem(Wrong.BOTH, place, str(value))
    for index, option in enumerate(responses.options):
        # A range names its two ends; the numbers between speak for themselves.
        if responses.kind is not Kind.RANGE or index in (0, len(values) - 1):
            yield from untranslated(replace(place, option=option.value), option.text, languages)


def untranslated(place: Place, text: Text, languages: tuple[str, ...]) -> Iterator[Problem]:
    for language in languages:
        if not text.get(language, "").strip():
            yield Problem(Wrong.NO_TEXT, place, language)
    for language in sorted(text.keys() - set(languages)):
        yield Problem(Wrong.NOT_CLAIMED, place, language)


def repeated(values: Iterable[Value]) -> list[Value]:
    """Each value that occurs more than once, in order."""
    return [value for value, times in Counter(values).items() if times > 1]
