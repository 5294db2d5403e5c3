"""The school at a glance: how much is asked, never what was answered, and what waits."""

from datetime import timedelta
from typing import Any

from litestar import Request, Router, get
from litestar.di import NamedDependency as Named
from litestar.response import Template
from msgspec import Struct

from service.house import House
from service.ownership import only_if
from service.rendering import page
from service.storage import activity, audit, groups, invitations, people, schools, tenancy
from service.storage.groups import Taught
from service.storage.people import Member
from surveys import access, turnover
from surveys.access import Role, Viewer
from surveys.deeds import Verb, granted, taken

Visit = Request[Any, Any, Any]

NEWS = timedelta(days=30)
NEWS_OF_ROLES = [*map(granted, Role), *map(taken, Role), Verb.ADVISER_CONFIRMED]


class Waiting(Struct, frozen=True):
    """What somebody has to do before the school can go on."""

    invited: int
    unconfirmed: list[Member]
    untaught: list[Taught]
    to_turn: int
    missing: list[Role]

    @property
    def is_nothing(self) -> bool:
        return not any(getattr(self, field) for field in self.__struct_fields__)


@get("/school")
async def show(request: Visit, house: Named[House], viewer: Named[Viewer]) -> Template:
    only_if(access.may_see_school(viewer))
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        staff = await people.of_school(connection, viewer.school_id)
        present = await groups.of_school(connection, viewer.school_id)
        invited = await invitations.of_school(connection, viewer.school_id, house.today())
        months = await activity.by_month(connection, viewer.school_id)
        school = await schools.get(connection, viewer.school_id)
        since = house.clock() - NEWS
        news = await audit.lines(connection, viewer.school_id, verbs=NEWS_OF_ROLES, since=since)
        asked = await audit.lines(
            connection, viewer.school_id, verbs=[Verb.SCHOOL_DELETION_ASKED], most=1
        )
    return page(
        request,
        "school/show.html",
        viewer=viewer,
        school=school,
        activity=months,
        news=news,
        deletion_by=asked[0].by if asked else "",
        waiting=Waiting(
            invited=len(invited),
            unconfirmed=[one for one in staff if not all(part.confirmed for part in one.parts)],
            untaught=[one for one in present if not one.teachers],
            to_turn=len(turnover.proposals((one.group for one in present), house.today())),
            missing=missing(staff),
        ),
    )


def missing(staff: list[Member]) -> list[Role]:
    """Roles that a school does not work well without, and that nobody has."""
    there = {role for one in staff if one.ended_on is None for role in one.roles}
    return [role for role in (Role.LEADER, Role.ADVISER, Role.TEACHER) if role not in there]


router = Router("/", route_handlers=[show])
