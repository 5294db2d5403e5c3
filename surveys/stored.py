"""An instrument as the database gives it back."""

from functools import lru_cache

import msgspec

from surveys import texts
from surveys.instrument import Instrument


@lru_cache(maxsize=1_000)  # a page reads the same few again and again
def instrument(json: str) -> Instrument:
    """It was checked before it was stored.

    JSONB sorts its keys. Here each text begins again with the languages that are claimed, the
    original first: that is what is said where a language is missing.
    """
    found = msgspec.json.decode(json, type=Instrument)
    in_order = {
        field: {code: text[code] for code in (*found.languages, *text) if code in text}
        for field, text in texts.of(found).items()
    }
    return texts.put(found, in_order, found.languages)
