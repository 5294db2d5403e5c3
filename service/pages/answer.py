"""The student's way: a code, a page, an answer, thanks. No session and no cookie before it."""

import binascii
from collections.abc import Mapping
from typing import Any

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency as Named
from litestar.exceptions import MethodNotAllowedException
from litestar.params import URLEncodedBody
from litestar.response import Redirect
from litestar.types import Receive

from service import replies, sealing
from service.doors import Opened, SplicedPage
from service.house import House
from service.ingest import Busy, Outcome
from service.markers import has_answered, marked
from service.replies import Reply
from service.students import HEADERS, address_of, common, language_of, of_phone, rendered
from surveys import answers
from surveys.answers import Answers, Problems
from surveys.release import SMALL_CLASSES
from surveys.waves import LEAST_ANSWERS, LEAST_GROUPS

Form = dict[str, str]
Visit = Request[Any, Any, Any]

NONCE_PLACEHOLDER = "0" * 32
FRESH_GZIP = (*replies.HTML, *replies.GZIP)
LAST_SYMBOLS = 3  # of the code, typed by the next student on a shared tablet

STATUS = {
    Outcome.COUNTED: 200,
    Outcome.USED: 409,
    Outcome.CLOSED: 410,
    Outcome.FULL: 409,
}


@get("/")
async def home(request: Visit, house: Named[House]) -> Response[str]:
    return rendered(house, "home.html", language_of(request), problem=None, typed="")


@post("/", status_code=200)
async def find(
    request: Visit,
    data: URLEncodedBody[Form],
    house: Named[House],
) -> Response[Any]:
    language = language_of(request, data)
    typed = data.get("code", "")
    code = sealing.forgiven(typed)
    if "language" in data:
        return rendered(house, "home.html", language, problem=None, typed=typed)
    if await house.doors.behind(code):
        chosen = "" if language == of_phone(request) else f"?language={language}"
        return Redirect(f"/{code}{chosen}", status_code=303)
    await house.wrong_codes.slow_down(address_of(request))
    return rendered(house, "home.html", language, 404, problem="unknown", typed=typed)


async def reply_to(visit: Visit, code: str, house: House, receive: Receive) -> Reply:
    """The address on the board: its page, and where the page sends its answers."""
    match visit.method:
        case "GET":
            found = await show(visit, code, house)
        case "POST":
            found = await take(visit, code, house, await replies.form_of(receive))
        case _:
            raise MethodNotAllowedException
    return found if isinstance(found, Reply) else replies.of_page(found, visit)


async def show(visit: Visit, code: str, house: House) -> Reply | Response[str]:
    symbols = sealing.forgiven(code)
    opened = await house.doors.behind(symbols)
    if opened is None:
        return await unknown(visit, code, house)
    if symbols != code:
        return replies.redirect(f"/{symbols}")
    language = spoken_by(visit, opened)
    if not opened.round.takes_answers(house.clock()):
        return closed(house, opened, symbols, interface(visit, opened), maybe_counted=False)
    if needs_card(opened):
        return rendered(house, "home.html", language, problem="card", typed="")
    next_one = sealing.forgiven(visit.query_params.get("next", ""))
    if has_answered(visit, house, opened) and next_one != symbols[-LAST_SYMBOLS:]:
        return rendered(house, "already.html", language, code=symbols, wrong=bool(next_one))
    return fresh(visit, house, opened, symbols, language)


async def take(visit: Visit, code: str, house: House, form: Form) -> Reply | Response[str]:
    opened = await house.doors.behind(code)
    if opened is None:
        return await unknown(visit, code, house)
    if needs_card(opened):
        language = spoken_by(visit, opened, form)
        return rendered(house, "home.html", language, 403, problem="card", typed="")
    if "language" in form:
        return filled_again(visit, house, opened, code, form)
    given = answers.posted(opened.postable, form)
    if isinstance(given, Problems):
        if wants_json(visit):
            return told({"outcome": "problems", "problems": given}, 422)
        return filled_again(visit, house, opened, code, form, problems=given)
    try:
        outcome = await hand_in(house, opened, given, nonce_of(form, house), code)
    except Busy:
        if wants_json(visit):
            return told({"outcome": "busy"}, 503)
        return filled_again(visit, house, opened, code, form, notice="busy")
    if wants_json(visit):
        return marked(told({"outcome": outcome}, STATUS[outcome]), house, opened, code, outcome)
    language = spoken_by(visit, opened, form)
    if outcome is Outcome.CLOSED:
        house.doors.forget(opened.round.round_id)
        return closed(house, opened, code, language, maybe_counted=True)
    if outcome is Outcome.COUNTED:
        page = replies.of_page(thanks(house, opened, code, language), visit)
        return marked(page, house, opened, code, outcome)
    return filled_again(visit, house, opened, code, form, notice=outcome.value)


