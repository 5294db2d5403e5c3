"""Who is signed in: passwords, and the cookie that stands for a session. Staff only."""

import asyncio
import hashlib
import re
from datetime import timedelta
from typing import Any
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from asyncpg import Connection
from litestar import Request
from litestar.datastructures import Cookie
from litestar.exceptions import NotFoundException

from service.house import House
from service.storage import accounts, governing
from surveys.access import Governor, Viewer

LONGEST = timedelta(hours=12)
SHORTEST_PASSWORD = 12
OFTEN = 10  # wrong passwords for one address within `A_WHILE`; from then on each takes its time
A_WHILE = timedelta(minutes=15)
EMAIL = re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s]+$")

# OWASP's second choice for argon2id: 19 MiB, two passes; 31 ms of one core here.
HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
AT_ONCE = asyncio.Semaphore(2)
NOBODY = HASHER.hash("a password that nobody has")


class NotSignedIn(Exception):
    """The page is for staff; the visitor is sent to sign in and comes back."""


async def hashed(password: str) -> str:
    async with AT_ONCE:
        return await asyncio.to_thread(HASHER.hash, password)


async def matches(password_hash: str | None, password: str) -> bool:
    """As slow for an address without an account, so that time does not tell who has one."""
    async with AT_ONCE:
        right = await asyncio.to_thread(verified, password_hash or NOBODY, password)
    return right and password_hash is not None


def verified(password_hash: str, password: str) -> bool:
    try:
        return HASHER.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


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
    connection: Connection, house: House, account_id: UUID, school_id: UUID | None
) -> Cookie:
    token = house.new_token()
    await accounts.start_session(
        connection,
        token_hash=token_hash(token),
        account_id=account_id,
        school_id=school_id,
        expires_at=house.clock() + LONGEST,
    )
    return cookie(house, token)


async def viewer_if_any(request: Request[Any, Any, Any], house: House) -> Viewer | None:
    token = request.cookies.get(cookie_name(house))
    if not token:
        return None
    async with house.pool.acquire() as connection, connection.transaction():
        return await accounts.viewer(connection, token_hash(token), house.clock())


async def viewer(request: Request[Any, Any, Any], house: House) -> Viewer:
    found = await viewer_if_any(request, house)
    if found is None:
        raise NotSignedIn
    return found


async def governor_if_any(request: Request[Any, Any, Any], house: House) -> Governor | None:
    token = request.cookies.get(cookie_name(house))
    if not token:
        return None
    async with house.pool.acquire() as connection:
        return await governing.governor(connection, token_hash(token), house.clock())


async def governor(request: Request[Any, Any, Any], house: House) -> Governor:
    """Who sits on a governing board; to who is signed in and does not, there is nothing."""
    found = await governor_if_any(request, house)
    if found is None and await viewer_if_any(request, house):
        raise NotFoundException
    if found is None:
        raise NotSignedIn
    return found
