"""Talking about a result with the class, and what is agreed on then. The class may see this."""

from typing import Any
from uuid import UUID

from litestar import Request, Router, get, post
from litestar.di import NamedDependency as Named
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect, Template

from service import telling
from service.house import House
from service.listening import notify_changed
from service.ownership import own_survey
from service.rendering import date_of, form_page
from service.storage import agreements, practices, rounds, tenancy
from service.storage.agreements import Agreement
from surveys.access import Viewer
from surveys.instrument import library
from surveys.rounds import Survey
from surveys.trends import ItemTrend, Trend

Form = dict[str, str]
Visit = Request[Any, Any, Any]

LONGEST_AGREEMENT = 140
LONGEST_NAME = 60


@get("/surveys/{survey_id:uuid}/discussion")
async def show(
    request: Visit, survey_id: FromPath[UUID], house: Named[House], viewer: Named[Viewer]
) -> Template:
    """One strength and one thing to talk about; the teacher may choose other ones beforehand."""
    form = {name: request.query_params.get(name, "") for name in ("strength", "about")}
    return await discussion(request, survey_id, house, viewer, form)


@post("/surveys/{survey_id:uuid}/discussion", status_code=200)
async def agree(
    request: Visit,
    survey_id: FromPath[UUID],
    data: URLEncodedBody[Form],
    house: Named[House],
    viewer: Named[Viewer],
) -> Template | Redirect:
    text = data.get("agreement", "").strip()
    if "language" in data or not 0 < len(text) <= LONGEST_AGREEMENT:
        problems = {"agreement": "long" if text else "missing"}
        return await discussion(request, survey_id, house, viewer, data, problems)
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        survey, _ = await own_survey(connection, viewer, survey_id)
        about = data.get("about", "")
        agreement = Agreement(
            school_id=viewer.school_id,
            agreement_id=house.new_id(),
            survey_id=survey.survey_id,
            item=about if about in {item.id for item in survey.instrument.closed} else "",
            text=text,
            agreed_on=house.today(),
            who=data.get("who", "").strip()[:LONGEST_NAME],
            due_on=date_of(data.get("due_on", "")),
        )
        await agreements.add(connection, agreement)
        for round in await rounds.of_survey(connection, viewer.school_id, survey_id):
            await notify_changed(connection, round.round_id)  # its code tells what came of it
    return Redirect(f"/surveys/{survey_id}/discussion?agreed=yes", status_code=303)


@post("/surveys/{survey_id:uuid}/practice")
async def hand_on(
    survey_id: FromPath[UUID], house: Named[House], viewer: Named[Viewer]
) -> Redirect:
    """The present agreement as good practice for colleagues: without class, figures or name."""
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        survey, _ = await own_survey(connection, viewer, survey_id)
        agreement = await agreements.present(connection, viewer.school_id, survey.survey_id)
        if agreement and agreement.item and asked_elsewhere(survey):
            await practices.add(
                connection, viewer.school_id, house.new_id(), agreement.item, agreement.text
            )
    return Redirect(f"/surveys/{survey_id}?handed_on=yes", status_code=303)


def asked_elsewhere(survey: Survey) -> bool:
    """Whether colleagues may be asking the same: an own question is its teacher's alone."""
    return library().get(survey.instrument.key) == survey.instrument


async def discussion(
    request: Visit,
    survey_id: UUID,
    house: House,
    viewer: Viewer,
    form: Form,
    problems: dict[str, str] | None = None,
) -> Template:
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        survey, group = await own_survey(connection, viewer, survey_id)
        trend = await telling.trend_of(connection, survey)
        present = await agreements.present(connection, viewer.school_id, survey_id)
    if not trend.items[0].last:
        raise NotFoundException("nothing has been told of this survey yet")
    about = chosen(trend, form.get("about", ""), trend.talk_about)
    return form_page(
        request,
        "discussing/show.html",
        form,
        problems,
        viewer=viewer,
        survey=survey,
        group=group,
        trend=trend,
        strength=chosen(trend, form.get("strength", ""), trend.strength),
        about=about,
        agreement=present,
        agreed="agreed" in request.query_params,
    )


def chosen(trend: Trend, item: str, otherwise: ItemTrend | None) -> ItemTrend | None:
    """The item that the teacher swapped in, else the one that the rules chose."""
    return next((each for each in trend.items if each.item.id == item), otherwise)


router = Router("/", route_handlers=[show, agree, hand_on])
