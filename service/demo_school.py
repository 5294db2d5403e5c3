"""The demo school: its staff, its groups, its team's board, and in which order it lived."""

import secrets
from collections.abc import Callable, Sequence
from random import Random
from uuid import UUID

from msgspec import Struct

from service import opening, passwords
from service.app import Service
from service.demo_classes import CLASSES, DemoGroup
from service.demo_past import (
    WEEK,
    Travelling,
    live_through,
    live_through_wave,
    open_with_answers,
    school_morning,
)
from service.demo_waves import OTHERS, WAVES
from service.storage import accounts, boards, groups, people, schools, surveys, tenancy
from service.storage.boards import Action, Board, Line
from service.storage.codes import Door, Lead
from service.storage.schools import School
from surveys import instrument
from surveys.access import Role
from surveys.rounds import Group, Survey, school_year_began

SEED = 20  # the same demo for everybody
TEACHER = "docent@demo.example"
MENTOR = "mentor@demo.example"
LEADER = "leider@demo.example"


class Kept(Struct, frozen=True):
    """What the demo remembers of itself, in a file beside its data."""

    password: str
    school_id: UUID
    teacher: UUID
    secret: str = ""  # of the leader's second factor; a demo from before has none yet


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
