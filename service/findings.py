"""What `stemlokaal doctor` says: one line for each thing that it looked at."""

from enum import StrEnum

from msgspec import Struct


class Mark(StrEnum):
    OK = "ok"
    LOOK = "look at this"
    BROKEN = "broken"


class Finding(Struct, frozen=True):
    """`to_do` stands there unless all is well."""

    mark: Mark
    of: str
    said: str
    to_do: str = ""

    def __str__(self) -> str:
        line = f"{self.mark:<14}{self.of}: {self.said}"
        return f"{line}\n{'':<14}-> {self.to_do}" if self.to_do else line


def well(of: str, said: str) -> Finding:
    return Finding(Mark.OK, of, said)


def look(of: str, said: str, to_do: str) -> Finding:
    """It works, but may not for long, or not as safely as it should."""
    return Finding(Mark.LOOK, of, said, to_do)


def broken(of: str, said: str, to_do: str) -> Finding:
    return Finding(Mark.BROKEN, of, said, to_do)
