"""The texts of a survey, each by its field; and which of them we say ourselves, in all languages.

A field is `name`, `about`, `scale.KEY`, `item.ID` or `option.RESPONSES.VALUE`.
"""

from collections.abc import Iterable, Mapping
from functools import cache

from msgspec.structs import replace

from surveys.composing import own_responses
from surveys.instrument import Instrument, Item, Responses, Text, library
from surveys.languages import languages

Texts = dict[str, Text]


def of(instrument: Instrument) -> Texts:
    return {
        "name": instrument.name,
        "about": instrument.about,
        **{f"scale.{key}": scale.name for key, scale in instrument.scales.items()},
        **{field_of(item): item.text for item in instrument.items},
        **of_options(instrument.responses),
    }


def of_options(all_responses: Mapping[str, Responses]) -> Texts:
    return {
        field_of_option(key, option.value): option.text
        for key, responses in all_responses.items()
        for option in responses.options
        if option.text
    }


def put(instrument: Instrument, texts: Mapping[str, Text], languages: Iterable[str]) -> Instrument:
    """The same survey with these texts, claiming these languages."""
    return replace(
        instrument,
        languages=tuple(languages),
        name=texts["name"],
        about=texts["about"],
        scales={
            key: replace(scale, name=texts[f"scale.{key}"])
            for key, scale in instrument.scales.items()
        },
        items=tuple(replace(item, text=texts[field_of(item)]) for item in instrument.items),
        responses={
            key: replace(
                responses,
                options=tuple(
                    replace(option, text=texts.get(field_of_option(key, option.value), {}))
                    for option in responses.options
                ),
            )
            for key, responses in instrument.responses.items()
        },
    )


def field_of(item: Item) -> str:
    return f"item.{item.id}"


def field_of_option(responses: str, value: int) -> str:
    return f"option.{responses}.{value}"


def kind_of(field: str) -> str:
    return field.partition(".")[0]


# What we say ourselves


def ours(instrument: Instrument, language: str) -> Texts:
    """Our own texts where the survey says the same in this language, word for word."""
    items = {
        field_of(item): our_items().get((language, item.text.get(language, "")), {})
        for item in instrument.items
    }
    responses = {
        key: our_responses().get(wording(each, language))
        for key, each in instrument.responses.items()
    }
    return items | of_options({key: each for key, each in responses.items() if each})


@cache
def our_items() -> Mapping[tuple[str, str], Text]:
    return {
        (language, words): item.text
        for instrument in library().values()
        for item in instrument.items
        for language, words in item.text.items()
    }


@cache
def our_responses() -> Mapping[tuple[str, ...], Responses]:
    """By all that the options say together: one of them alone may mean something else elsewhere."""
    found = [own_responses(), *(instrument.responses for instrument in library().values())]
    return {
        wording(responses, language): responses
        for language in languages()
        for each in found
        for responses in each.values()
    }


def wording(responses: Responses, language: str) -> tuple[str, ...]:
    said = (f"{option.value} {option.text.get(language, '')}" for option in responses.options)
    return language, *said
