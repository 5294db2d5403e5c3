"""One-time cards: a sheet to print and cut, so that each student answers once, and nobody twice.

A card is drawn from a hat. What stands on it is shown once and kept as an HMAC only, so that no
list of cards exists that could be held beside a list of names.
"""

from typing import Any
from uuid import UUID

from asyncpg import Connection
from litestar import Request, Router, post
from litestar.di import NamedDependency as Named
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Template
from msgspec import Struct

from service import qr, sealing
from service.house import House
from service.ownership import round_to_hold
from service.rendering import page
from service.storage import codes, rounds, tenancy
from service.storage.codes import Door, Lead
from surveys.access import Viewer
from surveys.rounds import Round


class Card(Struct, frozen=True):
    """A one-time card as it is printed."""

    symbols: str
    qr: str


@post("/rounds/{round_id:uuid}/cards", status_code=200)
async def make(
    request: Request[Any, Any, Any],
    round_id: FromPath[UUID],
    house: Named[House],
    viewer: Named[Viewer],
) -> Template:
    """As long as nobody has answered a new sheet replaces the one before; then cards are added
    for added places alone, since a card that was used must stay used."""
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        round, survey, group = await round_to_hold(connection, viewer, round_id)
        if not round.cards or not round.takes_answers(house.clock()):
            raise NotFoundException
        await rounds.lock(connection, viewer.school_id, round_id)
        if await rounds.participation(connection, viewer.school_id, round_id) == 0:
            await codes.drop_tickets(connection, viewer.school_id, round_id)
        printed = await codes.tickets(connection, viewer.school_id, round_id)
        symbols = [
            await new_ticket(house, connection, round) for _ in range(round.places - printed)
        ]
    house.entropy.shuffle(symbols)
    return page(
        request,
        "rounds/cards.html",
        viewer=viewer,
        round=round,
        survey=survey,
        group=group,
        cards=[Card(each, qr.svg(f"{house.settings.url}/{each}")) for each in symbols],
        address=house.settings.address,
        today=house.today(),
    )


async def new_ticket(house: House, connection: Connection, round: Round) -> str:
    lead = Lead(Door.TICKET, round.school_id, round.round_id)
    while True:
        symbols = sealing.new_symbols(house.entropy, sealing.TICKET_LENGTH)
        if await codes.add(connection, house.pepper.of_code(symbols), lead):
            return symbols


router = Router("/", route_handlers=[make])
