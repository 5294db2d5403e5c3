"""Do you notice our agreement? One item that joins a survey while the class has an agreement.

It stands outside every scale and outside the trend: the survey's own items stay what they were,
so rounds with and without it are points of one line.
"""

from msgspec.structs import replace

from surveys.instrument import Instrument, Item, Purpose, library

SOURCE = "doelmeting"
NOTICED = "agreement"


def asked(instrument: Instrument, agreement: str) -> Instrument:
    """The survey as a round asks it; the same where there is no agreement, or it asks already.

    A wellbeing survey is not about the lesson, so nothing about an agreement joins it.
    """
    own = {item.id for item in instrument.items}
    if not agreement or NOTICED in own or instrument.purpose is Purpose.WELLBEING:
        return instrument
    source = library()[SOURCE]
    item = next(item for item in source.items if item.id == NOTICED)
    # An own survey may speak fewer languages than the item, or one that the item lacks.
    languages = [language for language in instrument.languages if language in source.languages]
    text = {language: f"{item.text[language]} “{agreement}”" for language in languages}
    return replace(
        instrument,
        languages=tuple(languages),
        items=(*instrument.closed, Item(NOTICED, item.responses, text), *instrument.open),
        responses={**instrument.responses, item.responses: source.of(item)},
    )
