"""One's own account: where one works, the password, and the sessions that are open."""

from datetime import datetime
from typing import Any
from uuid import UUID

from asyncpg import Connection
from litestar import Request, Router, get, post
from litestar.di import NamedDependency as Named
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect, Template

from service import noting, passwords, proving, sessions, ways_in
from service.house import House
from service.rendering import form_page, page
from service.sessions import Standing
from service.storage import accounts, resets, schools, second_factors, tenancy
from surveys.access import Viewer
from surveys.deeds import Verb

Form = dict[str, str]
Visit = Request[Any, Any, Any]

AN_HOUR = 3600  # seconds


@get("/account")
async def show(request: Visit, house: Named[House], standing: Named[Standing]) -> Template:
    account_id, now = standing.account_id, house.clock()
    async with house.pool.acquire() as connection, connection.transaction():
        names = await names_of_schools(connection, account_id)
        left = await second_factors.codes_left(connection, account_id)
    open_ones = await accounts.sessions_of(house.pool, account_id, now)
    return page(
        request,
        "signin/account.html",
        standing=standing,
        schools=names,
        codes_left=left,
        sessions=[(each, hours_since(each.used_at, now)) for each in open_ones],
        changed=request.query_params.get("password") == "changed",
        **standing.menu,
    )


@post("/account/school")
async def change_school(
    request: Visit, data: URLEncodedBody[Form], house: Named[House], viewer: Named[Viewer]
) -> Redirect:
    """Who works at two schools goes from one to the other, or signs in there in its own way."""
    token = sessions.token_hash(request.cookies.get(sessions.cookie_name(house), ""))
    async with house.pool.acquire() as connection, connection.transaction():
        for school_id in await accounts.schools_of(connection, viewer.account_id):
            if str(school_id) != data.get("school"):
                continue
            if not await ways_in.may_move(connection, token, school_id):
                return Redirect(f"/signin/school?to={school_id}", status_code=303)
            await accounts.move_session(connection, token, school_id)
    return Redirect("/classes", status_code=303)


# The password


@get("/account/password")
async def ask_password(request: Visit, standing: Named[Standing]) -> Template:
    return form_page(request, "signin/password.html", {}, standing=standing, **standing.menu)


@post("/account/password", status_code=200)
async def change_password(
    request: Visit, data: URLEncodedBody[Form], house: Named[House], standing: Named[Standing]
) -> Template | Redirect:
    """With the present one. Whoever else is signed in with this account is so no more."""
    problems = {} if "language" in data else await problems_of(house, standing, data)
    if "language" in data or problems:
        return form_page(
            request, "signin/password.html", data, problems, standing=standing, **standing.menu
        )
    account_id, password_hash = standing.account_id, await passwords.hashed(data["password"])
    async with house.pool.acquire() as connection, connection.transaction():
        await accounts.set_password(connection, account_id, password_hash)
        await accounts.end_other_sessions(connection, account_id, standing.session.session_id)
        await second_factors.end_halves(connection, account_id)
        await resets.end_all(connection, account_id)
        await noting.note(house, connection, account_id, Verb.PASSWORD_CHANGED)
    telling = noting.telling(house, account_id, Verb.PASSWORD_CHANGED)
    return Redirect("/account?password=changed", status_code=303, background=telling)


async def problems_of(house: House, standing: Standing, form: Form) -> dict[str, str]:
    person = standing.person
    async with house.pool.acquire() as connection, connection.transaction():
        names = await names_of_schools(connection, standing.account_id)
    found = passwords.problems(form, person.name, person.email, *names.values())
    if not await proving.by_password(house, person.email, form.get("present", "")):
        found["present"] = "wrong"
    return found


# Sessions


@post("/account/sessions/end")
async def end_sessions(house: Named[House], standing: Named[Standing]) -> Redirect:
    """All of them, on every computer and phone; this one too."""
    await accounts.end_all_sessions(house.pool, standing.account_id)
    return Redirect("/signin", status_code=303, cookies=[sessions.cookie(house, "")])


@post("/account/sessions/others")
async def end_others(house: Named[House], standing: Named[Standing]) -> Redirect:
    session_id = standing.session.session_id
    await accounts.end_other_sessions(house.pool, standing.account_id, session_id)
    return Redirect("/account", status_code=303)


@post("/account/sessions/{session_id:uuid}/ending")
async def end_one(
    session_id: FromPath[UUID], house: Named[House], standing: Named[Standing]
) -> Redirect:
    """One of one's own; anybody else's stays as it is."""
    if not await accounts.end_session_of(house.pool, standing.account_id, session_id):
        raise NotFoundException
    return Redirect("/account", status_code=303)


async def names_of_schools(connection: Connection, account_id: UUID) -> dict[UUID, str]:
    names = {}
    for school_id in await accounts.schools_of(connection, account_id):
        await tenancy.enter(connection, school_id)
        names[school_id] = (await schools.get(connection, school_id)).name
    return names


def hours_since(moment: datetime, now: datetime) -> int:
    return int((now - moment).total_seconds() // AN_HOUR)


router = Router(
    "/",
    route_handlers=[
        show,
        change_school,
        ask_password,
        change_password,
        end_sessions,
        end_others,
        end_one,
    ],
)
