"""Inviting somebody to work at the school: always by a link, and by e-mail where that works."""

from typing import Any
from uuid import UUID

from asyncpg import Connection
from litestar import Request, Router, get, post
from litestar.di import NamedDependency as Named
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect, Template

from service import inviting, sessions
from service.house import House
from service.rendering import form_page, page
from service.storage import audit, invitations, people, schools, tenancy
from service.storage.invitations import Invitation
from service.storage.people import Member
from surveys import access
from surveys.access import Role, Viewer
from surveys.deeds import Verb

Form = dict[str, str]
Visit = Request[Any, Any, Any]


@get("/school/invitations")
async def ask(request: Visit, house: Named[House], viewer: Named[Viewer]) -> Template:
    """Filled in where it is for somebody whose access was ended, and who comes back."""
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        everybody = await people.of_school(connection, viewer.school_id)
    asked = request.query_params.get("person", "")
    gone = [one for one in everybody if str(one.account_id) == asked and one.ended_on]
    form = {"name": gone[0].name, "email": gone[0].email} if gone else {}
    return invitation_page(request, viewer, form)


@post("/school/invitations", status_code=200)
async def invite(
    request: Visit, data: URLEncodedBody[Form], house: Named[House], viewer: Named[Viewer]
) -> Template:
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        problems = await problems_of_invitation(house, connection, viewer, data)
        if "language" in data or problems:
            return invitation_page(request, viewer, data, problems)
        invitation, link = await inviting.invite(
            house,
            connection,
            viewer,
            email=email_of(data),
            name=data["name"].strip(),
            role=Role(data["role"]),
        )
    return await link_page(request, house, viewer, invitation, link)


@post("/school/invitations/{invitation_id:uuid}/repetition", status_code=200)
async def repeat(
    request: Visit, invitation_id: FromPath[UUID], house: Named[House], viewer: Named[Viewer]
) -> Template:
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        before = await waiting(connection, viewer, invitation_id)
        invitation, link = await inviting.repeat(house, connection, viewer, before)
    return await link_page(request, house, viewer, invitation, link)


@post("/school/invitations/{invitation_id:uuid}/withdrawal")
async def withdraw(
    invitation_id: FromPath[UUID], house: Named[House], viewer: Named[Viewer]
) -> Redirect:
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        await waiting(connection, viewer, invitation_id)
        await invitations.withdraw(connection, viewer.school_id, invitation_id)
        verb = Verb.INVITATION_WITHDRAWN
        await audit.note(connection, viewer, verb, invitation_id, house.clock())
    return Redirect("/school/people", status_code=303)


async def waiting(connection: Connection, viewer: Viewer, invitation_id: UUID) -> Invitation:
    """An invitation that the viewer might have made as well."""
    found = await invitations.get(connection, viewer.school_id, invitation_id)
    if found is None or not access.may_grant(viewer, found.role):
        raise NotFoundException
    return found


async def problems_of_invitation(
    house: House, connection: Connection, viewer: Viewer, form: Form
) -> dict[str, str]:
    found: dict[str, str] = {}
    if not form.get("name", "").strip():
        found["name"] = "missing"
    email = email_of(form)
    if not sessions.EMAIL.match(email):
        found["email"] = "wrong"
    elif email in {one.email for one in await here(connection, viewer)}:
        found["email"] = "here"  # and so is who is inviting: nobody gives himself another role
    role = form.get("role")
    for one in await invitations.of_school(connection, viewer.school_id, house.today()):
        if (one.email, one.role) == (email, role):
            found["email"] = "waiting"
    if role not in set(Role) or not access.may_grant(viewer, Role(role)):
        found["role"] = "wrong"
    return found


async def here(connection: Connection, viewer: Viewer) -> list[Member]:
    """Whom the viewer invites not again. Whose access an administrator ended, an administrator
    alone invites anew."""
    everybody = await people.of_school(connection, viewer.school_id)
    again = access.may_manage_people(viewer)
    return [member for member in everybody if member.ended_on is None or not again]


def invitation_page(
    request: Visit, viewer: Viewer, form: Form, problems: dict[str, str] | None = None
) -> Template:
    roles = [role for role in access.RIGHTS if access.may_grant(viewer, role)]
    if not roles:
        raise NotFoundException
    return form_page(
        request,
        "school/invite.html",
        form,
        problems,
        viewer=viewer,
        roles=roles,
        rights=access.RIGHTS,
    )


async def link_page(
    request: Visit, house: House, viewer: Viewer, invitation: Invitation, link: str
) -> Template:
    """The link is shown once, whether it was mailed or not."""
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        school = await schools.get(connection, viewer.school_id)
    return page(
        request,
        "school/invited.html",
        viewer=viewer,
        invitation=invitation,
        link=link,
        mails=house.mail is not None,
        mailed=await inviting.mailed(house, school, invitation, link),
    )


def email_of(form: Form) -> str:
    return form.get("email", "").strip().lower()


router = Router("/", route_handlers=[ask, invite, repeat, withdraw])
