"""Random histories: what happens in a school, drawn from a seed, as plain values.

Classes are mostly just below or above the number from which a result is told, moods are mostly
unanimous or nearly so, and who comes late comes alone: that is where answers would leak first.
"""

from collections.abc import Mapping
from random import Random

from msgspec import Struct
from msgspec.structs import replace

from surveys import composing, noticing
from surveys.instrument import Instrument, Item, Stage, library, texts_allowed
from surveys.release import Rule, rule
from surveys.rounds import MOST_RAISED
from tests.adversary.constraints import Form, Option

TEXTS = tuple(
    f"own words {flower}" for flower in ("aster", "crocus", "iris", "lily", "poppy", "tulip")
)


class Filled(Struct, frozen=True):
    """What a student fills in."""

    choices: Form
    texts: Mapping[str, str]


class Asks(Struct, frozen=True):
    """The teacher opens a round of a class's survey."""

    class_: int
    members: int
    open_for: str
    cards: bool


class Answer(Struct, frozen=True):
    """Students send their answers, all at once or one alone."""

    class_: int
    filled: Mapping[str, Filled]


class Retries(Struct, frozen=True):
    """The same page once more, perhaps with something else filled in: it counts once."""

    class_: int
    student: str
    filled: Filled


class Raises(Struct, frozen=True):
    class_: int
    more: int


class Extends(Struct, frozen=True):
    class_: int


class RenewsScreen(Struct, frozen=True):
    class_: int


class Closes(Struct, frozen=True):
    """By the teacher, or by the clock."""

    class_: int
    by_clock: bool


class ComesTooLate(Struct, frozen=True):
    class_: int
    student: str
    filled: Filled


class Agrees(Struct, frozen=True):
    class_: int


class Declares(Struct, frozen=True):
    """The administrator declares that the school has small classes, or no longer."""

    small_classes: bool


class Passes(Struct, frozen=True):
    days: int


Event = (
    Asks
    | Answer
    | Retries
    | Raises
    | Extends
    | RenewsScreen
    | Closes
    | ComesTooLate
    | Agrees
    | Declares
    | Passes
)


class SchoolClass(Struct, frozen=True):
    """`steady` students answer alike in every round: the assumption of the absentee figure.

    Their opinions are drawn from `opinions`.
    """

    name: str
    stage: Stage
    instrument: Instrument
    students: tuple[str, ...]
    steady: bool
    opinions: int


class History(Struct, frozen=True):
    seed: int
    small_classes: bool
    classes: tuple[SchoolClass, ...]
    events: tuple[Event, ...]


def history(seed: int) -> History:
    random = Random(seed)
    small = random.random() < 0.25
    classes = tuple(a_class(random, number, small) for number in range(random.choice([1, 1, 2])))
    events: list[Event] = []
    now_small = small
    for again in range(2):
        for number, class_ in enumerate(classes):
            if again and random.random() < 0.4:
                continue
            events += a_round(random, number, class_, now_small)
            if random.random() < 0.1:
                now_small = not now_small
                events.insert(random.randrange(len(events)), Declares(now_small))
        events.append(Passes(random.choice([7, 28, 40])))
    return History(seed, small, classes, tuple(events[:-1]))


def a_class(random: Random, number: int, small: bool) -> SchoolClass:
    stage = random.choice([Stage.PRIMARY, Stage.SECONDARY, Stage.VOCATIONAL])
    asked = random.choice([one for one in library().values() if stage in one.stages])
    if random.random() < 0.3:
        asked = of_ones_own(random, stage)
    k = rule(asked.purpose, small_classes=small).k
    size = random.choice([k - 1, k, k, k + 1, k + 1, k + 2, k + 3, 2 * k])
    return SchoolClass(
        name=f"class {'AB'[number]}",
        stage=stage,
        instrument=asked,
        students=tuple(f"student {letter}" for letter in "abcdefghijklmnopqrstuvwxyz"[:size]),
        steady=random.random() < 0.5,
        opinions=random.getrandbits(32),
    )


