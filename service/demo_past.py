"""The past of the demo school, from opening to release. Its answers are made up, but each was
sealed and counted as a child's would be: no release is put there by hand."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from random import Random
from uuid import UUID

from asyncpg import Connection

from service import opening, simulating, waving
from service.app import Service
from service.demo_classes import DemoClass, Past
from service.demo_waves import STAYED_AWAY, DemoWave, Likely
from service.opening import NotYet
from service.ownership import round_of
from service.storage import agreements, tenancy, waves
from service.storage.agreements import Agreement
from surveys import answers, instrument
from surveys.answers import Answers
from surveys.rounds import Group, Survey
from surveys.waves import Wave

SHORT = timedelta(minutes=20)
WEEK = timedelta(days=7)
WAVE_LASTS = 2 * WEEK


class Travelling:
    """A clock that is set to any moment."""

    def __init__(self, present: datetime) -> None:
        self.present = present

    def clock(self) -> datetime:
        return self.present


async def live_through_wave(
    service: Service,
    travelling: Travelling,
    wave: DemoWave,
    made: Sequence[Group],
    random: Random,
) -> None:
    """A wave of the past, from opening to pools, and what was decided after it."""
    house, asked = service.house, instrument.library()[wave.instrument]
    chosen = [group for group in made if group.stage in asked.stages]
    opened = Wave(
        school_id=made[0].school_id,
        wave_id=house.new_id(),
        instrument=asked,
        by_class=False,
        cards=False,
        opened_on=house.today(),
        closes_at=house.clock() + WAVE_LASTS,
    )
    async with tenancy.school(house.pool, opened.school_id) as connection:
        if not await waving.open_wave(house, connection, opened, chosen):
            raise RuntimeError("the demo asks its classes too soon")
        taking = await waves.taking_part(connection, opened.school_id, opened.wave_id)
        codes = {
            each.member.name: await code_of(connection, opened.school_id, each.round_id)
            for each in taking
        }
    for group in chosen:
        answered = group.members - random.randrange(STAYED_AWAY)
        likely = wave.likely_in(group.year_group)
        await answer(service, codes[group.name], answered, likely, random)
    travelling.present = opened.closes_at
    await service.keeper.work()
    if wave.decision:
        travelling.present += WEEK
        async with tenancy.school(house.pool, opened.school_id) as connection:
            await waves.decide(
                connection, opened.school_id, opened.wave_id, wave.decision, house.today()
            )


async def code_of(connection: Connection, school_id: UUID, round_id: UUID) -> str:
    round, _, _ = await round_of(connection, school_id, round_id)
    return round.code


async def live_through(
    service: Service,
    travelling: Travelling,
    survey: Survey,
    each: DemoClass,
    past: Past,
    random: Random,
) -> None:
    """A round of the past, from opening to release, and what was agreed after it."""
    house = service.house
    await open_with_answers(service, survey, each, past, random)
    travelling.present += SHORT
    await service.keeper.work()
    if past.agreed:
        async with tenancy.school(house.pool, survey.school_id) as connection:
            agreement = Agreement(
                survey.school_id,
                house.new_id(),
                survey.survey_id,
                past.about,
                past.agreed,
                house.today(),
            )
            await agreements.add(connection, agreement)


async def open_with_answers(
    service: Service, survey: Survey, each: DemoClass, past: Past, random: Random
) -> None:
    house = service.house
    open_for = SHORT if past is not each.now else timedelta(days=5)
    async with tenancy.school(house.pool, survey.school_id) as connection:
        round = await opening.open_round(
            house,
            connection,
            survey,
            members=each.group.members,
            closes_at=house.clock() + open_for,
        )
    if isinstance(round, NotYet):
        raise RuntimeError("the demo asks a class too soon")
    await answer(service, round.code, past.answered, past.likely, random)


async def answer(
    service: Service, code: str, students: int, likely: Likely, random: Random
) -> None:
    """So many students of a class, as one batch."""
    house = service.house
    opened = await house.doors.behind(code)
    if opened is None or opened.seal is None:
        raise RuntimeError("the demo's round cannot be answered")
    sealed = []
    for _ in range(students):
        given = answers.posted(
            opened.postable, simulating.form_of(opened.instrument, likely, random)
        )
        if not isinstance(given, Answers):
            raise RuntimeError("the demo's answers are no answers")
        nonce = house.entropy.randbytes(16)
        sealed.append(opened.seal.envelope(given, nonce))
    await asyncio.gather(*map(house.ingest.submit, sealed))


def school_morning(moment: datetime) -> datetime:
    """Ten o'clock on that day, or on the Friday before a weekend."""
    weekend = max(0, moment.weekday() - 4)
    day = moment.date() - timedelta(days=weekend)
    return datetime.combine(day, time(10), moment.tzinfo)
