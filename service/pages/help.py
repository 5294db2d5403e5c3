"""Help and privacy, for everybody and without signing in: Markdown, with the rules' own figures."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any, Literal

from babel.dates import format_date, format_timedelta
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from litestar import Request, Router, get
from litestar.di import NamedDependency as Named
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Template
from markdown_it import MarkdownIt
from markupsafe import Markup

import service
from service import (
    gates,
    ingest,
    mail,
    mistakes,
    passwords,
    patience,
    replies,
    rostering,
    second_factor,
    slowing,
    uploads,
)
from service.house import House
from service.rendering import language_of, page
from service.retention import LIVES
from service.storage import holding
from surveys import keeping, release, research, rounds, waves
from surveys.instrument import MOST_ITEMS, TEXT_LIMIT, Purpose

Visit = Request[Any, Any, Any]

FOLDER = Path(service.__file__).parent / "help"
PAGES = {path.name.partition(".")[0] for path in FOLDER.glob("*.md")}
ELSEWHERE = {"index", "privacy", "database", "dpia"}  # these have an address of their own

A_CLASS = 28  # students, in the examples
FIGURES = {
    "lesson": release.LESSON,
    "wellbeing": release.WELLBEING,
    "small": release.SMALL_CLASSES,
    "a_class": A_CLASS,
    "almost_all": A_CLASS - release.LESSON.d,
    "lesson_wait": rounds.WAIT[Purpose.LESSON],
    "wellbeing_wait": rounds.WAIT[Purpose.WELLBEING],
    "longest": rounds.LONGEST,
    "longest_wave": waves.LONGEST,
    "least_groups": waves.LEAST_GROUPS,
    "least_answers": waves.LEAST_ANSWERS,
    "least_for_spread": waves.LEAST_CLASSES_FOR_SPREAD,
    "most_raised": rounds.MOST_RAISED,
    "most_members": rounds.MOST_MEMBERS,
    "most_have_finished": f"{rounds.MOST_HAVE_FINISHED:.0%}",
    "most_items": MOST_ITEMS,
    "text_limit": TEXT_LIMIT,
    "answers_for_texts": release.LEAST_ANSWERS_FOR_TEXTS,
    "texts_for_texts": release.LEAST_TEXTS,
    "school_year_begins": rounds.school_year_began(date.max),
    "lives": LIVES,
    "idle": gates.IDLE,
    "most_years": keeping.MOST_YEARS,
    "least_schools": research.LEAST_SCHOOLS,
    "passwords": passwords,
    "mistakes": mistakes,
    "second_factor": second_factor,
    "wrong_codes": slowing.FREE,
    "replies": replies,
    "kilobytes": replies.LARGEST_FORM // 2**10,
    "megabytes": uploads.LARGEST // 2**20,
    "unpacked": uploads.MOST_READ // 2**20,
    "patience": patience,
    "head_kilobytes": patience.LARGEST_HEAD // 2**10,
    "ingest": ingest,
    "mail": mail,
    "rostering": rostering,
}


@get("/help")
async def index(request: Visit) -> Template:
    return help_page(request, "index")


@get("/help/{name:str}")
async def show(request: Visit, name: FromPath[str]) -> Template:
    if name not in PAGES - ELSEWHERE:
        raise NotFoundException
    return help_page(request, name)


@get("/privacy")
async def privacy(request: Visit) -> Template:
    return help_page(request, "privacy")


@get("/privacy/database")
async def database(request: Visit, house: Named[House]) -> Template:
    """What lies in the database now. As coarse as R8 asks of what everybody may see."""
    held = await holding.at(house.pool, house.clock())
    return help_page(request, "database", held=held)


@get("/privacy/dpia")
async def dpia(request: Visit) -> Template:
    return help_page(request, "dpia")


def help_page(request: Visit, name: str, **live: Any) -> Template:
    text = written(name, language_of(request), **live)
    title = text.partition("\n")[0].removeprefix("# ")
    body = Markup(MARKDOWN.render(text))  # noqa: S704  our own words; HTML in them is escaped
    return page(request, "help/page.html", name=name, title=title, body=body)


def written(name: str, language: str, **live: Any) -> str:
    """The page's Markdown with its figures filled in."""
    source = MANUSCRIPTS.get_template(f"{name}.{language}.md")
    return source.render(**FIGURES, **live, language=language)


@pass_context
def lasts(context: Context, time: timedelta) -> str:
    """In whole days, or where there are not two of them in hours, or minutes."""
    unit: Literal["day", "hour", "minute"] = "minute"
    if time >= timedelta(days=2):
        unit = "day"
    elif time >= timedelta(hours=1):
        unit = "hour"
    return format_timedelta(
        time,
        granularity=unit,
        threshold=1000,  # of a larger unit: 30 days are not "four weeks"
        locale=context["language"],
    )


@pass_context
def day(context: Context, date: date) -> str:
    return format_date(date, "d MMMM", locale=context["language"])


def markdown() -> MarkdownIt:
    """Without HTML; a table that is too wide for a phone is scrolled, by touch or by key."""
    found = MarkdownIt("commonmark", {"html": False}).enable("table")
    found.add_render_rule("table_open", lambda *_: '<div class="scroll" tabindex="0"><table>')
    found.add_render_rule("table_close", lambda *_: "</table></div>")
    return found


MARKDOWN = markdown()
MANUSCRIPTS = Environment(  # noqa: S701  what comes out is Markdown, whose HTML is escaped
    loader=FileSystemLoader(FOLDER),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
MANUSCRIPTS.filters |= {"lasts": lasts, "day": day}

router = Router("/", route_handlers=[index, show, privacy, database, dpia])
