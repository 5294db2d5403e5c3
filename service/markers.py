"""The marker on a device that has answered: the one cookie that a student gets, and only after."""

from typing import Any

from litestar import Request
from msgspec.structs import replace

from service.doors import Opened
from service.house import House
from service.ingest import Outcome
from service.replies import Reply
from surveys.waves import LONGEST


def marked(reply: Reply, house: House, opened: Opened, code: str, outcome: Outcome) -> Reply:
    """A marker on the device stops an accidental second answer; it says nothing of the first."""
    if outcome is not Outcome.COUNTED or opened.by_ticket:
        return reply
    by_tls = "; Secure" if house.settings.secure else ""
    cookie = (
        f"{marker(house, opened)}=answered; HttpOnly; Max-Age={int(LONGEST.total_seconds())}; "
        f"Path=/{code}; SameSite=lax{by_tls}"
    )
    return replace(reply, headers=(*reply.headers, (b"set-cookie", cookie.encode())))


def has_answered(request: Request[Any, Any, Any], house: House, opened: Opened) -> bool:
    return marker(house, opened) in request.cookies


def marker(house: House, opened: Opened) -> str:
    """Bound to the page of one round, so that no other is told of it, and so not by `__Host-`."""
    prefix = "__Secure-" if house.settings.secure else ""
    return f"{prefix}round-{opened.round.number}"
