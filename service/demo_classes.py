"""The classes of the demo school: a chart that tells something, for each thing worth showing."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from surveys.instrument import Stage
from surveys.rounds import GroupKind


class DemoGroup(Struct, frozen=True):
    """A class or a team."""

    name: str
    stage: Stage
    year_group: int | None
    members: int
    kind: GroupKind = GroupKind.CLASS


class Past(Struct, frozen=True):
    """One round: how many answered, and how likely a positive answer was, by item."""

    answered: int
    likely: Mapping[str, float] = {}
    agreed: str = ""  # after this round, about the item named in `about`
    about: str = ""


class DemoClass(Struct, frozen=True):
    """A class and its rounds of one question list, the oldest first, a week apart."""

    group: DemoGroup
    instrument: str
    past: Sequence[Past]
    now: Past | None = None  # a round that is open


FINE = {"climate": 0.97, "order": 0.8, "interaction": 0.75}


def clarity(share: float) -> dict[str, float]:
    return FINE | {"clarity": share}


CLASSES = (
    DemoClass(
        DemoGroup("2B", Stage.SECONDARY, 2, 28),
        "lesfeedback",
        (
            Past(25, clarity(0.4)),
            Past(26, clarity(0.42)),
            Past(24, clarity(0.45)),
            Past(25, clarity(0.42), "Eerst overleggen in tweetallen", "clarity"),
            Past(24, clarity(0.85)),
            Past(26, clarity(0.9)),
        ),
    ),
    DemoClass(
        DemoGroup("3A", Stage.SECONDARY, 3, 27),
        "lesfeedback",
        (
            Past(25, FINE | {"order": 0.95}),
            Past(26, FINE | {"order": 0.95}),
            Past(25, FINE | {"order": 0.97}),
            Past(26, FINE | {"order": 0.25}),
        ),
    ),
    DemoClass(DemoGroup("1C", Stage.SECONDARY, 1, 24), "lesfeedback", (Past(7),)),
    DemoClass(
        DemoGroup("Groep 6", Stage.PRIMARY, 6, 26),
        "les-flits",
        (Past(24), Past(23), Past(25), Past(24)),
    ),
    DemoClass(
        DemoGroup("3D", Stage.SECONDARY, 3, 28),
        "lesfeedback",
        (Past(24), Past(26)),
        now=Past(17),
    ),
)
