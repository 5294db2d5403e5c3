"""R8: what is seen of a round while it runs. How many, never who and never which item."""

import json
import re
from collections.abc import Iterator

from surveys.rounds import dots
from tests.adversary.constraints import Known
from tests.adversary.markup import Node
from tests.adversary.playing import Played
from tests.adversary.readers.words import Unread, everybody
from tests.adversary.seen import RoundSeen


def running_round(found: Node, played: Played, round: RoundSeen) -> Iterator[Known]:
    """Exactly how many, on the teacher's own device."""
    (counting,) = found.all(".counting")
    n = counting.first("output")
    places = counting.first("span").all("span")[0]
    yield from everybody(round, int(n.take(r"\d+")[0][0]))
    assert int(places.take(r"\d+")[0][0]) == round.places
    for progress in counting.all("progress"):
        yield from everybody(round, int(progress.attributes["value"]))
        progress.clear()
    for qr in found.all("svg"):
        qr.clear()


def closure(found: Node, played: Played, round: RoundSeen) -> Iterator[Known]:
    (lead,) = found.all(".lead")
    for n in lead.take(r"(\d+) of \d+ took part|(\d+) answers?\."):
        yield from everybody(round, int(n[1] or n[2]))


def class_screen(found: Node, played: Played, round: RoundSeen) -> Iterator[Known]:
    """Dots, and from 80% only that most have finished."""
    full = len(found.all("i.full"))
    expected = dots(len(round.arrivals), round.places)
    assert full == (8 if expected is None else expected) or round.closed_on
    for qr in found.all("svg"):
        qr.clear()
    yield from ()


def event_stream(text: str, round: RoundSeen | None) -> Iterator[Known]:
    """The teacher's has the number, the screen's has the dots."""
    for message in re.findall(r"^data: (.*)$", text, re.MULTILINE):
        said_now = json.loads(message)
        assert round is not None
        if said_now.keys() == {"n", "places", "open"}:
            if said_now["open"]:
                yield from everybody(round, said_now["n"])
        elif said_now.keys() == {"dots", "open"}:
            assert not said_now["open"] or said_now["dots"] == dots(
                len(round.arrivals), round.places
            )
        else:
            raise Unread(f"event stream: {message}")
