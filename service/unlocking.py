"""Going on after the lock: as the same person, where one was, with what was being filled in.

Who came by a provider is asked there. What the lock stopped half-way waits sealed until they are
back, so that it goes on without a password of ours, and without scripts.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

from litestar import Request
from litestar.response import Redirect, Template

from service import claims, departing, logs, sessions
from service.going_on import back_of
from service.house import House
from service.logs import Event, Way
from service.oidc import Failed
from service.presets import presets
from service.rendering import form_page, page
from service.sessions import Fields, Standing
from service.storage import accounts, identities, tenancy
from service.storage.identities import OnTheWay
from service.storage.providers import Provider

Form = Mapping[str, str]
Visit = Request[Any, Any, Any]

ANOTHER, NOT_ASKED = "another", "not asked"


async def depart(
    request: Visit, house: House, standing: Standing, came_by: UUID, form: Form
) -> Template:
    """The page goes on by itself: a browser follows no form of ours to another site."""
    provider, session_id = await departing.switched_on(house, came_by), standing.session.session_id
    try:
        address, cookie = await departing.depart_again(
            request, house, provider, session_id, next=back_of(form), kept=form.get("kept", "")
        )
    except Failed as failed:
        return lock_page(request, standing, form, {"provider": failed.trouble.value})
    leaving = page(request, "signin/leaving.html", form=form, provider=provider, address=address)
    leaving.set_cookie(cookie)
    return leaving


async def came_back(
    request: Visit, house: House, provider: Provider, on_the_way: OnTheWay
) -> Template | Redirect:
    """To the session that was left; it stays locked for anybody else, and nothing is lost."""
    standing = await sessions.standing_if_any(request, house)
    if standing is None or standing.session.session_id != on_the_way.session_id:
        raise sessions.NotSignedIn
    form = {"next": on_the_way.next, "kept": departing.kept_of(request, house, on_the_way)}
    wrong = await what_is_wrong(request, house, provider, on_the_way, standing)
    if wrong:
        logs.came(Event.WRONG, Way.PROVIDER)
        return lock_page(request, standing, form, {"provider": wrong})
    logs.came(Event.RIGHT, Way.PROVIDER, standing.account_id)
    await accounts.touch_session(house.pool, standing.session.session_id, house.clock())
    return going_on(request, form)


async def what_is_wrong(
    request: Visit, house: House, provider: Provider, on_the_way: OnTheWay, standing: Standing
) -> str:
    """ "" where the provider has just asked the very person whose session it is."""
    preset = presets()[provider.preset]
    try:
        told = await departing.claims_of(request, house, provider)
    except Failed as failed:
        return failed.trouble.value
    person = claims.person_of(told, preset, provider)
    async with tenancy.school(house.pool, provider.school_id) as connection:
        tied = await identities.tied(
            connection, provider.school_id, provider.issuer, person.subject
        )
    if not person.is_ours or tied is None or tied.account_id != standing.account_id:
        return ANOTHER
    if not claims.was_asked_again(told, preset, departing.left_at(on_the_way)):
        return NOT_ASKED
    return ""


def going_on(request: Visit, form: Form) -> Template | Redirect:
    if fields := fields_of(form):
        return page(request, "signin/unlocked.html", next=back_of(form), fields=fields)
    return Redirect(back_of(form), status_code=303)


def fields_of(form: Form) -> Fields:
    """What was being posted when the lock fell."""
    return parse_qsl(form.get("kept", ""), keep_blank_values=True)


def lock_page(
    request: Visit, standing: Standing, form: Form, problems: Mapping[str, str] | None = None
) -> Template:
    return form_page(
        request,
        "signin/lock.html",
        form,
        problems,
        next=back_of(form),
        kept=form.get("kept", ""),
        standing=standing,
    )
