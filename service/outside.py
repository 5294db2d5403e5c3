"""Who outside a school is told of a wave: decided when it opens, as its students read it."""

from collections.abc import Iterable
from uuid import UUID

from asyncpg import Connection
from msgspec import Struct

from service.storage import consents
from surveys.governing import asks_the_school
from surveys.waves import Member


class Outside(Struct, frozen=True):
    """The names of the boards that are shown the total of the school, and whether research is."""

    boards: tuple[str, ...]
    research: bool


async def who(
    connection: Connection, school_id: UUID, asked: Iterable[Member], suited: Iterable[Member]
) -> Outside:
    """Who would be told of a wave that asks these of those whom its question list suits."""
    said_yes = await consents.of_school(connection, school_id)
    whole = asks_the_school(asked, suited)
    return Outside(
        boards=tuple(consent.board.name for consent in said_yes if whole),
        research=await consents.research(connection, school_id),
    )


async def show(
    connection: Connection,
    school_id: UUID,
    wave_id: UUID,
    asked: Iterable[Member],
    suited: Iterable[Member],
) -> None:
    if asks_the_school(asked, suited):
        await consents.show_wave(connection, school_id, wave_id)
    await consents.mark_for_research(connection, school_id, wave_id)
