"""What the demo school asked all of its classes: three waves that tell something, and its teams."""

from collections.abc import Mapping

from msgspec import Struct

from service.demo_classes import DemoGroup
from surveys.instrument import Stage
from surveys.rounds import GroupKind

STAYED_AWAY = 4  # of a class or a team fewer than so many each time

Likely = Mapping[str, float]
"""How likely a positive answer is, by item."""


class DemoWave(Struct, frozen=True):
    """A wave that opened so many weeks ago; `apart` holds what is otherwise in a year group."""

    instrument: str
    weeks_ago: int
    likely: Likely
    apart: Mapping[int | None, Likely] = {}
    decision: str = ""

    def likely_in(self, year_group: int | None) -> Likely:
        return {**self.likely, **self.apart.get(year_group, {})}


# Beside the classes of the lessons: with them twelve in four year groups, of which 4C is so small
# that it is told of only together with its year.
OTHERS = (
    DemoGroup("1A", Stage.SECONDARY, 1, 26),
    DemoGroup("1B", Stage.SECONDARY, 1, 25),
    DemoGroup("2A", Stage.SECONDARY, 2, 27),
    DemoGroup("2C", Stage.SECONDARY, 2, 24),
    DemoGroup("3B", Stage.SECONDARY, 3, 26),
    DemoGroup("4A", Stage.SECONDARY, 4, 25),
    DemoGroup("4B", Stage.SECONDARY, 4, 23),
    DemoGroup("4C", Stage.SECONDARY, 4, 9),
    DemoGroup("Team onderbouw", Stage.STAFF, None, 14, GroupKind.TEAM),
    DemoGroup("Team bovenbouw", Stage.STAFF, None, 16, GroupKind.TEAM),
    DemoGroup("Team ondersteuning", Stage.STAFF, None, 12, GroupKind.TEAM),
)

BEFORE = {"ladder": 0.84, "belonging": 0.76, "support": 0.5, "joy": 0.68}
AFTER = BEFORE | {"support": 0.78}

WAVES = (
    DemoWave("schoolpuls", 41, BEFORE),
    DemoWave(
        "schoolpuls",
        24,
        BEFORE | {"support": 0.52},
        decision="Elke klas kiest zelf een mentor. Die heeft iedere week een uur tijd voor jullie.",
    ),
    DemoWave(
        "teamthermometer",
        20,
        {"workload": 0.4, "joy": 0.8, "learning": 0.6, "support": 0.85, "influence": 0.6},
    ),
    DemoWave(
        "schoolpuls",
        7,
        AFTER,
        apart={3: {"ladder": 0.5, "belonging": 0.4, "support": 0.7, "joy": 0.35}},
    ),
)
