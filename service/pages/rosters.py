"""Classes and teachers from files: brought, shown as what would change, and then done.

What comes in may hold the names of students. It is read in memory, and gone with the request.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from itertools import groupby
from operator import attrgetter
from typing import Any

from litestar import Request, Response, Router, get, post
from litestar.background_tasks import BackgroundTask
from litestar.di import NamedDependency as Named
from litestar.params import URLEncodedBody
from litestar.response import Template
from msgspec import Struct

from service import archives, logs, rostering, uploads
from service.archives import Refused
from service.house import House
from service.logs import Event
from service.ownership import only_if
from service.rendering import form_page, language_of, page
from service.storage import schools, tenancy
from surveys import access, tables
from surveys.access import Viewer
from surveys.instrument import Stage
from surveys.rosters import planning, reading, writing
from surveys.rosters.oneroster import STAGES
from surveys.rosters.planning import Present
from surveys.rosters.roster import Roster, Teaching
from surveys.rosters.sheets import Asked
from surveys.tables import Problem
from surveys.turnover import coming_year

Form = dict[str, str]
Visit = Request[Any, Any, Any]

LARGEST_PLAN = 4 * 1024 * 1024  # bytes: what the form of a preview holds of the largest set
MOST_TOLD = 100  # problems; who has more of them has one of them many times


class Limits(Struct, frozen=True):
    """The largest set of files, in megabytes."""

    sent: int = uploads.LARGEST // 2**20
    unpacked: int = archives.LARGEST // 2**20


@get("/school/roster")
async def ask(request: Visit, house: Named[House], viewer: Named[Viewer]) -> Template:
    only_if(access.may_manage_people(viewer))
    return upload_page(request, viewer, await usual(house, viewer))


@post("/school/roster/preview", status_code=200, request_max_body_size=uploads.MOST_READ)
async def preview(request: Visit, house: Named[House], viewer: Named[Viewer]) -> Template:
    """What the files would change, or what is wrong with them. Nothing is written."""
    only_if(access.may_manage_people(viewer))
    body = await uploads.body_of(request)
    if body is None:
        logs.kept_out(Event.FILE, request.scope, 200)
        problems: dict[str, str] = {"files": Refused.TOO_LARGE}
        return upload_page(request, viewer, await usual(house, viewer), problems)
    posted = uploads.posted(request.headers.get("content-type", ""), body)
    files = archives.unpacked(posted.files)
    if isinstance(files, Refused) and files is not Refused.NOTHING:
        logs.kept_out(Event.FILE, request.scope, 200)
    problems = problems_of(posted.fields, files)
    if "language" in posted.fields or problems or isinstance(files, Refused):
        return upload_page(request, viewer, posted.fields, problems)
    present = await present_of(house, viewer)
    asked = asked_of(house, present, Stage(posted.fields["stage"]))
    roster = await asyncio.to_thread(reading.read, files, asked)
    if not isinstance(roster, Roster):
        return upload_page(request, viewer, posted.fields, wrong=roster)
    return preview_page(request, house, viewer, roster, present)


@post("/school/roster", status_code=200, request_max_body_size=LARGEST_PLAN)
async def carry_out(
    request: Visit, data: URLEncodedBody[Form], house: Named[House], viewer: Named[Viewer]
) -> Template:
    """All that the preview showed, or nothing."""
    only_if(access.may_manage_people(viewer))
    shown = rostering.unsealed(house, viewer, data.get("plan", ""))
    if shown is None:
        return upload_page(request, viewer, data | await usual(house, viewer), {"files": "late"})
    if "language" in data:
        present = await present_of(house, viewer)
        return preview_page(request, house, viewer, shown.roster, present, form=data)
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        done = await rostering.carry_out(house, connection, viewer, shown)
        school = await schools.get(connection, viewer.school_id)
    if isinstance(done, Present):
        return preview_page(request, house, viewer, shown.roster, done, changed=True)
    told = page(
        request, "rosters/done.html", viewer=viewer, invited=done, mails=house.mail is not None
    )
    told.background = BackgroundTask(rostering.mail, house, school, done)
    return told


@get("/school/roster/example.zip")
async def example(request: Visit, viewer: Named[Viewer]) -> Response[bytes]:
    only_if(access.may_manage_people(viewer))
    return zipped(writing.example(separator_for(request)), "oneroster-example")


@get("/school/roster/present.zip")
async def present_files(
    request: Visit, house: Named[House], viewer: Named[Viewer]
) -> Response[bytes]:
    """Classes, who teaches them and who works here: all that there is of a school but its work."""
    only_if(access.may_manage_people(viewer))
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        held = await rostering.held(connection, viewer.school_id)
    return zipped(writing.written(held, separator_for(request)), "oneroster")


async def usual(house: House, viewer: Viewer) -> Form:
    """The kind of education that most groups of the school have."""
    present = await present_of(house, viewer)
    stages = Counter(held.group.stage for held in present.groups.values())
    found = next((stage for stage, _ in stages.most_common() if stage in STAGES), Stage.SECONDARY)
    return {"stage": found}


def problems_of(form: Mapping[str, str], files: Mapping[str, bytes] | Refused) -> dict[str, str]:
    found: dict[str, str] = {"files": files} if isinstance(files, Refused) else {}
    if form.get("stage") not in STAGES:
        found["stage"] = "missing"
    return found


async def present_of(house: House, viewer: Viewer) -> Present:
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        return await rostering.present(house, connection, viewer.school_id)


def asked_of(house: House, present: Present, stage: Stage) -> Asked:
    return Asked(
        stage=stage,
        school_year=coming_year(house.today()),
        today=house.today(),
        classes=frozenset(present.groups),
        people=frozenset(present.people),
    )


def upload_page(
    request: Visit,
    viewer: Viewer,
    form: Form,
    problems: dict[str, str] | None = None,
    wrong: tuple[Problem, ...] = (),
) -> Template:
    told = form_page(
        request,
        "rosters/ask.html",
        form,
        problems,
        viewer=viewer,
        wrong=wrong,
        by_file=[(file, [*told]) for file, told in groupby(wrong[:MOST_TOLD], attrgetter("file"))],
        most=MOST_TOLD,
        limits=Limits(),
    )
    if wrong:
        told.status_code = 422
    return told


def preview_page(
    request: Visit,
    house: House,
    viewer: Viewer,
    roster: Roster,
    present: Present,
    *,
    form: Form | None = None,
    changed: bool = False,
) -> Template:
    plan = planning.plan(roster, present)
    return page(
        request,
        "rosters/preview.html",
        form=form,
        status_code=409 if changed else 200,
        viewer=viewer,
        roster=roster,
        plan=plan,
        teaches=named(plan.teaches, roster, present),
        no_longer=named(plan.no_longer, roster, present),
        sealed=rostering.sealed(house, viewer, roster, plan),
        changed=changed,
        mails=house.mail is not None,
    )


def named(
    pairs: Iterable[Teaching], roster: Roster, present: Present
) -> list[tuple[str, list[str]]]:
    """Who teaches what, by the names of classes and people."""
    classes = {id: held.group.name for id, held in present.groups.items()}
    classes |= {each.sourced_id: each.name for each in roster.classes}
    people = {id: known.person.name for id, known in present.people.items()}
    people |= {each.sourced_id: each.name for each in roster.people}
    inside: defaultdict[str, list[str]] = defaultdict(list)
    for class_, person in pairs:
        inside[class_].append(people[person])
    return sorted((classes[class_], teachers) for class_, teachers in inside.items())


def separator_for(request: Visit) -> str:
    return tables.separator(language_of(request))


def zipped(files: Mapping[str, bytes], name: str) -> Response[bytes]:
    return Response(
        archives.packed(files),
        media_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{name}.zip"'},
    )


router = Router("/", route_handlers=[ask, preview, carry_out, example, present_files])
