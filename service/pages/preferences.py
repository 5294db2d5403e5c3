"""The settings of a school: its name, its languages, how long it keeps what was told."""

from typing import Any

from litestar import Request, Router, get, post
from litestar.di import NamedDependency as Named
from litestar.params import URLEncodedBody
from litestar.response import Redirect, Template
from msgspec.structs import replace

from service.house import House
from service.languages import STAFF
from service.ownership import only_if
from service.rendering import form_page
from service.storage import audit, schools, tenancy
from service.storage.schools import School
from surveys import access
from surveys.access import Viewer
from surveys.deeds import Verb
from surveys.keeping import MOST_YEARS, WORDS_FOR, Keeping

Form = dict[str, str]
Visit = Request[Any, Any, Any]

YEARS = {str(years): years for years in range(1, MOST_YEARS + 1)}
WORDS = {"": None} | {str(days): days for days in WORDS_FOR}


@get("/school/settings")
async def show(request: Visit, house: Named[House], viewer: Named[Viewer]) -> Template:
    only_if(access.may_manage_people(viewer))
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        school = await schools.get(connection, viewer.school_id)
    return settings_page(request, viewer, school, filled_from(school))


@post("/school/settings", status_code=200)
async def change(
    request: Visit, data: URLEncodedBody[Form], house: Named[House], viewer: Named[Viewer]
) -> Template | Redirect:
    only_if(access.may_manage_people(viewer))
    problems = problems_of_settings(data)
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        before = await schools.get(connection, viewer.school_id)
        if "language" in data or problems:
            return settings_page(request, viewer, before, data, problems)
        school = school_of(data, before)
        await schools.change(connection, school)
        verbs = [Verb.SETTINGS_CHANGED]
        if school.small_classes != before.small_classes:
            declared = school.small_classes
            verbs.append(Verb.SMALL_CLASSES_DECLARED if declared else Verb.SMALL_CLASSES_ENDED)
        for verb in verbs:
            await audit.note(connection, viewer, verb, viewer.school_id, house.clock())
    return Redirect("/school/settings?saved=yes", status_code=303)


def problems_of_settings(form: Form) -> dict[str, str]:
    found = {} if form.get("school", "").strip() else {"school": "missing"}
    if form.get("school_language") not in STAFF:
        found["school_language"] = "missing"
    if form.get("results_years") not in YEARS:
        found["results_years"] = "missing"
    if form.get("words_days") not in WORDS:
        found["words_days"] = "missing"
    return found


def school_of(form: Form, before: School) -> School:
    return replace(
        before,
        name=form["school"].strip(),
        language=form["school_language"],
        small_classes="small_classes" in form,
        all_languages="all_languages" in form,
        keeping=Keeping(YEARS[form["results_years"]], WORDS[form["words_days"]]),
    )


def filled_from(school: School) -> Form:
    ticked = {name: "yes" for name in ("small_classes", "all_languages") if getattr(school, name)}
    return ticked | {
        "school": school.name,
        "school_language": school.language,
        "results_years": str(school.keeping.results_years),
        "words_days": str(school.keeping.words_days or ""),
    }


def settings_page(
    request: Visit,
    viewer: Viewer,
    school: School,
    form: Form,
    problems: dict[str, str] | None = None,
) -> Template:
    return form_page(
        request,
        "school/settings.html",
        form,
        problems,
        viewer=viewer,
        school=school,
        years=YEARS,
        words=WORDS,
        saved="saved" in request.query_params,
    )


router = Router("/", route_handlers=[show, change])
