"""Wrong passwords and codes: counted per account, over all processes and through a restart.

Whose they are is kept as an HMAC under the pepper: the table tells nobody who has an account.
"""

import asyncio
from datetime import timedelta
from enum import StrEnum

from service.house import House
from service.storage import mistakes

WINDOW = timedelta(minutes=15)
OFTEN = 10  # wrong passwords within the window; from then on each takes its time
PAUSE = 2.0  # seconds
MOST_CODES = 5  # wrong codes within it; then none is looked at, right or wrong
MOST_RESETS = 3  # mails within it


class Kind(StrEnum):
    PASSWORD = "password"  # noqa: S105  a kind of mistake
    CODE = "code"
    RESET = "reset"


async def add(house: House, kind: Kind, who: str) -> int:
    """How many there are now."""
    return await mistakes.add(house.pool, counted(house, kind, who), house.clock(), WINDOW)


async def forget(house: House, kind: Kind, who: str) -> None:
    await mistakes.forget(house.pool, counted(house, kind, who))


async def wrong_password(house: House, email: str) -> int:
    """Never refused: a stranger would lock a teacher out by trying. But slower and slower."""
    number = await add(house, Kind.PASSWORD, email)
    if number > OFTEN:
        await asyncio.sleep(PAUSE)
    return number


def counted(house: House, kind: Kind, who: str) -> bytes:
    return house.pepper.of_mistakes(kind, who)
