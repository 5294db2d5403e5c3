"""Coming in and going out: a password, the code of a second factor, the first run of a service."""

import hmac
from collections.abc import Mapping
from typing import Any

from litestar import Request, Router, get, post
from litestar.di import NamedDependency as Named
from litestar.params import URLEncodedBody
from litestar.response import Redirect, Template

from service import (
    appointing,
    entering,
    logs,
    noting,
    passwords,
    proving,
    second_factor,
    sessions,
    ways_in,
)
from service.going_on import next_of
from service.house import House
from service.logs import Event, Way
from service.rendering import form_page, language_of, page
from service.second_factor import Shown
from service.storage import accounts, governing, providers, schools, tenancy
from service.storage.accounts import Account
from service.storage.schools import School
from service.storage.second_factors import Half
from surveys.access import Role
from surveys.deeds import Verb

Form = dict[str, str]
Visit = Request[Any, Any, Any]
Answer = Template | Redirect


@get("/signin")
async def ask(request: Visit, house: Named[House]) -> Answer:
    if standing := await sessions.standing_if_any(request, house):
        return Redirect("/classes" if standing.viewer else "/schools")
    if not await accounts.any_exists(house.pool):
        return Redirect("/start")
    ways = await ways_in.offered(house)
    return page(request, "signin/signin.html", next=next_of(request.query_params), ways=ways)


@post("/signin", status_code=200)
async def sign_in(request: Visit, data: URLEncodedBody[Form], house: Named[House]) -> Answer:
    next_page, ways = next_of(data), await ways_in.offered(house)
    if "language" in data:
        return form_page(request, "signin/signin.html", data, next=next_page, ways=ways)
    account = await proving.by_password(house, email_of(data), data.get("password", ""))
    entered = await entered_by(request, house, account, next_page) if account else None
    instead = await ways_in.elsewhere(house, account) if account and entered is None else []
    if instead:
        return page(request, "openid/school.html", next=next_page, ways=instead, instead=True)
    if entered is None:
        problems = {"password": "wrong"}
        return form_page(request, "signin/signin.html", data, problems, next=next_page, ways=ways)
    return entered


@get("/signin/code")
async def ask_code(request: Visit, house: Named[House]) -> Answer:
    half = await entering.half_if_any(request, house)
    if half is None:
        return Redirect("/signin")
    return await code_page(request, house, half, {"next": next_of(request.query_params)})


@post("/signin/code", status_code=200)
async def show_code(request: Visit, data: URLEncodedBody[Form], house: Named[House]) -> Answer:
    """Of the app, or where the phone is gone a recovery code."""
    half = await entering.half_if_any(request, house)
    if half is None:
        return Redirect("/signin", status_code=303)
    if "language" in data:
        return await code_page(request, house, half, data)
    typed = data.get("recovery", "").strip() or data.get("code", "")
    found = await proving.by_code(house, half.account_id, typed)
    if found not in (Shown.RIGHT, Shown.RECOVERED):
        return await code_page(request, house, half, data, {"code": found})
    async with house.pool.acquire() as connection, connection.transaction():
        if found is Shown.RECOVERED:
            await noting.note(house, connection, half.account_id, Verb.RECOVERY_CODE_USED)
        entered = await entering.finish(request, house, connection, half, next_of(data))
    if found is Shown.RECOVERED:
        entered.background = noting.telling(house, half.account_id, Verb.RECOVERY_CODE_USED)
    return entered


@post("/signout")
async def sign_out(request: Visit, house: Named[House]) -> Redirect:
    token = sessions.token_hash(request.cookies.get(sessions.cookie_name(house), ""))
    out = await ways_in.way_out(house, token, await entering.half_if_any(request, house))
    await accounts.end_session(house.pool, token)
    ended = [sessions.cookie(house, ""), entering.half_cookie(house, "")]
    return Redirect(out, status_code=303, cookies=ended)


@get("/start")
async def first_run(request: Visit, house: Named[House]) -> Answer:
    if await accounts.any_exists(house.pool):
        return Redirect("/signin")
    return page(request, "signin/start.html")


@post("/start", status_code=200)
async def make_school(
    request: Visit, data: URLEncodedBody[Form], house: Named[House], start_token: Named[str]
) -> Answer:
    """The first school and its administrator, for whoever can read the terminal."""
    if await accounts.any_exists(house.pool):
        return Redirect("/signin", status_code=303)
    problems = problems_of_account(data)
    if not hmac.compare_digest(data.get("token", "").strip().encode(), start_token.encode()):
        problems["token"] = "wrong"  # noqa: S105  what is wrong with it, not a password
        logs.came(Event.WRONG, Way.TOKEN)
    if not data.get("school", "").strip():
        problems["school"] = "missing"
    if "language" in data or problems:
        return form_page(request, "signin/start.html", data, problems)
    school = School(
        school_id=house.new_id(),
        name=data["school"].strip(),
        language=language_of(request),
    )
    password_hash = await passwords.hashed(data["password"])
    async with tenancy.school(house.pool, school.school_id) as connection:
        await schools.add(connection, school)
        account_id = house.new_id()
        await accounts.add(
            connection,
            account_id=account_id,
            email=email_of(data),
            name=data["name"].strip(),
            password_hash=password_hash,
            language=school.language,
        )
        for role in (Role.ADMINISTRATOR, Role.TEACHER):
            await appointing.appoint(house, connection, school.school_id, account_id, role, by=None)
        logs.came(Event.RIGHT, Way.TOKEN, account_id)
        return await entering.enter(
            request, house, connection, account_id, school.school_id, "/school"
        )


async def entered_by(
    visit: Visit, house: House, account: Account, next_page: str
) -> Redirect | None:
    """At the first school where the account may come in, or else at a governing board; None where
    there is neither."""
    async with house.pool.acquire() as connection, connection.transaction():
        works_at = await ways_in.local_schools(connection, account.account_id)
        if not works_at and not await governing.boards_of(connection, account.account_id):
            return None
        school_id = works_at[0] if works_at else None
        return await entering.enter(
            visit, house, connection, account.account_id, school_id, next_page
        )


async def code_page(
    request: Visit,
    house: House,
    half: Half,
    form: Form,
    problems: dict[str, str] | None = None,
) -> Template:
    """The demo shows the code itself: nobody sets up a phone for it."""
    by = await providers.entrance(house.pool, half.came_by) if half.came_by else None
    present = ""
    if house.settings.demo:
        async with house.pool.acquire() as connection:
            present = await second_factor.present_code(house, connection, half.account_id)
    return form_page(
        request,
        "signin/code.html",
        form,
        problems,
        next=next_of(form),
        provider=by.name if by else "",
        present=present,
        demo=house.settings.demo,
    )


def problems_of_account(form: Mapping[str, str]) -> dict[str, str]:
    known = (form.get("name", ""), form.get("email", ""), form.get("school", ""))
    found = passwords.problems(form, *known)
    if not form.get("name", "").strip():
        found["name"] = "missing"
    if not sessions.EMAIL.match(email_of(form)):
        found["email"] = "wrong"
    return found


def email_of(form: Mapping[str, str]) -> str:
    return form.get("email", "").strip().lower()


router = Router(
    "/",
    route_handlers=[ask, sign_in, ask_code, show_code, sign_out, first_run, make_school],
)
