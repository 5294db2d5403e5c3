"""Random histories: what happens in a school, drawn from a seed, as plain values.

Classes are mostly just below or above the number from which a result is told: that is where answers
would leak first.
"""

from collections.abc import Sequence
from itertools import chain
from random import Random

from msgspec.structs import replace

from surveys import composing
from surveys.instrument import Instrument, Purpose, Stage, library
from surveys.release import WELLBEING, Rule, rule
from surveys.waves import LEAST_CLASSES_FOR_SPREAD
from tests.adversary.events import Asked, Declares, Event, History, Passes, SchoolClass
from tests.adversary.happening import a_round, asking_all, at_the_same_time

STAGES = (Stage.PRIMARY, Stage.SECONDARY, Stage.VOCATIONAL)
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
AGREES_NOW_AND_THEN = 0.3


def history(seed: int) -> History:
    """Most are of a class or two; some are of what only shows in the long run, or in a crowd."""
    random = Random(seed)
    kinds = [
        *[a_few_rounds] * 12,
        *[a_school_year] * 3,
        *[two_lists] * 2,
        many_classes,
        *[a_wave] * 2,
    ]
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


def a_wave(random: Random, seed: int, small: bool) -> History:
    """The leader asks several small classes at once, and perhaps a teacher asks one of them too."""
    stage = random.choice(STAGES)
    (asked,) = [one for one in of_the_library(stage) if one.purpose is Purpose.WELLBEING]
    several = range(random.choice([3, 3, 4, 5]))
    by_class = random.random() < 0.5
    more = (-7, -2, -1, 0, 0, 1, 2) if by_class else (-1, 0, 1, 1, 2, 3)
    years = random.choice([1, 1, 2])
    classes = tuple(
        class_of(random, number, stage, WELLBEING.k + random.choice(more), random.randint(1, years))
        for number in several
    )
    surveys = [Asked(number, asked, by_school=True) for number in several]
    surveys += [Asked(0, random.choice([asked, an_instrument(random, stage)]))][
        : random.randint(0, 1)
    ]
    school = History(seed, small, classes, tuple(surveys))
    events = asking_all(random, school, by_class=by_class)
    if random.random() < 0.4:
        events += [
            Passes(random.choice([7, 28, 40])),
            *asking_all(random, school, by_class=by_class),
        ]
    return replace(school, events=tuple(events))


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
    return class_of(random, number, stage, size)


def class_of(
    random: Random, number: int, stage: Stage, size: int, year_group: int | None = None
) -> SchoolClass:
    return SchoolClass(
        name=f"class {LETTERS[number]}",
        stage=stage,
        students=tuple(f"student {letter}" for letter in LETTERS.lower()[:size]),
        steady=random.random() < 0.5,
        opinions=random.getrandbits(32),
        year_group=year_group,
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
