"""A demo school with a past. Its answers are made up, but each was sealed and counted as a
child's would be: no release is put there by hand."""

import secrets
import shutil
from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta
from pathlib import Path
from random import Random
from uuid import UUID

import msgspec
from msgspec import Struct

from service import app, opening, sessions, simulating
from service.app import Service
from service.demo_classes import CLASSES, DemoClass, Past
from service.disk import write_durably
from service.opening import NotYet
from service.sealing import Pepper
from service.settings import Settings
from service.storage import (
    accounts,
    agreements,
    boards,
    groups,
    people,
    rounds,
    schools,
    surveys,
    tenancy,
)
from service.storage.agreements import Agreement
from service.storage.boards import Action, Board, Line
from service.storage.codes import Door, Lead
from service.storage.schools import School
from surveys import answers, instrument
from surveys.access import Role
from surveys.answers import Answers
from surveys.rounds import Group, GroupKind, Round, Survey, school_year_began

SEED = 20  # the same demo for everybody
TEACHER = "docent@demo.example"
LEADER = "leider@demo.example"
SHORT = timedelta(minutes=20)
WEEK = timedelta(days=7)


class Kept(Struct, frozen=True):
    """What the demo remembers of itself, in a file beside its data."""

    password: str
    school_id: UUID
    teacher: UUID


def is_demo(settings: Settings) -> bool:
    return kept_in(settings).exists()


def kept_in(settings: Settings) -> Path:
    return settings.data / "demo.json"


def unfinished(settings: Settings) -> Path:
    return settings.data / "demo.unfinished"


class NotADemo(Exception):
    """The folder holds a school's own data."""


def clear_the_ground(settings: Settings) -> None:
    """A demo that was stopped while it was made is made anew; anything else is left alone."""
    if unfinished(settings).exists():
        shutil.rmtree(settings.data)
    if not is_demo(settings):
        if settings.data.exists() and any(settings.data.iterdir()):
            raise NotADemo(f"{settings.data} is not empty and holds no demo; it is left alone")
        settings.data.mkdir(parents=True, exist_ok=True)
        unfinished(settings).touch()


async def prepare(
    settings: Settings, dsn: str, pepper: Pepper, say: Callable[[str], None]
) -> list[str]:
    """Makes the school at the first start; returns the lines that tell how to come in."""
    travelling = Travelling(datetime.now(settings.zone))
    random = Random(SEED)  # noqa: S311  made-up answers
    async with app.running(
        settings, dsn, pepper, travelling.clock, secrets.SystemRandom()
    ) as service:
        if not is_demo(settings):
            say("Making the demo school ...")
            kept = await make_school(service, travelling, random, say)
            write_durably(kept_in(settings), msgspec.json.encode(kept))
            unfinished(settings).unlink()
        kept = msgspec.json.decode(kept_in(settings).read_bytes(), type=Kept)
        travelling.present = datetime.now(settings.zone)
        round = await open_one(service, kept)
        async with tenancy.school(service.house.pool, kept.school_id) as connection:
            revision = await rounds.screen_revision(connection, kept.school_id, round.round_id)
        screen = pepper.screen_token(round.round_id, revision)
    return [
        f"student: {settings.url}/{round.code}",
        f"teacher: {settings.url}/signin {TEACHER} {kept.password}",
        f"leader: {settings.url}/signin {LEADER} {kept.password}",
        f"projector: {settings.url}/screen/{screen}",
    ]


class Travelling:
    """A clock that is set to any moment."""

    def __init__(self, present: datetime) -> None:
        self.present = present

    def clock(self) -> datetime:
        return self.present


async def make_school(
    service: Service, travelling: Travelling, random: Random, say: Callable[[str], None]
) -> Kept:
    house = service.house
    password = secrets.token_urlsafe(9)
    school = School(house.new_id(), "Demoschool", "nl", all_languages=True)
    staff = {
        TEACHER: (house.new_id(), "Demodocent", [Role.TEACHER]),
        LEADER: (house.new_id(), "Demoleider", [Role.LEADER, Role.ADMINISTRATOR]),
    }
    password_hash = await sessions.hashed(password)
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
    teacher = staff[TEACHER][0]
    await service.keeper.fill_stock()
    today = travelling.present
    for number, each in enumerate(CLASSES, 1):
        say(f"  class {each.name} ({number} of {len(CLASSES)})")
        survey = await make_class(service, school.school_id, teacher, each, today)
        for weeks, past in zip(range(len(each.past), 0, -1), each.past, strict=True):
            travelling.present = school_morning(today - weeks * WEEK)
            await live_through(service, travelling, survey, each, past, random)
        if any(past.agreed for past in each.past):
            await put_on_board(service, survey, [person for person, _, _ in staff.values()])
        if each.now:
            travelling.present = today
            await open_with_answers(service, survey, each, each.now, random)
    return Kept(password, school.school_id, teacher)


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


async def make_class(
    service: Service, school_id: UUID, teacher: UUID, each: DemoClass, today: datetime
) -> Survey:
    house = service.house
    group = Group(
        school_id=school_id,
        group_id=house.new_id(),
        name=each.name,
        kind=GroupKind.CLASS,
        stage=each.stage,
        year_group=each.year_group,
        school_year=school_year_began(today.date()).year,
        members=each.members,
    )
    survey = Survey(
        school_id,
        house.new_id(),
        group.group_id,
        teacher,
        instrument.library()[each.instrument],
    )
    async with tenancy.school(house.pool, school_id) as connection:
        await groups.add(connection, group)
        await groups.add_teacher(connection, school_id, group.group_id, teacher)
        await surveys.add(connection, survey)
    return survey


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
    open_for = SHORT if past is not each.now else 5 * timedelta(days=1)
    async with tenancy.school(house.pool, survey.school_id) as connection:
        round = await opening.open_round(
            house,
            connection,
            survey,
            members=each.members,
            closes_at=house.clock() + open_for,
        )
    if isinstance(round, NotYet):
        raise RuntimeError("the demo asks a class too soon")
    opened = await house.doors.behind(round.code)
    if opened is None or opened.seal is None:
        raise RuntimeError("the demo's round cannot be answered")
    for _ in range(past.answered):
        form = simulating.form_of(opened.instrument, past.likely, random)
        given = answers.read(opened.instrument, form)
        if not isinstance(given, Answers):
            raise RuntimeError("the demo's answers are no answers")
        nonce = house.entropy.randbytes(16)
        await house.ingest.submit(opened.seal.envelope(house.pepper, given, nonce))


async def open_one(service: Service, kept: Kept) -> Round:
    """The open round; where it was closed since, a new one if the class may be asked again."""
    house = service.house
    async with tenancy.school(house.pool, kept.school_id) as connection:
        latest = {
            round.survey_id: round
            for round in await rounds.latest_of_owner(connection, kept.school_id, kept.teacher)
        }
        running = [round for round in latest.values() if round.takes_answers(house.clock())]
        if running:
            return running[0]
        for survey in await surveys.owned_by(connection, kept.school_id, kept.teacher):
            round = await opening.open_round(
                house,
                connection,
                survey,
                members=latest[survey.survey_id].members,
                closes_at=house.clock() + timedelta(days=5),
            )
            if isinstance(round, Round):
                return round
    return max(latest.values(), key=lambda round: round.opened_on)


def school_morning(moment: datetime) -> datetime:
    """Ten o'clock on that day, or on the Friday before a weekend."""
    weekend = max(0, moment.weekday() - 4)
    day = moment.date() - timedelta(days=weekend)
    return datetime.combine(day, time(10), moment.tzinfo)
