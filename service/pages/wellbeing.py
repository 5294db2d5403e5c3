"""Wellbeing over time: what the waves of a school told, for its leaders."""

from typing import Any

from litestar import Request, Router, get
from litestar.di import NamedDependency as Named
from litestar.response import Template

from service import overview
from service.house import House
from service.ownership import only_if
from service.rendering import language_of, page
from service.storage import tenancy, waves
from service.wording import wording
from surveys import access
from surveys.access import Viewer


@get("/wellbeing")
async def show(
    request: Request[Any, Any, Any], house: Named[House], viewer: Named[Viewer]
) -> Template:
    only_if(access.may_lead_waves(viewer))
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        asked = await waves.of_school(connection, viewer.school_id)
        running = [wave for wave in asked if wave.released_on is None]
        lists = overview.by_list(asked)
        if not lists:
            return page(request, "wellbeing/nothing.html", viewer=viewer, running=running)
        looked = await overview.looked_at(connection, lists, request.query_params)
        names = await overview.names_of_classes(connection, looked)
    words = wording(house.templates, language_of(request))
    return page(
        request,
        "wellbeing/show.html",
        viewer=viewer,
        running=running,
        choices=overview.choices(lists, looked),
        looked=looked,
        decisions=overview.decisions(looked.pasts),
        sections=overview.sections(looked, names, words),
        wording=words,
    )


router = Router("/", route_handlers=[show])
