"""What students fill in: mostly the same as the others, which is where answers leak first."""

from collections.abc import Sequence
from random import Random

from surveys import noticing
from surveys.instrument import Instrument, Item, texts_allowed
from tests.adversary.constraints import Form, Option
from tests.adversary.events import Filled, SchoolClass

TEXTS = tuple(
    f"own words {flower}" for flower in ("aster", "crocus", "iris", "lily", "poppy", "tulip")
)


def forms(
    random: Random, class_: SchoolClass, asked: Instrument, present: Sequence[str]
) -> dict[str, Filled]:
    """What each student fills in, never nothing at all. Steady classes have one opinion."""
    mood = class_.opinions if class_.steady else random.getrandbits(32)
    instrument = noticing.asked(asked, "asked after where there is an agreement")
    items = {
        item.id: opinions(Random(f"{mood} {item.id}"), instrument, item, class_.students)
        for item in instrument.closed
    }
    talkative = random.random() < 0.5 and texts_allowed(instrument.purpose, [class_.stage])
    found: dict[str, Filled] = {}
    for student in present:
        choices = {item: said[student] for item, said in items.items()}
        if all(choices[item.id] is None for item in asked.closed):
            first = asked.closed[0]
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
