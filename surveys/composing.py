"""A teacher's own short survey, out of items that there are and items of one's own."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from surveys.instrument import (
    MOST_ITEMS,
    Instrument,
    Item,
    Kind,
    Purpose,
    ResponseOption,
    Responses,
    Stage,
    library,
    texts_allowed,
)

OWN_ITEMS = 5
KINDS = ("agreement", "faces", "range", "text")
LONGEST_NAME = 60
LONGEST_ITEM = 120

OWN_RESPONSES: Mapping[str, Responses] = {
    "agreement": Responses(
        kind=Kind.AGREEMENT,
        options=(
            ResponseOption(1, {"nl": "helemaal niet mee eens", "en": "disagree completely"}),
            ResponseOption(2, {"nl": "niet zo mee eens", "en": "disagree a bit"}),
            ResponseOption(3, {"nl": "best mee eens", "en": "agree a bit"}),
            ResponseOption(4, {"nl": "helemaal mee eens", "en": "agree completely"}),
        ),
        positive=(3, 4),
        negative=(1, 2),
        not_applicable=True,
    ),
    "faces": Responses(
        kind=Kind.FACES,
        options=(
            ResponseOption(1, {"nl": "niet fijn", "en": "not nice"}),
            ResponseOption(2, {"nl": "gaat wel", "en": "so-so"}),
            ResponseOption(3, {"nl": "fijn", "en": "nice"}),
        ),
        positive=(3,),
        negative=(1,),
    ),
    "range": Responses(
        kind=Kind.RANGE,
        options=(
            ResponseOption(0, {"nl": "helemaal niet", "en": "not at all"}),
            *(ResponseOption(value) for value in range(1, 10)),
            ResponseOption(10, {"nl": "heel erg", "en": "very much"}),
        ),
        positive=(7, 8, 9, 10),
        negative=(0, 1, 2, 3, 4, 5),
    ),
    "text": Responses(kind=Kind.TEXT),
}


class Offered(Struct, frozen=True):
    """An item that may be chosen, with the name of its field in the form."""

    field: str
    item: Item
    responses: Responses


class OfferedInstrument(Struct, frozen=True):
    instrument: Instrument
    items: tuple[Offered, ...]


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
    """An instrument out of a posted form, or its problems by field.

    Fields: `name`; `INSTRUMENT.ITEM` for each item chosen; `own.N.text` and `own.N.kind` for
    N from 1; `purpose` where there are own items, said by their author.
    """
    picked = [
        (found.instrument, each.item)
        for found in offered(stage)
        for each in found.items
        if each.field in form
    ]
    own = [
        (form.get(f"own.{n}.text", "").strip(), form.get(f"own.{n}.kind", ""), n)
        for n in range(1, OWN_ITEMS + 1)
        if form.get(f"own.{n}.text", "").strip()
    ]
    purpose = purpose_of(picked, form if own else {})
    if problems := problems_of(form, picked, own, purpose, stage):
        return problems
    languages = common_languages([instrument for instrument, _ in picked], own=bool(own))
    return Instrument(
        key="own",
        version=1,
        purpose=purpose or Purpose.LESSON,
        stages=(stage,),
        languages=languages,
        name=dict.fromkeys(languages, form["name"].strip()),
        about=dict.fromkeys(languages, form["name"].strip()),
        responses={
            **{
                f"{instrument.key}.{item.responses}": spoken(instrument.of(item), languages)
                for instrument, item in picked
            },
            **{f"own.{kind}": spoken(OWN_RESPONSES[kind], languages) for _, kind, _ in own},
        },
        items=(
            *(
                Item(
                    id=f"{instrument.key}-{item.id}"[:40],
                    responses=f"{instrument.key}.{item.responses}",
                    text={language: item.text[language] for language in languages},
                    reversed=item.reversed,
                )
                for instrument, item in picked
            ),
            *(
                Item(id=f"own-{n}", responses=f"own.{kind}", text=dict.fromkeys(languages, text))
                for text, kind, n in own
            ),
        ),
    )


def common_languages(instruments: Sequence[Instrument], *, own: bool) -> tuple[str, ...]:
    """The languages in which every item can be asked; own items' options speak Dutch and English.

    An own item itself stands in each as its author wrote it.
    """
    spoken_by = [set(instrument.languages) for instrument in instruments]
    if own:
        spoken_by.append({"nl", "en"})
    first = instruments[0].languages if instruments else ("nl", "en")
    return tuple(language for language in first if all(language in each for each in spoken_by))


def purpose_of(
    picked: Sequence[tuple[Instrument, Item]], form: Mapping[str, str]
) -> Purpose | None:
    """One wellbeing item makes the whole survey wellbeing; of own items the author says it."""
    if any(instrument.purpose is Purpose.WELLBEING for instrument, _ in picked):
        return Purpose.WELLBEING
    if form:
        return Purpose(form["purpose"]) if form.get("purpose") in set(Purpose) else None
    return Purpose.LESSON


def problems_of(
    form: Mapping[str, str],
    picked: Sequence[tuple[Instrument, Item]],
    own: Sequence[tuple[str, str, int]],
    purpose: Purpose | None,
    stage: Stage,
) -> dict[str, str]:
    found: dict[str, str] = {}
    if not 0 < len(form.get("name", "").strip()) <= LONGEST_NAME:
        found["name"] = "missing"
    for text, kind, n in own:
        if kind not in KINDS:
            found[f"own.{n}.kind"] = "missing"
        if len(text) > LONGEST_ITEM:
            found[f"own.{n}.text"] = "long"
        if kind == "text" and not texts_allowed(purpose or Purpose.LESSON, [stage]):
            found[f"own.{n}.kind"] = "no words"
    closed = [item for _, item in picked] + [text for text, kind, _ in own if kind != "text"]
    if not closed:
        found["items"] = "none"
    if len(picked) + len(own) > MOST_ITEMS:
        found["items"] = "many"
    if purpose is None:
        found["purpose"] = "missing"
    return found


def spoken(responses: Responses, languages: Sequence[str]) -> Responses:
    """The responses in these languages alone."""
    return Responses(
        kind=responses.kind,
        options=tuple(
            ResponseOption(
                option.value,
                {
                    language: option.text[language]
                    for language in languages
                    if language in option.text
                },
            )
            for option in responses.options
        ),
        positive=responses.positive,
        negative=responses.negative,
        not_applicable=responses.not_applicable,
    )
