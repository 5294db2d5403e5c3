"""Templates become pages: the Jinja environment, its words and filters."""

from collections.abc import Mapping
from datetime import date, datetime, tzinfo
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from babel.dates import format_date, format_datetime, format_time
from babel.numbers import format_decimal, format_percent
from jinja2 import (
    Environment,
    FileSystemLoader,
    StrictUndefined,
    pass_context,
    select_autoescape,
)
from jinja2.runtime import Context
from litestar import Request
from litestar.datastructures import Cookie
from litestar.response import Template

from service import languages, sealing
from service.assets import link
from surveys import helplines
from surveys.instrument import Text, said

TEMPLATES = Path(__file__).parent / "templates"
LANGUAGE_COOKIE = "language"
A_YEAR = 365 * 24 * 3600


@cache
def environment(zone: tzinfo) -> Environment:
    found = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(["html"]),  # mails are plain text
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # The i18n extension adds these by itself only for one language per environment.
    found.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
    found.filters |= {
        "said": said_in_context,
        "date": date_in_context,
        "moment": moment_in_context,
        "clock": clock_in_context,
        "number": number_in_context,
        "percent": percent_in_context,
        "in_groups": sealing.in_groups,
        "in_threes": in_threes,
    }
    found.globals |= {"helplines": helplines.of(), "static": link, "zone": zone}
    return found


def in_threes(digits: str) -> str:
    return " ".join(digits[at : at + 3] for at in range(0, len(digits), 3))


@pass_context
def gettext(context: Context, message: str) -> str:
    return languages.catalogs()[context["language"]].gettext(message)


@pass_context
def ngettext(context: Context, one: str, many: str, n: int) -> str:
    return languages.catalogs()[context["language"]].ngettext(one, many, n)


@pass_context
def said_in_context(context: Context, text: Text) -> str:
    return said(text, context["language"])


@pass_context
def date_in_context(context: Context, day: date, format: str = "d MMMM y") -> str:
    if isinstance(day, datetime):
        day = day.astimezone(context["zone"]).date()
    return dated(day, format, context["language"])


@lru_cache(maxsize=10_000)  # a class page says the same days many times over
def dated(day: date, format: str, language: str) -> str:
    return format_date(day, format, locale=language)


@pass_context
def moment_in_context(context: Context, moment: datetime) -> str:
    local = moment.astimezone(context["zone"])
    return format_datetime(local, "EEEE d MMMM, HH:mm", locale=context["language"])


@pass_context
def clock_in_context(context: Context, moment: datetime) -> str:
    return format_time(moment.astimezone(context["zone"]), "HH:mm", locale=context["language"])


@pass_context
def percent_in_context(context: Context, percent: int) -> str:
    return format_percent(percent / 100, locale=context["language"])


@pass_context
def number_in_context(context: Context, number: int) -> str:
    return format_decimal(number, locale=context["language"])


def language_of(request: Request[Any, Any, Any], form: Mapping[str, str] | None = None) -> str:
    """The staff page's language: what was just chosen, what was chosen before, the browser's."""
    for chosen in (
        (form or {}).get("language"),
        request.query_params.get("language"),
        request.cookies.get(LANGUAGE_COOKIE),
    ):
        if chosen in languages.STAFF:
            return str(chosen)
    return languages.preferred(request.headers.get("accept-language", ""), languages.STAFF)


def page(
    request: Request[Any, Any, Any],
    template: str,
    *,
    form: Mapping[str, str] | None = None,
    status_code: int = 200,
    **context: Any,
) -> Template:
    """A staff page in the visitor's language; what was filled in stands in it again.

    `form` is what was posted. Choosing a language posts the form, so that nothing is lost.
    """
    language = language_of(request, form)
    chosen = "language" in (form or {}) or "language" in request.query_params
    cookie = Cookie(LANGUAGE_COOKIE, path="/", value=language, max_age=A_YEAR, samesite="lax")
    return Template(
        template,
        context={"form": form or {}, "language": language, "problems": {}, **context},
        status_code=status_code,
        cookies=[cookie] if chosen else [],
    )


def form_page(
    request: Request[Any, Any, Any],
    template: str,
    form: Mapping[str, str],
    problems: Mapping[str, str] | None = None,
    **context: Any,
) -> Template:
    """A form as it was filled in. Choosing a language is no mistake: then nothing is complained."""
    told = {} if "language" in form else problems or {}
    return page(
        request, template, form=form, status_code=422 if told else 200, problems=told, **context
    )


def date_of(text: str) -> date | None:
    """A day as a date field posts it; None where it is empty or no day."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
