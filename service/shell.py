"""The hard shell: headers on every page, no posts from other sites, errors as kind pages."""

import logging
from typing import Any
from urllib.parse import urlencode, urlsplit

import asyncpg
from litestar import Request, Response
from litestar._parsers import parse_url_encoded_form_data
from litestar.exceptions import (
    HTTPException,
    InternalServerException,
    PermissionDeniedException,
)
from litestar.response import Redirect

from service import headers, logs, students
from service.house import House
from service.ingest import Busy
from service.logs import Event
from service.opening import NoKeyReady
from service.rendering import page
from service.sessions import Locked, NoSecondFactor, NotSignedIn

Visit = Request[Any, Any, Any]

PASSING = (  # what is over in a moment: the visitor is asked to try again
    Busy,
    NoKeyReady,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # the server went away between two statements
    asyncpg.PostgresConnectionError,
    OSError,
    TimeoutError,
)
BROKEN_OFF = "client disconnected prematurely"  # what the framework takes for an error of ours
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
NOT_THEIRS = (401, 403, 404)

log = logging.getLogger(__name__)


class OtherSite(PermissionDeniedException):
    """A form that a page of somebody else's sent."""


async def refuse_other_sites(request: Visit) -> None:
    """A page of another site may not post in a visitor's name.

    Browsers say with each request whose page sent it (Fetch Metadata); older ones say it of
    posts by their Origin. Students have no session, so for their pages there is nothing to
    misuse: a form that an old phone sends with `Origin: null` is taken.
    """
    if request.method in SAFE_METHODS or is_students(request):
        return
    site = request.headers.get("sec-fetch-site")
    if site in ("same-origin", "none"):
        return
    origin = request.headers.get("origin")
    if site is None and (origin is None or urlsplit(origin).netloc == request.headers.get("host")):
        return
    raise OtherSite("posted from another site")


async def forget_form(request: Visit) -> None:
    """The framework keeps the last 1,024 forms that it read: passwords, and who wants to talk."""
    if request.method not in SAFE_METHODS:
        parse_url_encoded_form_data.cache_clear()


def error_page(request: Visit, error: Exception) -> Response[Any]:
    """The framework gives an error's page no headers by itself; they are on it as on every page."""
    house, status = house_of(request), status_of(error)
    shell = headers.shell(secure=house.settings.secure)
    if is_students(request):
        found = students_error(request, house, error)
        found.headers.update({**shell, **found.headers})
        return found
    told = page(
        request, "errors/error.html", status_code=status, status=status, number=logs.number()
    )
    told.headers.update({**shell, **later(status)})
    tell(error)
    if status < 500:
        logs.kept_out(event_of(error, status), request.scope, status)
    return told


def students_error(visit: Visit, house: House, error: Exception) -> Response[str]:
    status = status_of(error)
    found = students.trouble(visit, house, status)
    found.headers.update(later(status))
    tell(error)
    return found


def later(status: int) -> dict[str, str]:
    return {"Retry-After": "5"} if status == 503 else {}


def tell(error: Exception) -> None:
    if status_of(error) == 500:
        logs.trouble(log, "a page failed", error)


def event_of(error: Exception, status: int) -> Event:
    if isinstance(error, OtherSite):
        return Event.OTHER_SITE
    return Event.REFUSED if status in NOT_THEIRS else Event.MALFORMED


def to_sign_in(request: Visit, _: NotSignedIn) -> Redirect:
    """Also who is signed in, and has no such page."""
    if logs.WHOSE in request.scope["state"]:
        logs.kept_out(Event.REFUSED, request.scope, 303)
    path = request.url.path if request.method == "GET" else "/classes"
    shell = headers.shell(secure=house_of(request).settings.secure)
    return Redirect(f"/signin?next={path}", status_code=303, headers=shell)


def to_second_factor(request: Visit, _: NoSecondFactor) -> Redirect:
    logs.kept_out(Event.REFUSED, request.scope, 303)
    shell = headers.shell(secure=house_of(request).settings.secure)
    return Redirect("/account/second-factor", status_code=303, headers=shell)


def to_lock(request: Visit, locked: Locked) -> Response[Any]:
    """What was posted travels through the page that asks for the password, and is not lost."""
    shell = headers.shell(secure=house_of(request).settings.secure)
    query = request.url.query
    where = request.url.path + (f"?{query}" if query else "")
    if request.method == "GET":
        return Redirect("/lock?" + urlencode({"next": where}), status_code=303, headers=shell)
    told = page(
        request,
        "signin/lock.html",
        status_code=403,
        standing=locked.standing,
        next=where,
        kept=urlencode(locked.fields),
    )
    told.headers.update(shell)
    return told


def status_of(error: Exception) -> int:
    if isinstance(error, InternalServerException) and error.detail == BROKEN_OFF:
        return 400
    if isinstance(error, HTTPException):
        return error.status_code
    if isinstance(error, asyncpg.CharacterNotInRepertoireError):
        return 400  # a NUL in a form, which no keyboard types
    return 503 if isinstance(error, PASSING) else 500


def is_students(request: Visit) -> bool:
    handler = request.scope.get("route_handler")
    return bool(handler and handler.opt.get("student"))


def house_of(request: Visit) -> House:
    house: House = request.app.state.house
    return house
