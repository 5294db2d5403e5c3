"""The turn of the school year: what is proposed for each group, a look at it, and done at once."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from asyncpg import Connection
from litestar import Request, Router, get, post
from litestar.di import NamedDependency as Named
from litestar.params import URLEncodedBody
from litestar.response import Redirect, Template

from service import turning
from service.house import House
from service.ownership import only_if
from service.rendering import form_page, page
from service.storage import groups, tenancy
from service.turning import Decision
from surveys import access, turnover
from surveys.access import Viewer
from surveys.turnover import Fate, Proposal

Form = dict[str, str]
Visit = Request[Any, Any, Any]
Answer = Template | Redirect

LONGEST_NAME = 40


@get("/school/groups/turnover")
async def propose(request: Visit, house: Named[House], viewer: Named[Viewer]) -> Template:
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        proposals = await proposed(house, connection, viewer)
    return proposal_page(request, house, viewer, proposals, {})


@post("/school/groups/turnover", status_code=200)
async def decide(
    request: Visit, data: URLEncodedBody[Form], house: Named[House], viewer: Named[Viewer]
) -> Answer:
    """First a look at what will be, then the same form again with the yes."""
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        proposals = await proposed(house, connection, viewer)
        decisions = [decision_of(each, data) for each in proposals]
        problems = await problems_of(connection, viewer, decisions)
        if "language" in data or "back" in data or problems or not decisions:
            return proposal_page(request, house, viewer, proposals, data, problems)
        if data.get("sure") != "yes":
            return page(
                request,
                "school/turnover_look.html",
                viewer=viewer,
                decisions=decisions,
                year=turnover.coming_year(house.today()),
            )
        await turning.turn(house, connection, viewer, decisions)
    return Redirect("/school/groups", status_code=303)


@post("/school/groups/turnover/undoing")
async def undo(house: Named[House], viewer: Named[Viewer]) -> Redirect:
    only_if(access.may_manage_groups(viewer))
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        done = await turning.undo(house, connection, viewer)
    return Redirect(f"/school/groups?undone={'yes' if done else 'no'}", status_code=303)


async def proposed(house: House, connection: Connection, viewer: Viewer) -> list[Proposal]:
    only_if(access.may_manage_groups(viewer))
    present = await groups.of_school(connection, viewer.school_id)
    return turnover.proposals((one.group for one in present), house.today())


def decision_of(proposal: Proposal, form: Mapping[str, str]) -> Decision:
    """What was filled in for a group, else what was proposed for it."""
    group_id = proposal.group.group_id
    fate = form.get(f"fate-{group_id}", "")
    name = form.get(f"name-{group_id}", proposal.name).strip()
    chosen = Fate(fate) if fate in set(Fate) else proposal.fate
    return Decision(proposal.group, chosen, proposal.group.name if chosen is Fate.END else name)


async def problems_of(
    connection: Connection, viewer: Viewer, decisions: Sequence[Decision]
) -> dict[str, str]:
    """A name for each group that goes on. Two classes may not come to have one name: together in
    a wave they would be taken for the same students. Who had one name before may keep it."""
    deciding = {each.group.group_id for each in decisions}
    going_on = [each for each in decisions if each.fate is not Fate.END]
    called = defaultdict(set)
    for each in going_on:
        called[each.name.casefold()].add(each.group.name.casefold())
    for one in await groups.of_school(connection, viewer.school_id):
        if one.group.group_id not in deciding:
            called[one.group.name.casefold()].add(one.group.name.casefold())
    found = {}
    for each in going_on:
        if not 0 < len(each.name) <= LONGEST_NAME:
            found[f"name-{each.group.group_id}"] = "missing"
        elif len(called[each.name.casefold()]) > 1:
            found[f"name-{each.group.group_id}"] = "twice"
    return found


def proposal_page(
    request: Visit,
    house: House,
    viewer: Viewer,
    proposals: Sequence[Proposal],
    form: Form,
    problems: dict[str, str] | None = None,
) -> Template:
    filled = {
        name: value
        for each in proposals
        for name, value in (
            (f"fate-{each.group.group_id}", each.fate),
            (f"name-{each.group.group_id}", each.name),
        )
    }
    return form_page(
        request,
        "school/turnover.html",
        {**filled, **form},
        problems,
        viewer=viewer,
        proposals=proposals,
        year=turnover.coming_year(house.today()),
    )


router = Router("/", route_handlers=[propose, decide, undo])
