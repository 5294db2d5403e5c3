"""What students read."""

from collections.abc import Iterator

from tests.adversary.constraints import Known
from tests.adversary.markup import Node
from tests.adversary.playing import Played
from tests.adversary.seen import RoundSeen


def students_page(found: Node, played: Played, round: RoundSeen) -> Iterator[Known]:
    """The same questions and the same promise for everybody, whatever others have answered."""
    for form in found.all("form"):
        for promise in form.all(".promise"):
            for k in promise.take(r"(\d+) or more (?:students|children|colleagues)"):
                assert int(k[1]) == round.rule.k, "another promise than when the round opened"
            promise.clear()
        text = form.text
        if form.all(".step"):
            assert text == round.pages.setdefault("questions", text), "not the same for everybody"
            form.clear()
    for lines in found.all(".helplines"):
        lines.clear()
    yield from ()
