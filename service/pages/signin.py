"""Coming in: sign-in, the first run of a new service, invitations, one's own account."""

import hmac
import re
from collections.abc import Mapping
from typing import Any

from litestar import Request, Router, get, post
from litestar.datastructures import Cookie
from litestar.di import NamedDependency as Named
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect, Template

from service import appointing, joining, sessions
from service.house import House
from service.rendering import language_of, page
from service.storage import accounts, audit, governing, invitations, schools, tenancy
from service.storage.accounts import Account
from service.storage.invitations import Invitation
from service.storage.schools import School
from surveys.access import Role, Viewer
from surveys.deeds import Verb

Form = dict[str, str]
Visit = Request[Any, Any, Any]
Answer = Template | Redirect


@get("/signin")
async def ask(request: Visit, house: Named[House]) -> Answer:
    if await sessions.viewer_if_any(request, house):
        return Redirect("/classes")
    if await sessions.governor_if_any(request, house):
        return Redirect("/schools")
    if not await accounts.any_exists(house.pool):
        return Redirect("/start")
    return page(request, "signin/signin.html", next=next_of(request.query_params))


@post("/signin", status_code=200)
async def sign_in(request: Visit, data: URLEncodedBody[Form], house: Named[House]) -> Answer:
    next_page = next_of(data)
    if "language" in data:
        return page(request, "signin/signin.html", form=data, next=next_page)
    account = await accounts.by_email(house.pool, email_of(data))
    known = account.password_hash if account else None
    right = await sessions.matches(known, data.get("password", ""))
    cookie = await started(house, account) if account and right else None
    if cookie is None:
        await too_often(house, email_of(data), account)
        return page(
            request,
            "signin/signin.html",
            form=data,
            status_code=422,
            problems={"password": "wrong"},
            next=next_page,
        )
    return Redirect(next_page, status_code=303, cookies=[cookie])


@post("/signout")
async def sign_out(request: Visit, house: Named[House]) -> Redirect:
    token = request.cookies.get(sessions.cookie_name(house), "")
    await accounts.end_session(house.pool, sessions.token_hash(token))
    return Redirect("/signin", status_code=303, cookies=[sessions.cookie(house, "")])


@get("/account")
async def account(request: Visit, house: Named[House], viewer: Named[Viewer]) -> Template:
    async with house.pool.acquire() as connection, connection.transaction():
        works_at = await accounts.schools_of(connection, viewer.account_id)
        names = {}
        for school_id in works_at:
            await tenancy.enter(connection, school_id)
            names[school_id] = (await schools.get(connection, school_id)).name
    return page(request, "signin/account.html", viewer=viewer, schools=names)


@post("/account/school")
async def change_school(
    request: Visit, data: URLEncodedBody[Form], house: Named[House], viewer: Named[Viewer]
) -> Redirect:
    """Who works at two schools goes from one to the other."""
    token = request.cookies.get(sessions.cookie_name(house), "")
    async with house.pool.acquire() as connection, connection.transaction():
        for school_id in await accounts.schools_of(connection, viewer.account_id):
            if str(school_id) == data.get("school"):
                await accounts.move_session(connection, sessions.token_hash(token), school_id)
    return Redirect("/classes", status_code=303)


@post("/account/sessions/end")
async def end_sessions(house: Named[House], viewer: Named[Viewer]) -> Redirect:
    await accounts.end_all_sessions(house.pool, viewer.account_id)
    return Redirect("/signin", status_code=303, cookies=[sessions.cookie(house, "")])


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
    if not data.get("school", "").strip():
        problems["school"] = "missing"
    if "language" in data or problems:
        return page(request, "signin/start.html", form=data, **refused(data, problems))
    school = School(
        school_id=house.new_id(),
        name=data["school"].strip(),
        language=language_of(request),
    )
    password_hash = await sessions.hashed(data["password"])
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
        cookie = await sessions.start(connection, house, account_id, school.school_id)
    return Redirect("/school", status_code=303, cookies=[cookie])


@get("/invitations/{token:str}")
async def invited(request: Visit, token: FromPath[str], house: Named[House]) -> Template:
    invitation = await open_invitation(house, token)
    async with tenancy.school(house.pool, invitation.school_id) as connection:
        school = await schools.get(connection, invitation.school_id)
    known = await accounts.by_email(house.pool, invitation.email)
    return page(
        request,
        "signin/invitation.html",
        invitation=invitation,
        school=school,
        token=token,
        known=bool(known),
    )


