"""R4: what waves told, as leaders read it: cells of the school, their parts, and how it went on.

A cell is a pool or a sum of pools. Its n has to be that of all the pools in it, whose students the
adversary then counts; and each per cent has to be one of a count that stands beside it.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from surveys.instrument import said
from surveys.release import Interval
from surveys.waves import Pool, spread
from tests.adversary.constraints import Known, Option, Question, Seat, counted, question, told_as
from tests.adversary.markup import Node
from tests.adversary.playing import Played
from tests.adversary.readers import courses
from tests.adversary.readers.charts import published
from tests.adversary.readers.figures import Bounds, numbers
from tests.adversary.readers.words import DAY, INTERVAL, bounds, english
from tests.adversary.seen import RoundSeen, WaveSeen

TOOK_PART = r"(\d+) of (\d+) took part ?\((\d+)%\)"
EVERYBODY = "Everybody"
QUARTILES = r"lies between (\d+)% and (\d+)%|about (\d+)% in the middle half"
SIGNAL = r"Clearly (?:more would have been|fewer): \d+% or (?:more|less)"


class Cell(Struct, frozen=True):
    """Of these pools of a wave something is told together."""

    wave: WaveSeen
    pools: tuple[tuple[RoundSeen, ...], ...]

    @property
    def seats(self) -> list[Seat]:
        return [seat for pool in self.pools for round in pool for seat in round.arrivals]

    def count(self, of: Question, options: frozenset[Option], found: re.Match[str]) -> Known:
        """Of one pool it is told as R1 tells it; of several it is the sum of such ranges."""
        (low, high), n = bounds(found), int(found["n"])
        assert n == len(self.seats), "not all who are counted as one, or others too"
        d = self.pools[0][0].rule.d
        alone = len(self.pools) == 1
        possible = told_as(Interval(low, high), n, d) if alone else range(low, high + 1)
        return counted(self.seats, of.item, options, possible)


class Reading:
    """What is read in the block of one item, and the per cents that follow from it."""

    def __init__(self, of: Question) -> None:
        self.of = of
        self.known: list[Known] = []
        self.percents: set[int] = set()

    def side(self, node: Node, options: frozenset[Option], cell: Cell) -> Bounds:
        (count,) = node.take(INTERVAL)
        self.known.append(cell.count(self.of, options, count))
        return self.share(count)

    def sides(self, nodes: Sequence[Node], cell: Cell) -> list[Bounds]:
        """Those who do well and those who do not, in this order; returns their shares."""
        well, unwell = nodes
        return [
            self.side(well, self.of.positive, cell),
            self.side(unwell, self.of.negative, cell),
        ]

    def share(self, count: re.Match[str]) -> Bounds:
        (low, high), n = bounds(count), int(count["n"])
        self.percents |= {round(100 * low / n), round(100 * high / n)}
        return low / n, high / n

    def explain(self, block: Node) -> None:
        """Takes away every per cent of which the count was read."""

        def explained(found: re.Match[str]) -> str:
            return "…" if int(found[1]) in self.percents else found[0]

        for node in block.nodes():
            node.children = [
                re.sub(r"(\d+)%", explained, child) if isinstance(child, str) else child
                for child in node.children
            ]


def wellbeing(found: Node, played: Played, round: RoundSeen) -> Iterator[Known]:
    for section in found.all("section.cell"):
        years = section.first("h2").text
        (day, *_) = (section.all(".response") or section.all(".lead"))[0].take(DAY)
        last = cell_of(wave_on(day[0], played), years)
        for block in [*section.all("section"), *section.first("ol.items").all("li")]:
            heading = block.first("h3").text if block.all("h3") else ""
            if heading in asked(played):
                yield from item_of_cell(block, asked(played)[heading], years, last, played)
            elif heading == "Who took part":
                response_rates(block, years, played)
        check_responses(section.all(".response"), last)
        for decision in section.all("ol.decisions"):
            decision.clear()  # their days, and their numbers on the time axis


def schools(found: Node, played: Played, round: RoundSeen) -> Iterator[Known]:
    """A board sees of the school only what all of it says."""
    for section in found.all("section.school"):
        for response in section.all(".response"):
            last = cell_of(wave_on(response.take(DAY)[0][0], played), EVERYBODY)
            check_responses([response], last)
        for block in section.all("li"):
            reading = Reading(asked(played)[block.first("h3").text])
            _, lines = through_waves(block, EVERYBODY, reading, played)
            for drawing in block.all("svg.drawing"):
                courses.check_drawing(drawing, lines)
                drawing.clear()
            reading.explain(block)
            yield from reading.known


def asked(played: Played) -> dict[str, Question]:
    """What waves ask, by its text: in one history it is always the same."""
    instrument = played.waves[-1].instrument
    return {said(item.text, "en"): question(instrument, item) for item in instrument.closed}


def item_of_cell(
    block: Node, of: Question, years: str, last: Cell, played: Played
) -> Iterator[Known]:
    reading = Reading(of)
    for table in block.all("table.parts"):
        for row in table.first("tbody").all("tr"):
            part_of_cell(row, reading, last.wave)
    for figure in block.all("figure"):
        courses.check(figure, *through_waves(figure, years, reading, played))
    for sides in block.all(".sides"):
        reading.sides(sides.all(".interval"), last)
        for hint in sides.all("p.hint"):
            for found in hint.take(QUARTILES):
                assert middle_half(of, last, played) == {
                    int(each) for each in found.groups() if each
                }
    for what in block.all(".what"):
        side = of.positive if what.text == "Strong" else of.negative
        for sentence in block.all(".interval"):
            reading.side(sentence, side, last)
    for line in block.all("li"):
        doubts(line, reading, last)
    reading.explain(block)
    yield from reading.known


def through_waves(
    block: Node, years: str, reading: Reading, played: Played
) -> tuple[list[tuple[str, ...]], list[tuple[Bounds, ...]]]:
    """A table with both sides of an item in each wave: its words and its shares, side by side."""
    words, shares = [], []
    for row in block.first("table.course").first("tbody").all("tr"):
        cell = cell_of(wave_on(row.first("th").take(DAY)[0][0], played), years)
        words.append([each.text for each in row.all("td")])
        shares.append(reading.sides(row.all("td"), cell))
    return list(zip(*words, strict=True)), list(zip(*shares, strict=True))


def part_of_cell(row: Node, reading: Reading, wave: WaveSeen) -> None:
    """A year group, a class, or small classes together; a bar says no more than the words."""
    bars = row.all("svg.shares")
    if not bars:
        return  # too few answers
    of_classes = [wave.named(name) for name in re.findall(r"class [A-Z]", row.first("th").text)]
    cell = Cell(wave, (tuple(of_classes),)) if of_classes else cell_of(wave, row.first("th").text)
    well, unwell = reading.sides(row.all("td"), cell)
    n = len(cell.seats)
    told, *perhaps, untold = (numbers(path, "d")[-1] for path in bars[0].all("path"))
    assert (told, untold) == (round(well[0] * n), round(unwell[0] * n))
    assert all(-part <= n and part <= n for part in perhaps)
    bars[0].clear()


def doubts(line: Node, reading: Reading, last: Cell) -> None:
    """The lines under "How sure is this?"."""
    of = reading.of
    options = of.negative if line.text.startswith("does not go well") else of.positive
    for found in line.take(rf"We say “{INTERVAL}”"):
        reading.known.append(last.count(of, options, found))
    for found in line.take(rf"would have been [^(]*\({INTERVAL}\)"):
        (low, high), places = bounds(found), int(found["n"])
        possible = range(low, high - (places - len(last.seats)) + 1)
        reading.known.append(counted(last.seats, of.item, options, possible))
        reading.share(found)
        for percent in re.findall(r"(\d+)%", found[0]):
            assert int(percent) in reading.percents
    for found in line.take(rf"The rest: {INTERVAL}"):
        low, high = bounds(found)
        reading.known.append(counted(last.seats, of.item, of.rest, range(low, high + 1)))
    line.take(SIGNAL)  # worked out from what was told before


def response_rates(block: Node, years: str, played: Played) -> None:
    """How many took part, wave by wave."""
    (figure,) = block.all("figure")
    words, shares = [], []
    for row in figure.first("tbody").all("tr"):
        cell = cell_of(wave_on(row.first("th").take(DAY)[0][0], played), years)
        words.append([each.text for each in row.all("td")])
        (told,) = row.first("td").take(r"(\d+)% \((\d+) of (\d+)\)")
        check_response(cell, int(told[2]), int(told[3]), int(told[1]))
        shares.append([(int(told[2]) / int(told[3]),) * 2])
    courses.check(figure, list(zip(*words, strict=True)), list(zip(*shares, strict=True)))
    check_responses(block.all("p"), cell)


def check_responses(lines: Iterable[Node], cell: Cell) -> None:
    for line in lines:
        for told in line.take(TOOK_PART):
            check_response(cell, *map(int, told.groups()))


def check_response(cell: Cell, n: int, places: int, percent: int) -> None:
    members = sum(cell.wave.members_of(round) for pool in cell.pools for round in pool)
    assert n == len(cell.seats)
    assert places >= max(n, members)
    assert percent == round(100 * n / places)


def middle_half(of: Question, cell: Cell, played: Played) -> set[int]:
    """How far classes lie apart is worked out from what was told of each."""
    classes = [round for round, *others in cell.pools if not others]
    pools = [Pool((round.survey.group_id,), published(of, round, played)) for round in classes]
    found = spread(pools, of.item)
    assert found, "too few classes"
    return {found[0], found[2]}


def wave_on(day: str, played: Played) -> WaveSeen:
    return next(wave for wave in played.waves if wave.ended_on and english(wave.ended_on) == day)


def cell_of(wave: WaveSeen, years: str) -> Cell:
    """A cell by its heading: everybody, a year group, or one to another."""
    named = [int(year) for year in re.findall(r"\d+", years)]
    inside = range(named[0], named[-1] + 1) if named else range(100)
    pools = [
        tuple(pool) for pool in wave.pools() if all(wave.year_of(one) in inside for one in pool)
    ]
    return Cell(wave, tuple(pools))
