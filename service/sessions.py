"""Who is signed in: the cookie that stands for a session, and what it opens. Staff only."""

import hashlib
import re
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from asyncpg import Connection
from litestar import Request
from litestar.datastructures import Cookie
from litestar.exceptions import NotFoundException
from msgspec import Struct

from service import gates, logs
from service.devices import Device
from service.house import House
from service.storage import accounts, governing
from service.storage.accounts import Session
from surveys import access
from surveys.access import Governor, Viewer

LONGEST = timedelta(hours=12)
A_MINUTE = timedelta(minutes=1)  # a session's last use is written down once in it
EMAIL = re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s]+$")
NO_DEVICE = Device()

Fields = list[tuple[str, str]]


class NotSignedIn(Exception):
    """The page is for staff; the visitor is sent to sign in and comes back."""


class NoSecondFactor(Exception):
    """Who needs one sets it up first."""


class Locked(Exception):
    """Nobody used the session for a while: is it still the same person?

    `fields` are what was posted: it goes on with them afterwards.
    """

    def __init__(self, standing: "Standing", fields: Fields) -> None:
        self.standing = standing
        self.fields = fields


class Standing(Struct, frozen=True):
    """Whoever is signed in: by which session, at a school, on a governing board, or both."""

    session: Session
    viewer: Viewer | None
    governor: Governor | None

    @property
    def account_id(self) -> UUID:
        return self.session.account_id

    @property
    def person(self) -> Viewer | Governor:
        if self.viewer:
            return self.viewer
        if self.governor:
            return self.governor
        raise NotSignedIn

    @property
    def menu(self) -> dict[str, Any]:
        """What a page's menu is made for: who works at no school has none of a school."""
        return {"viewer": self.viewer} if self.viewer else {"governor": self.person}

    @property
    def needs_second_factor(self) -> bool:
        """By what they do here; not where the provider that they came by has asked for one."""
        if self.session.by_provider:
            return False
        return self.viewer is None or access.needs_second_factor(self.viewer)


def token_hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def cookie_name(house: House) -> str:
    """`__Host-` binds the cookie to this host over TLS; plain http is for a loopback only."""
    return "__Host-stemlokaal" if house.settings.secure else "stemlokaal"


def cookie(house: House, token: str) -> Cookie:
    return Cookie(
        cookie_name(house),
        path="/",
        value=token,
        max_age=int(LONGEST.total_seconds()) if token else 0,
        secure=house.settings.secure,
        httponly=True,
        samesite="lax",
    )


async def start(
    connection: Connection,
    house: House,
    account_id: UUID,
    school_id: UUID | None,
    *,
    device: Device = NO_DEVICE,
    came_by: UUID | None = None,
    by_provider: bool = False,
) -> Cookie:
    """A new session; `by_provider` where the one that somebody `came_by` asked for a second factor.

    Who has a second factor of ours gets one after showing it, and not before: see `entering`.
    """
    token, now = house.new_token(), house.clock()
    session = Session(
        session_id=house.new_id(),
        account_id=account_id,
        school_id=school_id,
        began_at=now,
        used_at=now,
        browser=device.browser,
        system=device.system,
        by_provider=by_provider,
        has_second_factor=False,
        came_by=came_by,
    )
    await accounts.start_session(connection, token_hash(token), session, now + LONGEST)
    return cookie(house, token)


async def standing_if_any(request: Request[Any, Any, Any], house: House) -> Standing | None:
    """Who is signed in, whatever they may open now."""
    token = request.cookies.get(cookie_name(house))
    if not token:
        return None
    key, now = token_hash(token), house.clock()
    async with house.pool.acquire() as connection, connection.transaction():
        session = await accounts.session(connection, key, now)
        viewer = await accounts.viewer(connection, key, now) if session else None
        governor = None
        if session and (viewer is None or viewer.governs):
            governor = await governing.governor(connection, key, now)
    if session is None or not (viewer or governor):
        return None
    request.scope["state"][logs.WHOSE] = session.account_id
    return Standing(session, viewer, governor)


async def standing(request: Request[Any, Any, Any], house: House) -> Standing:
    """Who is signed in, and may open this page now."""
    found = await standing_if_any(request, house)
    if found is None:
        raise NotSignedIn
    page, session, now = request.scope["path_template"], found.session, house.clock()
    if (
        found.needs_second_factor
        and not session.has_second_factor
        and page not in gates.WITHOUT_SECOND_FACTOR
    ):
        raise NoSecondFactor
    if is_idle(session, now):
        if page not in gates.OPEN_WHILE_IDLE:
            raise Locked(found, await posted(request))
    elif now - session.used_at >= A_MINUTE and page not in gates.ASKED_BY_THEMSELVES:
        await accounts.touch_session(house.pool, session.session_id, now)
    return found


def is_idle(session: Session, now: datetime) -> bool:
    return now - session.used_at >= gates.IDLE


async def posted(request: Request[Any, Any, Any]) -> Fields:
    """The fields of a form, in their order; a file has to be chosen again."""
    if request.method in ("GET", "HEAD"):
        return []
    form = await request.form()
    return [(name, value) for name, value in form.multi_items() if isinstance(value, str)]


async def viewer_if_any(request: Request[Any, Any, Any], house: House) -> Viewer | None:
    found = await standing_if_any(request, house)
    return found.viewer if found else None


async def viewer(request: Request[Any, Any, Any], house: House) -> Viewer:
    found = await standing(request, house)
    if found.viewer is None:
        raise NotSignedIn
    return found.viewer


async def governor(request: Request[Any, Any, Any], house: House) -> Governor:
    """Who sits on a governing board; to who is signed in and does not, there is nothing."""
    found = await standing(request, house)
    if found.governor is None:
        raise NotFoundException
    return found.governor
