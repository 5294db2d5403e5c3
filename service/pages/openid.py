"""Signing in by a school's provider: there, back, and out again. Staff only."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Request, Router, get, post
from litestar.di import NamedDependency as Named
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect, Template

from service import admission, departing, entering, logs, proving, trying, unlocking
from service.admission import Proof, Refusal
from service.claims import Person, person_of
from service.departing import provider_of
from service.going_on import next_of
from service.house import House
from service.logs import Event, Way
from service.oidc import Failed, Trouble
from service.presets import presets
from service.rendering import form_page, language_of, page
from service.second_factor import Shown
from service.storage import providers, second_factors, tenancy
from service.storage.accounts import Account
from service.storage.providers import Provider
from service.storage.second_factors import Half

Form = dict[str, str]
Visit = Request[Any, Any, Any]
Answer = Template | Redirect


@get("/signin/school")
async def choose(request: Visit, house: Named[House]) -> Template:
    """By the domain of an e-mail address, or for a school that somebody goes on to.

    What it tells is which schools of a domain are here: never who has an account.
    """
    given = request.query_params
    domain, to = given.get("email", "").strip().lower().rpartition("@")[2], school_of(given)
    found = await providers.entrances_of_domain(house.pool, domain) if domain else []
    if to is not None:
        found = await providers.entrances_of_school(house.pool, to)
    return page(
        request,
        "openid/school.html",
        form={"email": given.get("email", "")},
        asked=bool(domain),
        to=to,
        ways=found,
        next=next_of(given),
    )


@get("/signin/over")
async def over(request: Visit) -> Template:
    """Too late, a second time, or in another browser."""
    return page(request, "openid/refused.html", why="over", provider=None)


@get("/signin/with/{provider_id:uuid}")
async def go(request: Visit, provider_id: FromPath[UUID], house: Named[House]) -> Answer:
    """A link and no form: a browser follows no form of ours to another site."""
    provider = await departing.switched_on(house, provider_id)
    try:
        return await departing.depart(request, house, provider, next=next_of(request.query_params))
    except Failed as failed:
        return trouble_page(request, provider, failed.trouble)


@get("/signin/return/{school_id:uuid}")
async def come_back(request: Visit, school_id: FromPath[UUID], house: Named[House]) -> Answer:
    on_the_way = await departing.come_back(request, house)
    if on_the_way is None or on_the_way.school_id != school_id:
        logs.came(Event.WRONG, Way.PROVIDER)
        return Redirect("/signin/over", status_code=303)
    provider = await provider_of(house, school_id, on_the_way.provider_id)
    if on_the_way.account_id is not None:
        return await trying.came_back(request, house, provider, on_the_way.account_id)
    if on_the_way.session_id is not None:
        return await unlocking.came_back(request, house, provider, on_the_way)
    try:
        claims = await departing.claims_of(request, house, provider)
    except Failed as failed:
        logs.came(Event.WRONG, Way.PROVIDER)
        return trouble_page(request, provider, failed.trouble)
    person = person_of(claims, presets()[provider.preset], provider)
    return await received(request, house, provider, person, on_the_way.next)


@post("/signin/proof", status_code=200)
async def prove(request: Visit, data: URLEncodedBody[Form], house: Named[House]) -> Answer:
    """Who has an account already shows once that it is theirs."""
    browser = departing.browser_of(request, house)
    proof = admission.unlocked(house, data.get("proof", ""), browser)
    if proof is None or await providers.entrance(house.pool, proof.provider_id) is None:
        return Redirect("/signin/over", status_code=303)
    provider = await provider_of(house, proof.school_id, proof.provider_id)
    account = None if "language" in data else await shown_by(house, data, proof)
    if account is None:
        problems = {"password": "wrong"}
        return await proof_page(request, house, provider, proof, data, problems)
    return await taken_in(request, house, provider, proof, account)


@get("/signout/{provider_id:uuid}")
async def leave(request: Visit, provider_id: FromPath[UUID], house: Named[House]) -> Answer:
    """On to the provider's own sign-out, where it has one (RP-Initiated Logout 1.0).

    The page goes on by itself: a browser follows no form of ours to another site.
    """
    provider = await departing.switched_on(house, provider_id)
    try:
        address = await house.openid.address_of_sign_out(
            provider.issuer, provider.client_id, departing.address_after_sign_out(house)
        )
    except Failed:
        address = ""
    return page(request, "openid/out.html", provider=provider, address=address)


async def received(
    request: Visit, house: House, provider: Provider, person: Person, next: str
) -> Answer:
    """Comes in, shows a password first, or reads kindly why not."""
    async with tenancy.school(house.pool, provider.school_id) as connection:
        if not await providers.is_still(connection, provider):
            return Redirect("/signin/over", status_code=303)
        found = await admission.admit(house, connection, provider, person, language_of(request))
        if isinstance(found, Refusal):
            return refusal_page(request, provider, person, found)
        if isinstance(found, Account):
            proof = Proof(
                provider_id=provider.provider_id,
                school_id=provider.school_id,
                account_id=found.account_id,
                person=person,
                browser=departing.browser_of(request, house),
                next=next,
                until=house.clock() + departing.AWAY,
            )
            form = {"proof": admission.locked(house, proof)}
            return await proof_page(request, house, provider, proof, form)
        logs.came(Event.RIGHT, Way.PROVIDER, found)
        entered = await entering.enter(
            request,
            house,
            connection,
            found,
            provider.school_id,
            next,
            came_by=provider.provider_id,
            by_provider=provider.second_factor or person.second_factor,
        )
    entered.set_cookie(departing.cookie(house, ""))
    return entered


async def taken_in(
    request: Visit, house: House, provider: Provider, proof: Proof, account: Account
) -> Answer:
    """Whoever has a second factor of ours has just shown it: see `shown_by`."""
    async with tenancy.school(house.pool, provider.school_id) as connection:
        if not await providers.is_still(connection, provider):
            return Redirect("/signin/over", status_code=303)
        found = await admission.admit(
            house, connection, provider, proof.person, language_of(request)
        )
        if isinstance(found, Refusal):
            return refusal_page(request, provider, proof.person, found)
        account_id = await admission.take_in(
            house, connection, provider, proof.person, account, language_of(request)
        )
        logs.came(Event.RIGHT, Way.PROVIDER, account_id)
        who = Half(account_id, provider.school_id, provider.provider_id)
        vouched = provider.second_factor or proof.person.second_factor
        cookie = await entering.session_for(request, house, connection, who, by_provider=vouched)
    return Redirect(proof.next, status_code=303, cookies=[cookie, departing.cookie(house, "")])


def school_of(given: Mapping[str, str]) -> UUID | None:
    try:
        return UUID(given.get("to", ""))
    except ValueError:
        return None


def trouble_page(request: Visit, provider: Provider, trouble: Trouble) -> Template:
    status = 503 if trouble is Trouble.UNREACHABLE else 403
    return page(
        request, "openid/refused.html", why=trouble.value, provider=provider, status_code=status
    )


def refusal_page(request: Visit, provider: Provider, person: Person, refusal: Refusal) -> Template:
    logs.came(Event.WRONG, Way.PROVIDER)
    return page(
        request,
        "openid/refused.html",
        why=refusal.value,
        provider=provider,
        person=person,
        status_code=403,
    )


async def shown_by(house: House, form: Form, proof: Proof) -> Account | None:
    """By the password, and by the code where there is a second factor."""
    account = await proving.by_password(house, proof.person.email, form.get("password", ""))
    if account is None or account.account_id != proof.account_id:
        return None
    if not await second_factors.exists(house.pool, account.account_id):
        return account
    found = await proving.by_code(house, account.account_id, form.get("code", ""))
    return account if found in (Shown.RIGHT, Shown.RECOVERED) else None


async def proof_page(
    request: Visit,
    house: House,
    provider: Provider,
    proof: Proof,
    form: Form,
    problems: dict[str, str] | None = None,
) -> Template:
    return form_page(
        request,
        "openid/proof.html",
        form,
        problems,
        provider=provider,
        person=proof.person,
        coded=await second_factors.exists(house.pool, proof.account_id),
    )


router = Router("/", route_handlers=[choose, over, go, come_back, prove, leave])
