"""What happens before a page has something to show: rounds that are opened, answered, told."""

import re
from typing import Any

import asyncpg
import httpx

from surveys.instrument import library
from surveys.rounds import Survey
from tests.house import Running

GOOD = {item.id: "4" for item in library()["lesfeedback"].closed}
BAD = {item.id: "1" for item in library()["lesfeedback"].closed}


async def opened(
    house: Running, teacher: httpx.AsyncClient, class_: str = "2B", **form: str
) -> tuple[str, str]:
    """An open round of Ilse's class: its page and its code."""
    round_id = await house.open_round(teacher, await house.survey(class_), **form)
    return f"/rounds/{round_id}", await house.code(teacher, round_id)


async def told(
    house: Running,
    teacher: httpx.AsyncClient,
    good: int = 9,
    bad: int = 3,
    survey: Survey | None = None,
) -> tuple[Survey, str]:
    """A survey of 2B, a new one unless it is given, with one more round that is told; its page."""
    survey = survey or await house.survey("2B")
    round_id = await house.open_round(teacher, survey)
    code = await house.code(teacher, round_id)
    for n in range(good + bad):
        words = {"top": f"Fijn dat we overlegden, nummer {n}"}
        form = {**(GOOD if n < good else BAD), **words}
        assert (await house.answer(code, form)).status_code == 200
    await house.close(teacher, round_id)
    return survey, f"/rounds/{round_id}"


async def look(house: Running, query: str, *arguments: Any) -> Any:
    """One value, straight from the database."""
    connection = await asyncpg.connect(house.dsn)
    try:
        return await connection.fetchval(query, *arguments)
    finally:
        await connection.close()


async def statuses(house: Running, address: str, *names: str) -> dict[str, int]:
    """What each of them gets at an address; `nobody` is not signed in."""
    found = {}
    for name in names:
        visitor = house.visitor() if name == "nobody" else await house.staff(name)
        found[name] = (await visitor.get(address)).status_code
    return found


EVERYBODY_ELSE = {"omar": 404, "wim": 404, "ada": 404, "eva": 404, "nobody": 303}
"""What others get of a page of Ilse's."""


def text_of(page: str) -> str:
    """The words of a page, without its markup."""
    words = re.sub(r"<(style|script)\b.*?</\1>|<[^>]+>", " ", page, flags=re.DOTALL)
    return " ".join(words.split())
