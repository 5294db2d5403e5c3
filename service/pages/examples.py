"""A class page of a class that does not exist, to look at before the first round."""

from typing import Any
from uuid import UUID

from litestar import Request, Router, get
from litestar.di import NamedDependency as Named
from litestar.response import Template

from service import class_page
from service.class_page import Beside, Told
from service.house import House
from service.rendering import language_of, page
from service.storage.agreements import Agreement
from surveys import example, trends
from surveys.access import Viewer
from surveys.instrument import Stage, said
from surveys.rounds import Group, GroupKind, Survey, school_year_began

NOBODY = UUID(int=0)


@get("/example")
async def show(
    request: Request[Any, Any, Any], house: Named[House], viewer: Named[Viewer]
) -> Template:
    today, language = house.today(), language_of(request)
    survey = Survey(NOBODY, NOBODY, NOBODY, NOBODY, example.instrument())
    trend = trends.trend(survey.instrument, example.points(today))
    agreement = Agreement(
        school_id=NOBODY,
        agreement_id=NOBODY,
        survey_id=NOBODY,
        item=example.ABOUT,
        text=said(example.AGREEMENT, language),
        agreed_on=example.day_of(example.AGREED_AFTER, today),
    )
    told = Told(survey, trend, [agreement])
    return page(
        request,
        "results/example.html",
        viewer=viewer,
        group=group(school_year_began(today).year),
        **class_page.shown(house.fragments, language, told, Beside()),
        own_words=None,
    )


def group(school_year: int) -> Group:
    return Group(
        school_id=NOBODY,
        group_id=NOBODY,
        name=example.CLASS,
        kind=GroupKind.CLASS,
        stage=Stage.SECONDARY,
        year_group=2,
        school_year=school_year,
        members=example.PLACES,
    )


router = Router("/", route_handlers=[show])
