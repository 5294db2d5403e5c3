"""An own survey in other languages: what is missing in each, and a page to write it."""

from typing import Any
from uuid import UUID

from asyncpg import Connection
from litestar import Request, Router, get, post
from litestar.di import NamedDependency as Named
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect, Template
from msgspec import Struct

from service import versioning
from service.house import House
from service.listening import notify_changed
from service.rendering import form_page, page
from service.storage import schools, surveys, tenancy
from surveys import translating
from surveys.access import Viewer
from surveys.instrument import Instrument
from surveys.languages import languages, spoken_in
from surveys.rounds import Group, Round, Survey

Form = dict[str, str]
Visit = Request[Any, Any, Any]


class Into(Struct, frozen=True):
    """An own survey on its way into a language, and its rounds that are being asked."""

    survey: Survey
    group: Group
    language: str
    running: list[Round]

    @property
    def in_use(self) -> bool:
        """What is being asked does not change meanwhile: all answer the same question."""
        return bool(self.running) and self.language in self.survey.instrument.languages


@get("/surveys/{survey_id:uuid}/translations")
async def choose(
    request: Visit, survey_id: FromPath[UUID], house: Named[House], viewer: Named[Viewer]
) -> Template:
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        survey, group = await versioning.newest(connection, viewer, survey_id)
        school = await schools.get(connection, viewer.school_id)
    instrument = survey.instrument
    return page(
        request,
        "translating/choose.html",
        viewer=viewer,
        survey=survey,
        group=group,
        original=translating.original(instrument),
        translations=[
            translating.translation(instrument, language)
            for language in translating.others(instrument)
        ],
        asked_in=spoken_in(instrument, all_languages=school.all_languages),
        languages=languages(),
        saved="saved" in request.query_params,
    )


@get("/surveys/{survey_id:uuid}/translations/{into:str}")
async def write(
    request: Visit,
    survey_id: FromPath[UUID],
    into: FromPath[str],
    house: Named[House],
    viewer: Named[Viewer],
) -> Template:
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        found = await on_the_way(connection, viewer, survey_id, into)
    here = translating.translation(found.survey.instrument, into)
    form = {each.field: each.written for each in here.asked_for}
    return write_page(request, viewer, found, form)


@post("/surveys/{survey_id:uuid}/translations/{into:str}", status_code=200)
async def written(
    request: Visit,
    survey_id: FromPath[UUID],
    into: FromPath[str],
    data: URLEncodedBody[Form],
    house: Named[House],
    viewer: Named[Viewer],
) -> Template | Redirect:
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        found = await on_the_way(connection, viewer, survey_id, into)
        made = translating.read(found.survey.instrument, into, data)
        if "language" in data or found.in_use or not isinstance(made, Instrument):
            problems = {} if isinstance(made, Instrument) else made
            return write_page(request, viewer, found, data, problems)
        await surveys.put_instrument(connection, viewer.school_id, survey_id, made)
        for round in found.running:
            await notify_changed(connection, round.round_id)  # students find the language there
    return Redirect(f"/surveys/{survey_id}/translations?saved=yes", status_code=303)


async def on_the_way(
    connection: Connection, viewer: Viewer, survey_id: UUID, language: str
) -> Into:
    """Raises NotFoundException for what is not one's own, and for no other language of ours."""
    survey, group = await versioning.newest(connection, viewer, survey_id)
    if language not in translating.others(survey.instrument):
        raise NotFoundException
    return Into(survey, group, language, await versioning.being_asked(connection, survey))


def write_page(
    request: Visit,
    viewer: Viewer,
    found: Into,
    form: Form,
    problems: dict[str, str] | None = None,
) -> Template:
    instrument = found.survey.instrument
    return form_page(
        request,
        "translating/write.html",
        form,
        problems,
        viewer=viewer,
        survey=found.survey,
        group=found.group,
        original=languages().get(translating.original(instrument)),
        into=languages()[found.language],
        translation=translating.translation(instrument, found.language),
        longest=translating.longest,
        in_use=found.in_use,
    )


router = Router("/", route_handlers=[choose, write, written])
