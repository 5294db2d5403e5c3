"""Accepting an invitation to work at a school: a newcomer chooses a password."""

from collections.abc import Sequence
from typing import Any

from litestar import Request, Router, get, post
from litestar.di import NamedDependency as Named
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect, Template

from service import entering, joining, logs, passwords, proving, sessions
from service.house import House
from service.logs import Event, Way
from service.rendering import form_page, language_of
from service.storage import accounts, invitations, providers, schools, tenancy
from service.storage.accounts import Account
from service.storage.invitations import Invitation
from service.storage.providers import Entrance
from service.storage.schools import School

Form = dict[str, str]
Visit = Request[Any, Any, Any]


@get("/invitations/{token:str}")
async def invited(request: Visit, token: FromPath[str], house: Named[House]) -> Template:
    invitation, school = await open_invitation(house, token)
    known = await accounts.by_email(house.pool, invitation.email)
    ways = await providers.entrances_of_school(house.pool, school.school_id)
    return invitation_page(request, token, invitation, school, {}, known, ways)


@post("/invitations/{token:str}", status_code=200)
async def accept(
    request: Visit, token: FromPath[str], data: URLEncodedBody[Form], house: Named[House]
) -> Template | Redirect:
    """Who has an account already shows it with the password there is."""
    invitation, school = await open_invitation(house, token)
    known = await accounts.by_email(house.pool, invitation.email)
    problems = (
        {} if "language" in data else await problems_of(house, data, invitation, school, known)
    )
    ways = await providers.entrances_of_school(house.pool, school.school_id)
    if "language" in data or problems or not school.local_sign_in:
        return invitation_page(request, token, invitation, school, data, known, ways, problems)
    password_hash = "" if known else await passwords.hashed(data["password"])
    async with tenancy.school(house.pool, school.school_id) as connection:
        if not await invitations.use(connection, sessions.token_hash(token)):
            raise NotFoundException
        account_id = await joining.join(
            house,
            connection,
            invitation,
            known,
            password_hash=password_hash,
            language=language_of(request),
        )
        logs.came(Event.RIGHT, Way.LINK, account_id)
        return await entering.enter(
            request, house, connection, account_id, school.school_id, "/classes"
        )


async def open_invitation(house: House, token: str) -> tuple[Invitation, School]:
    found = await invitations.behind(house.pool, sessions.token_hash(token), house.today())
    if found is None:
        raise NotFoundException("this invitation was used, or it ran out")
    async with tenancy.school(house.pool, found.school_id) as connection:
        return found, await schools.get(connection, found.school_id)


async def problems_of(
    house: House, form: Form, invitation: Invitation, school: School, known: Account | None
) -> dict[str, str]:
    if known is None:
        return passwords.problems(form, invitation.name, invitation.email, school.name)
    right = await proving.by_password(house, invitation.email, form.get("password", ""))
    return {} if right else {"password": "wrong"}


def invitation_page(
    request: Visit,
    token: str,
    invitation: Invitation,
    school: School,
    form: Form,
    known: Account | None,
    ways: Sequence[Entrance],
    problems: dict[str, str] | None = None,
) -> Template:
    return form_page(
        request,
        "signin/invitation.html",
        form,
        problems,
        invitation=invitation,
        school=school,
        token=token,
        known=known is not None,
        ways=ways,
    )


router = Router("/", route_handlers=[invited, accept])
