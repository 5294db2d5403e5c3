"""The second factor: an app on the phone, and recovery codes on paper."""

from typing import Any

from litestar import Request, Router, get, post
from litestar.di import NamedDependency as Named
from litestar.exceptions import NotFoundException
from litestar.params import URLEncodedBody
from litestar.response import Redirect, Template

from service import noting, proving, qr, second_factor
from service.house import House
from service.rendering import form_page, page
from service.sessions import Standing
from service.storage import accounts, second_factors
from surveys.deeds import Verb

Form = dict[str, str]
Visit = Request[Any, Any, Any]
Answer = Template | Redirect


@get("/account/second-factor")
async def show(request: Visit, house: Named[House], standing: Named[Standing]) -> Template:
    if standing.session.has_second_factor:
        return await present_page(request, house, standing, {})
    return offer_page(request, house, standing, second_factor.new_secret(house), b"", {})


@post("/account/second-factor", status_code=200)
async def set_up(
    request: Visit, data: URLEncodedBody[Form], house: Named[House], standing: Named[Standing]
) -> Answer:
    """The first code shows that the app has the secret, which until then is in this form alone."""
    account_id, pepper = standing.account_id, house.pepper
    async with house.pool.acquire() as connection:
        before = await second_factors.get(connection, account_id)
    instead_of = before.sealed if before else b""
    secret = second_factor.accepted(pepper, account_id, data.get("offered", ""), instead_of)
    if secret is None and (before or "language" not in data):
        return Redirect("/account/second-factor", status_code=303)
    secret = secret or second_factor.new_secret(house)
    step = second_factor.step_of(secret, data.get("code", ""), house.clock())
    if "language" in data or step is None:
        problems = {"code": "wrong"}
        return offer_page(request, house, standing, secret, instead_of, data, problems)
    sealed = second_factor.seal(pepper, account_id, secret)
    async with house.pool.acquire() as connection, connection.transaction():
        await second_factors.replace(connection, account_id, sealed, step)
        codes = await second_factor.new_recovery_codes(house, connection, account_id)
        await accounts.end_other_sessions(connection, account_id, standing.session.session_id)
        await second_factors.end_halves(connection, account_id)
        await noting.note(house, connection, account_id, Verb.SECOND_FACTOR_SET_UP)
    return codes_page(request, house, standing, codes, Verb.SECOND_FACTOR_SET_UP)


@post("/account/second-factor/another", status_code=200)
async def offer_another(
    request: Visit, data: URLEncodedBody[Form], house: Named[House], standing: Named[Standing]
) -> Answer:
    """For a new phone. The one before goes on until the new one has shown its first code."""
    if not await is_proven(house, standing, data):
        return await present_page(request, house, standing, data, {"password": "wrong"})
    async with house.pool.acquire() as connection:
        before = await second_factors.get(connection, standing.account_id)
    secret = second_factor.new_secret(house)
    return offer_page(request, house, standing, secret, before.sealed if before else b"", {})


@post("/account/second-factor/codes", status_code=200)
async def make_codes(
    request: Visit, data: URLEncodedBody[Form], house: Named[House], standing: Named[Standing]
) -> Answer:
    """New ones, for who used or lost them; those from before open nothing any more."""
    if not await is_proven(house, standing, data):
        return await present_page(request, house, standing, data, {"password": "wrong"})
    account_id = standing.account_id
    async with house.pool.acquire() as connection, connection.transaction():
        codes = await second_factor.new_recovery_codes(house, connection, account_id)
        await noting.note(house, connection, account_id, Verb.RECOVERY_CODES_MADE)
    return codes_page(request, house, standing, codes, Verb.RECOVERY_CODES_MADE)


@post("/account/second-factor/removal", status_code=200)
async def remove(
    request: Visit, data: URLEncodedBody[Form], house: Named[House], standing: Named[Standing]
) -> Answer:
    """Of who may do without."""
    if standing.needs_second_factor:
        raise NotFoundException
    if not await is_proven(house, standing, data):
        return await present_page(request, house, standing, data, {"password": "wrong"})
    account_id, verb = standing.account_id, Verb.SECOND_FACTOR_REMOVED
    async with house.pool.acquire() as connection, connection.transaction():
        await second_factors.remove(connection, account_id)
        await noting.note(house, connection, account_id, verb)
    telling = noting.telling(house, account_id, verb)
    return Redirect("/account", status_code=303, background=telling)


async def is_proven(house: House, standing: Standing, form: Form) -> bool:
    """By the password or a code: a computer may stand open in a class."""
    if not standing.session.has_second_factor:
        raise NotFoundException
    if "language" in form:
        return False
    return await proving.by_either(house, standing, form.get("password", ""))


async def present_page(
    request: Visit,
    house: House,
    standing: Standing,
    form: Form,
    problems: dict[str, str] | None = None,
) -> Template:
    async with house.pool.acquire() as connection:
        left = await second_factors.codes_left(connection, standing.account_id)
    return form_page(
        request,
        "signin/second_factor.html",
        form,
        problems,
        standing=standing,
        codes_left=left,
        **standing.menu,
    )


def offer_page(
    request: Visit,
    house: House,
    standing: Standing,
    secret: str,
    instead_of: bytes,
    form: Form,
    problems: dict[str, str] | None = None,
) -> Template:
    """Who has to set it up before anything else has no menu, which would lead nowhere."""
    waits = standing.needs_second_factor and not standing.session.has_second_factor
    return form_page(
        request,
        "signin/offer.html",
        form,
        problems,
        secret=secret,
        offered=second_factor.offer(house.pepper, standing.account_id, secret, instead_of),
        qr=qr.svg(second_factor.address(secret, standing.person.email)),
        waits=waits,
        standing=standing,
        **({} if waits else standing.menu),
    )


def codes_page(
    request: Visit, house: House, standing: Standing, codes: list[str], verb: Verb
) -> Template:
    found = page(request, "signin/recovery_codes.html", codes=codes, standing=standing, verb=verb)
    found.background = noting.telling(house, standing.account_id, verb)
    return found


router = Router("/", route_handlers=[show, set_up, offer_another, make_codes, remove])
