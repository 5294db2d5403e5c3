"""What a page tells, as constraints: one small reader per page.

A reader takes what it understands out of the page; `pages` complains of what is left.
"""

import csv
import json
import re
from calendar import month_name
from collections.abc import Callable, Iterator
from datetime import date
from io import StringIO
from math import ceil, floor

from surveys.instrument import Item, said
from surveys.noticing import NOTICED
from surveys.release import Interval
from surveys.rounds import dots
from tests.adversary import figures, scales
from tests.adversary.constraints import Known, Question, counted, question, told_as
from tests.adversary.markup import Node
from tests.adversary.playing import Played, RoundSeen

INTERVAL = (
    r"(?:(?P<least>\d+) or more|(?P<most>\d+) or fewer"
    r"|(?P<low>\d+) to (?P<high>\d+)|(?P<exact>\d+)) of (?P<n>\d+)"
)
MONTHS = "|".join(month_name[1:])
DAY = rf"\d{{1,2}} (?:{MONTHS})(?: \d{{4}})?"

Reader = Callable[[Node, Played, RoundSeen], Iterator[Known]]


class Unread(AssertionError):
    """A page shows something that the adversary does not understand."""


# The class page


def class_page(found: Node, played: Played, round: RoundSeen) -> Iterator[Known]:
    """Every item wherever it stands: in words, as boxes, as a drawing, a table and a chart."""
    asked = [one for one in played.rounds if one.survey == round.survey]
    for notice in found.all(".notice"):
        notice.take(r"\d+ answers?\. From \d+ we show something")
    last = asked[-1]
    for response in found.all(".response"):
        last = on_day(asked, response.take(DAY)[0][0])
        (n,) = response.take(r"(\d+) of (\d+) took part(?: \(\d+%\))?")
        assert int(n[2]) == last.places, "another number of places than there are"
        yield from took_part(last, int(n[1]))
    for words in found.all("details.comments"):
        yield from own_words(words, played)
    for line in found.first("main").all("p"):
        if line.text.endswith("notice it."):
            (noticing,) = (item for item in last.instrument.closed if item.id == NOTICED)
            yield from told(
                question(last.instrument, noticing), "positive", line.take(INTERVAL), last
            )
    by_text = {said(item.text, "en"): item for item in round.survey.instrument.closed}
    sections = [section for section in found.all("section") if not section.all("ol.items")]
    blocks = [
        (block, by_text[heading])
        for block in [*found.all("li"), *sections]
        if (heading := heading_of(block)) in by_text
    ]
    scales.check(found, [(block, said(item.text, "en")) for block, item in blocks], INTERVAL, DAY)
    for block, item in blocks:
        yield from item_block(block, item, asked, last)
    for lines in found.all(".helplines"):
        lines.clear()
    for source in found.all(".source"):
        source.clear()  # where a suggestion comes from, with its year and pages


def heading_of(block: Node) -> str:
    headings = [*block.all("h2"), *block.all("h3")]
    return headings[0].text.removeprefix("From round to round: ") if headings else ""


def discussion(found: Node, played: Played, round: RoundSeen) -> Iterator[Known]:
    """What the class may see: one strength and one thing to talk about, of the last round told."""
    asked = [one for one in played.rounds if one.survey == round.survey]
    last = [one for one in asked if one.shows_result][-1]
    for line in found.all("dd"):
        for item in round.survey.instrument.closed:
            if said(item.text, "en") == line.first("b").text:
                for sentence in line.all(".interval"):
                    of = question(round.instrument, item)
                    yield from told(of, "positive", sentence.take(INTERVAL), last)


def item_block(block: Node, item: Item, asked: list[RoundSeen], last: RoundSeen) -> Iterator[Known]:
    """All that is said of one item. What is told of the last round stands there without a day."""
    of = question(last.instrument, item)
    for figure in block.all("figure"):
        yield from chart(figure, of, asked)
    for drawing in block.all("svg"):
        yield from spark(drawing, of, rounds_told(asked, last))
    for boxes in block.all(".boxes"):
        yield from parts(boxes, of, last)
    for sentence in block.all(".interval"):
        yield from told(of, "positive", sentence.take(INTERVAL), last)
    for line in block.all(".change"):
        if not line.text.startswith("Last time"):
            continue
        before, now = line.take(INTERVAL)
        yield from told(of, "positive", [before], rounds_told(asked, last)[-2])
        yield from told(of, "positive", [now], last)
    for line in block.all("li"):
        yield from doubts(line, of, last)


def doubts(line: Node, of: Question, last: RoundSeen) -> Iterator[Known]:
    """The lines under "How sure is this?"."""
    if line.text.startswith("We say"):
        yield from told(of, "positive", line.take(INTERVAL), last)
    elif line.text.startswith("Chose"):
        negative, rest = line.take(INTERVAL)
        yield from told(of, "negative", [negative], last)
        low, high = bounds(rest)
        yield counted(last.first(int(rest["n"])), of.item, of.rest, range(low, high + 1))
    elif line.text.startswith("Had all answered"):
        (would,) = line.take(INTERVAL)
        low, high = bounds(would)
        if last.closed_on:
            absent = int(would["n"]) - len(last.arrivals)
            yield counted(last.arrivals, of.item, of.positive, range(low, high - absent + 1))


