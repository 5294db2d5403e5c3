"""A round of one's own while it runs: its QR and code, who took part, closing it."""

from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from asyncpg import Connection
from litestar import Request, Router, get, post
from litestar.di import NamedDependency as Named
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect, ServerSentEvent, Template

from service import opening, participation, qr
from service.house import House
from service.listening import notify_changed, notify_due
from service.ownership import own_round, round_to_hold
from service.rendering import page
from service.storage import audit, codes, rounds, tenancy, waves
from service.storage.codes import Door, Lead
from surveys.access import Viewer
from surveys.deeds import Verb
from surveys.rounds import MOST_RAISED, Round, State, latest_closing

Form = dict[str, str]
Visit = Request[Any, Any, Any]


@get("/rounds/{round_id:uuid}")
async def show(
    request: Visit, round_id: FromPath[UUID], house: Named[House], viewer: Named[Viewer]
) -> Template | Redirect:
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        round, survey, group = await round_to_hold(connection, viewer, round_id)
        if not round.takes_answers(house.clock()):
            return Redirect(f"/rounds/{round_id}/thanks")
        n = await rounds.participation(connection, viewer.school_id, round_id)
        token = await screen_token(house, connection, round)
    link = f"{house.settings.url}/{round.code}"
    return page(
        request,
        "rounds/show.html",
        viewer=viewer,
        round=round,
        survey=survey,
        group=group,
        n=n,
        k=round.rule.k,
        link=link,
        qr=qr.svg(link),
        address=house.settings.address,
        screen=f"{house.settings.url}/screen/{token}",
        may_raise=[more for more in range(1, MOST_RAISED + 1) if round.may_raise(more)],
        may_extend=round.wave_id is None and round.closes_at < end_of(round, house),
        demo=house.settings.demo,
    )


@get("/rounds/{round_id:uuid}/participation")
async def watch(
    round_id: FromPath[UUID], house: Named[House], viewer: Named[Viewer]
) -> ServerSentEvent:
    """R8: the exact number, on the teacher's own device."""
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        round, _, _ = await round_to_hold(connection, viewer, round_id)
    return participation.stream(house, round, participation.exactly)


@get("/rounds/{round_id:uuid}/closure")
async def ask_to_close(
    request: Visit, round_id: FromPath[UUID], house: Named[House], viewer: Named[Viewer]
) -> Template | Redirect:
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        round, survey, group = await round_to_hold(connection, viewer, round_id)
        if round.state is not State.OPEN:
            return Redirect(f"/rounds/{round_id}/thanks")
        n = await rounds.participation(connection, viewer.school_id, round_id)
    return page(
        request,
        "rounds/closure.html",
        viewer=viewer,
        round=round,
        survey=survey,
        group=group,
        n=n,
        k=round.rule.k,
        too_few=n < round.rule.k,
        may_extend=round.closes_at < end_of(round, house),
    )


@post("/rounds/{round_id:uuid}/closure")
async def close(round_id: FromPath[UUID], house: Named[House], viewer: Named[Viewer]) -> Redirect:
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        round, _, _ = await round_to_hold(connection, viewer, round_id)
        if await rounds.close(connection, viewer.school_id, round_id, house.today()):
            if round.wave_id is None:  # else it is due with its wave
                await codes.set_due(connection, viewer.school_id, round_id, house.clock())
                await notify_due(connection)
            await audit.note(connection, viewer, Verb.ROUND_CLOSED, round_id, house.clock())
            await notify_changed(connection, round_id)
    return Redirect(f"/rounds/{round_id}/thanks", status_code=303)


@post("/rounds/{round_id:uuid}/extension")
async def extend(round_id: FromPath[UUID], house: Named[House], viewer: Named[Viewer]) -> Redirect:
    """Open until this time tomorrow, for those who were too few today; never beyond a week."""
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        round, _, _ = await own_round(connection, viewer, round_id)
        until = min(house.clock() + timedelta(days=1), end_of(round, house))
        later = round.takes_answers(house.clock()) and until > round.closes_at
        if later and await rounds.extend(connection, viewer.school_id, round_id, until):
            await codes.set_due(connection, viewer.school_id, round_id, until)
            await notify_changed(connection, round_id)
            await notify_due(connection)
    return Redirect(f"/rounds/{round_id}", status_code=303)


@post("/rounds/{round_id:uuid}/places")
async def add_places(
    round_id: FromPath[UUID],
    data: URLEncodedBody[Form],
    house: Named[House],
    viewer: Named[Viewer],
) -> Redirect:
    """R5: a place or two for who was forgotten in the count; students are shown that it was."""
    more = {"1": 1, "2": 2}.get(data.get("more", ""), 0)
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        round, _, _ = await round_to_hold(connection, viewer, round_id)
        if round.may_raise(more):
            await rounds.raise_places(connection, viewer.school_id, round_id, round.raised + more)
            await notify_changed(connection, round_id)
    return Redirect(f"/rounds/{round_id}", status_code=303)


@post("/rounds/{round_id:uuid}/screen")
async def renew_screen(
    round_id: FromPath[UUID], house: Named[House], viewer: Named[Viewer]
) -> Redirect:
    """The projector's link ends, and there is another one."""
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        round, _, _ = await round_to_hold(connection, viewer, round_id)
        if round.takes_answers(house.clock()):
            revision = await rounds.revise_screen(connection, viewer.school_id, round_id)
            lead = Lead(Door.SCREEN, viewer.school_id, round_id)
            await opening.show_on_screen(house, connection, lead, revision)
    return Redirect(f"/rounds/{round_id}", status_code=303)


@get("/rounds/{round_id:uuid}/thanks")
async def thank(
    request: Visit, round_id: FromPath[UUID], house: Named[House], viewer: Named[Viewer]
) -> Template | Redirect:
    """After closing: a page that the class may see. The result is a tap away, never at once."""
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        round, survey, group = await round_to_hold(connection, viewer, round_id)
        decision = await waves.decision_of(connection, round)
    if round.takes_answers(house.clock()):
        return Redirect(f"/rounds/{round_id}")
    return page(
        request,
        "rounds/thanks.html",
        viewer=viewer,
        round=round,
        survey=survey,
        group=group,
        decision=decision,
    )


async def screen_token(house: House, connection: Connection, round: Round) -> str:
    revision = await rounds.screen_revision(connection, round.school_id, round.round_id)
    return house.pepper.screen_token(round.round_id, revision)


def end_of(round: Round, house: House) -> datetime:
    """The last moment to which the round may be extended."""
    opened = datetime.combine(round.opened_on, time.min, house.settings.zone)
    return latest_closing(opened)


router = Router(
    "/",
    route_handlers=[
        show,
        watch,
        ask_to_close,
        close,
        extend,
        add_places,
        renew_screen,
        thank,
    ],
)
