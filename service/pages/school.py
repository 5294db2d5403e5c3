"""The school: its people, its groups, and how much is asked and answered. Never what."""

from typing import Any
from uuid import UUID

from litestar import Request, Router, get, post
from litestar.di import NamedDependency as Named
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect, Template

from service import sessions
from service.house import House
from service.languages import STAFF
from service.rendering import form_page
from service.retention import LIVES
from service.storage import accounts, activity, audit, groups, invitations, people, schools, tenancy
from service.storage.invitations import Invitation
from service.storage.schools import School
from surveys import access
from surveys.access import Role, Viewer
from surveys.deeds import Verb

Form = dict[str, str]
Visit = Request[Any, Any, Any]


@get("/school")
async def show(request: Visit, house: Named[House], viewer: Named[Viewer]) -> Template:
    return await school_page(request, house, viewer, {})


@post("/school/invitations", status_code=200)
async def invite(
    request: Visit, data: URLEncodedBody[Form], house: Named[House], viewer: Named[Viewer]
) -> Template:
    """A link to hand on, shown once: a school without a mail server works too."""
    problems = problems_of_invitation(data, viewer)
    if "language" in data or problems:
        return await school_page(request, house, viewer, data, problems)
    token = house.new_token()
    invitation = Invitation(
        school_id=viewer.school_id,
        invitation_id=house.new_id(),
        email=data["email"].strip().lower(),
        name=data["name"].strip(),
        role=Role(data["role"]),
        expires_on=house.today() + LIVES.invitation,
        invited_by=viewer.account_id,
    )
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        await invitations.add(connection, sessions.token_hash(token), invitation)
        await audit.note(connection, viewer, Verb.INVITED, invitation.invitation_id, house.clock())
    link = f"{house.settings.url}/invitations/{token}"
    return await school_page(request, house, viewer, {}, invited=invitation, link=link)


@post("/school/people/{account_id:uuid}/access")
async def change_access(
    account_id: FromPath[UUID],
    data: URLEncodedBody[Form],
    house: Named[House],
    viewer: Named[Viewer],
) -> Redirect:
    """Somebody who left can no longer come in; what was theirs stays theirs and moves to nobody."""
    if not access.may_manage_people(viewer) or account_id == viewer.account_id:
        raise NotFoundException
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        if await people.get(connection, viewer.school_id, account_id) is None:
            raise NotFoundException
        off = data.get("access") == "off"
        ended_on = house.today() if off else None
        await people.end(connection, viewer.school_id, account_id, ended_on)
        await accounts.end_sessions_at(connection, viewer.school_id, account_id)
        verb = Verb.ACCESS_ENDED if off else Verb.ACCESS_RESTORED
        await audit.note(connection, viewer, verb, account_id, house.clock())
    return Redirect("/school", status_code=303)


@post("/school/settings", status_code=200)
async def change(
    request: Visit, data: URLEncodedBody[Form], house: Named[House], viewer: Named[Viewer]
) -> Template | Redirect:
    if not access.may_manage_people(viewer):
        raise NotFoundException
    name = data.get("school", "").strip()
    if "language" in data or not name or data.get("school_language") not in STAFF:
        return await school_page(
            request, house, viewer, data, {} if name else {"school": "missing"}
        )
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        school = School(
            school_id=viewer.school_id,
            name=name,
            language=data["school_language"],
            small_classes="small_classes" in data,
            all_languages="all_languages" in data,
        )
        await schools.change(connection, school)
    return Redirect("/school?saved=yes", status_code=303)


async def school_page(
    request: Visit,
    house: House,
    viewer: Viewer,
    form: Form,
    problems: dict[str, str] | None = None,
    invited: Invitation | None = None,
    link: str = "",
) -> Template:
    if not access.may_see_school(viewer):
        raise NotFoundException
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        school = await schools.get(connection, viewer.school_id)
        return form_page(
            request,
            "school/show.html",
            form,
            problems,
            viewer=viewer,
            school=school,
            saved="saved" in request.query_params,
            people=await people.of_school(connection, viewer.school_id),
            classes=await groups.of_school(connection, viewer.school_id),
            waiting=await invitations.of_school(connection, viewer.school_id, house.today()),
            activity=await activity.by_month(connection, viewer.school_id),
            may_manage=access.may_manage_people(viewer),
            roles=[role for role in Role if access.may_invite(viewer, role)],
            invited=invited,
            link=link,
        )


def problems_of_invitation(form: Form, viewer: Viewer) -> dict[str, str]:
    found: dict[str, str] = {}
    if not form.get("name", "").strip():
        found["name"] = "missing"
    email = form.get("email", "").strip().lower()
    if not sessions.EMAIL.match(email) or email == viewer.email:
        found["email"] = "wrong"  # nobody gives himself another role
    role = form.get("role")
    if role not in set(Role) or not access.may_invite(viewer, Role(role)):
        found["role"] = "wrong"
    return found


router = Router("/", route_handlers=[show, invite, change_access, change])
