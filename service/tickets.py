"""One-time cards: a sheet to print and cut, so that each student answers once, and nobody twice.

A card is drawn from a hat. What stands on it is shown once and kept as an HMAC only, so that no
list of cards exists that could be held beside a list of names.
"""

from asyncpg import Connection
from msgspec import Struct

from service import qr, sealing
from service.house import House
from service.storage import codes, rounds
from service.storage.codes import Door, Lead
from surveys.rounds import Round


class Card(Struct, frozen=True):
    """A one-time card as it is printed."""

    symbols: str
    qr: str


async def new_symbols(house: House, connection: Connection, round: Round) -> list[str]:
    """The cards of a round that are still to be made, in random order.

    As long as nobody has answered a new sheet replaces the one before; then cards are added for
    added places alone, since a card that was used must stay used.
    """
    await rounds.lock(connection, round.school_id, round.round_id)
    if await rounds.participation(connection, round.school_id, round.round_id) == 0:
        await codes.drop_tickets(connection, round.school_id, round.round_id)
    printed = await codes.tickets(connection, round.school_id, round.round_id)
    symbols = [await new_ticket(house, connection, round) for _ in range(round.places - printed)]
    house.entropy.shuffle(symbols)
    return symbols


async def new_ticket(house: House, connection: Connection, round: Round) -> str:
    lead = Lead(Door.TICKET, round.school_id, round.round_id)
    while True:
        symbols = sealing.new_symbols(house.entropy, sealing.TICKET_LENGTH)
        if await codes.add(connection, house.pepper.codes_of(symbols), lead):
            return symbols


def cards(house: House, symbols: list[str]) -> list[Card]:
    return [Card(each, qr.svg(f"{house.settings.url}/{each}", quickly=True)) for each in symbols]
