"""After half an hour without use: the password again, or the provider, then on to where one was
going."""

from typing import Any

from litestar import Request, Router, get, post
from litestar.di import NamedDependency as Named
from litestar.params import URLEncodedBody
from litestar.response import Redirect, Template

from service import proving, sessions, unlocking
from service.going_on import back_of
from service.house import House
from service.sessions import Standing
from service.storage import accounts

Form = dict[str, str]
Visit = Request[Any, Any, Any]

LARGEST_KEPT = 16 * 1024 * 1024  # bytes: the largest form of the staff, in a form


@get("/lock")
async def ask(request: Visit, house: Named[House]) -> Template | Redirect:
    standing = await signed_in(request, house)
    if not sessions.is_idle(standing.session, house.clock()):
        return Redirect(back_of(request.query_params))
    return unlocking.lock_page(request, standing, {"next": back_of(request.query_params)})


@post("/lock", status_code=200, request_max_body_size=LARGEST_KEPT)
async def unlock(
    request: Visit, data: URLEncodedBody[Form], house: Named[House]
) -> Template | Redirect:
    """Who came by a provider goes back to it; of a password they may have none."""
    standing = await signed_in(request, house)
    if "language" in data:
        return unlocking.lock_page(request, standing, data)
    if came_by := standing.session.came_by:
        return await unlocking.depart(request, house, standing, came_by, data)
    if not await proving.by_either(house, standing, data.get("password", "")):
        return unlocking.lock_page(request, standing, data, {"password": "wrong"})
    await accounts.touch_session(house.pool, standing.session.session_id, house.clock())
    return unlocking.going_on(request, data)


async def signed_in(request: Visit, house: House) -> Standing:
    found = await sessions.standing_if_any(request, house)
    if found is None:
        raise sessions.NotSignedIn
    return found


router = Router("/", route_handlers=[ask, unlock])
