"""Asking the school: choosing what, whom and until when, seeing what it will tell, opening it."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from asyncpg import Connection
from litestar import Request, Router, get, post
from litestar.di import NamedDependency as Named
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect, Template
from msgspec import Struct

from service import outside, waving
from service.house import House
from service.outside import Outside
from service.ownership import only_if
from service.rendering import date_of, form_page, page
from service.storage import audit, groups, schools, tenancy
from service.waving import Candidate
from surveys import access, instrument
from surveys.access import Viewer
from surveys.deeds import Verb
from surveys.instrument import Instrument, Purpose
from surveys.languages import languages, spoken_in
from surveys.outlook import outlook
from surveys.release import WELLBEING
from surveys.rounds import Group
from surveys.waves import LEAST_ANSWERS, LEAST_GROUPS, LONGEST, Wave, year_groups

Form = dict[str, str]
Visit = Request[Any, Any, Any]
Answer = Template | Redirect

USUAL = timedelta(days=14)
END_OF_DAY = time(17)
BY_CLASS = "class"
BY_YEAR = "year"


class Offer(Struct, frozen=True):
    """A question list, and how many groups of the school it suits."""

    instrument: Instrument
    groups: int


@get("/waves/new")
async def choose(request: Visit, house: Named[House], viewer: Named[Viewer]) -> Template:
    only_if(access.may_lead_waves(viewer))
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        taught = await groups.of_school(connection, viewer.school_id)
    asked = [one.group for one in taught if waving.may_be_in_a_wave(one.group)]
    offers = [
        Offer(each, sum(group.stage in each.stages for group in asked)) for each in of_wellbeing()
    ]
    return page(request, "waves/choose.html", viewer=viewer, offers=offers)


@get("/waves/new/{key:str}")
async def plan(
    request: Visit, key: FromPath[str], house: Named[House], viewer: Named[Viewer]
) -> Template:
    asked = asked_of(viewer, key)
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        offered = await waving.candidates(house, connection, viewer.school_id, asked)
        free = [one.group for one in offered if one.is_free(house.today())]
        return await plan_page(
            request, house, connection, viewer, asked, offered, usual_form(house, free)
        )


@post("/waves/new/{key:str}", status_code=200)
async def open_(
    request: Visit,
    key: FromPath[str],
    data: URLEncodedBody[Form],
    house: Named[House],
    viewer: Named[Viewer],
) -> Answer:
    """Looked at first, and opened from there: what students are promised is decided here."""
    asked = asked_of(viewer, key)
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        offered = await waving.candidates(house, connection, viewer.school_id, asked)
        chosen = [one.group for one in offered if f"group.{one.group.group_id}" in data]
        problems = problems_of(house, data, offered, chosen)
        step = data.get("step")
        if "language" in data or problems or step == "change":
            return await plan_page(
                request, house, connection, viewer, asked, offered, data, problems
            )
        if step != "open":
            members = [waving.member_of(group) for group in chosen]
            suited = [waving.member_of(one.group) for one in offered]
            told = await outside.who(connection, viewer.school_id, members, suited)
            return check_page(request, house, viewer, asked, chosen, told, data)
        wave = wave_of(house, viewer, asked, data)
        if not await waving.open_wave(house, connection, wave, chosen):
            problems = {"groups": "not yet"}
            return await plan_page(
                request, house, connection, viewer, asked, offered, data, problems
            )
        await audit.note(connection, viewer, Verb.WAVE_OPENED, wave.wave_id, house.clock())
    return Redirect(f"/waves/{wave.wave_id}", status_code=303)


def of_wellbeing() -> list[Instrument]:
    return [each for each in instrument.library().values() if each.purpose is Purpose.WELLBEING]


def asked_of(viewer: Viewer, key: str) -> Instrument:
    """A question list about wellbeing, for who may ask it of the school."""
    for each in of_wellbeing():
        if each.key == key and access.may_lead_waves(viewer):
            return each
    raise NotFoundException


def usual_form(house: House, free: Sequence[Group]) -> Form:
    return {
        "until": (house.today() + USUAL).isoformat(),
        "cards": "yes",
        "view": BY_YEAR,
        **{f"group.{group.group_id}": "yes" for group in free},
    }


def problems_of(
    house: House, form: Mapping[str, str], offered: Sequence[Candidate], chosen: Sequence[Group]
) -> dict[str, str]:
    found: dict[str, str] = {}
    until = date_of(form.get("until", ""))
    if until is None or not house.clock() < closing(house, until) <= house.clock() + LONGEST:
        found["until"] = "wrong"
    if form.get("view") not in (BY_CLASS, BY_YEAR):
        found["view"] = "missing"
    free = {one.group.group_id for one in offered if one.is_free(house.today())}
    if not chosen:
        found["groups"] = "missing"
    elif not {group.group_id for group in chosen} <= free:
        found["groups"] = "not yet"
    elif waving.overlap(chosen):
        found["groups"] = "same name"
    return found


def closing(house: House, until: date) -> datetime:
    return datetime.combine(until, END_OF_DAY, house.settings.zone)


def wave_of(house: House, viewer: Viewer, asked: Instrument, form: Mapping[str, str]) -> Wave:
    """The wave that a form without problems describes."""
    until = date.fromisoformat(form["until"])
    return Wave(
        school_id=viewer.school_id,
        wave_id=house.new_id(),
        instrument=asked,
        by_class=form["view"] == BY_CLASS,
        cards="cards" in form,
        opened_on=house.today(),
        closes_at=closing(house, until),
    )


async def plan_page(
    request: Visit,
    house: House,
    connection: Connection,
    viewer: Viewer,
    asked: Instrument,
    offered: Sequence[Candidate],
    form: Form,
    problems: dict[str, str] | None = None,
) -> Template:
    by_id = {one.group.group_id: one for one in offered}
    years = year_groups(waving.member_of(one.group) for one in offered)
    school = await schools.get(connection, viewer.school_id)
    spoken = spoken_in(asked, all_languages=school.all_languages)
    return form_page(
        request,
        "waves/plan.html",
        form,
        problems,
        viewer=viewer,
        instrument=asked,
        years=[[by_id[member.group_id] for member in year] for year in years],
        spoken=[languages()[code].name for code in spoken],
        again=min((one.first for one in offered if one.first), default=None),
        is_free=any(one.is_free(house.today()) for one in offered),
        first=house.today(),
        last=(house.clock() + LONGEST).date(),
        today=house.today(),
    )


def check_page(
    request: Visit,
    house: House,
    viewer: Viewer,
    asked: Instrument,
    chosen: Sequence[Group],
    told: Outside,
    form: Form,
) -> Template:
    wave = wave_of(house, viewer, asked, form)
    return page(
        request,
        "waves/check.html",
        form=form,
        viewer=viewer,
        instrument=asked,
        wave=wave,
        outlook=outlook([waving.member_of(group) for group in chosen], by_class=wave.by_class),
        chosen=chosen,
        stage=chosen[0].stage,
        k=WELLBEING.k,
        least_groups=LEAST_GROUPS,
        least_answers=LEAST_ANSWERS,
        boards=told.boards,
        for_research=told.research,
    )


router = Router("/", route_handlers=[choose, plan, open_])
