"""A posted form becomes Answers or Problems; Answers become bytes of one length, and back."""

from collections.abc import Mapping
from enum import StrEnum

import msgspec
from msgspec import Struct

from surveys.instrument import TEXT_LIMIT, Instrument, Responses

SKIPPED = ""
NOT_APPLICABLE = "na"  # what the form posts for "does not apply"
JOINERS = "\u200c\u200d"  # invisible, but they hold Persian words and many emoji together
LENGTH_BYTES = 2


class Answers(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """One student's answers, in the order of the instrument.

    `choices` holds a value for each closed item, None where it was skipped or does not apply:
    the two are told as one remainder, so they are not kept apart. `texts` holds the own words.
    """

    choices: tuple[int | None, ...]
    texts: tuple[str, ...]


class Problem(StrEnum):
    """What is wrong with one item of a form."""

    NO_SUCH_OPTION = "no such option"
    TOO_LONG = "too long"


class Problems(Struct, frozen=True):
    """Why a form is not an answer: by item id, or `empty` where nothing was filled in."""

    items: dict[str, Problem] = {}
    empty: bool = False


def read(instrument: Instrument, form: Mapping[str, str]) -> Answers | Problems:
    return posted(postable(instrument), form)


class Postable(Struct, frozen=True):
    """What a form may post, worked out once of an instrument: a whole school posts to the same.

    `closed` are the ids of items with what each may be and the value that it stands for; `open`
    the ids of those in own words.
    """

    closed: tuple[tuple[str, dict[str, int | None]], ...]
    open: tuple[str, ...]


def postable(instrument: Instrument) -> Postable:
    return Postable(
        closed=tuple((item.id, meanings(instrument.of(item))) for item in instrument.closed),
        open=tuple(item.id for item in instrument.open),
    )


def posted(postable: Postable, form: Mapping[str, str]) -> Answers | Problems:
    found: dict[str, Problem] = {}
    choices: list[int | None] = []
    texts: list[str] = []
    filled = False
    for item, meanings in postable.closed:
        chosen = form.get(item, SKIPPED)
        filled = filled or chosen != SKIPPED
        if chosen not in meanings:
            found[item] = Problem.NO_SUCH_OPTION
        choices.append(meanings.get(chosen))
    for item in postable.open:
        text = plain(form.get(item, ""))
        if len(text) > TEXT_LIMIT:
            found[item] = Problem.TOO_LONG
        texts.append(text)
    if found:
        return Problems(items=found)
    if not filled and not any(texts):
        return Problems(empty=True)
    return Answers(tuple(choices), tuple(texts))


def meanings(responses: Responses) -> dict[str, int | None]:
    """What a form may post for an item, and the value that each stands for."""
    meanings: dict[str, int | None] = {str(value): value for value in responses.values}
    meanings[SKIPPED] = None
    if responses.not_applicable:
        meanings[NOT_APPLICABLE] = None
    return meanings


def plain(text: str) -> str:
    """The text without control characters, its line breaks and its spaces each of one kind."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(map(plain_sign, lines)).strip(" \n" + JOINERS)


def plain_sign(sign: str) -> str:
    if sign == "\n" or sign in JOINERS:
        return sign
    if sign.isspace():
        return " "
    return sign if sign.isprintable() else ""


def packed_length(instrument: Instrument) -> int:
    """Bytes of every packed answer to this instrument, however much was filled in."""
    structure = 16  # msgpack's own heads of the three arrays
    integer, text = 9, 5 + 4 * TEXT_LIMIT  # the widest integer, the widest characters
    return LENGTH_BYTES + structure + integer * len(instrument.closed) + text * len(instrument.open)


def pack(instrument: Instrument, answers: Answers) -> bytes:
    """The answers as bytes, padded so that the length tells nothing about them."""
    body = msgspec.msgpack.encode(answers)
    packed = len(body).to_bytes(LENGTH_BYTES) + body
    return packed.ljust(packed_length(instrument), b"\0")


def unpack(instrument: Instrument, packed: bytes) -> Answers:
    """The packed answers. Raises ValueError when they are not answers to this instrument."""
    if len(packed) != packed_length(instrument):
        raise ValueError("not of the length of this instrument's answers")
    end = LENGTH_BYTES + int.from_bytes(packed[:LENGTH_BYTES])
    try:
        answers = msgspec.msgpack.decode(packed[LENGTH_BYTES:end], type=Answers)
    except ValueError:
        # Without its cause, which may quote what a student wrote.
        raise ValueError("not answers") from None
    closed, texts = instrument.closed, answers.texts
    if len(answers.choices) != len(closed) or len(texts) != len(instrument.open):
        raise ValueError("answers to another instrument")
    for item, choice in zip(closed, answers.choices, strict=True):
        if choice is not None and choice not in instrument.of(item).values:
            raise ValueError("an option that does not exist")
    if any(len(text) > TEXT_LIMIT for text in texts):
        raise ValueError("a text that is too long")
    return answers
