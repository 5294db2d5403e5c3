"""The sheet of one-time cards of a round, to print and cut."""

from typing import Any
from uuid import UUID

from litestar import Request, Router, post
from litestar.di import NamedDependency as Named
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Template

from service import tickets
from service.house import House
from service.ownership import round_to_hold
from service.rendering import page
from service.storage import tenancy
from surveys.access import Viewer


@post("/rounds/{round_id:uuid}/cards", status_code=200)
async def make(
    request: Request[Any, Any, Any],
    round_id: FromPath[UUID],
    house: Named[House],
    viewer: Named[Viewer],
) -> Template:
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        round, survey, group = await round_to_hold(connection, viewer, round_id)
        if not round.cards or not round.takes_answers(house.clock()):
            raise NotFoundException
        symbols = await tickets.new_symbols(house, connection, round)
    return page(
        request,
        "rounds/cards.html",
        viewer=viewer,
        round=round,
        survey=survey,
        name=group.name,
        cards=tickets.cards(house, symbols),
        address=house.settings.address,
        today=house.today(),
    )


router = Router("/", route_handlers=[make])
