"""Random histories: what happens in a school, drawn from a seed, as plain values.

Classes are mostly just below or above the number from which a result is told, moods are mostly
unanimous or nearly so, and who comes late comes alone: that is where answers would leak first.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from random import Random

from msgspec import Struct
from msgspec.structs import replace

from surveys import composing
from surveys.guesses import OF
from surveys.instrument import Instrument, Purpose, Stage, library
from surveys.release import Rule, rule
from surveys.rounds import MOST_RAISED
from surveys.waves import LEAST_CLASSES_FOR_SPREAD
from tests.adversary.answering import SchoolClass, forms, skipped_one
from tests.adversary.constraints import Form
from tests.adversary.events import (
    Agrees,
    Answer,
    Asks,
    Closes,
    ComesTooLate,
    Declares,
    Event,
    Extends,
    Filled,
    Guesses,
    Passes,
    Raises,
    RenewsScreen,
    Retries,
    Visits,
)

STAGES = (Stage.PRIMARY, Stage.SECONDARY, Stage.VOCATIONAL)
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
AGREES_NOW_AND_THEN = 0.3
AN_IDEA = "a story at the end"


class Asked(Struct, frozen=True):
    """What a class is asked again and again; `in_band` counts in the school's band."""

    class_: int
    instrument: Instrument
    in_band: bool = False


class History(Struct, frozen=True):
    seed: int
    small_classes: bool
    classes: tuple[SchoolClass, ...]
    surveys: tuple[Asked, ...]
    events: tuple[Event, ...] = ()

    def promised(self, survey: int, *, small_classes: bool) -> Rule:
        purpose = self.surveys[survey].instrument.purpose
        return rule(purpose, small_classes=small_classes)


def history(seed: int) -> History:
    """Most are of a class or two; some are of what only shows in the long run, or in a crowd."""
    random = Random(seed)
    kinds = [*[a_few_rounds] * 14, *[a_school_year] * 3, *[two_lists] * 2, many_classes]
    return kinds[seed % len(kinds)](random, seed, random.random() < 0.25)


def a_few_rounds(random: Random, seed: int, small: bool) -> History:
    """A class or two, asked once or twice."""
    classes, surveys = [], []
    for number in range(random.choice([1, 1, 2])):
        stage = random.choice(STAGES)
        asked = an_instrument(random, stage)
        classes.append(a_class(random, number, stage, rule(asked.purpose, small_classes=small)))
        surveys.append(Asked(number, asked))
    school = History(seed, small, tuple(classes), tuple(surveys))
    return eventful(random, school, [AGREES_NOW_AND_THEN] * 2)


def a_school_year(random: Random, seed: int, small: bool) -> History:
    """One class from round to round; most agree on something after the second."""
    stage = random.choice(STAGES)
    asked = an_instrument(random, stage)
    class_ = a_class(random, 0, stage, rule(asked.purpose, small_classes=small))
    school = History(seed, small, (class_,), (Asked(0, asked),))
    return eventful(random, school, [0.1, 0.8, 0.1, 0.1, 0.1][: random.choice([3, 4, 5])])


def two_lists(random: Random, seed: int, small: bool) -> History:
    """One class that is asked two lists at the same time, perhaps with one agreement in both."""
    stage = random.choice(STAGES)
    first, second = an_instrument(random, stage), of_ones_own(random, stage)
    class_ = a_class(random, 0, stage, rule(first.purpose, small_classes=small))
    school = History(seed, small, (class_,), (Asked(0, first), Asked(0, second)))
    return eventful(random, school, [0.7, AGREES_NOW_AND_THEN])


def many_classes(random: Random, seed: int, small: bool) -> History:
    """So many that each teacher is shown where the school's classes lie."""
    stage = random.choice(STAGES)
    asked = random.choice([one for one in of_the_library(stage) if one.purpose is Purpose.LESSON])
    promised = rule(asked.purpose, small_classes=small)
    several = range(LEAST_CLASSES_FOR_SPREAD + random.choice([0, 0, 1]))
    classes = tuple(a_class(random, number, stage, promised) for number in several)
    surveys = tuple(Asked(number, asked, in_band=True) for number in several)
    return eventful(random, History(seed, small, classes, surveys), [0.1])


def an_instrument(random: Random, stage: Stage) -> Instrument:
    if random.random() < 0.3:
        return of_ones_own(random, stage)
    return random.choice(of_the_library(stage))


def of_the_library(stage: Stage) -> list[Instrument]:
    return [one for one in library().values() if stage in one.stages]


