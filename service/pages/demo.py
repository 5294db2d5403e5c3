"""In the demo only: a class that answers when asked to, so that one person can reach k."""

from uuid import UUID

from litestar import Router, post
from litestar.background_tasks import BackgroundTask
from litestar.di import NamedDependency as Named
from litestar.exceptions import NotFoundException
from litestar.params import URLEncodedBody
from litestar.response import Redirect

from service import simulating
from service.house import House
from service.ownership import round_to_hold
from service.storage import tenancy
from surveys.access import Viewer
from surveys.noticing import asked

Form = dict[str, str]


@post("/demo/answers")
async def let_the_class_answer(
    data: URLEncodedBody[Form], house: Named[House], viewer: Named[Viewer]
) -> Redirect:
    try:
        round_id = UUID(data.get("round", ""))
    except ValueError as error:
        raise NotFoundException from error
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        round, survey, _ = await round_to_hold(connection, viewer, round_id)
    address = f"http://127.0.0.1:{house.settings.port}/{round.code}"
    instrument = asked(survey.instrument, round.agreement)
    answering = BackgroundTask(simulating.class_answers, address, instrument, round.places)
    return Redirect(f"/rounds/{round_id}", status_code=303, background=answering)


router = Router("/", route_handlers=[let_the_class_answer])
