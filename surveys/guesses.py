"""What a teacher expects of a round: of every ten who answer, how many will say it goes well.

Written down before the result, beside which it stands afterwards: what surprises teaches most.
"""

from collections.abc import Mapping

from msgspec import Struct

from surveys.instrument import Instrument

OF = 10
POSSIBLE = {"", *map(str, range(OF + 1))}


class Guess(Struct, frozen=True):
    """Of every ten answers, how many are expected to be positive."""

    of_ten: dict[str, int]  # by item id; items left empty are not in it

    def count(self, item: str, n: int) -> int | None:
        """The guess as a count of n answers; None where none was made."""
        return round(self.of_ten[item] * n / OF) if item in self.of_ten else None


def read(instrument: Instrument, form: Mapping[str, str]) -> Guess | dict[str, str]:
    """A posted form as a guess, or its problems by item."""
    filled = {item.id: form.get(item.id, "").strip() for item in instrument.closed}
    wrong = {item: "wrong" for item, text in filled.items() if text not in POSSIBLE}
    return wrong or Guess({item: int(text) for item, text in filled.items() if text})
