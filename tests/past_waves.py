"""Waves of the past, put into the database as the keeper would have left them.

What is told of them comes from answers and from the rules; only the sealing is left out.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any
from uuid import UUID

import asyncpg
from msgspec.structs import replace

from service.storage import ending
from service.storage import waves as stored
from surveys import waves
from surveys.answers import Answers
from surveys.instrument import Instrument, Stage
from surveys.release import WELLBEING
from surveys.rounds import Group, GroupKind
from surveys.waves import Member, Pool, Wave
from tests.house import ZONE

Likely = Callable[[Member], tuple[float, float]]
"""Of the students of a group: how many do well by an item, and how many do not."""
LETTERS = "ABCDEFGHIJKLMNOP"


def classes(
    school_id: UUID, random: Random, years: Mapping[int, Sequence[int]], stage: Stage
) -> list[Group]:
    """A class of each size, by year group."""
    return [
        Group(
            school_id=school_id,
            group_id=UUID(bytes=random.randbytes(16), version=4),
            name=f"{year}{letter}",
            kind=GroupKind.CLASS,
            stage=stage,
            year_group=year,
            school_year=2026,
            members=size,
        )
        for year, sizes in years.items()
        for letter, size in zip(LETTERS, sizes, strict=False)
    ]


def team(school_id: UUID, random: Random, name: str, size: int) -> Group:
    (group,) = classes(school_id, random, {1: [size]}, Stage.STAFF)
    return replace(group, name=name, kind=GroupKind.TEAM, year_group=None)


def member(group: Group) -> Member:
    return Member(group.group_id, group.name, group.stage, group.year_group, group.members)


def answering(
    instrument: Instrument, groups: Sequence[Group], likely: Likely, random: Random
) -> dict[UUID, list[Answers]]:
    """About nine of ten students of each group answer, each item by itself."""
    return {
        group.group_id: [
            an_answer(instrument, *likely(member(group)), random)
            for _ in range(group.members)
            if random.random() < 0.9
        ]
        for group in groups
    }


def an_answer(instrument: Instrument, well: float, unwell: float, random: Random) -> Answers:
    choices: list[int | None] = []
    for item in instrument.closed:
        drawn, between = random.random(), set(instrument.of(item).values)
        between -= instrument.positive(item) | instrument.negative(item)
        if drawn < well:
            choices.append(max(instrument.positive(item)))
        elif drawn < well + unwell:
            choices.append(min(instrument.negative(item)))
        else:
            choices.append(next(iter(between), None))
    return Answers(tuple(choices), ())


def a_wave(
    school_id: UUID,
    wave_id: UUID,
    instrument: Instrument,
    on: date,
    *,
    by_class: bool = False,
    decision: str = "",
) -> Wave:
    """Two weeks of asking, told on the last day, and decided on a week later."""
    return Wave(
        school_id=school_id,
        wave_id=wave_id,
        instrument=instrument,
        by_class=by_class,
        cards=True,
        opened_on=on - timedelta(days=14),
        closes_at=datetime.combine(on, time(17), ZONE),
        released_on=on,
        decision=decision,
        decided_on=on + timedelta(days=7) if decision else None,
    )


def pools(
    wave: Wave, groups: Sequence[Group], ballots: Mapping[UUID, Sequence[Answers]]
) -> list[Pool]:
    pooled = waves.by_class if wave.by_class else waves.by_year_group
    return pooled(wave.instrument, [member(group) for group in groups], ballots, WELLBEING)


async def keep(
    connection: asyncpg.Connection, wave: Wave, groups: Sequence[Group], told: Sequence[Pool]
) -> None:
    """As the owner of the database: pages may not write pools, the keeper may not write waves."""
    assert wave.released_on
    async with connection.transaction():
        await stored.add(connection, wave, groups)
        await ending.store(connection, wave.school_id, wave.wave_id, told, wave.released_on)


async def live(
    dsn: str,
    school_id: UUID,
    instrument: Instrument,
    days: Sequence[date],
    groups: Sequence[Group],
    likely: Likely,
    **asked: Any,
) -> list[Wave]:
    """A wave of these groups on each of these days."""
    random = Random(f"{instrument.key} {days}")
    connection = await asyncpg.connect(dsn)
    lived = []
    for day in days:
        wave_id = UUID(bytes=random.randbytes(16), version=4)
        wave = a_wave(school_id, wave_id, instrument, day, **asked)
        ballots = answering(instrument, groups, likely, random)
        await keep(connection, wave, groups, pools(wave, groups, ballots))
        lived.append(wave)
    await connection.close()
    return lived
