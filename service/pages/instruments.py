"""A survey's questions: seen as students will, handed over as a file, taken in from one."""

from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

from asyncpg import Connection
from litestar import Request, Response, Router, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency as Named
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath
from litestar.response import Redirect, Template

from service import logs, opening, previewing, versioning
from service.house import House
from service.logs import Event
from service.ownership import own_group, own_survey
from service.rendering import form_page
from service.storage import schools, tenancy
from surveys import exchanging
from surveys.access import Viewer
from surveys.instrument import Instrument, said
from surveys.problems import Problem
from surveys.rounds import Group, Survey

Upload = Annotated[dict[str, Any], Body(media_type=RequestEncodingType.MULTI_PART)]
Visit = Request[Any, Any, Any]


@get("/surveys/{survey_id:uuid}/preview")
async def preview(
    request: Visit, survey_id: FromPath[UUID], house: Named[House], viewer: Named[Viewer]
) -> Response[str]:
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        survey, group = await own_survey(connection, viewer, survey_id)
        school = await schools.get(connection, viewer.school_id)
        rule = await opening.rule_of(connection, survey)
    return previewing.preview(house, request, survey.instrument, group.stage, rule, school)


@get("/surveys/{survey_id:uuid}/instrument.toml")
async def hand_over(
    survey_id: FromPath[UUID], house: Named[House], viewer: Named[Viewer]
) -> Response[str]:
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        survey, _ = await own_survey(connection, viewer, survey_id)
    name = f"{said(survey.instrument.name, viewer.language)}.toml"
    return Response(
        exchanging.write(survey.instrument),
        media_type="application/toml",
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"},
    )


@get("/classes/{group_id:uuid}/instrument")
async def take_in(
    request: Visit, group_id: FromPath[UUID], house: Named[House], viewer: Named[Viewer]
) -> Template:
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        group = await own_group(connection, viewer, group_id)
    return instrument_page(request, viewer, group, None, {})


@post("/classes/{group_id:uuid}/instrument", status_code=200)
async def taken_in(
    request: Visit,
    group_id: FromPath[UUID],
    data: Upload,
    house: Named[House],
    viewer: Named[Viewer],
) -> Template | Redirect:
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        group = await own_group(connection, viewer, group_id)
        return await answer_to(request, house, connection, viewer, group, None, data)


@get("/surveys/{survey_id:uuid}/instrument")
async def change(
    request: Visit, survey_id: FromPath[UUID], house: Named[House], viewer: Named[Viewer]
) -> Template:
    """A survey that came from a file is changed as a file."""
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        survey, group = await versioning.changeable(connection, viewer, survey_id)
    form = {"toml": exchanging.write(survey.instrument)}
    return instrument_page(request, viewer, group, survey, form)


@post("/surveys/{survey_id:uuid}/instrument", status_code=200)
async def changed(
    request: Visit,
    survey_id: FromPath[UUID],
    data: Upload,
    house: Named[House],
    viewer: Named[Viewer],
) -> Template | Redirect:
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
    data: dict[str, Any],
) -> Template | Redirect:
    toml = await toml_of(data)
    found = exchanging.take_in(toml, group.stage)
    if "language" in data or not isinstance(found, Instrument):
        if "language" not in data:
            logs.kept_out(Event.FILE, request.scope, 200)
        form = {"toml": toml} | {key: data[key] for key in ("language",) if key in data}
        mistakes = [] if isinstance(found, Instrument) else found
        return instrument_page(request, viewer, group, before, form, mistakes)
    survey = await versioning.keep(house, connection, viewer, group, found, before)
    return Redirect(f"/surveys/{survey.survey_id}/ask", status_code=303)


async def toml_of(data: dict[str, Any]) -> str:
    """What is in the file that was chosen; where none was, what was pasted."""
    file = data.get("file")
    chosen = await file.read() if isinstance(file, UploadFile) else b""
    if chosen:
        return chosen.decode("utf-8-sig", errors="replace")
    return str(data.get("toml", ""))


def instrument_page(
    request: Visit,
    viewer: Viewer,
    group: Group,
    before: Survey | None,
    form: dict[str, str],
    mistakes: list[Problem] | None = None,
) -> Template:
    return form_page(
        request,
        "classes/instrument.html",
        form,
        {"toml": "wrong"} if mistakes else {},
        viewer=viewer,
        group=group,
        before=before,
        mistakes=mistakes or [],
    )


router = Router("/", route_handlers=[preview, hand_over, take_in, taken_in, change, changed])
