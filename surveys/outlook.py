"""What a wave would tell if everybody answered: seen by its leader before it opens."""

from collections.abc import Sequence

from msgspec import Struct

from surveys.release import WELLBEING
from surveys.waves import Cell, Member, expected, in_order, year_groups


class Year(Struct, frozen=True):
    """Groups of a year: those with a result of their own, and the small ones told together."""

    alone: Cell
    together: Cell


class Outlook(Struct, frozen=True):
    """What a wave would tell if everybody answered, and of which groups it would tell nothing."""

    cells: tuple[Cell, ...]
    years: tuple[Year, ...]
    untold: tuple[Member, ...]
    members: int


def outlook(members: Sequence[Member], *, by_class: bool) -> Outlook:
    cells = expected(members, with_classes=by_class, rule=WELLBEING)
    named = {member.group_id for cell in cells for member in cell}
    alone = {cell[0].group_id for cell in cells if len(cell) == 1}
    return Outlook(
        cells=tuple(cells),
        years=tuple(
            Year(
                alone=tuple(one for one in year if one.group_id in alone),
                together=tuple(one for one in year if one.group_id in named - alone),
            )
            for year in year_groups(one for one in members if one.group_id in named)
        ),
        untold=tuple(in_order(one for one in members if one.group_id not in named)),
        members=sum(member.members for member in members),
    )
