"""Who outside the school sees something of it: governing boards, partners, research. Nobody, until
the school says yes."""

from typing import Any
from uuid import UUID

from litestar import Request, Router, get, post
from litestar.di import NamedDependency as Named
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect, Template

from service import consenting
from service.house import House
from service.ownership import only_if
from service.rendering import page
from service.storage import consents, governing, tenancy
from surveys import access
from surveys.access import Viewer
from surveys.governing import LEAST_SCHOOLS_FOR_BAND
from surveys.research import LEAST_SCHOOLS
from surveys.waves import LEAST_ANSWERS, LEAST_GROUPS

Form = dict[str, str]
Visit = Request[Any, Any, Any]


@get("/school/outside")
async def show(request: Visit, house: Named[House], viewer: Named[Viewer]) -> Template:
    only_if(access.may_see_school(viewer))
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        given = await consents.of_school(connection, viewer.school_id)
        research = await consents.research(connection, viewer.school_id)
    return page(
        request,
        "outside/show.html",
        viewer=viewer,
        given=given,
        research=research,
        least_schools=LEAST_SCHOOLS,
        may_show=access.may_show_school(viewer),
    )


@post("/school/outside/research")
async def set_research(
    data: URLEncodedBody[Form], house: Named[House], viewer: Named[Viewer]
) -> Redirect:
    only_if(access.may_allow_research(viewer))
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        await consenting.allow_research(
            house, connection, viewer, allowed=data.get("research") == "yes"
        )
    return Redirect("/school/outside", status_code=303)


@get("/school/outside/{governing_id:uuid}")
async def ask(
    request: Visit, governing_id: FromPath[UUID], house: Named[House], viewer: Named[Viewer]
) -> Template:
    """What exactly a board would see, before anybody says yes to it."""
    only_if(access.may_show_school(viewer))
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        board = await governing.get(connection, governing_id)
        if board is None:
            raise NotFoundException
        given = await consents.of_school(connection, viewer.school_id)
        people = await governing.names_of(connection, governing_id)
    return page(
        request,
        "outside/board.html",
        viewer=viewer,
        board=board,
        people=people,
        joined=any(consent.board == board for consent in given),
        least_groups=LEAST_GROUPS,
        least_answers=LEAST_ANSWERS,
        least_schools=LEAST_SCHOOLS_FOR_BAND,
    )


@post("/school/outside/{governing_id:uuid}")
async def join(
    governing_id: FromPath[UUID], house: Named[House], viewer: Named[Viewer]
) -> Redirect:
    only_if(access.may_show_school(viewer))
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        if await governing.get(connection, governing_id) is None:
            raise NotFoundException
        await consenting.join(house, connection, viewer, governing_id)
    return Redirect("/school/outside", status_code=303)


@post("/school/outside/{governing_id:uuid}/withdrawal")
async def leave(
    governing_id: FromPath[UUID], house: Named[House], viewer: Named[Viewer]
) -> Redirect:
    only_if(access.may_show_school(viewer))
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        await consenting.leave(house, connection, viewer, governing_id)
    return Redirect("/school/outside", status_code=303)


router = Router("/", route_handlers=[show, set_research, ask, join, leave])
