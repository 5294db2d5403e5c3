"""An own survey as a file: handed over to a colleague, and taken in from one.

A file comes from anybody, so it is held to the rules of the composer, and is asked of the stage
and with the purpose that its questions have here, whatever it says itself.
"""

import re
from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec.structs import replace

from surveys.composing import LONGEST_ITEM, LONGEST_NAME, is_wellbeing
from surveys.instrument import (
    MOST_ITEMS,
    Instrument,
    InstrumentError,
    Kind,
    Purpose,
    Stage,
    checked,
    read,
)
from surveys.languages import languages

OWN = "own"
MOST_OPTIONS = 11


def write(instrument: Instrument) -> str:
    return msgspec.toml.encode(without_none(msgspec.to_builtins(instrument))).decode()


def without_none(value: Any) -> Any:
    """TOML has no word for what is absent: it is left out."""
    if isinstance(value, dict):
        return {key: without_none(each) for key, each in value.items() if each is not None}
    return [without_none(each) for each in value] if isinstance(value, list | tuple) else value


def take_in(toml: str, stage: Stage, version: int = 1) -> Instrument | list[str]:
    """The survey in a file, or its problems: by line where it is no TOML, by item where it is."""
    try:
        found = read(toml, OWN)
        wellbeing = any(is_wellbeing(text) for item in found.items for text in item.text.values())
        taken = replace(
            found,
            key=OWN,
            version=version,
            stages=(stage,),
            purpose=Purpose.WELLBEING if wellbeing else found.purpose,
        )
        checked(taken, OWN)
    except InstrumentError as error:
        return [in_words(problem) for problem in error.problems]
    except RecursionError:
        return ["nested too deeply"]
    return list(problems(taken)) or taken


def in_words(problem: str) -> str:
    """A place in the file as its author counts: the third item, not `$.items[2]`."""
    item = re.compile(r" - at `\$\.items\[(\d+)\]\.?([^`]*)`")
    return item.sub(lambda at: f" - item {int(at[1]) + 1} {at[2]}".rstrip(), problem)


def problems(instrument: Instrument) -> Iterator[str]:
    """What the composer would not have let through."""
    if not languages().keys() & set(instrument.languages):
        yield f"languages: none of {', '.join(sorted(languages()))}"
    if any(len(name) > LONGEST_NAME for name in instrument.name.values()):
        yield f"name: longer than {LONGEST_NAME} characters"
    if b"\\u0000" in msgspec.json.encode(instrument):
        yield "a text holds a null character, which no database keeps"
    if len(instrument.items) > MOST_ITEMS:
        yield f"more than {MOST_ITEMS} items"
    for item in instrument.items:
        place = f"item {item.id!r}"
        if any(len(text) > LONGEST_ITEM for text in item.text.values()):
            yield f"{place}: longer than {LONGEST_ITEM} characters"
    for key, responses in instrument.responses.items():
        if len(responses.options) > MOST_OPTIONS:
            yield f"responses {key!r}: more than {MOST_OPTIONS} options"
        texts = [text for option in responses.options for text in option.text.values()]
        if any(len(text) > LONGEST_NAME for text in texts):
            yield f"responses {key!r}: an option longer than {LONGEST_NAME} characters"
        if responses.kind is not Kind.RANGE and any(
            not option.text for option in responses.options
        ):
            yield f"responses {key!r}: an option without a text"
