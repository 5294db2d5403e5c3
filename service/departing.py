"""Going to a provider, and coming back: once, within minutes, and in the same browser.

What a provider must hand back is made from the pepper, the state and the browser's own cookie:
nothing that is stored lets anybody finish what another one began.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from litestar import Request
from litestar.datastructures import Cookie
from litestar.exceptions import NotFoundException
from litestar.response import Redirect
from msgspec.structs import replace

from service import client_secrets, oidc, vault
from service.house import House
from service.oidc import Client, Failed, Return, Trouble
from service.presets import presets
from service.storage import identities, providers, tenancy
from service.storage.identities import OnTheWay
from service.storage.providers import Provider

Visit = Request[Any, Any, Any]

AWAY = timedelta(minutes=10)
NOTHING: Mapping[str, str] = {}


async def provider_of(house: House, school_id: UUID, provider_id: UUID) -> Provider:
    async with tenancy.school(house.pool, school_id) as connection:
        found = await providers.get(connection, school_id, provider_id)
    if found is None:
        raise NotFoundException
    return found


async def switched_on(house: House, provider_id: UUID) -> Provider:
    entrance = await providers.entrance(house.pool, provider_id)
    if entrance is None:
        raise NotFoundException
    return await provider_of(house, entrance.school_id, provider_id)


async def depart(
    request: Visit, house: House, provider: Provider, *, next: str, trying: UUID | None = None
) -> Redirect:
    """To the provider's own page. Raises Failed where it is not there, or not what it should be."""
    on_the_way = replace(there_and_back(house, provider, next), account_id=trying)
    address, browser = await leave(request, house, provider, on_the_way)
    return Redirect(address, status_code=303, cookies=[browser])


async def depart_again(
    request: Visit, house: House, provider: Provider, session_id: UUID, *, next: str, kept: str
) -> tuple[str, Cookie]:
    """To be asked there who one is, though it may know; `kept` waits for the way back."""
    going_on = {"session_id": session_id, "kept": kept.encode()}
    on_the_way = replace(there_and_back(house, provider, next), **going_on)
    return await leave(request, house, provider, on_the_way, presets()[provider.preset].again)


def there_and_back(house: House, provider: Provider, next: str) -> OnTheWay:
    return OnTheWay(
        school_id=provider.school_id,
        provider_id=provider.provider_id,
        next=next,
        until=house.clock() + AWAY,
    )


async def leave(
    request: Visit,
    house: House,
    provider: Provider,
    on_the_way: OnTheWay,
    asks: Mapping[str, str] = NOTHING,
) -> tuple[str, Cookie]:
    """The provider's address for this once, and the cookie for the way back."""
    state, browser = house.new_token(), browser_of(request, house) or house.new_token()
    address = await house.openid.address_of_sign_in(
        client_of(house, provider),
        provider.issuer,
        state=state,
        nonce=nonce_of(house, state, browser),
        verifier=verifier_of(house, state, browser),
        asks={**presets()[provider.preset].asks, **asks},
    )
    if on_the_way.kept:
        kept = vault.lock(house.pepper, on_the_way.kept, *purpose_of(state, browser))
        on_the_way = replace(on_the_way, kept=kept)
    await identities.leave(house.pool, hashed(state), hashed(browser), on_the_way)
    return address, cookie(house, browser)


async def come_back(request: Visit, house: House) -> OnTheWay | None:
    """Who left with this state in this browser, and has not been back yet."""
    state, browser = request.query_params.get("state", ""), browser_of(request, house)
    return await identities.come_back(house.pool, hashed(state), hashed(browser), house.clock())


def left_at(on_the_way: OnTheWay) -> datetime:
    return on_the_way.until - AWAY


def kept_of(request: Visit, house: House, on_the_way: OnTheWay) -> str:
    """What was being posted when the lock fell; "" where nothing was."""
    if not on_the_way.kept:
        return ""
    purpose = purpose_of(request.query_params["state"], browser_of(request, house))
    found = vault.unlock(house.pepper, on_the_way.kept, *purpose)
    return found.decode() if found is not None else ""


async def claims_of(request: Visit, house: House, provider: Provider) -> dict[str, Any]:
    """What the provider says of the visitor. Raises Failed."""
    given, browser = request.query_params, browser_of(request, house)
    if "error" in given or "code" not in given:
        raise Failed(Trouble.REFUSED)
    back = Return(
        code=given["code"],
        issuer=given.get("iss", ""),
        nonce=nonce_of(house, given["state"], browser),
        verifier=verifier_of(house, given["state"], browser),
    )
    return await house.openid.claims(client_of(house, provider), provider.issuer, back)


def client_of(house: House, provider: Provider) -> Client:
    secret = client_secrets.unlock(house.pepper, provider)
    if secret is None:
        raise Failed(Trouble.LOCKED)
    return Client(
        client_id=provider.client_id,
        secret=secret,
        redirect_uri=return_address(house, provider.school_id),
        scope=presets()[provider.preset].scope,
    )


def return_address(house: House, school_id: UUID) -> str:
    """One for each school: a code that was made for one is not taken at another one's."""
    return f"{house.settings.url}/signin/return/{school_id}"


def address_after_sign_out(house: House) -> str:
    return f"{house.settings.url}/signin"


# What ties the way back to the way there


def nonce_of(house: House, state: str, browser: str) -> str:
    return house.pepper.hash(b"nonce of sign-in", state.encode(), browser.encode()).hex()


def purpose_of(state: str, browser: str) -> tuple[bytes, ...]:
    return b"kept on the way", state.encode(), browser.encode()


def verifier_of(house: House, state: str, browser: str) -> str:
    return oidc.verifier_of(
        house.pepper.hash(b"verifier of sign-in", state.encode(), browser.encode())
    )


def hashed(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def cookie_name(house: House) -> str:
    return "__Host-stemlokaal-way" if house.settings.secure else "stemlokaal-way"


def browser_of(request: Visit, house: House) -> str:
    """What this browser was given when it left; "" where it never did."""
    return request.cookies.get(cookie_name(house), "")


def cookie(house: House, browser: str) -> Cookie:
    return Cookie(
        cookie_name(house),
        path="/",
        value=browser,
        max_age=int(AWAY.total_seconds()) if browser else 0,
        secure=house.settings.secure,
        httponly=True,
        samesite="lax",  # the way back begins on the provider's page
    )
