"""The lesson visit: a colleague answers the same questions about the same lesson, once.

Reached by a link of its own, which ends when the round closes. It shows the questions and nothing
of what students answer.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Request, Router, get, post
from litestar.di import NamedDependency as Named
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect, Template

from service.house import House
from service.ownership import lead_of, own_round, round_of
from service.rendering import form_page, page
from service.storage import codes, tenancy, visits
from service.storage.codes import Door, Lead
from service.storage.visits import Visit
from surveys import answers
from surveys.access import Viewer
from surveys.answers import Answers
from surveys.instrument import Instrument, Purpose
from surveys.rounds import Group, Round, Survey

Form = dict[str, str]
Asking = Request[Any, Any, Any]

LONGEST_NAME = 80


@post("/rounds/{round_id:uuid}/visit")
async def invite(round_id: FromPath[UUID], house: Named[House], viewer: Named[Viewer]) -> Redirect:
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        round, survey, _ = await own_round(connection, viewer, round_id)
        if survey.instrument.purpose is not Purpose.LESSON:
            raise NotFoundException("how somebody is doing cannot be seen from outside")
        if round.takes_answers(house.clock()):
            token = house.pepper.codes_of(house.pepper.visit_token(round_id))
            await codes.add(connection, token, Lead(Door.VISIT, viewer.school_id, round_id))
    return Redirect(f"/rounds/{round_id}/guess#visit", status_code=303)


@get("/visit/{token:str}")
async def show(request: Asking, token: FromPath[str], house: Named[House]) -> Template:
    round, survey, group, given = await visited(house, token)
    if given:
        return page(request, "visits/thanks.html")
    return visit_page(request, token, round, survey, group, {})


@post("/visit/{token:str}", status_code=200)
async def give(
    request: Asking, token: FromPath[str], data: URLEncodedBody[Form], house: Named[House]
) -> Template:
    round, survey, group, _ = await visited(house, token)
    visit = read(survey.instrument, data)
    if "language" in data or not isinstance(visit, Visit):
        problems = {} if isinstance(visit, Visit) else visit
        return visit_page(request, token, round, survey, group, data, problems)
    async with tenancy.school(house.pool, round.school_id) as connection:
        await visits.add(connection, round.school_id, round.round_id, visit)
    return page(request, "visits/thanks.html")


async def visited(house: House, token: str) -> tuple[Round, Survey, Group, Visit | None]:
    lead = await lead_of(house, token, Door.VISIT)
    async with tenancy.school(house.pool, lead.school_id) as connection:
        round, survey, group = await round_of(connection, lead.school_id, lead.round_id)
        if not round.takes_answers(house.clock()):
            raise NotFoundException
        given = await visits.of_round(connection, lead.school_id, lead.round_id)
    return round, survey, group, given


def read(instrument: Instrument, form: Mapping[str, str]) -> Visit | dict[str, str]:
    """A posted form as a visit, or its problems by field."""
    given = answers.read(instrument, form)
    name = answers.plain(form.get("name", ""))
    found = {} if 0 < len(name) <= LONGEST_NAME else {"name": "missing"}
    if not isinstance(given, Answers):
        return (
            found | dict.fromkeys(given.items, "wrong") | ({"items": "none"} if given.empty else {})
        )
    chosen = zip(instrument.closed, given.choices, strict=True)
    choices = {item.id: choice for item, choice in chosen if choice is not None}
    return found or Visit(name, choices)


def visit_page(
    request: Asking,
    token: str,
    round: Round,
    survey: Survey,
    group: Group,
    form: Form,
    problems: dict[str, str] | None = None,
) -> Template:
    return form_page(
        request,
        "visits/show.html",
        form,
        problems,
        token=token,
        round=round,
        survey=survey,
        group=group,
    )


router = Router("/", route_handlers=[invite, show, give])
