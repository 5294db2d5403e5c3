"""An own survey as a file: handed over to a colleague, and taken in from one.

A file comes from anybody, so it is held to the rules of the composer, and is asked of the stage
and with the purpose that its questions have here, whatever it says itself.
"""

import re
from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec.structs import replace

from surveys import texts
from surveys.composing import LONGEST_ITEM, LONGEST_NAME, is_wellbeing
from surveys.instrument import (
    MOST_ITEMS,
    Instrument,
    Item,
    Kind,
    Purpose,
    Responses,
    Scale,
    Stage,
    Text,
    problems,
)
from surveys.languages import languages
from surveys.lines import located
from surveys.problems import Part, Place, Problem, Wrong

OWN = "own"
MOST_OPTIONS = 11
WHOLE = Place()
SAID_BY_MSGSPEC = {
    Wrong.MISSING: r"Object missing required field `(.+?)`",
    Wrong.UNKNOWN: r"Object contains unknown field `(.+?)`",
    Wrong.NO_SUCH_CHOICE: r"Invalid enum value '(.*?)'",
    Wrong.NO_KEY: r"matching regex .* at `\$\.(.+)`",
}


def write(instrument: Instrument) -> str:
    """In the languages that it claims: a half translation stays with its teacher."""
    claimed = {
        field: {language: text[language] for language in instrument.languages if language in text}
        for field, text in texts.of(instrument).items()
    }
    whole = texts.put(instrument, claimed, instrument.languages)
    return msgspec.toml.encode(without_none(msgspec.to_builtins(whole))).decode()


def without_none(value: Any) -> Any:
    """TOML has no word for what is absent: it is left out."""
    if isinstance(value, dict):
        return {key: without_none(each) for key, each in value.items() if each is not None}
    return [without_none(each) for each in value] if isinstance(value, list | tuple) else value


def take_in(toml: str, stage: Stage, version: int = 1) -> Instrument | list[Problem]:
    """The survey in a file, or its problems: by line, and by item where it is TOML at all."""
    try:
        found = msgspec.toml.decode(toml, type=Instrument)
    except RecursionError:
        return [Problem(Wrong.NESTED)]
    except msgspec.MsgspecError:
        return [located(problem, toml) for problem in unread(toml)]
    wellbeing = any(is_wellbeing(text) for item in found.items for text in item.text.values())
    taken = replace(
        found,
        key=OWN,
        version=version,
        stages=(stage,),
        purpose=Purpose.WELLBEING if wellbeing else found.purpose,
    )
    wrong = [*problems(taken), *uncomposable(taken)]
    return [located(problem, toml) for problem in wrong] or taken


def unread(toml: str) -> list[Problem]:
    """Why it could not be read as an instrument at all: of each part the first thing."""
    try:
        raw = msgspec.toml.decode(toml)
    except msgspec.DecodeError as error:
        return [written_wrong(str(error), toml)]
    return list(unfit_parts(raw)) or list(unfit(raw, Instrument))


def unfit_parts(raw: dict[str, Any]) -> Iterator[Problem]:
    for part, kind in (Part.SCALE, Scale), (Part.RESPONSES, Responses):
        parts = raw.get("scales" if part is Part.SCALE else "responses")
        for key, each in parts.items() if isinstance(parts, dict) else ():
            yield from unfit(each, kind, Place(part, key))
    items = raw.get("items")
    for number, each in enumerate(items, 1) if isinstance(items, list) else ():
        yield from unfit(each, Item, Place(Part.ITEM, str(number)))


def unfit(raw: Any, kind: type, place: Place = WHOLE) -> Iterator[Problem]:
    try:
        msgspec.convert(raw, kind)
    except msgspec.ValidationError as error:
        yield said_by_msgspec(str(error), place)


def said_by_msgspec(message: str, place: Place) -> Problem:
    for wrong, pattern in SAID_BY_MSGSPEC.items():
        if said := re.search(pattern, message):
            return Problem(wrong, place, said[1])
    return Problem(Wrong.UNFIT, place, as_counted(message.rpartition("$.")[2].rstrip("`")))


def as_counted(path: str) -> str:
    """Counted from one, as people do: `options[3].value` is the value of the fourth option."""
    counted = re.sub(r"\d+", lambda index: str(int(index[0]) + 1), path)
    return counted.replace("[...]", "")  # so msgspec names a key


def written_wrong(message: str, toml: str) -> Problem:
    at = re.search(r"at line (\d+)", message)
    twice = re.search("overwrite|twice|[Dd]uplicate", message)
    return Problem(
        Wrong.WRITTEN_TWICE if twice else Wrong.NOT_WRITTEN_SO,
        line=int(at[1]) if at else toml.count("\n") + 1,
    )


def uncomposable(instrument: Instrument) -> Iterator[Problem]:
    """What the composer would not have let through."""
    if not languages().keys() & set(instrument.languages):
        yield Problem(Wrong.NO_LANGUAGE_OF_OURS, Place(), ", ".join(languages()))
    yield from too_long(Place(Part.NAME), instrument.name, LONGEST_NAME)
    if b"\\u0000" in msgspec.json.encode(instrument):
        yield Problem(Wrong.NULL)
    if len(instrument.items) > MOST_ITEMS:
        yield Problem(Wrong.TOO_MANY_ITEMS, of=str(MOST_ITEMS))
    for item in instrument.items:
        yield from too_long(Place(Part.ITEM, item.id), item.text, LONGEST_ITEM)
    for key, responses in instrument.responses.items():
        yield from problems_of_options(Place(Part.RESPONSES, key), responses)


def problems_of_options(place: Place, responses: Responses) -> Iterator[Problem]:
    if len(responses.options) > MOST_OPTIONS:
        yield Problem(Wrong.TOO_MANY_OPTIONS, place, str(MOST_OPTIONS))
    for option in responses.options:
        of_option = replace(place, option=option.value)
        yield from too_long(of_option, option.text, LONGEST_NAME)
        if responses.kind is not Kind.RANGE and not option.text:
            yield Problem(Wrong.UNNAMED, of_option)


def too_long(place: Place, text: Text, longest: int) -> Iterator[Problem]:
    if any(len(words) > longest for words in text.values()):
        yield Problem(Wrong.TOO_LONG, place, str(longest))
