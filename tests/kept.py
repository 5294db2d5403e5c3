"""What is logged while a test runs, line by line."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from service import logs

Entry = dict[str, Any]


class Kept(logging.Handler):
    """What would have been written, line by line."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(logs.Lines())
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))

    @property
    def entries(self) -> list[Entry]:
        return [json.loads(line) for line in self.lines]

    def entrances(self) -> list[Entry]:
        """Who came in, or was kept out."""
        events = set(logs.Event)
        return [entry for entry in self.entries if entry["event"] in events]

    def requests(self) -> list[Entry]:
        return [entry for entry in self.entries if entry["event"] == "request"]


@pytest.fixture
def kept() -> Iterator[Kept]:
    """Everything that anybody logs, however little it matters."""
    handler, root, level = Kept(), logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    logs.requests.setLevel(logging.INFO)
    yield handler
    root.removeHandler(handler)
    root.setLevel(level)
    logs.requests.setLevel(logging.NOTSET)
