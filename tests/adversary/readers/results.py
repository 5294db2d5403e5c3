"""What was told of a class: its page, as others may see it, beside its agreement, as a file."""

import csv
from collections.abc import Iterator, Sequence
from datetime import date
from io import StringIO

from surveys.guesses import OF
from surveys.instrument import Item, said
from surveys.noticing import NOTICED
from surveys.release import Interval
from surveys.rounds import Survey
from surveys.trends import EACH_SIDE
from tests.adversary.constraints import Known, Question, counted, question, told_as
from tests.adversary.markup import Node
from tests.adversary.playing import VISITOR, Played
from tests.adversary.readers import scales
from tests.adversary.readers.charts import chart, parts, spark
from tests.adversary.readers.words import (
    DAY,
    INTERVAL,
    bounds,
    english,
    on_day,
    told,
    told_until,
    took_part,
)
from tests.adversary.seen import RoundSeen


def class_page(found: Node, played: Played, round: RoundSeen) -> Iterator[Known]:
    """Every item wherever it stands: in words, as boxes, as a drawing, a table and a chart."""
    asked = played.rounds_of(round.survey)
    for notice in found.all(".notice"):
        notice.take(r"\d+ answers?\. From \d+ we show something")
    last = asked[-1]
    for response in found.all(".response"):
        last = on_day(asked, response.take(DAY)[0][0])
        (n,) = response.take(r"(\d+) of (\d+) took part(?: \(\d+%\))?")
        assert int(n[2]) == last.places, "another number of places than there are"
        yield from took_part(last, int(n[1]))
    for words in found.all("details.comments"):
        yield from own_words(words)
    for line in found.first("main").all("p"):
        if line.text.endswith("notice it."):
            (noticing,) = (item for item in last.instrument.closed if item.id == NOTICED)
            yield from told(
                question(last.instrument, noticing), "positive", line.take(INTERVAL), last
            )
    for agreement in found.all("section.agreed"):
        yield from effect(agreement, round.survey, told_until(asked, last), played)
    by_text = {said(item.text, "en"): item for item in round.survey.instrument.closed}
    sections = [section for section in found.all("section") if not section.all("ol.items")]
    blocks = [
        (block, by_text[heading])
        for block in [*found.all("li"), *sections]
        if (heading := heading_of(block)) in by_text
    ]
    scales.check(found, [(block, said(item.text, "en")) for block, item in blocks])
    for block, item in blocks:
        yield from item_block(block, item, asked, last, played)
    for lines in found.all(".helplines"):
        lines.clear()
    for source in found.all(".source"):
        source.clear()  # where a suggestion comes from, with its year and pages


def heading_of(block: Node) -> str:
    headings = [*block.all("h2"), *block.all("h3")]
    return headings[0].text.removeprefix("From round to round: ") if headings else ""


def discussion(found: Node, played: Played, round: RoundSeen) -> Iterator[Known]:
    """What the class may see: one strength and one thing to talk about, of the last round told."""
    last = [one for one in played.rounds_of(round.survey) if one.shows_result][-1]
    for line in found.all("dd"):
        for item in round.survey.instrument.closed:
            if said(item.text, "en") == line.first("b").text:
                for sentence in line.all(".interval"):
                    of = question(round.instrument, item)
                    yield from told(of, "positive", sentence.take(INTERVAL), last)


def board(found: Node, played: Played, round: RoundSeen) -> Iterator[Known]:
    """What classes work on: of each survey, one item of the last round that was told."""
    lines = found.first("ul.goals").all("li")
    of_teachers = [survey for survey in played.school.surveys.values() if survey.owner]
    in_order = sorted(of_teachers, key=lambda survey: survey.survey_id)
    for goal, survey in zip(lines, in_order, strict=True):
        rounds = [one for one in played.rounds_of(survey) if one.shows_result]
        for item in survey.instrument.closed if rounds else ():
            if goal.first("h3").text == said(item.text, "en"):
                yield from item_block(goal, item, rounds, rounds[-1], played)
                yield from effect(goal, survey, rounds, played)


def item_block(
    block: Node, item: Item, asked: Sequence[RoundSeen], last: RoundSeen, played: Played
) -> Iterator[Known]:
    """All that is said of one item. What is told of the last round stands there without a day."""
    of = question(last.instrument, item)
    for figure in block.all("figure"):
        yield from chart(figure, of, asked, played)
    for drawing in block.all("svg"):
        yield from spark(drawing, of, told_until(asked, last))
    for boxes in block.all(".boxes"):
        yield from parts(boxes, of, last)
    for sentence in block.all(".interval"):
        yield from told(of, "positive", sentence.take(INTERVAL), last)
    for line in block.all(".change"):
        if "Last time" in line.text:
            before, now = line.take(INTERVAL)
            yield from told(of, "positive", [before], told_until(asked, last)[-2])
            yield from told(of, "positive", [now], last)
    for line in block.all("p.hint"):
        beside(line, of, last)
    for line in block.all("li"):
        yield from doubts(line, of, last)


def effect(
    block: Node, survey: Survey, rounds: Sequence[RoundSeen], played: Played
) -> Iterator[Known]:
    """The two rounds before an agreement and the two after it, of the item that it is about."""
    for line in block.all(".change"):
        if "Before:" not in line.text:
            continue
        agreed = played.agreements[survey.survey_id][-1]
        (item,) = (item for item in survey.instrument.closed if item.id == agreed.about)
        before = [one for one in rounds if one.on <= agreed.on][-EACH_SIDE:]
        after = [one for one in rounds if one.on > agreed.on][:EACH_SIDE]
        for each, round in zip(line.take(INTERVAL), [*before, *after], strict=True):
            yield from told(question(round.instrument, item), "positive", [each], round)


def beside(line: Node, of: Question, last: RoundSeen) -> None:
    """What its teacher expected and what a colleague saw: before the result, so not out of it."""
    for expected in line.take(r"You expected (\d+) of (\d+)\."):
        count, n = map(int, expected.groups())
        assert count == round(last.guess[of.item] * len(last.first(n)) / OF)
    if line.text.startswith(f"The view of one colleague, {VISITOR}:"):
        assert of.item in last.visit
        line.clear()


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


def own_words(words: Node) -> Iterator[Known]:
    """Texts tell what they say; who wrote them, a style at most."""
    (summary, *_) = words.all("summary")
    (small,) = summary.all("small")
    assert int(small.take(r"\d+")[0][0]) == len(words.all("blockquote"))
    yield from ()


def export(text: str, played: Played, round: RoundSeen | None) -> Iterator[Known]:
    """R9: a line for each item of each release, with the bounds of its two counts."""
    assert round
    asked = played.rounds_of(round.survey)
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