def of_ones_own(random: Random, stage: Stage) -> Instrument:
    """A survey of one or two items, where an empty form that is refused tells the most."""
    form = {"name": "Own", "purpose": random.choice(["lesson", "wellbeing"])}
    for number in range(1, random.choice([2, 3])):
        form[f"own.{number}.text"] = f"Own item {['one', 'two'][number - 1]}."
        form[f"own.{number}.kind"] = random.choice(["agreement", "faces", "range"])
    made = composing.compose(form, stage)
    assert isinstance(made, Instrument), made
    return made


def a_round(random: Random, number: int, class_: SchoolClass, small: bool) -> list[Event]:
    """From opening to closing; the students who are there, a crowd first and stragglers after."""
    present = list(class_.students)
    random.shuffle(present)
    absent = random.choice([0, 0, 1, 1, 2])
    present = present[: len(present) - absent]
    filled = forms(random, class_, present)
    late = random.choice([0, 1, 1, 2, 3])
    crowd, stragglers = present[: len(present) - late], present[len(present) - late :]
    places = len(present) - random.choice([0, 0, 0, 1])
    events: list[Event] = [
        Asks(
            number,
            max(1, places),
            random.choice(["hour", "tomorrow", "week"]),
            random.random() < 0.15,
        )
    ]
    if crowd:
        events.append(Answer(number, {student: filled[student] for student in crowd}))
    for student in stragglers:
        events.append(Answer(number, {student: filled[student]}))
        if random.random() < 0.2:
            other = replace(filled[student], choices=skipped_one(filled[student].choices))
            events.append(Retries(number, student, random.choice([filled[student], other])))
    for event, chance in (
        (Raises(number, random.randint(1, MOST_RAISED)), 0.2),
        (Extends(number), 0.1),
        (RenewsScreen(number), 0.1),
    ):
        if random.random() < chance:
            events.insert(random.randint(1, len(events)), event)
    events.append(Closes(number, by_clock=random.random() < 0.3))
    if present and random.random() < 0.3:
        events.append(ComesTooLate(number, present[-1], filled[present[-1]]))
    if random.random() < 0.3:
        events.append(Agrees(number))
    return events


def forms(random: Random, class_: SchoolClass, present: list[str]) -> dict[str, Filled]:
    """What each student fills in, never nothing at all. Steady classes have one opinion."""
    mood = Random(class_.opinions if class_.steady else random.getrandbits(32))
    instrument = noticing.asked(class_.instrument, "asked after where there is an agreement")
    items = {
        item.id: opinions(mood, instrument, item, class_.students) for item in instrument.closed
    }
    talkative = random.random() < 0.5 and texts_allowed(instrument.purpose, [class_.stage])
    found: dict[str, Filled] = {}
    for student in present:
        choices = {item: said[student] for item, said in items.items()}
        if all(choices[item.id] is None for item in class_.instrument.closed):
            first = class_.instrument.closed[0]
            choices[first.id] = instrument.of(first).values[-1]
        texts = {item.id: random.choice(TEXTS) for item in instrument.open} if talkative else {}
        found[student] = Filled(choices, texts)
    return found


def opinions(random: Random, instrument: Instrument, item: Item, students: tuple[str, ...]) -> Form:
    """Unanimous, with one or two who differ, or each on their own."""
    options = (*instrument.of(item).values, None)
    common, other = random.choice(options[:-1]), random.choice(options)
    differ = random.choice([0, 0, 1, 2, len(students)])
    said: dict[str, Option] = dict.fromkeys(students, common)
    for student in random.sample(students, differ):
        said[student] = random.choice(options) if differ > 2 else other
    return said


def skipped_one(form: Form) -> Form:
    """Another form than the one that was sent."""
    first = next(iter(form))
    return {**form, first: None}


def promised(class_: SchoolClass, small_classes: bool) -> Rule:
    return rule(class_.instrument.purpose, small_classes=small_classes)
