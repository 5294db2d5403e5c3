"""How often a survey is asked: kept on the class page, told by e-mail on the morning itself."""

from uuid import UUID

from litestar import Router, post
from litestar.di import NamedDependency as Named
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect

from service import planning
from service.house import House
from service.ownership import own_survey
from service.storage import tenancy
from surveys.access import Viewer
from surveys.rounds import LONGEST_PLAN

Form = dict[str, str]

NO_PLAN = ""
WEEKS = {NO_PLAN: None} | {str(weeks): weeks for weeks in range(1, LONGEST_PLAN + 1)}


@post("/surveys/{survey_id:uuid}/plan")
async def change(
    survey_id: FromPath[UUID],
    data: URLEncodedBody[Form],
    house: Named[House],
    viewer: Named[Viewer],
) -> Redirect:
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        survey, _ = await own_survey(connection, viewer, survey_id)
        weeks = data.get("weeks", NO_PLAN)
        if weeks not in WEEKS:
            raise NotFoundException("no such plan")
        await planning.plan(house, connection, survey, WEEKS[weeks])
    return Redirect(f"/surveys/{survey_id}", status_code=303)


router = Router("/", route_handlers=[change])
