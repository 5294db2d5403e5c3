"""The groups of a school: who teaches them, how many are in them, and that they end."""

from typing import Any
from uuid import UUID

from asyncpg import Connection
from litestar import Request, Router, get, post
from litestar.di import NamedDependency as Named
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect, Template
from msgspec.structs import replace

from service.grouping import defaults, filled_from, group_of, problems_of_group
from service.house import House
from service.ownership import only_if
from service.rendering import form_page, page
from service.storage import audit, groups, people, tenancy, turnovers
from service.storage.people import Member
from surveys import access, turnover
from surveys.access import Role, Viewer
from surveys.deeds import Verb
from surveys.rounds import Group

Form = dict[str, str]
Visit = Request[Any, Any, Any]
Answer = Template | Redirect


@get("/school/groups")
async def show(request: Visit, house: Named[House], viewer: Named[Viewer]) -> Template:
    only_if(access.may_manage_groups(viewer))
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        present = await groups.of_school(connection, viewer.school_id)
        ended = await groups.of_school(connection, viewer.school_id, ended=True)
        last = await turnovers.last(connection, viewer.school_id)
    due = turnover.proposals((one.group for one in present), house.today())
    return page(
        request,
        "school/groups.html",
        viewer=viewer,
        groups=sorted(present, key=by_year_group),
        ended=ended,
        due=len(due),
        year=turnover.coming_year(house.today()),
        undone=request.query_params.get("undone", ""),
        may_undo=last is not None and last.done_on == house.today(),
    )


@get("/school/groups/new")
async def new(request: Visit, house: Named[House], viewer: Named[Viewer]) -> Template:
    return group_form(request, viewer, None, defaults(house))


@post("/school/groups/new", status_code=200)
async def add(
    request: Visit, data: URLEncodedBody[Form], house: Named[House], viewer: Named[Viewer]
) -> Answer:
    problems = problems_of_group(data)
    if "language" in data or problems:
        return group_form(request, viewer, None, data, problems)
    only_if(access.may_manage_groups(viewer))
    group = group_of(data, viewer.school_id, house.new_id())
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        await groups.add(connection, group)
        await audit.note(connection, viewer, Verb.GROUP_MADE, group.group_id, house.clock())
    return Redirect(f"/school/groups/{group.group_id}", status_code=303)


@get("/school/groups/{group_id:uuid}")
async def show_one(
    request: Visit, group_id: FromPath[UUID], house: Named[House], viewer: Named[Viewer]
) -> Template:
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        group = await managed(connection, viewer, group_id)
        teach = await groups.teachers(connection, viewer.school_id, group_id)
        staff = await people.of_school(connection, viewer.school_id)
    could = [one for one in staff if Role.TEACHER in one.roles and one.ended_on is None]
    return page(
        request,
        "school/group.html",
        viewer=viewer,
        group=group,
        teachers=[one for one in staff if one.account_id in teach],
        others=[one for one in could if one.account_id not in teach],
    )


@get("/school/groups/{group_id:uuid}/edit")
async def edit(
    request: Visit, group_id: FromPath[UUID], house: Named[House], viewer: Named[Viewer]
) -> Template:
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        group = await managed(connection, viewer, group_id)
    return group_form(request, viewer, group, filled_from(group))


@post("/school/groups/{group_id:uuid}/edit", status_code=200)
async def change(
    request: Visit,
    group_id: FromPath[UUID],
    data: URLEncodedBody[Form],
    house: Named[House],
    viewer: Named[Viewer],
) -> Answer:
    problems = problems_of_group(data)
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        group = await managed(connection, viewer, group_id)
        if "language" in data or problems:
            return group_form(request, viewer, group, data, problems)
        changed = replace(group_of(data, viewer.school_id, group_id), ended_on=group.ended_on)
        await groups.change(connection, changed)
        await audit.note(connection, viewer, Verb.GROUP_CHANGED, group_id, house.clock())
    return Redirect(f"/school/groups/{group_id}", status_code=303)


@post("/school/groups/{group_id:uuid}/teachers")
async def change_teachers(
    group_id: FromPath[UUID],
    data: URLEncodedBody[Form],
    house: Named[House],
    viewer: Named[Viewer],
) -> Redirect:
    """Who teaches the group asks it from now on; what others asked of it stays theirs."""
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        await managed(connection, viewer, group_id)
        member = await member_of(connection, viewer, data.get("teacher", ""))
        if data.get("given") == "no":
            change = groups.drop_teacher
        elif Role.TEACHER in member.roles and member.ended_on is None:
            change = groups.add_teacher
        else:
            raise NotFoundException
        await change(connection, viewer.school_id, group_id, member.account_id)
        await audit.note(connection, viewer, Verb.TEACHERS_CHANGED, group_id, house.clock())
    return Redirect(f"/school/groups/{group_id}", status_code=303)


@post("/school/groups/{group_id:uuid}/ending")
async def end(
    group_id: FromPath[UUID],
    data: URLEncodedBody[Form],
    house: Named[House],
    viewer: Named[Viewer],
) -> Redirect:
    """A group that ended is asked no more, and its results stay; it may go on again."""
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        group = await managed(connection, viewer, group_id)
        again = data.get("ended") == "no"
        changed = replace(group, ended_on=None if again else house.today())
        await groups.change(connection, changed)
        verb = Verb.GROUP_RESTORED if again else Verb.GROUP_ENDED
        await audit.note(connection, viewer, verb, group_id, house.clock())
    return Redirect(f"/school/groups/{group_id}", status_code=303)


async def managed(connection: Connection, viewer: Viewer, group_id: UUID) -> Group:
    only_if(access.may_manage_groups(viewer))
    found = await groups.get(connection, viewer.school_id, group_id)
    if found is None:
        raise NotFoundException
    return found


async def member_of(connection: Connection, viewer: Viewer, account_id: str) -> Member:
    for member in await people.of_school(connection, viewer.school_id):
        if str(member.account_id) == account_id:
            return member
    raise NotFoundException


def by_year_group(taught: groups.Taught) -> tuple[str, int, str]:
    group = taught.group
    return group.stage, group.year_group or 0, group.name


def group_form(
    request: Visit,
    viewer: Viewer,
    group: Group | None,
    form: Form,
    problems: dict[str, str] | None = None,
) -> Template:
    only_if(access.may_manage_groups(viewer))
    return form_page(request, "school/group_form.html", form, problems, viewer=viewer, group=group)


router = Router("/", route_handlers=[show, new, add, show_one, edit, change, change_teachers, end])
