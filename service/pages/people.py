"""The people of a school: who has which role and by whose word, and the page of each of them."""

from typing import Any
from uuid import UUID

from asyncpg import Connection
from litestar import Request, Router, get, post
from litestar.di import NamedDependency as Named
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect, Template

from service import appointing
from service.house import House
from service.ownership import only_if
from service.rendering import page
from service.storage import audit, groups, invitations, people, tenancy
from service.storage.people import Member
from surveys import access
from surveys.access import Role, Viewer
from surveys.deeds import Verb

Form = dict[str, str]
Visit = Request[Any, Any, Any]


@get("/school/people")
async def show(request: Visit, house: Named[House], viewer: Named[Viewer]) -> Template:
    """All roles in one table; who has two of them stands in it twice."""
    only_if(access.may_see_school(viewer))
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        everybody = await people.of_school(connection, viewer.school_id)
        waiting = await invitations.of_school(connection, viewer.school_id, house.today())
    return page(
        request,
        "school/people.html",
        viewer=viewer,
        rights=access.RIGHTS,
        people=[member for member in everybody if member.ended_on is None],
        held={role for member in everybody if not member.ended_on for role in member.roles},
        gone=[member for member in everybody if member.ended_on is not None],
        waiting=waiting,
        names={member.account_id: member.name for member in everybody},
        may_invite=any(access.may_grant(viewer, role) for role in Role),
        may_repeat={role for role in Role if access.may_grant(viewer, role)},
    )


@get("/school/people/{account_id:uuid}")
async def show_one(
    request: Visit, account_id: FromPath[UUID], house: Named[House], viewer: Named[Viewer]
) -> Template:
    """Roles that nobody else has cannot be taken, and the page says why."""
    only_if(access.may_see_school(viewer))
    own = account_id == viewer.account_id
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        member = await member_of(connection, viewer, account_id)
        only = await appointing.irreplaceable(connection, viewer.school_id, account_id)
        classes = await groups.taught_by(connection, viewer.school_id, account_id)
    return page(
        request,
        "school/person.html",
        viewer=viewer,
        member=member,
        own=own,
        rights=access.RIGHTS,
        only=only,
        may_grant={role for role in Role if access.may_grant(viewer, role) and not own},
        may_take={role for role in Role if access.may_take(viewer, role) and not own},
        may_manage=access.may_manage_people(viewer) and not own,
        classes=classes,
    )


@post("/school/people/{account_id:uuid}/roles")
async def change_role(
    account_id: FromPath[UUID],
    data: URLEncodedBody[Form],
    house: Named[House],
    viewer: Named[Viewer],
) -> Redirect:
    """Gives a role to somebody who is here already, or takes it where others are left."""
    role, given = role_of(data), data.get("given") != "no"
    if not (access.may_grant if given else access.may_take)(viewer, role):
        raise NotFoundException
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        member = await somebody_else(connection, viewer, account_id)
        if given and role not in member.roles and member.ended_on is None:
            await appointing.appoint(
                house, connection, viewer.school_id, account_id, role, by=viewer.account_id
            )
        elif not given and role in member.roles and len(member.roles) > 1:
            await appointing.dismiss(house, connection, viewer, account_id, role)
    return Redirect(f"/school/people/{account_id}", status_code=303)


@post("/school/people/{account_id:uuid}/confirmation")
async def confirm(
    account_id: FromPath[UUID], house: Named[House], viewer: Named[Viewer]
) -> Redirect:
    """A leader says that whoever came by the invitation is the adviser who was meant."""
    only_if(access.may_grant(viewer, Role.ADVISER))
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        member = await somebody_else(connection, viewer, account_id)
        if Role.ADVISER not in member.roles:
            raise NotFoundException
        await people.confirm(connection, viewer.school_id, account_id, Role.ADVISER)
        await audit.note(connection, viewer, Verb.ADVISER_CONFIRMED, account_id, house.clock())
    return Redirect(f"/school/people/{account_id}", status_code=303)


@post("/school/people/{account_id:uuid}/access")
async def change_access(
    account_id: FromPath[UUID],
    data: URLEncodedBody[Form],
    house: Named[House],
    viewer: Named[Viewer],
) -> Redirect:
    """Somebody who left can no longer come in; what was theirs stays theirs and moves to nobody."""
    only_if(access.may_manage_people(viewer))
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        await somebody_else(connection, viewer, account_id)
        if data.get("access") == "off":
            await appointing.end_access(house, connection, viewer, account_id)
        else:
            await appointing.let_in_again(house, connection, viewer, account_id)
    return Redirect(f"/school/people/{account_id}", status_code=303)


async def member_of(connection: Connection, viewer: Viewer, account_id: UUID) -> Member:
    found = await people.get(connection, viewer.school_id, account_id)
    if found is None:
        raise NotFoundException
    return found


async def somebody_else(connection: Connection, viewer: Viewer, account_id: UUID) -> Member:
    """Nobody changes what he is himself."""
    if account_id == viewer.account_id:
        raise NotFoundException
    return await member_of(connection, viewer, account_id)


def role_of(form: Form) -> Role:
    if form.get("role") not in set(Role):
        raise NotFoundException
    return Role(form["role"])


router = Router("/", route_handlers=[show, show_one, change_role, confirm, change_access])
