"""A governing board beside the standing cast: `Stichting Samen`, on which Bea sits."""

import re
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from random import Random
from uuid import UUID

import asyncpg
import httpx

from service import adding
from service.storage import consents, schools
from service.storage.schools import School
from surveys.instrument import library
from surveys.waves import Member
from tests.house import PASSWORD, Running
from tests.past_waves import a_wave, answering, classes, keep, pools

BOARD = "Stichting Samen"


async def invited(house: Running, person: str, board: str = BOARD) -> str:
    """The path of an invitation, as the command line makes it."""
    connection = await asyncpg.connect(house.dsn)
    link = await adding.add_to_board(
        connection,
        url=house.url,
        board=board,
        email=f"{person}@example.org",
        person=person.title(),
        today=house.clock().date(),
    )
    await connection.close()
    return link.removeprefix(house.url)


async def seated(
    house: Running, person: str = "bea", board: str = BOARD, language: str = "nl"
) -> httpx.AsyncClient:
    """Somebody who has taken a seat and is signed in."""
    visitor = house.visitor(language)
    path = await invited(house, person, board)
    reply = await visitor.post(path, data={"password": PASSWORD})
    assert (reply.status_code, reply.headers["location"]) == (303, "/schools"), reply.text
    await house.set_up_second_factor(f"{person}@example.org")
    return visitor


async def id_of(house: Running, board: str = BOARD) -> UUID:
    connection = await asyncpg.connect(house.dsn)
    found: UUID = await connection.fetchval(
        "select governing_id from governing_board where name = $1", board
    )
    await connection.close()
    return found


async def says_yes(house: Running, leader: httpx.AsyncClient, board: str = BOARD) -> None:
    reply = await leader.post(f"/school/outside/{await id_of(house, board)}")
    assert (reply.status_code, reply.headers["location"]) == (303, "/school/outside")


async def withdraws(house: Running, leader: httpx.AsyncClient, board: str = BOARD) -> None:
    reply = await leader.post(f"/school/outside/{await id_of(house, board)}/withdrawal")
    assert reply.status_code == 303


def words(page: str) -> str:
    """What stands on a page, on one line."""
    main = page.partition("<main")[2]
    return " ".join(re.sub(r"<[^>]*>", " ", main).split())


async def a_school(
    house: Running,
    name: str,
    *well: float,
    board: str | None = BOARD,
    years: Sequence[int] = (1, 2, 3),
    key: str = "schoolpuls",
    research: bool = False,
) -> UUID:
    """A school of three classes in each year, whose waves, four months apart, told that such a
    share does well; it has said yes before to a board, unless that is None, and to research."""
    asked, school_id = library()[key], house.service.house.new_id()
    random = Random(name)
    groups = classes(school_id, random, dict.fromkeys(years, (22, 24, 26)), asked.stages[0])
    today = house.clock().date()
    look = await asyncpg.connect(house.dsn)
    await schools.add(look, School(school_id, name, "nl"))
    await consents.set_research(look, school_id, research=research)
    if board:
        governing_id = await id_of(house, board)
        await consents.give(
            look, school_id, governing_id, by=school_id, on=today - timedelta(days=900)
        )
    for number, share in enumerate(reversed(well)):
        on = today - timedelta(days=30 + 120 * number)
        wave = a_wave(school_id, house.service.house.new_id(), asked, on)
        likely = partial(doing, share)
        await keep(
            look, wave, groups, pools(wave, groups, answering(asked, groups, likely, random))
        )
        await consents.show_wave(look, school_id, wave.wave_id)
        await consents.mark_for_research(look, school_id, wave.wave_id)
    await look.close()
    return school_id


def doing(share: float, _: Member) -> tuple[float, float]:
    return share, (1 - share) / 2