async def hand_in(house: House, opened: Opened, given: Answers, nonce: bytes, code: str) -> Outcome:
    if opened.seal is None:
        return Outcome.CLOSED
    ticket = code if opened.by_ticket else ""
    return await house.ingest.submit(opened.seal.envelope(given, nonce, ticket))


def nonce_of(form: Mapping[str, str], house: House) -> bytes:
    """The page's nonce; a fresh one where a form came without, or with something else."""
    try:
        nonce = binascii.unhexlify(form.get("nonce", ""))
    except (binascii.Error, ValueError):
        nonce = b""
    return nonce if len(nonce) == sealing.NONCE_BYTES else house.entropy.randbytes(16)


def fresh(visit: Visit, house: House, opened: Opened, code: str, language: str) -> Reply:
    """The round's page, rendered once per language, with a nonce of its own spliced in."""
    if language not in opened.pages:
        html = survey_page(house, opened, code, language, nonce=NONCE_PLACEHOLDER)
        opened.pages[language] = SplicedPage(html, NONCE_PLACEHOLDER)
    page, nonce = opened.pages[language], house.new_token()
    if replies.reads_gzip(visit):
        return Reply(200, page.compressed_with_nonce(nonce), FRESH_GZIP)
    return Reply(200, page.with_nonce(nonce), replies.HTML)


def filled_again(
    visit: Visit,
    house: House,
    opened: Opened,
    code: str,
    form: Form,
    *,
    problems: Problems | None = None,
    notice: str | None = None,
) -> Response[str]:
    """The page with everything that was filled in, and the same nonce: it is the same attempt."""
    language = spoken_by(visit, opened, form)
    nonce = nonce_of(form, house).hex()
    html = survey_page(
        house, opened, code, language, form, problems=problems, notice=notice, nonce=nonce
    )
    status = 422 if problems else {"busy": 503, "full": 409, "used": 409}.get(notice or "", 200)
    later = {"Retry-After": "5"} if notice == "busy" else {}
    return Response(html, status_code=status, headers={**HEADERS, **later})


def survey_page(
    house: House,
    opened: Opened,
    code: str,
    language: str,
    filled: Mapping[str, str] = {},
    *,
    problems: Problems | None = None,
    notice: str | None = None,
    nonce: str,
) -> str:
    return house.templates.get_template("answer/page.html").render(
        **common(language, opened.languages),
        code=code,
        instrument=opened.instrument,
        stage=opened.stage,
        purpose=opened.instrument.purpose,
        k=opened.round.rule.k,
        small_classes=opened.round.rule == SMALL_CLASSES,
        texts_allowed=opened.texts_allowed,
        focus=opened.round.focus,
        members=opened.round.members,
        raised=opened.round.raised,
        agreement=opened.agreement,
        by_class=opened.by_class,
        boards=opened.boards,
        for_research=opened.for_research,
        least_groups=LEAST_GROUPS,
        least_answers=LEAST_ANSWERS,
        talk=opened.talk,
        advisers=opened.advisers,
        filled=filled,
        problems=problems,
        notice=notice,
        nonce=nonce,
        by_ticket=opened.by_ticket,
    )


def thanks(house: House, opened: Opened, code: str, language: str) -> Response[str]:
    return rendered(
        house,
        "thanks.html",
        language,
        code=code,
        agreement=opened.agreement,
        by_class=opened.by_class,
        by_ticket=opened.by_ticket,
        purpose=opened.instrument.purpose,
        stage=opened.stage,
        talk=opened.talk,
        advisers=opened.advisers,
    )


def closed(
    house: House, opened: Opened, code: str, language: str, *, maybe_counted: bool
) -> Response[str]:
    return rendered(
        house,
        "closed.html",
        language,
        410 if maybe_counted else 200,
        code=code,
        agreement=opened.agreement,
        by_class=opened.by_class,
        maybe_counted=maybe_counted,
    )


async def unknown(request: Visit, typed: str, house: House) -> Response[str]:
    await house.wrong_codes.slow_down(address_of(request))
    return rendered(house, "unknown.html", language_of(request), 404, typed=typed)


def spoken_by(request: Visit, opened: Opened, form: Mapping[str, str] | None = None) -> str:
    return language_of(request, form, opened.languages, opened.language)


def interface(visit: Visit, opened: Opened, form: Mapping[str, str] | None = None) -> str:
    """Pages without questions speak every language that we do."""
    return language_of(visit, form, of_school=opened.language)


def needs_card(opened: Opened) -> bool:
    """With cards the class's code leads to the question for one's own card."""
    return opened.round.cards and not opened.by_ticket


def wants_json(request: Visit) -> bool:
    return "application/json" in request.headers.get("accept", "")


def told(body: dict[str, Any], status: int) -> Reply:
    later = ((b"retry-after", b"5"),) if status == 503 else ()
    return Reply(status, msgspec.json.encode(body), (*replies.JSON, *later))


router = Router("/", route_handlers=[home, find], opt={"student": True})
