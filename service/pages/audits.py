"""What the staff did, for the administrator: who, what and when. Never anything of a student."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Router, get
from litestar.di import NamedDependency as Named
from litestar.response import Template

from service.house import House
from service.ownership import only_if
from service.rendering import page
from service.retention import LIVES
from service.storage import audit, people, tenancy
from surveys import access
from surveys.access import Viewer

Visit = Request[Any, Any, Any]

ON_A_PAGE = 100


@get("/school/audit")
async def show(request: Visit, house: Named[House], viewer: Named[Viewer]) -> Template:
    only_if(access.may_manage_people(viewer))
    person = person_of(request.query_params.get("person", ""))
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        lines = await audit.lines(
            connection,
            viewer.school_id,
            person=person,
            before=moment_of(request.query_params.get("before", "")),
            most=ON_A_PAGE + 1,
        )
        staff = await people.of_school(connection, viewer.school_id)
    return page(
        request,
        "school/audit.html",
        viewer=viewer,
        lines=lines[:ON_A_PAGE],
        older=lines[ON_A_PAGE - 1].at.isoformat() if len(lines) > ON_A_PAGE else "",
        people=staff,
        person=person,
        life=LIVES.audit.days,
    )


def person_of(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def moment_of(text: str) -> datetime | None:
    """With its zone; None where it is no moment."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None


router = Router("/", route_handlers=[show])
