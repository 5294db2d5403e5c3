"""A demo school with a past: where it is kept, how one comes in, and what is open in it now."""

import secrets
import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from service import app, demo_school, opening, second_factor
from service.app import Service
from service.demo_past import Travelling
from service.demo_school import LEADER, TEACHER, Kept
from service.disk import write_durably
from service.sealing import Pepper
from service.settings import Settings
from service.storage import accounts, rounds, second_factors, surveys, tenancy
from surveys.rounds import Round


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
    async with app.running(
        settings, dsn, pepper, travelling.clock, secrets.SystemRandom()
    ) as service:
        if not is_demo(settings):
            say("Making the demo school ...")
            kept = await demo_school.make(service, travelling, say)
            write_durably(kept_in(settings), msgspec.json.encode(kept))
            unfinished(settings).unlink()
        kept = msgspec.json.decode(kept_in(settings).read_bytes(), type=Kept)
        travelling.present = datetime.now(settings.zone)
        if not kept.secret:
            kept = await with_second_factor(service, kept)
            write_durably(kept_in(settings), msgspec.json.encode(kept))
        round = await open_one(service, kept)
        async with tenancy.school(service.house.pool, kept.school_id) as connection:
            revision = await rounds.screen_revision(connection, kept.school_id, round.round_id)
        code = second_factor.code_now(kept.secret, travelling.present)
        screen = pepper.screen_token(round.round_id, revision)
    return [
        f"student: {settings.url}/{round.code}",
        f"teacher: {settings.url}/signin {TEACHER} {kept.password}",
        f"leader: {settings.url}/signin {LEADER} {kept.password} {code}",
        f"projector: {settings.url}/screen/{screen}",
    ]


async def with_second_factor(service: Service, kept: Kept) -> Kept:
    """The leader has one, as every leader has. The demo is the phone: it prints the code, and the
    page that asks for it shows the next."""
    house = service.house
    account = await accounts.by_email(house.pool, LEADER)
    if account is None:
        return kept
    secret = second_factor.new_secret(house)
    sealed = second_factor.seal(house.pepper, account.account_id, secret)
    async with house.pool.acquire() as connection, connection.transaction():
        await second_factors.replace(connection, account.account_id, sealed)
    return msgspec.structs.replace(kept, secret=secret)


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
