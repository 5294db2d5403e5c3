"""A wave of the school while it runs: who takes part, cards, reminders, its end; and afterwards
what the school does with it. What it told is read in `wellbeing`."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

from asyncpg import Connection
from litestar import MediaType, Request, Router, get, post
from litestar.di import NamedDependency as Named
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect, Stream, Template

from service import rendering, tickets, waving
from service.house import House
from service.listening import notify_changed
from service.ownership import round_of
from service.rendering import form_page, page
from service.storage import audit, tenancy, waves
from service.storage.waves import Taking
from surveys import access
from surveys.access import Viewer
from surveys.deeds import Verb
from surveys.rounds import State
from surveys.waves import LONGEST_DECISION, Wave

Form = dict[str, str]
Visit = Request[Any, Any, Any]


@get("/waves/{wave_id:uuid}")
async def show(
    request: Visit, wave_id: FromPath[UUID], house: Named[House], viewer: Named[Viewer]
) -> Template:
    return await wave_page(request, house, viewer, wave_id, {})


@post("/waves/{wave_id:uuid}/extension")
async def extend(wave_id: FromPath[UUID], house: Named[House], viewer: Named[Viewer]) -> Redirect:
    """A week longer, never beyond four weeks after the opening."""
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        wave = await running_wave(house, connection, viewer, wave_id)
        if waving.may_extend(house, wave):
            await waving.close_at(connection, wave, wave.closes_at + waving.WEEK)
    return Redirect(f"/waves/{wave_id}", status_code=303)


@get("/waves/{wave_id:uuid}/closure")
async def ask_to_close(
    request: Visit, wave_id: FromPath[UUID], house: Named[House], viewer: Named[Viewer]
) -> Template:
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        wave = await running_wave(house, connection, viewer, wave_id)
        taking = await waves.taking_part(connection, viewer.school_id, wave_id)
    return page(
        request,
        "waves/closure.html",
        viewer=viewer,
        wave=wave,
        too_few=not waving.would_tell(wave, taking),
        **counts(taking),
    )


@post("/waves/{wave_id:uuid}/closure")
async def close(wave_id: FromPath[UUID], house: Named[House], viewer: Named[Viewer]) -> Redirect:
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        wave = await running_wave(house, connection, viewer, wave_id)
        await waving.close_at(connection, wave, house.clock())
        await audit.note(connection, viewer, Verb.WAVE_CLOSED, wave_id, house.clock())
    return Redirect(f"/waves/{wave_id}", status_code=303)


@post("/waves/{wave_id:uuid}/reminders")
async def remind(wave_id: FromPath[UUID], house: Named[House], viewer: Named[Viewer]) -> Redirect:
    """A mail to who teaches a class that has not finished; there is no mail to a student."""
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        wave = await running_wave(house, connection, viewer, wave_id)
        await waving.remind_teachers(house, connection, wave)
    return Redirect(f"/waves/{wave_id}?reminded=yes", status_code=303)


@post("/waves/{wave_id:uuid}/cards", status_code=200)
async def make_cards(
    request: Visit, wave_id: FromPath[UUID], house: Named[House], viewer: Named[Viewer]
) -> Stream:
    """All sheets in one page, which grows class by class: a large school has 1,500 cards."""
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        wave = await running_wave(house, connection, viewer, wave_id)
        if not wave.cards:
            raise NotFoundException
        taking = await waves.taking_part(connection, viewer.school_id, wave_id)
    language = rendering.language_of(request)
    sheets = sheets_of(house, viewer, wave, taking, language)
    return Stream(sheets, media_type=MediaType.HTML, headers={"Cache-Control": "no-store"})


async def sheets_of(
    house: House, viewer: Viewer, wave: Wave, taking: list[Taking], language: str
) -> AsyncIterator[str]:
    common = {"language": language, "viewer": viewer, "wave": wave, "form": {}, "problems": {}}
    whole = house.templates.get_template("waves/cards.html").render(
        **common, classes=len(taking), sheets="<!-- sheets -->"
    )
    before, after = whole.split("<!-- sheets -->")
    yield before
    sheet = house.templates.get_template("waves/sheet.html")
    for each in taking:
        async with tenancy.school(house.pool, viewer.school_id) as connection:
            round, _, _ = await round_of(connection, viewer.school_id, each.round_id)
            symbols = (
                await tickets.new_symbols(house, connection, round)
                if round.takes_answers(house.clock())
                else []
            )
        yield sheet.render(
            language=language,
            name=each.member.name,
            cards=tickets.cards(house, symbols),
            address=house.settings.address,
            today=house.today(),
        )
    yield after


@post("/waves/{wave_id:uuid}/decision", status_code=200)
async def decide(
    request: Visit,
    wave_id: FromPath[UUID],
    data: URLEncodedBody[Form],
    house: Named[House],
    viewer: Named[Viewer],
) -> Template | Redirect:
    """You said, we do: students read it by the code of their class."""
    decision = data.get("decision", "").strip()
    if "language" in data or not 0 < len(decision) <= LONGEST_DECISION:
        problem = "long" if decision else "missing"
        return await wave_page(request, house, viewer, wave_id, data, {"decision": problem})
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        wave = await own_wave(connection, viewer, wave_id)
        if wave.released_on is None:
            raise NotFoundException
        await waves.decide(connection, viewer.school_id, wave_id, decision, house.today())
        for round_id in await waves.rounds_of(connection, viewer.school_id, wave_id):
            await notify_changed(connection, round_id)
    return Redirect(f"/waves/{wave_id}?told=yes", status_code=303)


async def wave_page(
    request: Visit,
    house: House,
    viewer: Viewer,
    wave_id: UUID,
    form: Form,
    problems: dict[str, str] | None = None,
) -> Template:
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        wave = await own_wave(connection, viewer, wave_id)
        taking = await waves.taking_part(connection, viewer.school_id, wave_id)
    running = wave.takes_answers(house.clock())
    return form_page(
        request,
        "waves/running.html" if running else "waves/ended.html",
        form or {"decision": wave.decision},
        problems,
        viewer=viewer,
        wave=wave,
        stuck=wave.is_stuck(house.clock()),
        years=waving.by_year(taking),
        may_extend=waving.may_extend(house, wave),
        may_mail=house.mail is not None,
        demo=house.settings.demo,
        reminded="reminded" in request.query_params,
        told="told" in request.query_params,
        **counts(taking),
    )


def counts(taking: list[Taking]) -> dict[str, Any]:
    return {
        "n": sum(each.n for each in taking),
        "places": sum(each.places for each in taking),
        "still_open": sum(each.state is State.OPEN for each in taking),
    }


async def own_wave(connection: Connection, viewer: Viewer, wave_id: UUID) -> Wave:
    """A wave of the viewer's school; for who leads none it does not exist."""
    wave = await waves.get(connection, viewer.school_id, wave_id)
    if wave is None or not access.may_lead_waves(viewer):
        raise NotFoundException
    return wave


async def running_wave(house: House, connection: Connection, viewer: Viewer, wave_id: UUID) -> Wave:
    await waves.lock(connection, viewer.school_id, wave_id)
    wave = await own_wave(connection, viewer, wave_id)
    if not wave.takes_answers(house.clock()):
        raise NotFoundException
    return wave


router = Router(
    "/",
    route_handlers=[show, extend, ask_to_close, close, remind, make_cards, decide],
)
