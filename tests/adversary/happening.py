"""What happens while classes are asked: in which order they answer, who is late, what else is done.

Who comes late comes alone: that is where answers would leak first.
"""

from collections.abc import Iterator, Mapping, Sequence
from random import Random

from msgspec.structs import replace

from surveys.guesses import OF
from surveys.instrument import Instrument, Purpose
from surveys.rounds import MOST_RAISED
from tests.adversary.answering import forms, skipped_one
from tests.adversary.constraints import Form
from tests.adversary.events import (
    Agrees,
    Answer,
    Asks,
    Closes,
    ComesTooLate,
    Decides,
    EndsWave,
    Event,
    Extends,
    ExtendsWave,
    Filled,
    Guesses,
    History,
    OpensWave,
    Raises,
    RenewsScreen,
    Retries,
    Visits,
)

AN_IDEA = "a story at the end"


def asking_all(random: Random, school: History, *, by_class: bool) -> list[Event]:
    """From the opening of a wave to what the school does with it."""
    waving = [number for number, asked in enumerate(school.surveys) if asked.by_school]
    of_teachers = [number for number, asked in enumerate(school.surveys) if not asked.by_school]
    filled = {number: who_comes(random, school, number) for number in waving}
    of_classes = [in_class(random, number, filled[number]) for number in waving]
    for number, events in zip(waving, of_classes, strict=True):
        if random.random() < 0.3:
            events.append(Closes(number, by_clock=False))
    if random.random() < 0.15:
        of_classes.append([ExtendsWave(waving[0])])
    of_classes += [a_round(random, school, number, agrees=0.1) for number in of_teachers]
    last = random.choice(waving)
    return [
        OpensWave(tuple(waving), by_class, random.random() < 0.2, random.choice([1, 14, 27])),
        *at_the_same_time(random, of_classes),
        EndsWave(waving[0], by_clock=random.random() < 0.3),
        *too_late(random, last, filled[last]),
        *[Decides(waving[0])][: random.randint(0, 1)],
    ]


def at_the_same_time(random: Random, rounds: Sequence[Sequence[Event]]) -> Iterator[Event]:
    """Each in its own order."""
    turns = [turn for turn, events in enumerate(rounds) for _ in events]
    random.shuffle(turns)
    waiting = [iter(events) for events in rounds]
    return (next(waiting[turn]) for turn in turns)


def a_round(random: Random, school: History, number: int, agrees: float) -> list[Event]:
    """From opening to closing, and what comes of it."""
    asked = school.surveys[number].instrument
    filled = who_comes(random, school, number)
    places = max(1, len(filled) - random.choice([0, 0, 0, 1]))
    events = [
        Asks(
            number,
            places,
            random.choice(["hour", "tomorrow", "week"]),
            random.random() < 0.15,
            AN_IDEA if random.random() < 0.2 else "",
        ),
        *in_class(random, number, filled),
    ]
    for event, chance in (
        (Extends(number), 0.1),
        (Guesses(number, a_guess(random, asked)), 0.15),
        (Visits(number, a_visit(random, asked)), 0.15 * (asked.purpose is Purpose.LESSON)),
    ):
        if random.random() < chance:
            events.insert(random.randint(1, len(events)), event)
    events.append(Closes(number, by_clock=random.random() < 0.3))
    events += too_late(random, number, filled)
    if random.random() < agrees:
        events.append(Agrees(number, random.choice(asked.closed).id))
    return events


def who_comes(random: Random, school: History, number: int) -> dict[str, Filled]:
    """What those fill in who are there, in the order in which they come."""
    asked = school.surveys[number]
    class_ = school.classes[asked.class_]
    present = list(class_.students)
    random.shuffle(present)
    absent = random.choice([0, 0, 1, 1, 2])
    return forms(random, class_, asked.instrument, present[: len(present) - absent])


def in_class(random: Random, number: int, filled: Mapping[str, Filled]) -> list[Event]:
    """A crowd first and stragglers after, some of whom press the button twice."""
    late = random.choice([0, 1, 1, 2, 3])
    crowd = dict(list(filled.items())[: max(0, len(filled) - late)])
    events: list[Event] = [Answer(number, crowd)] if crowd else []
    for student in list(filled)[len(crowd) :]:
        events.append(Answer(number, {student: filled[student]}))
        if random.random() < 0.2:
            other = replace(filled[student], choices=skipped_one(filled[student].choices))
            events.append(Retries(number, student, random.choice([filled[student], other])))
    for event, chance in (
        (Raises(number, random.randint(1, MOST_RAISED)), 0.2),
        (RenewsScreen(number), 0.1),
    ):
        if random.random() < chance:
            events.insert(random.randint(0, len(events)), event)
    return events


def too_late(random: Random, number: int, filled: Mapping[str, Filled]) -> list[Event]:
    if not filled or random.random() < 0.7:
        return []
    student = list(filled)[-1]
    return [ComesTooLate(number, student, filled[student])]


def a_guess(random: Random, asked: Instrument) -> dict[str, int]:
    return {item.id: random.randint(0, OF) for item in asked.closed if random.random() < 0.7}


def a_visit(random: Random, asked: Instrument) -> Form:
    return {item.id: random.choice(asked.of(item).values) for item in asked.closed}
