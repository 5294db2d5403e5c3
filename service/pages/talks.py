"""I want to talk to somebody: a page of its own for students, and the adviser's list.

It has no tie to a round or an answer. It is offered to everybody, and only while a confidential
adviser is there to read it.
"""

from typing import Any
from uuid import UUID

from asyncpg import Connection
from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency as Named
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect, Template

from service import reminding, students
from service.house import House
from service.ownership import only_if
from service.rendering import page
from service.storage import people, reminders, schools, talks, tenancy
from service.storage.reminders import About, Reminder
from service.storage.schools import School
from service.storage.talks import TalkRequest
from surveys import access
from surveys.access import Role, Viewer
from surveys.instrument import Stage

Form = dict[str, str]
Visit = Request[Any, Any, Any]

LONGEST_NAME = 80
LONGEST_CLASS = 40
MOST_WAITING = 200  # of a school; beyond it somebody plays with the page


@get("/talk/{school_id:uuid}", opt={"student": True})
async def ask(
    request: Visit,
    school_id: FromPath[UUID],
    house: Named[House],
) -> Response[str]:
    async with tenancy.school(house.pool, school_id) as connection:
        school = await school_with_adviser(connection, school_id)
    return form_again(request, house, school, {})


@post("/talk/{school_id:uuid}", status_code=200, opt={"student": True})
async def send(
    request: Visit,
    school_id: FromPath[UUID],
    data: URLEncodedBody[Form],
    house: Named[House],
) -> Response[str]:
    name = data.get("name", "").strip()[:LONGEST_NAME]
    async with tenancy.school(house.pool, school_id) as connection:
        school = await school_with_adviser(connection, school_id)
        if "language" in data or not name:
            return form_again(request, house, school, data)
        if await talks.waiting(connection, school_id) < MOST_WAITING:
            wish = TalkRequest(
                school_id=school_id,
                request_id=house.new_id(),
                name=name,
                class_=data.get("class", "").strip()[:LONGEST_CLASS],
                asked_on=house.today(),
            )
            await talks.add(connection, wish)
            due = reminding.next_school_hour(house.clock())
            await reminders.plan(connection, Reminder(About.TALK, school_id, school_id, due))
    language = students.language_of(request, data)
    return students.rendered(
        house, "talk_sent.html", language, school=school, stage=Stage.SECONDARY
    )


@get("/talks")
async def show(request: Visit, house: Named[House], viewer: Named[Viewer]) -> Template:
    only_if(access.may_read_talk_requests(viewer))
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        asked = await talks.of_school(connection, viewer.school_id)
    return page(
        request, "talks/show.html", viewer=viewer, asked=asked, mails=house.mail is not None
    )


@post("/talks/{request_id:uuid}/handling")
async def handle(
    request_id: FromPath[UUID],
    data: URLEncodedBody[Form],
    house: Named[House],
    viewer: Named[Viewer],
) -> Redirect:
    only_if(access.may_read_talk_requests(viewer))
    handled_on = None if "again" in data else house.today()
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        if not await talks.handle(connection, viewer.school_id, request_id, handled_on):
            raise NotFoundException
    return Redirect("/talks", status_code=303)


async def school_with_adviser(connection: Connection, school_id: UUID) -> School:
    if not await people.active(connection, school_id, Role.ADVISER):
        raise NotFoundException
    return await schools.get(connection, school_id)


def form_again(request: Visit, house: House, school: School, form: Form) -> Response[str]:
    """The form as it was filled in; only the name is asked for again when it is missing."""
    nameless = bool(form) and "language" not in form
    return students.rendered(
        house,
        "talk.html",
        students.language_of(request, form),
        422 if nameless else 200,
        school=school,
        filled={"name": form.get("name", ""), "class": form.get("class", "")},
        stage=Stage.SECONDARY,
        nameless=nameless,
    )


router = Router("/", route_handlers=[ask, send, show, handle])
