"""One item as it is drawn: as boxes, as a small drawing, and as a chart with its table."""

import re
from collections.abc import Iterator, Sequence
from math import ceil, floor

from surveys import release
from surveys.release import Release, Told
from surveys.waves import Pool, spread
from tests.adversary.constraints import Known, Question, counted
from tests.adversary.markup import Node
from tests.adversary.playing import Played
from tests.adversary.readers import figures
from tests.adversary.readers.words import DAY, INTERVAL, bounds, english, on_day, told, took_part
from tests.adversary.seen import RoundSeen


def parts(boxes: Node, of: Question, last: RoundSeen) -> Iterator[Known]:
    """A row of boxes: at least so many positive, at least so many negative, so many absent.

    Where both ends are open the longer one fills the row, so a row tells no upper bound.
    """
    row = [node.classes[0] for node in boxes.all("i")]
    n = len(row) - row.count("absent")
    seats = last.first(n)
    yield counted(seats, of.item, of.positive, range(row.count("positive"), n + 1))
    yield counted(seats, of.item, of.negative, range(row.count("negative"), n + 1))
    boxes.clear()


def chart(
    figure: Node, of: Question, asked: Sequence[RoundSeen], played: Played
) -> Iterator[Known]:
    """The rows of the table, what Plotly draws, and where the school's classes lie."""
    for cells in figures.rows(figure, DAY):
        on = on_day(asked, cells[0].take(DAY)[0][0])
        yield from told(of, "positive", cells[1].take(INTERVAL), on)
        (n,) = cells[2].take(INTERVAL)
        yield from took_part(on, bounds(n)[0])
    for day, (low, high) in figures.plotted(figure):
        yield from share(of, on_day(asked, english(day)), low, high, within=figures.PLOTTED)
    for day, words in figures.hovered(figure):
        yield from told(
            of, "positive", list(re.finditer(INTERVAL, words)), on_day(asked, english(day))
        )
    school = [
        (int(found[1]), int(found[2]))
        for hint in figure.all("p.hint")
        for found in hint.take(r"lie between (\d+)% and (\d+)%")
    ]
    assert figures.grounds(figure) == school
    assert not school or school == [band(of, asked[0], played)], "not what was told of the classes"


def spark(drawing: Node, of: Question, rounds: Sequence[RoundSeen]) -> Iterator[Known]:
    """From left to right, one for each round that was told; all shares."""
    for (low, high), round in zip(figures.drawn(drawing), rounds, strict=True):
        yield from share(of, round, low, high, within=figures.DRAWN)
    drawing.clear()


def share(
    of: Question, round: RoundSeen, low: float, high: float, within: float
) -> Iterator[Known]:
    """A share between two bounds, each of them rounded; of a round that has closed."""
    n = len(round.arrivals)
    least, most = ceil((low - within) * n), floor((high + within) * n)
    if round.closed_on:
        possible = range(max(0, least), min(n, most) + 1)
        yield counted(round.arrivals, of.item, of.positive, possible)


def band(of: Question, asked: RoundSeen, played: Played) -> tuple[int, int]:
    """R6: where the school's classes lie, of those whose teachers let them count.

    It is worked out from what was told of each, and the adversary knows all of that: so it tells
    nothing more of any student. If it said anything else, it would be made of more than that.
    """
    pools = []
    for number, survey in played.school.surveys.items():
        rounds = [one for one in played.rounds_of(survey) if one.shows_result]
        if (
            played.history.surveys[number].in_band
            and survey.instrument == asked.survey.instrument
            and rounds
        ):
            pools.append(Pool((survey.group_id,), published(of, rounds[-1], played)))
    found = spread(pools, of.item)
    assert found, "too few classes"
    return found[0], found[2]


def published(of: Question, round: RoundSeen, played: Played) -> Release:
    n, d = len(round.arrivals), round.rule.d
    chosen = [played.truth[seat][of.item] for seat in round.arrivals]
    positive, negative = (
        release.coded(sum(option in options for option in chosen), n, d)
        for options in (of.positive, of.negative)
    )
    return Release(n, d, (Told(of.item, positive, negative),))
