"""The demo school and its past. Its answers are made up, but each was sealed and counted as a
child's would be: no release is put there by hand."""

import asyncio
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta
from random import Random
from uuid import UUID

from asyncpg import Connection
from msgspec import Struct

from service import opening, passwords, simulating, waving
from service.app import Service
from service.demo_classes import CLASSES, DemoClass, DemoGroup, Past
from service.demo_waves import OTHERS, STAYED_AWAY, WAVES, DemoWave, Likely
from service.opening import NotYet
from service.ownership import round_of
from service.storage import (
    accounts,
    agreements,
    boards,
    groups,
    people,
    schools,
    surveys,
    tenancy,
    waves,
)
from service.storage.agreements import Agreement
from service.storage.boards import Action, Board, Line
from service.storage.codes import Door, Lead
from service.storage.schools import School
from surveys import answers, instrument
from surveys.access import Role
from surveys.answers import Answers
from surveys.rounds import Group, Survey, school_year_began
from surveys.waves import Wave

SEED = 20  # the same demo for everybody
TEACHER = "docent@demo.example"
MENTOR = "mentor@demo.example"
LEADER = "leider@demo.example"
SHORT = timedelta(minutes=20)
WEEK = timedelta(days=7)
WAVE_LASTS = 2 * WEEK


class Kept(Struct, frozen=True):
    """What the demo remembers of itself, in a file beside its data."""

    password: str
    school_id: UUID
    teacher: UUID
    secret: str = ""  # of the leader's second factor; a demo from before has none yet


class Travelling:
    """A clock that is set to any moment."""

    def __init__(self, present: datetime) -> None:
        self.present = present

    def clock(self) -> datetime:
        return self.present


async def make(service: Service, travelling: Travelling, say: Callable[[str], None]) -> Kept:
    """The school and its staff, what it asked all of its classes, then lessons week by week."""
    today = travelling.present
    kept, staff = await make_school(service)
    await service.keeper.fill_stock()
    taught = [(staff[TEACHER], each.group) for each in CLASSES]
    taught += [(staff[MENTOR], group) for group in OTHERS]
    made = {
        group.name: await make_group(service, kept.school_id, teacher, group)
        for teacher, group in taught
    }
    random = Random(SEED)  # noqa: S311  made-up answers
    for number, wave in enumerate(WAVES, 1):
        say(f"  {wave.instrument} ({number} of {len(WAVES)} waves)")
        travelling.present = school_morning(today - wave.weeks_ago * WEEK)
        await live_through_wave(service, travelling, wave, list(made.values()), random)
    random = Random(SEED)  # noqa: S311  made-up answers
    for number, each in enumerate(CLASSES, 1):
        say(f"  class {each.group.name} ({number} of {len(CLASSES)})")
        survey = await make_survey(service, made[each.group.name], kept.teacher, each.instrument)
        for weeks, past in zip(range(len(each.past), 0, -1), each.past, strict=True):
            travelling.present = school_morning(today - weeks * WEEK)
            await live_through(service, travelling, survey, each, past, random)
        if any(past.agreed for past in each.past):
            await put_on_board(service, survey, list(staff.values()))
        if each.now:
            travelling.present = today
            await open_with_answers(service, survey, each, each.now, random)
    return kept


async def make_school(service: Service) -> tuple[Kept, dict[str, UUID]]:
    """The school, and its staff by e-mail address; the mentor's password nobody is told."""
    house, password = service.house, secrets.token_urlsafe(9)
    school = School(house.new_id(), "Demoschool", "nl", all_languages=True)
    staff = {
        TEACHER: (house.new_id(), "Demodocent", [Role.TEACHER]),
        MENTOR: (house.new_id(), "Demomentor", [Role.TEACHER]),
        LEADER: (house.new_id(), "Demoleider", [Role.LEADER, Role.ADMINISTRATOR]),
    }
    password_hash = await passwords.hashed(password)
    async with tenancy.school(house.pool, school.school_id) as connection:
        await schools.add(connection, school)
        for email, (account_id, name, roles) in staff.items():
            await accounts.add(
                connection,
                account_id=account_id,
                email=email,
                name=name,
                password_hash=password_hash,
                language="nl",
            )
            for role in roles:
                await people.grant(connection, school.school_id, account_id, role)
    account_ids = {email: account_id for email, (account_id, _, _) in staff.items()}
    return Kept(password, school.school_id, account_ids[TEACHER]), account_ids


async def make_group(service: Service, school_id: UUID, teacher: UUID, made: DemoGroup) -> Group:
    house = service.house
    group = Group(
        school_id=school_id,
        group_id=house.new_id(),
        name=made.name,
        kind=made.kind,
        stage=made.stage,
        year_group=made.year_group,
        school_year=school_year_began(house.today()).year,
        members=made.members,
    )
    async with tenancy.school(house.pool, school_id) as connection:
        await groups.add(connection, group)
        await groups.add_teacher(connection, school_id, group.group_id, teacher)
    return group


async def make_survey(service: Service, group: Group, teacher: UUID, key: str) -> Survey:
    house = service.house
    asked = instrument.library()[key]
    survey = Survey(group.school_id, house.new_id(), group.group_id, teacher, asked)
    async with tenancy.school(house.pool, group.school_id) as connection:
        await surveys.add(connection, survey)
    return survey


async def put_on_board(service: Service, survey: Survey, members: Sequence[UUID]) -> None:
    """The team's board, with the class that has an agreement."""
    house, school_id = service.house, survey.school_id
    board = Board(school_id, house.new_id(), "Team onderbouw")
    visits = Action(house.new_id(), "Elkaars les bezoeken", "allemaal", house.today() + 2 * WEEK)
    async with tenancy.school(house.pool, school_id) as connection:
        await boards.add(connection, board)
        await boards.set_members(connection, school_id, board.board_id, members)
        line = Line(survey.survey_id, on_screen=True)
        await boards.put(connection, school_id, board.board_id, line, members)
        await boards.add_action(connection, school_id, board.board_id, visits)
        lead = Lead(Door.BOARD, school_id, board.board_id)
        await opening.show_on_screen(house, connection, lead)


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
        sealed.append(opened.seal.envelope(house.pepper, given, nonce))
    await asyncio.gather(*map(house.ingest.submit, sealed))


def school_morning(moment: datetime) -> datetime:
    """Ten o'clock on that day, or on the Friday before a weekend."""
    weekend = max(0, moment.weekday() - 4)
    day = moment.date() - timedelta(days=weekend)
    return datetime.combine(day, time(10), moment.tzinfo)
