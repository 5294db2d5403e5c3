"""After half an hour without use: the password again, then on to where one was going."""

from typing import Any
from urllib.parse import parse_qsl

from litestar import Request, Router, get, post
from litestar.di import NamedDependency as Named
from litestar.params import URLEncodedBody
from litestar.response import Redirect, Template

from service import proving, sessions
from service.going_on import back_of
from service.house import House
from service.rendering import form_page, page
from service.sessions import Fields, Standing
from service.storage import accounts

Form = dict[str, str]
Visit = Request[Any, Any, Any]

LARGEST_KEPT = 16 * 1024 * 1024  # bytes: the largest form of the staff, in a form


@get("/lock")
async def ask(request: Visit, house: Named[House]) -> Template | Redirect:
    standing = await signed_in(request, house)
    if not sessions.is_idle(standing.session, house.clock()):
        return Redirect(back_of(request.query_params))
    return lock_page(request, standing, {"next": back_of(request.query_params)})


@post("/lock", status_code=200, request_max_body_size=LARGEST_KEPT)
async def unlock(
    request: Visit, data: URLEncodedBody[Form], house: Named[House]
) -> Template | Redirect:
    standing = await signed_in(request, house)
    if "language" in data:
        return lock_page(request, standing, data)
    if not await proving.by_either(house, standing, data.get("password", "")):
        return lock_page(request, standing, data, {"password": "wrong"})
    await accounts.touch_session(house.pool, standing.session.session_id, house.clock())
    if fields := fields_of(data):
        return page(request, "signin/unlocked.html", next=back_of(data), fields=fields)
    return Redirect(back_of(data), status_code=303)


async def signed_in(request: Visit, house: House) -> Standing:
    found = await sessions.standing_if_any(request, house)
    if found is None:
        raise sessions.NotSignedIn
    return found


def fields_of(form: Form) -> Fields:
    """What was being posted when the lock fell."""
    return parse_qsl(form.get("kept", ""), keep_blank_values=True)


def lock_page(
    request: Visit, standing: Standing, form: Form, problems: dict[str, str] | None = None
) -> Template:
    return form_page(
        request,
        "signin/lock.html",
        form,
        problems,
        next=back_of(form),
        kept=form.get("kept", ""),
        fields=fields_of(form),
        standing=standing,
    )


router = Router("/", route_handlers=[ask, unlock])
