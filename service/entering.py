"""From a right password, or a provider's word, to a session: at once, or by way of the code of the
second factor.

So whoever has a second factor of ours has shown it in every session, but for those in which the
provider asked for one.
"""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from asyncpg import Connection
from litestar import Request
from litestar.datastructures import Cookie
from litestar.response import Redirect

from service import devices, sessions, ways_in
from service.devices import Device
from service.house import House
from service.storage import accounts, second_factors
from service.storage.second_factors import Half

HALF = timedelta(minutes=10)

Visit = Request[Any, Any, Any]


async def enter(
    visit: Visit,
    house: House,
    connection: Connection,
    account_id: UUID,
    school_id: UUID | None,
    next_page: str,
    *,
    came_by: UUID | None = None,
    by_provider: bool = False,
) -> Redirect:
    """Where the browser goes now. Until the code was shown it holds a cookie that opens only the
    page which asks for it."""
    half = Half(account_id, school_id, came_by)
    if by_provider or not await second_factors.exists(connection, account_id):
        cookie = await session_for(visit, house, connection, half, by_provider=by_provider)
        return Redirect(next_page, status_code=303, cookies=[cookie])
    token, until = house.new_token(), house.clock() + HALF
    await second_factors.begin_half(connection, sessions.token_hash(token), half, until)
    where = "/signin/code?" + urlencode({"next": next_page}, safe="/")
    return Redirect(where, status_code=303, cookies=[half_cookie(house, token)])


async def finish(
    visit: Visit, house: House, connection: Connection, half: Half, next_page: str
) -> Redirect:
    """After the right code. A provider speaks for its own school alone: see `ways_in.may_move`."""
    await second_factors.end_halves(connection, half.account_id)
    works_at = await ways_in.local_schools(connection, half.account_id)
    if half.came_by is None and half.school_id not in works_at:
        half = Half(half.account_id, next(iter(works_at), None))
    cookie = await session_for(visit, house, connection, half)
    return Redirect(next_page, status_code=303, cookies=[cookie, half_cookie(house, "")])


async def session_for(
    visit: Visit, house: House, connection: Connection, who: Half, *, by_provider: bool = False
) -> Cookie:
    """A new one; what this browser had before ends, whosever it was."""
    before = visit.cookies.get(sessions.cookie_name(house), "")
    await accounts.end_session(connection, sessions.token_hash(before))
    return await sessions.start(
        connection,
        house,
        who.account_id,
        who.school_id,
        device=device_of(visit),
        came_by=who.came_by,
        by_provider=by_provider,
    )


async def half_if_any(visit: Visit, house: House) -> Half | None:
    token = visit.cookies.get(half_cookie_name(house))
    if not token:
        return None
    return await second_factors.half(house.pool, sessions.token_hash(token), house.clock())


def half_cookie_name(house: House) -> str:
    return f"{sessions.cookie_name(house)}-code"


def half_cookie(house: House, token: str) -> Cookie:
    return Cookie(
        half_cookie_name(house),
        path="/",
        value=token,
        max_age=int(HALF.total_seconds()) if token else 0,
        secure=house.settings.secure,
        httponly=True,
        samesite="lax",
    )


def device_of(visit: Visit) -> Device:
    return devices.device_of(visit.headers.get("user-agent", ""))
