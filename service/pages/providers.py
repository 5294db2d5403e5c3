"""How the staff of a school sign in: its providers, and whether passwords are taken."""

from typing import Any
from uuid import UUID

from asyncpg import Connection
from litestar import Request, Router, get, post
from litestar.di import NamedDependency as Named
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect, Template

from service import client_secrets, departing, providing, sessions, trying, ways_in
from service.house import House
from service.oidc import Failed
from service.ownership import only_if
from service.presets import presets
from service.rendering import form_page, page
from service.storage import audit, identities, providers, schools, tenancy
from service.storage.providers import Provider
from surveys import access
from surveys.access import Viewer
from surveys.deeds import Verb

Form = dict[str, str]
Visit = Request[Any, Any, Any]
Answer = Template | Redirect


@get("/school/signin")
async def show(request: Visit, house: Named[House], viewer: Named[Viewer]) -> Template:
    only_if(access.may_manage_people(viewer))
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        found = await providers.of_school(connection, viewer.school_id)
        school = await schools.get(connection, viewer.school_id)
        tied = await identities.an_administrator_is_tied(connection, viewer.school_id)
    return page(
        request,
        "providers/show.html",
        viewer=viewer,
        school=school,
        providers=found,
        locked={
            each.provider_id for each in found if client_secrets.unlock(house.pepper, each) is None
        },
        presets=presets(),
        may_end_local=tied,
        **addresses(house, viewer),
    )


@get("/school/signin/new/{preset:str}")
async def ask(
    request: Visit, preset: FromPath[str], house: Named[House], viewer: Named[Viewer]
) -> Template:
    only_if(access.may_manage_people(viewer))
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        school = await schools.get(connection, viewer.school_id)
    return provider_page(
        request, house, viewer, known(preset), None, providing.proposed(known(preset), school)
    )


@post("/school/signin/new/{preset:str}", status_code=200)
async def add(
    request: Visit,
    preset: FromPath[str],
    data: URLEncodedBody[Form],
    house: Named[House],
    viewer: Named[Viewer],
) -> Answer:
    only_if(access.may_manage_people(viewer))
    problems = providing.problems_of(data, presets()[known(preset)], house, is_new=True)
    if "language" in data or problems:
        return provider_page(request, house, viewer, known(preset), None, data, problems)
    provider = providing.provider_of(data, house, viewer.school_id, preset)
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        await providers.put(connection, provider)
        verb = Verb.PROVIDER_ADDED
        await audit.note(connection, viewer, verb, provider.provider_id, house.clock())
    return Redirect("/school/signin", status_code=303)


@get("/school/signin/{provider_id:uuid}")
async def edit(
    request: Visit, provider_id: FromPath[UUID], house: Named[House], viewer: Named[Viewer]
) -> Template:
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        found = await own(connection, viewer, provider_id)
    return provider_page(request, house, viewer, found.preset, found, providing.filled_from(found))


@post("/school/signin/{provider_id:uuid}", status_code=200)
async def change(
    request: Visit,
    provider_id: FromPath[UUID],
    data: URLEncodedBody[Form],
    house: Named[House],
    viewer: Named[Viewer],
) -> Answer:
    """An empty field for the secret keeps the one that is there."""
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        before = await own(connection, viewer, provider_id)
        after = providing.changed(before, data, house)
        problems = providing.problems_of(data, presets()[before.preset], house, is_new=False)
        if ways_in.is_another(before, after) and await ways_in.is_the_last(connection, before):
            problems["client_id"] = "last"
        if "language" in data or problems:
            return provider_page(request, house, viewer, before.preset, before, data, problems)
        await ways_in.change(house, connection, viewer, before, after)
    return Redirect("/school/signin", status_code=303)


@get("/school/signin/{provider_id:uuid}/trial")
async def try_out(
    request: Visit, provider_id: FromPath[UUID], house: Named[House], viewer: Named[Viewer]
) -> Answer:
    """A link and no form: a browser follows no form of ours to another site."""
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        found = await own(connection, viewer, provider_id)
    try:
        return await departing.depart(
            request, house, found, next="/school/signin", trying=viewer.account_id
        )
    except Failed as failed:
        report = trying.report_of_trouble(failed.trouble)
        return trying.report_page(request, viewer, found, report)


@post("/school/signin/{provider_id:uuid}/entrance")
async def switch(
    provider_id: FromPath[UUID],
    data: URLEncodedBody[Form],
    house: Named[House],
    viewer: Named[Viewer],
) -> Redirect:
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        found = await own(connection, viewer, provider_id)
        on = data.get("entrance") == "on"
        await ways_in.switch(house, connection, viewer, found, on=on)
    return Redirect("/school/signin", status_code=303)


@post("/school/signin/{provider_id:uuid}/removal")
async def remove(
    provider_id: FromPath[UUID], house: Named[House], viewer: Named[Viewer]
) -> Redirect:
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        found = await own(connection, viewer, provider_id)
        await ways_in.remove(house, connection, viewer, found)
    return Redirect("/school/signin", status_code=303)


@post("/school/signin/local")
async def set_local(
    request: Visit, data: URLEncodedBody[Form], house: Named[House], viewer: Named[Viewer]
) -> Redirect:
    only_if(access.may_manage_people(viewer))
    token = sessions.token_hash(request.cookies.get(sessions.cookie_name(house), ""))
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        on = data.get("local") != "off"
        await ways_in.set_local(house, connection, viewer, token, on=on)
    return Redirect("/school/signin", status_code=303)


async def own(connection: Connection, viewer: Viewer, provider_id: UUID) -> Provider:
    only_if(access.may_manage_people(viewer))
    found = await providers.get(connection, viewer.school_id, provider_id)
    if found is None:
        raise NotFoundException
    return found


def known(preset: str) -> str:
    if preset not in presets():
        raise NotFoundException
    return preset


def addresses(house: House, viewer: Viewer) -> dict[str, Any]:
    """What is to be registered at the provider."""
    return {
        "return_address": departing.return_address(house, viewer.school_id),
        "after_sign_out": departing.address_after_sign_out(house),
    }


def provider_page(
    request: Visit,
    house: House,
    viewer: Viewer,
    preset: str,
    provider: Provider | None,
    form: Form,
    problems: dict[str, str] | None = None,
) -> Template:
    return form_page(
        request,
        "providers/form.html",
        form,
        problems,
        viewer=viewer,
        key=preset,
        preset=presets()[preset],
        provider=provider,
        locked=provider is not None and client_secrets.unlock(house.pepper, provider) is None,
        **addresses(house, viewer),
    )


router = Router(
    "/", route_handlers=[show, ask, add, edit, change, try_out, switch, remove, set_local]
)
