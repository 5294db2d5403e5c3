"""Leaving for good: one's own account, that of somebody who left, or a school as a whole."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from asyncpg import Connection
from litestar import Request, Router, get, post
from litestar.di import NamedDependency as Named
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect, Template

from service import erasing, proving, sessions
from service.erasing import Farewell
from service.house import House
from service.ownership import only_if
from service.rendering import form_page
from service.retention import LIVES
from service.storage import audit, people, reminders, schools, tenancy
from service.storage.people import Member
from service.storage.reminders import About, Reminder
from service.storage.schools import School
from surveys import access
from surveys.access import Viewer
from surveys.deeds import Verb

Form = dict[str, str]
Visit = Request[Any, Any, Any]
Answer = Template | Redirect

A_DAY = timedelta(days=1)


@get("/account/deletion")
async def ask_own(request: Visit, house: Named[House], viewer: Named[Viewer]) -> Template:
    return own_page(request, viewer, await own_farewells(house, viewer), {})


@post("/account/deletion", status_code=200)
async def delete_own(
    request: Visit, data: URLEncodedBody[Form], house: Named[House], viewer: Named[Viewer]
) -> Answer:
    """With the password: a teacher's computer may stand open in a class."""
    right = "language" not in data and await proving.by_password(
        house, viewer.email, data.get("password", "")
    )
    if not right:
        problems = {"password": "wrong"}
        return own_page(request, viewer, await own_farewells(house, viewer), data, problems)
    if not await erasing.leave_everywhere(house, viewer.account_id):
        return own_page(request, viewer, await own_farewells(house, viewer), {})
    return Redirect("/signin", status_code=303, cookies=[sessions.cookie(house, "")])


@get("/school/people/{account_id:uuid}/deletion")
async def ask(
    request: Visit, account_id: FromPath[UUID], house: Named[House], viewer: Named[Viewer]
) -> Template:
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        member = await somebody_gone(connection, viewer, account_id)
        found = await erasing.farewell(connection, viewer.school_id, account_id)
    return form_page(
        request, "leaving/account.html", {}, viewer=viewer, member=member, farewells=[found]
    )


@post("/school/people/{account_id:uuid}/deletion")
async def delete(
    account_id: FromPath[UUID], house: Named[House], viewer: Named[Viewer]
) -> Redirect:
    """Of somebody whose access was ended, at this school; a round that runs is counted first."""
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        await somebody_gone(connection, viewer, account_id)
        found = await erasing.farewell(connection, viewer.school_id, account_id)
        if not found.may_go:
            return Redirect(f"/school/people/{account_id}/deletion", status_code=303)
        await erasing.leave(house, connection, viewer.school_id, account_id, by=viewer.account_id)
    return Redirect("/school/people", status_code=303)


@get("/school/deletion")
async def ask_school(request: Visit, house: Named[House], viewer: Named[Viewer]) -> Template:
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        school = await own_school(connection, viewer)
    return school_page(request, viewer, school, {})


@post("/school/deletion", status_code=200)
async def delete_school(
    request: Visit, data: URLEncodedBody[Form], house: Named[House], viewer: Named[Viewer]
) -> Answer:
    """Its name is typed, so that nobody does it by mistake; and for a week it can be stopped."""
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        school = await own_school(connection, viewer)
        if "language" in data or data.get("school", "").strip() != school.name:
            return school_page(request, viewer, school, data, {"school": "another"})
        on = house.today() + LIVES.grace + A_DAY  # whole days of grace, whatever the hour
        await schools.set_deletion(connection, viewer.school_id, on)
        moment, mail = house.clock(), About.DELETION
        verb = Verb.SCHOOL_DELETION_ASKED
        await audit.note(connection, viewer, verb, viewer.school_id, moment)
        reminder = Reminder(mail, viewer.school_id, viewer.school_id, moment)
        await reminders.plan(connection, reminder)
    return Redirect("/school", status_code=303)


@post("/school/deletion/stopping")
async def stop(house: Named[House], viewer: Named[Viewer]) -> Redirect:
    only_if(access.may_see_school(viewer))
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        await schools.set_deletion(connection, viewer.school_id, None)
        verb = Verb.SCHOOL_DELETION_STOPPED
        await audit.note(connection, viewer, verb, viewer.school_id, house.clock())
    return Redirect("/school", status_code=303)


async def own_farewells(house: House, viewer: Viewer) -> list[Farewell]:
    async with house.pool.acquire() as connection, connection.transaction():
        return await erasing.farewells(connection, viewer.account_id)


async def somebody_gone(connection: Connection, viewer: Viewer, account_id: UUID) -> Member:
    """Deleting comes after ending the access, so that nobody is deleted by mistake."""
    found = await people.get(connection, viewer.school_id, account_id)
    if not access.may_manage_people(viewer) or found is None or found.ended_on is None:
        raise NotFoundException
    return found


async def own_school(connection: Connection, viewer: Viewer) -> School:
    only_if(access.may_manage_people(viewer))
    return await schools.get(connection, viewer.school_id)


def own_page(
    request: Visit,
    viewer: Viewer,
    farewells: Sequence[Farewell],
    form: Form,
    problems: dict[str, str] | None = None,
) -> Template:
    return form_page(
        request,
        "leaving/account.html",
        form,
        problems,
        viewer=viewer,
        member=None,
        farewells=farewells,
    )


def school_page(
    request: Visit,
    viewer: Viewer,
    school: School,
    form: Form,
    problems: dict[str, str] | None = None,
) -> Template:
    return form_page(
        request,
        "leaving/school.html",
        form,
        problems,
        viewer=viewer,
        school=school,
        grace=LIVES.grace.days,
    )


router = Router(
    "/",
    route_handlers=[ask_own, delete_own, ask, delete, ask_school, delete_school, stop],
)
