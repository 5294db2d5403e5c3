"""From round to round: one question, or one scale and the questions that it is made of."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from litestar import Request, Router, get
from litestar.di import NamedDependency as Named
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Template
from msgspec import Struct

from service import telling
from service.house import House
from service.ownership import survey_to_read
from service.rendering import language_of, page
from service.storage import agreements, tenancy
from service.storage.agreements import Agreement
from service.telling import Band
from surveys.access import Viewer
from surveys.rounds import Group, Survey
from surveys.trends import ItemTrend, ScaleTrend, Trend

Visit = Request[Any, Any, Any]


class Shown(Struct, frozen=True):
    """A survey to whoever may read it: its teacher, or a colleague to whom it was shown."""

    survey: Survey
    group: Group
    own: bool
    trend: Trend
    agreed: list[Agreement]
    band: Band  # for its teacher alone


@get("/surveys/{survey_id:uuid}/questions/{item:str}")
async def of_question(
    request: Visit,
    survey_id: FromPath[UUID],
    item: FromPath[str],
    house: Named[House],
    viewer: Named[Viewer],
) -> Template:
    shown = await shown_to(house, viewer, survey_id)
    items = [each for each in shown.trend.items if each.item.id == item]
    return history(request, house, viewer, shown, items)


@get("/surveys/{survey_id:uuid}/scales/{key:str}")
async def of_scale(
    request: Visit,
    survey_id: FromPath[UUID],
    key: FromPath[str],
    house: Named[House],
    viewer: Named[Viewer],
) -> Template:
    shown = await shown_to(house, viewer, survey_id)
    scale = next((each for each in shown.trend.scales if each.key == key), None)
    items = [each for each in shown.trend.items if scale and each.item in scale.items]
    return history(request, house, viewer, shown, items, scale)


async def shown_to(house: House, viewer: Viewer, survey_id: UUID) -> Shown:
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        survey, group = await survey_to_read(connection, viewer, survey_id)
        own = survey.owner == viewer.account_id
        return Shown(
            survey=survey,
            group=group,
            own=own,
            trend=await telling.trend_of(connection, survey),
            agreed=await agreements.of_survey(connection, viewer.school_id, survey_id),
            band=await telling.band_of(connection, survey) if own else {},
        )


def history(
    request: Visit,
    house: House,
    viewer: Viewer,
    shown: Shown,
    items: Sequence[ItemTrend],
    scale: ScaleTrend | None = None,
) -> Template:
    """Of what was told at least once; for everything else there is no page."""
    if not items or not items[0].results:
        raise NotFoundException
    language, templates = language_of(request), house.templates
    return page(
        request,
        "results/history.html",
        viewer=viewer,
        survey=shown.survey,
        group=shown.group,
        own=shown.own,
        response=telling.response_of(shown.trend, language),
        items=items,
        charts={
            each.item.id: telling.chart(each, shown.agreed, templates, language, shown.band)
            for each in items
        },
        scale=scale,
        scale_chart=scale and telling.scale_chart(scale, shown.agreed, templates, language),
    )


router = Router("/", route_handlers=[of_question, of_scale])
