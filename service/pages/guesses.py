"""One's own view of a round, before it closes: what the teacher expects, and a colleague's visit.

No result of any round is on this page: who has just seen one no longer guesses.
"""

from typing import Any
from uuid import UUID

from litestar import Request, Router, get, post
from litestar.di import NamedDependency as Named
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect, Template

from service.house import House
from service.ownership import own_round
from service.rendering import form_page
from service.storage import codes, guesses, tenancy, visits
from surveys.access import Viewer
from surveys.guesses import Guess, read
from surveys.instrument import Purpose, Stage

Form = dict[str, str]
Visit = Request[Any, Any, Any]


@get("/rounds/{round_id:uuid}/guess")
async def show(
    request: Visit, round_id: FromPath[UUID], house: Named[House], viewer: Named[Viewer]
) -> Template | Redirect:
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        guess = await guesses.of_round(connection, viewer.school_id, round_id)
    form = {item: str(of_ten) for item, of_ten in guess.of_ten.items()} if guess else {}
    return await guess_page(request, round_id, house, viewer, form)


@post("/rounds/{round_id:uuid}/guess", status_code=200)
async def keep(
    request: Visit,
    round_id: FromPath[UUID],
    data: URLEncodedBody[Form],
    house: Named[House],
    viewer: Named[Viewer],
) -> Template | Redirect:
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        round, survey, _ = await own_round(connection, viewer, round_id)
        guess = read(survey.instrument, data)
        if "language" not in data and isinstance(guess, Guess):
            if round.takes_answers(house.clock()):
                await guesses.keep(connection, viewer.school_id, round_id, guess)
            return Redirect(f"/rounds/{round_id}", status_code=303)
    problems = {} if isinstance(guess, Guess) else guess
    return await guess_page(request, round_id, house, viewer, data, problems)


async def guess_page(
    request: Visit,
    round_id: UUID,
    house: House,
    viewer: Viewer,
    form: Form,
    problems: dict[str, str] | None = None,
) -> Template | Redirect:
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        round, survey, group = await own_round(connection, viewer, round_id)
        visited = await visits.of_round(connection, viewer.school_id, round_id)
    if not round.takes_answers(house.clock()):
        return Redirect(f"/rounds/{round_id}/thanks")
    token = house.pepper.visit_token(round_id)
    invited = await codes.find(house.pool, house.pepper.codes_of(token))
    return form_page(
        request,
        "guesses/show.html",
        form,
        problems,
        viewer=viewer,
        round=round,
        survey=survey,
        group=group,
        may_be_visited=group.stage is not Stage.STAFF
        and survey.instrument.purpose is Purpose.LESSON,
        visited=visited,
        link=f"{house.settings.url}/visit/{token}" if invited else "",
    )


router = Router("/", route_handlers=[show, keep])