def told(of: Question, which: str, found: list[re.Match[str]], round: RoundSeen) -> Iterator[Known]:
    """What is told of a count, read by somebody who knows how we code counts (R1)."""
    options = of.positive if which == "positive" else of.negative
    for each in found:
        low, high = bounds(each)
        n = int(each["n"])
        yield counted(
            round.first(n), of.item, options, told_as(Interval(low, high), n, round.rule.d)
        )


def bounds(found: re.Match[str]) -> tuple[int, int]:
    n = int(found["n"])
    if found["exact"]:
        return int(found["exact"]), int(found["exact"])
    low, high = found["least"] or found["low"], found["most"] or found["high"]
    return int(low) if low else 0, int(high) if high else n


def everybody(round: RoundSeen, n: int) -> Iterator[Known]:
    """Each acknowledged answer is counted once. Nothing else: presence is known anyway."""
    assert n == len(round.arrivals), "another number of answers than were acknowledged"
    yield from ()


def took_part(round: RoundSeen, n: int) -> Iterator[Known]:
    """Of a result: all who answered, once the round has closed."""
    if round.closed_on:
        yield from everybody(round, n)


def rounds_told(asked: list[RoundSeen], last: RoundSeen) -> list[RoundSeen]:
    """The rounds of which something is told, up to and with this one."""
    before = asked[: asked.index(last)]
    return [*(one for one in before if one.shows_result), last]


def on_day(asked: list[RoundSeen], day: str) -> RoundSeen:
    """The last round of this day; of one before it on the same day nothing was told."""
    return next(one for one in reversed(asked) if day in (english(one.on), english(one.on)[:-5]))


def english(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


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


def chart(figure: Node, of: Question, asked: list[RoundSeen]) -> Iterator[Known]:
    """The rows of the table, and the shares that Plotly draws."""
    for cells in figures.rows(figure, DAY):
        on = on_day(asked, cells[0].take(DAY)[0][0])
        yield from told(of, "positive", cells[1].take(INTERVAL), on)
        (n,) = cells[2].take(INTERVAL)
        yield from took_part(on, bounds(n)[0])
    for day, (low, high) in figures.plotted(figure):
        yield from share(of, on_day(asked, english(day)), low, high, within=0.001)


def spark(drawing: Node, of: Question, rounds: list[RoundSeen]) -> Iterator[Known]:
    """Dots and bars from left to right, one for each round that was told; all shares."""
    for (low, high), round in zip(figures.drawn(drawing), rounds, strict=True):
        yield from share(of, round, low, high, within=0.002)
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


def own_words(words: Node, played: Played) -> Iterator[Known]:
    """Texts tell what they say; who wrote them, a style at most."""
    (summary, *_) = words.all("summary")
    (small,) = summary.all("small")
    assert int(small.take(r"\d+")[0][0]) == len(words.all("blockquote"))
    yield from ()


def board(found: Node, played: Played, round: RoundSeen) -> Iterator[Known]:
    """What classes work on: of each, one item of the last round that was told."""
    of_class = {
        class_.name: played.surveys[number] for number, class_ in enumerate(played.history.classes)
    }
    for goal in found.first("ul.goals").all("li"):
        survey = of_class[goal.first(".what").text.partition(" · ")[0]]
        told = [one for one in played.rounds if one.survey == survey and one.shows_result]
        for item in survey.instrument.closed:
            if told and goal.first("h3").text == said(item.text, "en"):
                yield from item_block(goal, item, told, told[-1])


def export(text: str, played: Played, round: RoundSeen | None) -> Iterator[Known]:
    """R9: a line for each item of each release, with the bounds of its two counts."""
    assert round
    asked = [one for one in played.rounds if one.survey == round.survey]
    for line in list(csv.reader(StringIO(text)))[1:]:
        _, day, places, n, words, *bounded, _ = line
        on = on_day(asked, english(date.fromisoformat(day)))
        if bounded[0]:
            yield from took_part(on, int(n))
            assert int(places) == on.places
            (item,) = (i for i in on.instrument.closed if said(i.text, "en") == words)
            of, seats = question(on.instrument, item), on.first(int(n))
            low, high, negative_low, negative_high = map(int, bounded)
            for options, interval in (
                (of.positive, Interval(low, high)),
                (of.negative, Interval(negative_low, negative_high)),
            ):
                possible = told_as(interval, len(seats), on.rule.d)
                yield counted(seats, of.item, options, possible)


# What students read


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


# While a round runs


def running_round(found: Node, played: Played, round: RoundSeen) -> Iterator[Known]:
    """R8: how many, on the teacher's own device."""
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
    """R8: dots, and from 80% only that most have finished."""
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


# The school's page


def school(found: Node, played: Played, round: RoundSeen) -> Iterator[Known]:
    """How many classes, rounds and agreements in a month: that something was told, never what."""
    for count in found.all("td.count"):
        count.take(r"\d+")
    for month in found.all("th"):
        month.take(r"[A-Z][a-z]+ \d{4}")
    yield from ()
