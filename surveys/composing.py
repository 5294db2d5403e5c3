"""A teacher's own short survey, out of items that there are and items of one's own."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from surveys.answers import plain
from surveys.instrument import (
    MOST_ITEMS,
    Instrument,
    Item,
    Kind,
    Purpose,
    ResponseOption,
    Responses,
    Stage,
    checked,
    folded,
    library,
    texts_allowed,
)
from surveys.languages import languages

OWN_ITEMS = 5
OWN_NUMBERS = [str(number) for number in range(1, OWN_ITEMS + 1)]
LONGEST_NAME = 60
LONGEST_ITEM = 120

FILE = Path(__file__).with_suffix(".toml")
KINDS = ("agreement", "faces", "range", "text")


@cache
def own_responses() -> Mapping[str, Responses]:
    """How an own item may be answered, by kind, in every language that we speak."""
    return msgspec.toml.decode(FILE.read_bytes(), type=dict[str, Responses])


class Offered(Struct, frozen=True):
    """An item that may be chosen, with the name of its field in the form."""

    field: str
    item: Item
    responses: Responses


class OfferedInstrument(Struct, frozen=True):
    """An instrument, and those of its items that may be chosen."""

    instrument: Instrument
    items: tuple[Offered, ...]


class OwnItem(Struct, frozen=True):
    """An item as its author wrote it; `kind`, if it is right, is one of KINDS."""

    number: int
    text: str
    kind: str


Picked = Sequence[tuple[Instrument, Item]]


def offered(stage: Stage) -> list[OfferedInstrument]:
    """The instruments of a stage; open questions only where words may be asked (R7)."""
    return [
        OfferedInstrument(
            instrument,
            tuple(
                Offered(f"{instrument.key}.{item.id}", item, instrument.of(item))
                for item in instrument.items
                if instrument.of(item).kind is not Kind.TEXT
                or texts_allowed(instrument.purpose, [stage])
            ),
        )
        for instrument in library().values()
        if stage in instrument.stages
    ]


def compose(form: Mapping[str, str], stage: Stage) -> Instrument | dict[str, str]:
    """A checked instrument out of a posted form, or its problems by field.

    Fields: `name`; `INSTRUMENT.ITEM` for each item picked; `own.N.text` and `own.N.kind` for
    N from 1; where there are own items also `purpose`, said by their author, and `written_in`.
    """
    name = plain(form.get("name", ""))
    picked = picked_items(form, stage)
    own = own_items(form)
    purpose = purpose_of(picked, own, form.get("purpose", ""))
    problems = problems_of(name, picked, own, purpose, stage)
    if purpose is None or problems:
        return problems
    languages = languages_of(picked, own, form.get("written_in", ""))
    made = Instrument(
        key="own",
        version=1,
        purpose=purpose,
        stages=(stage,),
        languages=languages,
        name=dict.fromkeys(languages, name),
        about=dict.fromkeys(languages, name),
        responses={
            **{
                f"{instrument.key}.{item.responses}": spoken(instrument.of(item), languages)
                for instrument, item in picked
            },
            **{f"own.{each.kind}": spoken(own_responses()[each.kind], languages) for each in own},
        },
        items=(
            *(
                Item(
                    id=f"{instrument.key}-{item.id}",
                    responses=f"{instrument.key}.{item.responses}",
                    text={language: item.text[language] for language in languages},
                    reversed=item.reversed,
                )
                for instrument, item in picked
            ),
            *(
                Item(
                    id=f"own-{each.number}",
                    responses=f"own.{each.kind}",
                    text=dict.fromkeys(languages, each.text),
                )
                for each in own
            ),
        ),
    )
    return checked(made, "own survey")


def form_of(made: Instrument, stage: Stage) -> dict[str, str] | None:
    """The form out of which a survey was composed; None where it came from somewhere else."""
    fields = {
        f"{found.instrument.key}-{each.item.id}": each.field
        for found in offered(stage)
        for each in found.items
    }
    language = made.languages[0]
    form = {"name": made.name[language], "purpose": made.purpose.value, "written_in": language}
    for item in made.items:
        number, kind = item.id.removeprefix("own-"), item.responses.removeprefix("own.")
        if item.id in fields:
            form[fields[item.id]] = "1"
        elif number in OWN_NUMBERS and kind in KINDS:
            form[f"own.{number}.text"] = item.text[language]
            form[f"own.{number}.kind"] = kind
        else:
            return None
    return form


def picked_items(form: Mapping[str, str], stage: Stage) -> Picked:
    return [
        (found.instrument, each.item)
        for found in offered(stage)
        for each in found.items
        if each.field in form
    ]


def own_items(form: Mapping[str, str]) -> list[OwnItem]:
    """What was written, without the lines left empty."""
    written = [
        OwnItem(n, plain(form.get(f"own.{n}.text", "")), form.get(f"own.{n}.kind", ""))
        for n in range(1, OWN_ITEMS + 1)
    ]
    return [each for each in written if each.text]


def purpose_of(picked: Picked, own: Sequence[OwnItem], said: str) -> Purpose | None:
    """One wellbeing item makes the whole survey wellbeing; of other own items the author says it.

    None where that is still to be said.
    """
    chosen = any(instrument.purpose is Purpose.WELLBEING for instrument, _ in picked)
    if chosen or any(is_wellbeing(each.text) for each in own):
        return Purpose.WELLBEING
    if not own:
        return Purpose.LESSON
    return Purpose(said) if said in set(Purpose) else None


def is_wellbeing(text: str) -> bool:
    """Whether an own item is one of our wellbeing items, written over and called something else."""
    return any(
        folded(text) == folded(ours)
        for instrument in library().values()
        if instrument.purpose is Purpose.WELLBEING
        for item in instrument.closed
        for ours in item.text.values()
    )


def problems_of(
    name: str,
    picked: Picked,
    own: Sequence[OwnItem],
    purpose: Purpose | None,
    stage: Stage,
) -> dict[str, str]:
    found: dict[str, str] = {}
    words = texts_allowed(purpose or Purpose.LESSON, [stage])
    if not 0 < len(name) <= LONGEST_NAME:
        found["name"] = "missing"
    for each in own:
        if len(each.text) > LONGEST_ITEM:
            found[f"own.{each.number}.text"] = "long"
        if each.kind not in KINDS:
            found[f"own.{each.number}.kind"] = "missing"
        elif each.kind == Kind.TEXT and not words:
            found[f"own.{each.number}.kind"] = "no words"
    kinds = [instrument.of(item).kind for instrument, item in picked]
    if all(kind == Kind.TEXT for kind in (*kinds, *(each.kind for each in own))):
        found["items"] = "none"
    elif len(picked) + len(own) > MOST_ITEMS:
        found["items"] = "many"
    elif Kind.TEXT in kinds and not words:
        found["items"] = "no words"
    if purpose is None:
        found["purpose"] = "missing"
    return found


def languages_of(picked: Picked, own: Sequence[OwnItem], written_in: str) -> tuple[str, ...]:
    """The languages in which every item is asked: with an own one, that in which it was written.

    Its author may translate it afterwards.
    """
    if own:
        return (written_in if written_in in languages() else next(iter(languages())),)
    spoken_by = [instrument.languages for instrument, _ in picked]
    return tuple(code for code in spoken_by[0] if all(code in each for each in spoken_by))


def spoken(responses: Responses, languages: Sequence[str]) -> Responses:
    """The responses in these languages alone."""
    options = tuple(
        ResponseOption(
            option.value,
            {language: option.text[language] for language in languages if language in option.text},
        )
        for option in responses.options
    )
    return replace(responses, options=options)