def of_ones_own(random: Random, stage: Stage) -> Instrument:
    """A survey of one or two items, where an empty form that is refused tells the most."""
    purpose = random.choice(["lesson", "wellbeing"])
    form = {"name": "Own", "purpose": purpose, "written_in": "en"}
    for number in range(1, random.choice([2, 3])):
        form[f"own.{number}.text"] = f"Own item {['one', 'two'][number - 1]}."
        form[f"own.{number}.kind"] = random.choice(["agreement", "faces", "range"])
    made = composing.compose(form, stage)
    assert isinstance(made, Instrument), made
    return made


def a_class(random: Random, number: int, stage: Stage, promised: Rule) -> SchoolClass:
    k = promised.k
    size = random.choice([k - 1, k, k, k + 1, k + 1, k + 2, k + 3, 2 * k])
    return SchoolClass(
        name=f"class {LETTERS[number]}",
        stage=stage,
        students=tuple(f"student {letter}" for letter in LETTERS.lower()[:size]),
        steady=random.random() < 0.5,
        opinions=random.getrandbits(32),
    )


def eventful(random: Random, school: History, agreeing: Sequence[float]) -> History:
    """As many times as there are chances to agree on something, all or most are asked."""
    events: list[Event] = []
    small = school.small_classes
    for again, agrees in enumerate(agreeing):
        asked = [
            a_round(random, school, number, agrees)
            for number in range(len(school.surveys))
            if not again or len(agreeing) > 2 or random.random() < 0.6
        ]
        events += at_the_same_time(random, asked) if alone(school) else chain.from_iterable(asked)
        if random.random() < 0.1:
            small = not small
            events.insert(random.randrange(len(events)), Declares(small))
        events.append(Passes(random.choice([7, 28, 40])))
    return replace(school, events=tuple(events[:-1]))


def alone(school: History) -> bool:
    return len(school.classes) == 1


def at_the_same_time(random: Random, rounds: Sequence[Sequence[Event]]) -> Iterator[Event]:
    """Each in its own order."""
    turns = [turn for turn, events in enumerate(rounds) for _ in events]
    random.shuffle(turns)
    waiting = [iter(events) for events in rounds]
    return (next(waiting[turn]) for turn in turns)


def a_round(random: Random, school: History, number: int, agrees: float) -> list[Event]:
    """From opening to closing; the students who are there, a crowd first and stragglers after."""
    asked = school.surveys[number].instrument
    class_ = school.classes[school.surveys[number].class_]
    present = list(class_.students)
    random.shuffle(present)
    absent = random.choice([0, 0, 1, 1, 2])
    present = present[: len(present) - absent]
    filled = forms(random, class_, asked, present)
    late = random.choice([0, 1, 1, 2, 3])
    crowd, stragglers = present[: len(present) - late], present[len(present) - late :]
    events = [
        Asks(
            number,
            max(1, len(present) - random.choice([0, 0, 0, 1])),
            random.choice(["hour", "tomorrow", "week"]),
            random.random() < 0.15,
            AN_IDEA if random.random() < 0.2 else "",
        ),
        *answers(random, number, filled, crowd, stragglers),
    ]
    for event, chance in (
        (Raises(number, random.randint(1, MOST_RAISED)), 0.2),
        (Extends(number), 0.1),
        (RenewsScreen(number), 0.1),
        (Guesses(number, a_guess(random, asked)), 0.15),
        (Visits(number, a_visit(random, asked)), 0.15 * (asked.purpose is Purpose.LESSON)),
    ):
        if random.random() < chance:
            events.insert(random.randint(1, len(events)), event)
    events.append(Closes(number, by_clock=random.random() < 0.3))
    if present and random.random() < 0.3:
        events.append(ComesTooLate(number, present[-1], filled[present[-1]]))
    if random.random() < agrees:
        events.append(Agrees(number, random.choice(asked.closed).id))
    return events


def answers(
    random: Random,
    number: int,
    filled: Mapping[str, Filled],
    crowd: Sequence[str],
    stragglers: Sequence[str],
) -> Iterator[Event]:
    if crowd:
        yield Answer(number, {student: filled[student] for student in crowd})
    for student in stragglers:
        yield Answer(number, {student: filled[student]})
        if random.random() < 0.2:
            other = replace(filled[student], choices=skipped_one(filled[student].choices))
            yield Retries(number, student, random.choice([filled[student], other]))


def a_guess(random: Random, asked: Instrument) -> dict[str, int]:
    return {item.id: random.randint(0, OF) for item in asked.closed if random.random() < 0.7}


def a_visit(random: Random, asked: Instrument) -> Form:
    return {item.id: random.choice(asked.of(item).values) for item in asked.closed}