@post("/invitations/{token:str}", status_code=200)
async def accept(
    request: Visit, token: FromPath[str], data: URLEncodedBody[Form], house: Named[House]
) -> Answer:
    """A newcomer chooses a password; who has an account already shows it with the one there is."""
    invitation = await open_invitation(house, token)
    known = await accounts.by_email(house.pool, invitation.email)
    problems = await problems_of_acceptance(data, known)
    async with tenancy.school(house.pool, invitation.school_id) as connection:
        school = await schools.get(connection, invitation.school_id)
        if "language" in data or problems:
            return page(
                request,
                "signin/invitation.html",
                form=data,
                invitation=invitation,
                school=school,
                token=token,
                known=bool(known),
                **refused(data, problems),
            )
        if not await invitations.use(connection, sessions.token_hash(token)):
            raise NotFoundException
        account_id = await joining.join(
            house,
            connection,
            invitation,
            known,
            password=data["password"],
            language=language_of(request),
        )
        cookie = await sessions.start(connection, house, account_id, invitation.school_id)
    return Redirect("/classes", status_code=303, cookies=[cookie])


async def too_often(house: House, email: str, account: Account | None) -> None:
    """A password that is wrong again and again takes longer, and once is noted: at each school."""
    if await house.wrong_passwords.slow_down(email) != sessions.OFTEN or account is None:
        return
    async with house.pool.acquire() as connection, connection.transaction():
        for school_id in await accounts.schools_of(connection, account.account_id):
            await tenancy.enter(connection, school_id)
            actor = subject = account.account_id
            verb, moment = Verb.SIGN_IN_FAILED, house.clock()
            await audit.note_of(connection, school_id, actor, verb, subject, moment)


async def started(house: House, account: Account) -> Cookie | None:
    """A session at the first school where the account may come in, or else at a governing board;
    None where there is neither."""
    async with house.pool.acquire() as connection, connection.transaction():
        works_at = await accounts.schools_of(connection, account.account_id)
        if not works_at and not await governing.boards_of(connection, account.account_id):
            return None
        school_id = works_at[0] if works_at else None
        return await sessions.start(connection, house, account.account_id, school_id)


async def open_invitation(house: House, token: str) -> Invitation:
    found = await invitations.behind(house.pool, sessions.token_hash(token), house.today())
    if found is None:
        raise NotFoundException("this invitation was used, or it ran out")
    return found


async def problems_of_acceptance(form: Mapping[str, str], known: Account | None) -> dict[str, str]:
    if known is None:
        return problems_of_password(form)
    right = await sessions.matches(known.password_hash, form.get("password", ""))
    return {} if right else {"password": "wrong"}


def problems_of_account(form: Mapping[str, str]) -> dict[str, str]:
    found = problems_of_password(form)
    if not form.get("name", "").strip():
        found["name"] = "missing"
    if not sessions.EMAIL.match(email_of(form)):
        found["email"] = "wrong"
    return found


def problems_of_password(form: Mapping[str, str]) -> dict[str, str]:
    short = len(form.get("password", "")) < sessions.SHORTEST_PASSWORD
    return {"password": "short"} if short else {}


def refused(form: Mapping[str, str], problems: dict[str, str]) -> dict[str, Any]:
    """Choosing a language is no mistake: the form comes back filled, without complaint."""
    if "language" in form:
        return {"problems": {}, "status_code": 200}
    return {"problems": problems, "status_code": 422}


def email_of(form: Mapping[str, str]) -> str:
    return form.get("email", "").strip().lower()


def next_of(given: Mapping[str, str]) -> str:
    """A page of ours to go on to; nobody is sent to another site."""
    wanted = given.get("next", "")
    return wanted if re.fullmatch(r"/[a-z][\w/-]*", wanted, re.ASCII) else "/classes"


router = Router(
    "/",
    route_handlers=[
        ask,
        sign_in,
        sign_out,
        account,
        change_school,
        end_sessions,
        first_run,
        make_school,
        invited,
        accept,
    ],
)
