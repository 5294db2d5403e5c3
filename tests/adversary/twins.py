"""Twins: another history of which exactly the same may be told.

In each round every item has other counts, which are told alike (R1), and other students chose
them; where too few answered, anything may be different. What was written changes hands.
"""

from collections.abc import Mapping, Sequence
from random import Random

from msgspec.structs import replace

from surveys import noticing
from surveys.instrument import Instrument
from surveys.release import Rule, coded
from tests.adversary.constraints import Option, Question, questions
from tests.adversary.events import Answer, Asks, Declares, Event, Filled, History

ATTEMPTS = 100


def twin(one: History) -> History | None:
    """None where some may be turned away: where more come than there are places, up to the network,
    and where a class is asked two lists at once, of which one may close with the other. None of a
    wave either, whose classes are counted together."""
    random = Random(one.seed)
    if len(one.surveys) > len(one.classes) or any(asked.by_school for asked in one.surveys):
        return None
    small_classes = one.small_classes
    events: list[Event] = list(one.events)
    for start, event in enumerate(events):
        if isinstance(event, Declares):
            small_classes = event.small_classes
        if isinstance(event, Asks):
            sent = answers_to(events, start)
            filled = {student: form for each in sent.values() for student, form in each.items()}
            if len(filled) > event.members:
                return None
            asked = one.surveys[event.survey].instrument
            promised = one.promised(event.survey, small_classes=small_classes)
            others = told_alike(random, asked, promised, filled)
            for index, students in sent.items():
                changed = {student: others[student] for student in students}
                events[index] = Answer(event.survey, changed)
    return replace(one, events=tuple(events))


def answers_to(events: Sequence[Event], start: int) -> dict[int, Mapping[str, Filled]]:
    """The answers to the round that is asked at `start`, by their places in the history."""
    survey = getattr(events[start], "survey", None)
    found = {}
    for index, event in enumerate(events[start + 1 :], start + 1):
        if isinstance(event, Asks) and event.survey == survey:
            break
        if isinstance(event, Answer) and event.survey == survey:
            found[index] = event.filled
    return found


def told_alike(
    random: Random, asked: Instrument, rule: Rule, filled: Mapping[str, Filled]
) -> dict[str, Filled]:
    students = list(filled)
    instrument = noticing.asked(asked, "asked after where there is an agreement")
    own = [item.id for item in asked.closed]
    writers = random.sample(students, len(students))
    for _ in range(ATTEMPTS):
        rows: list[dict[str, Option]] = [{} for _ in students]
        for question in questions(instrument):
            chosen = [filled[student].choices[question.item] for student in students]
            for row, option in zip(
                rows, other_choices(random, question, chosen, rule), strict=True
            ):
                row[question.item] = option
        if all(any(row[item] is not None for item in own) for row in rows):  # nobody sends nothing
            break
    else:
        rows = [dict(filled[student].choices) for student in writers]
    return {
        student: Filled(row, filled[writer].texts)
        for student, row, writer in zip(students, rows, writers, strict=True)
    }


def other_choices(
    random: Random, question: Question, chosen: Sequence[Option], rule: Rule
) -> list[Option]:
    n, d = len(chosen), rule.d
    if n < rule.k:
        return random.choices(question.options, k=n)
    positive = sum(option in question.positive for option in chosen)
    negative = sum(option in question.negative for option in chosen)
    alike = [
        (other_positive, n - other_positive - other_negative, other_negative)
        for other_positive in range(n + 1)
        for other_negative in range(n + 1 - other_positive)
        if coded(other_positive, n, d) == coded(positive, n, d)
        and coded(other_negative, n, d) == coded(negative, n, d)
    ]
    found = [
        option
        for count, options in zip(random.choice(alike), question.classes, strict=True)
        for option in random.choices(sorted(options, key=str), k=count)
    ]
    random.shuffle(found)
    return found
