"""In the demo only: students who answer when asked to, so that one person can reach k."""

from uuid import UUID

from asyncpg import Connection
from litestar import Router, post
from litestar.background_tasks import BackgroundTask
from litestar.di import NamedDependency as Named
from litestar.exceptions import NotFoundException
from litestar.params import URLEncodedBody
from litestar.response import Redirect

from service import simulating, tickets
from service.house import House
from service.ownership import round_of, round_to_hold
from service.storage import tenancy, waves
from surveys import access
from surveys.access import Viewer
from surveys.noticing import asked
from surveys.rounds import Round

Form = dict[str, str]


@post("/demo/answers")
async def let_the_class_answer(
    data: URLEncodedBody[Form], house: Named[House], viewer: Named[Viewer]
) -> Redirect:
    round_id = id_of(data, "round")
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        round, survey, _ = await round_to_hold(connection, viewer, round_id)
        addresses = await addresses_of(house, connection, round)
    instrument = asked(survey.instrument, round.agreement)
    answering = BackgroundTask(simulating.students_answer, addresses, instrument)
    return Redirect(f"/rounds/{round_id}", status_code=303, background=answering)


@post("/demo/waves")
async def let_the_school_answer(
    data: URLEncodedBody[Form], house: Named[House], viewer: Named[Viewer]
) -> Redirect:
    wave_id = id_of(data, "wave")
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        wave = await waves.get(connection, viewer.school_id, wave_id)
        if wave is None or not access.may_lead_waves(viewer):
            raise NotFoundException
        addresses = []
        for round_id in await waves.rounds_of(connection, viewer.school_id, wave_id):
            round, _, _ = await round_of(connection, viewer.school_id, round_id)
            addresses += await addresses_of(house, connection, round)
    answering = BackgroundTask(simulating.students_answer, addresses, wave.instrument)
    return Redirect(f"/waves/{wave_id}", status_code=303, background=answering)


async def addresses_of(house: House, connection: Connection, round: Round) -> list[str]:
    """Where each of a class's students answers: by the one code, or by a card drawn now."""
    symbols = [round.code] * round.places
    if round.cards:
        symbols = await tickets.new_symbols(house, connection, round)
    return [f"http://127.0.0.1:{house.settings.port}/{each}" for each in symbols]


def id_of(form: Form, name: str) -> UUID:
    try:
        return UUID(form.get(name, ""))
    except ValueError as error:
        raise NotFoundException from error


router = Router("/", route_handlers=[let_the_class_answer, let_the_school_answer])
