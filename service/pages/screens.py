"""The class's screen: the QR as large as it gets, the code, and dots. Reached by its own link."""

from typing import Any

from litestar import Request, Router, get
from litestar.di import NamedDependency as Named
from litestar.params import FromPath
from litestar.response import ServerSentEvent, Template

from service import participation, qr
from service.house import House
from service.ownership import lead_of, round_of
from service.rendering import page
from service.storage import rounds, tenancy, waves
from service.storage.codes import Door
from surveys.noticing import asked
from surveys.rounds import Group, Round, Survey, dots

Visit = Request[Any, Any, Any]


@get("/screen/{token:str}")
async def show(request: Visit, token: FromPath[str], house: Named[House]) -> Template:
    round, survey, group, n = await shown(house, token)
    async with tenancy.school(house.pool, round.school_id) as connection:
        decision = await waves.decision_of(connection, round)
    link = f"{house.settings.url}/{round.code}"
    return page(
        request,
        "screens/show.html",
        token=token,
        round=round,
        survey=survey,
        group=group,
        open=round.takes_answers(house.clock()),
        dots=dots(n, round.places),
        decision=decision,
        link=link,
        questions=len(asked(survey.instrument, round.agreement).items),
        qr=qr.svg(link),
        address=house.settings.address,
    )


@get("/screen/{token:str}/participation")
async def watch(token: FromPath[str], house: Named[House]) -> ServerSentEvent:
    round, _, _, _ = await shown(house, token)
    return participation.stream(house, round, participation.in_dots)


async def shown(house: House, token: str) -> tuple[Round, Survey, Group, int]:
    lead = await lead_of(house, token, Door.SCREEN)
    async with tenancy.school(house.pool, lead.school_id) as connection:
        round, survey, group = await round_of(connection, lead.school_id, lead.round_id)
        n = await rounds.participation(connection, lead.school_id, lead.round_id)
    return round, survey, group, n


router = Router("/", route_handlers=[show, watch])
