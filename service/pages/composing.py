"""A survey of one's own: composed, looked at as its students will, and changed later."""

from typing import Any
from uuid import UUID

from asyncpg import Connection
from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency as Named
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect, Template

from service import previewing, versioning
from service.house import House
from service.ownership import own_group
from service.rendering import form_page
from service.storage import schools, tenancy
from surveys import composing
from surveys.access import Viewer
from surveys.instrument import Instrument
from surveys.languages import languages
from surveys.release import rule
from surveys.rounds import Group, Survey

Form = dict[str, str]
Visit = Request[Any, Any, Any]
Answer = Template | Redirect | Response[str]


@get("/classes/{group_id:uuid}/compose")
async def compose(
    request: Visit, group_id: FromPath[UUID], house: Named[House], viewer: Named[Viewer]
) -> Template:
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        group = await own_group(connection, viewer, group_id)
    return compose_page(request, viewer, group, None, {})


@post("/classes/{group_id:uuid}/compose", status_code=200)
async def composed(
    request: Visit,
    group_id: FromPath[UUID],
    data: URLEncodedBody[Form],
    house: Named[House],
    viewer: Named[Viewer],
) -> Answer:
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        group = await own_group(connection, viewer, group_id)
        return await answer_to(request, house, connection, viewer, group, None, data)


@get("/surveys/{survey_id:uuid}/compose")
async def compose_again(
    request: Visit, survey_id: FromPath[UUID], house: Named[House], viewer: Named[Viewer]
) -> Template | Redirect:
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        survey, group = await versioning.changeable(connection, viewer, survey_id)
    form = composing.form_of(survey.instrument, group.stage)
    if form is None:
        return Redirect(f"/surveys/{survey_id}/instrument")
    return compose_page(request, viewer, group, survey, form)


@post("/surveys/{survey_id:uuid}/compose", status_code=200)
async def composed_again(
    request: Visit,
    survey_id: FromPath[UUID],
    data: URLEncodedBody[Form],
    house: Named[House],
    viewer: Named[Viewer],
) -> Answer:
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        survey, group = await versioning.changeable(connection, viewer, survey_id)
        return await answer_to(request, house, connection, viewer, group, survey, data)


async def answer_to(
    request: Visit,
    house: House,
    connection: Connection,
    viewer: Viewer,
    group: Group,
    before: Survey | None,
    form: Form,
) -> Answer:
    made = composing.compose(form, group.stage)
    if "language" in form or not isinstance(made, Instrument):
        problems = {} if isinstance(made, Instrument) else made
        return compose_page(request, viewer, group, before, form, problems)
    if "preview" in form:
        school = await schools.get(connection, viewer.school_id)
        promised = rule(made.purpose, small_classes=school.small_classes)
        return previewing.preview(house, request, made, group.stage, promised, school)
    survey = await versioning.keep(house, connection, viewer, group, made, before)
    return Redirect(f"/surveys/{survey.survey_id}/ask", status_code=303)


def compose_page(
    request: Visit,
    viewer: Viewer,
    group: Group,
    before: Survey | None,
    form: Form,
    problems: dict[str, str] | None = None,
) -> Template:
    return form_page(
        request,
        "classes/compose.html",
        form,
        problems,
        viewer=viewer,
        group=group,
        before=before,
        instruments=composing.offered(group.stage),
        own_items=range(1, composing.OWN_ITEMS + 1),
        kinds=composing.KINDS,
        languages=languages().values(),
    )


router = Router("/", route_handlers=[compose, composed, compose_again, composed_again])
