"""Instruments: fixed sets of items with a version, read from TOML and checked when read."""

import unicodedata
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

LIBRARY = Path(__file__).parent / "instruments"
TEXT_LIMIT = 280  # characters: long enough for a tip, short enough to hide a style of writing
TAKEN = {"items", "language", "name", "next", "nonce", "padding", "send"}  # by their forms
MOST_ITEMS = 10  # an own survey; a student's minute holds no more

Text = dict[str, str]
"""A text in several languages: language code to words."""

Key = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]{0,39}\Z")]


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

    def __init__(self, where: str, problems: list[str]) -> None:
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
    """A checked instrument; make one with `read`, `load` or `checked`."""

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
        raise InstrumentError(where, [str(error)]) from error
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


def problems(instrument: Instrument) -> Iterator[str]:
    """What stands in the way of asking it, each with the item and the language."""
    languages, items = instrument.languages, instrument.items
    for language in repeated(languages):
        yield f"language {language!r} is claimed twice"
    yield from untranslated("name", instrument.name, languages)
    yield from untranslated("about", instrument.about, languages)
    for key, scale in instrument.scales.items():
        yield from untranslated(f"scale {key!r}", scale.name, languages)
        if key not in (item.scale for item in items):
            yield f"scale {key!r} has no items"
    for key, responses in instrument.responses.items():
        yield from problems_of_responses(f"responses {key!r}", responses, languages)
        if key not in (item.responses for item in items):
            yield f"responses {key!r}: no item uses them"
    for item_id in repeated(item.id for item in items):
        yield f"item {item_id!r} stands in it twice"
    for item in items:
        yield from problems_of_item(f"item {item.id!r}", item, instrument)
    if all(responses.kind is Kind.TEXT for responses in instrument.responses.values()):
        yield "has no item with response options, so nothing of it could be told"


def problems_of_item(place: str, item: Item, instrument: Instrument) -> Iterator[str]:
    if item.id in TAKEN:
        yield f"{place}: {item.id!r} is a name that the form keeps for itself"
    yield from untranslated(place, item.text, instrument.languages)
    if item.scale is not None and item.scale not in instrument.scales:
        yield f"{place} names scale {item.scale!r}, which does not exist"
    if item.responses not in instrument.responses:
        yield f"{place} names responses {item.responses!r}, which do not exist"
    elif instrument.of(item).kind is Kind.TEXT:
        if not texts_allowed(instrument.purpose, instrument.stages):
            yield f"{place}: own words are not asked about wellbeing or in primary school"
        if item.reversed or item.scale is not None:
            yield f"{place}: own words are not reversed and belong to no scale"


def problems_of_responses(
    place: str, responses: Responses, languages: tuple[str, ...]
) -> Iterator[str]:
    values = responses.values
    counted = {*responses.positive, *responses.negative}
    if responses.kind is Kind.TEXT:
        if values or counted or responses.not_applicable:
            yield f"{place}: own words have no options"
        return
    if len(values) < 2:
        yield f"{place}: at least two options"
    for value in repeated(values):
        yield f"{place}: option {value} stands in it twice"
    if responses.kind is Kind.FACES and len(values) not in (3, 5):
        yield f"{place}: faces come in three or in five"
    if responses.kind is Kind.AGREEMENT and len(values) not in (4, 5):
        yield f"{place}: agreement has four or five points"
    if not responses.positive or not responses.negative:
        yield f"{place}: says which options count as positive and which as negative"
    for value in sorted(counted - set(values)):
        yield f"{place}: counts {value}, which is no option"
    for value in sorted(set(responses.positive) & set(responses.negative)):
        yield f"{place}: option {value} counts as positive or as negative, not as both"
    for index, option in enumerate(responses.options):
        # A range names its two ends; the numbers between speak for themselves.
        if responses.kind is not Kind.RANGE or index in (0, len(values) - 1):
            yield from untranslated(f"{place}, option {option.value}", option.text, languages)


def untranslated(place: str, text: Text, languages: tuple[str, ...]) -> Iterator[str]:
    for language in languages:
        if not text.get(language, "").strip():
            yield f"{place} has no text in language {language!r}"
    for language in sorted(text.keys() - set(languages)):
        yield f"{place} has language {language!r}, which the instrument does not claim"


def repeated(values: Iterable[Hashable]) -> list[Hashable]:
    """Each value that occurs more than once, in order."""
    return [value for value, times in Counter(values).items() if times > 1]
