"""What leaders see of a wave of the school."""

from collections.abc import Iterator

from tests.adversary.constraints import Known
from tests.adversary.markup import Node
from tests.adversary.playing import Played
from tests.adversary.readers.words import everybody
from tests.adversary.seen import RoundSeen, WaveSeen


def wave_page(found: Node, played: Played, round: RoundSeen) -> Iterator[Known]:
    """R8: how many took part, class by class and together; after its end, nothing."""
    assert round.wave
    names = {member.name: round.wave.rounds[member.group_id] for member in round.wave.members}
    for counting in found.all(".counting"):
        all_together(int(counting.first("output").take(r"\d+")[0][0]), round.wave)
        (places,) = counting.first("span").take(r"of (\d+)")
        assert int(places[1]) == sum(one.places for one in names.values())
        clear_progress(counting)
    for line in found.all("tr"):
        for name in [*line.all("a"), *line.all(".stopped")]:
            (said,) = line.first("td").take(r"(\d+) of (\d+)")
            yield from everybody(names[name.text], int(said[1]))
            assert int(said[2]) == names[name.text].places
        clear_progress(line)


def wave_closure(found: Node, played: Played, round: RoundSeen) -> Iterator[Known]:
    assert round.wave
    (lead,) = found.all(".lead")
    for said in lead.take(r"(\d+) of \d+ took part\."):
        all_together(int(said[1]), round.wave)
    yield from ()


def all_together(n: int, wave: WaveSeen) -> None:
    assert n == sum(len(round.arrivals) for round in wave.rounds.values())


def clear_progress(block: Node) -> None:
    for progress in block.all("progress"):
        progress.clear()
