"""Every page of the service: who reads it, or why it cannot tell anything.

No number may be left on a page by its reader but those that say nothing of any answer; otherwise
`Unread` is raised, and somebody has to look at what the page tells. Whoever adds a route says here
how it is read.
"""

import re
from collections.abc import Callable, Iterator, Mapping

import httpx

from service.app import Front
from surveys.instrument import said
from tests.adversary.constraints import Known
from tests.adversary.markup import Node, page
from tests.adversary.playing import Played
from tests.adversary.readers.results import board, class_page, discussion, export
from tests.adversary.readers.rounds import class_screen, closure, event_stream, running_round
from tests.adversary.readers.school import school
from tests.adversary.readers.students import students_page
from tests.adversary.readers.waves import wave_closure, wave_page
from tests.adversary.readers.wellbeing import schools, wellbeing
from tests.adversary.readers.words import DAY, Unread
from tests.adversary.seen import RoundSeen

Reader = Callable[[Node, Played, RoundSeen], Iterator[Known]]

CLOCK = r"\d\d:\d\d"
NUMBERS_IN_ATTRIBUTES = ("value", "max", "min", "title", "alt", "content")

FIELDS = ("button", "input", "meta", "option")  # what may be filled in or pressed

HEADERS = {
    "cache-control",
    "connection",
    "content-disposition",
    "content-encoding",
    "content-length",
    "content-security-policy",
    "content-type",
    "cross-origin-opener-policy",
    "cross-origin-resource-policy",
    "date",
    "location",
    "permissions-policy",
    "referrer-policy",
    "server",
    "set-cookie",
    "transfer-encoding",
    "vary",
    "x-accel-buffering",
    "x-content-type-options",
}
"""None of them is made from an answer; a page's length follows from the page."""


def read(
    route: str, reply: httpx.Response, played: Played, round: RoundSeen | None
) -> Iterator[Known]:
    """The facts in a reply to a GET of this route."""
    route, *_ = route.split("?")
    if unknown := reply.headers.keys() - HEADERS:
        raise Unread(f"{route}: headers {sorted(unknown)}")
    if reply.has_redirect_location:
        return
    if reply.headers["content-type"].startswith("text/event-stream"):
        yield from event_stream(reply.text, round)
        return
    if reply.headers["content-type"].startswith("text/csv"):
        yield from export(reply.text, played, round)
        return
    found = page(reply.text)
    if reply.status_code < 400 and route in READERS:
        if round is not None:
            yield from READERS[route](found, played, round)
    elif reply.status_code < 400 and ("GET", route) not in SILENT:
        raise Unread(f"{route}: nobody has said how to read it")
    if SILENT.get(("GET", route)) not in (FORM, WORDS, MADE_UP):
        complain_of_leftovers(route, found, played)


def complain_of_leftovers(route: str, found: Node, played: Played) -> None:
    for choice in found.all("select"):
        choice.clear()  # the same for whoever may choose
    left = harmless(found.text, played)
    for node in found.nodes():
        for name, value in node.attributes.items() if node.tag not in FIELDS else ():
            if name in NUMBERS_IN_ATTRIBUTES or name.startswith(("data-", "aria-")):
                left += " " + harmless(value, played)
    if re.search(r"\d", left):
        raise Unread(f"{route}: {re.findall(r'.{0,40}[0-9].{0,20}', left)}")


def harmless(text: str, played: Played) -> str:
    """The text without the numbers that say nothing of an answer: addresses, codes and days."""
    for round in played.rounds:
        for item in round.instrument.items:
            text = text.replace(said(item.text, "en"), "")
        for symbols in (round.code, f"{round.code[:4]} {round.code[4:]}"):
            text = text.replace(symbols, "")
    text = text.replace(played.running.url, "").replace(played.running.settings.address, "")
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|\b[0-9a-f]{12,32}\b", "", text)
    for pattern in (*QUIET, DAY, CLOCK):
        text = re.sub(pattern, "", text)
    return text


QUIET = (
    r"[Ff]rom \d+ (?:we show|answers there is|schools on)",  # k, which is no secret
    r"if \d+ or more (?:students|children|colleagues)",
    r"why \d+ answers are enough",
    r"from \d+ answers instead of \d+",
    r"\d+ short questions?",
    r"The \d+ questions",
    r"\d+ students?\b",  # of the class, as the teacher announced it
    r"\d+ places? (?:was|were) added: there is now room for \d+ answers",
    r"Add \d+ places?",
    r"every \d+ weeks",
    r"At most \d+ characters|\d+ characters|from 1 to 60",
    r"within 24 hours",
    r"in the last \d+ days",
    r"\d+ (?:groups?|person|people) (?:has|have|is|are|was|were) ",  # of the staff
    r"From \d+ we know for sure that it is more",  # worked out from what was told before
    r"[Cc]hose \d+ to \d+",  # of the options of a range
    r"\b(?:Year|Group) \d\b",
    r"\b\d+ class(?:es)?\b",  # that were asked, or that still are
    r"Error \d{3}|\b[45]\d\d\b",
)


READERS: dict[str, Reader] = {
    "/surveys/{survey_id}": class_page,
    "/surveys/{survey_id}/questions/{item}": class_page,
    "/surveys/{survey_id}/scales/{key}": class_page,
    "/surveys/{survey_id}/results.csv": class_page,  # as a file: see `export`
    "/shared/{survey_id}": class_page,
    "/surveys/{survey_id}/discussion": discussion,
    "/boards/{board_id}": board,
    "/board/{token}": board,
    "/{code}": students_page,
    "/talk/{school_id}": students_page,
    "/rounds/{round_id}": running_round,
    "/rounds/{round_id}/closure": closure,
    "/screen/{token}": class_screen,
    "/school": school,
    "/wellbeing": wellbeing,
    "/schools": schools,
    "/waves/{wave_id}": wave_page,
    "/waves/{wave_id}/closure": wave_closure,
}
STREAMS = ("/rounds/{round_id}/participation", "/screen/{token}/participation")

FORM = "a form to be filled in, with what was typed into it"
WORDS = "our own words, and how many rounds are open here"
MADE_UP = "figures of a class that does not exist"
DONE = "does something, and answers with a redirect or with a page that is read as a GET"

SILENT: Mapping[tuple[str, str], str] = {
    ("GET", "/"): FORM,
    ("POST", "/"): "leads a code to its page",
    ("POST", "/{code}"): "tells a student what became of the form that he or she sent",
    ("GET", "/classes"): "which round is open and when the next may be; no figures",
    ("GET", "/classes/new"): FORM,
    ("POST", "/classes/new"): DONE,
    ("GET", "/classes/{group_id}/edit"): FORM,
    ("POST", "/classes/{group_id}/edit"): DONE,
    ("GET", "/classes/{group_id}/ask"): FORM,
    ("POST", "/classes/{group_id}/ask"): DONE,
    ("GET", "/classes/{group_id}/compose"): FORM,
    ("POST", "/classes/{group_id}/compose"): DONE,
    ("GET", "/surveys/{survey_id}/ask"): FORM,
    ("POST", "/surveys/{survey_id}/ask"): DONE,
    ("POST", "/surveys/{survey_id}/discussion"): DONE,
    ("POST", "/surveys/{survey_id}/practice"): DONE,
    ("POST", "/rounds/{round_id}/comments/{comment_id}/removal"): DONE,
    ("POST", "/rounds/{round_id}/closure"): DONE,
    ("POST", "/rounds/{round_id}/extension"): DONE,
    ("POST", "/rounds/{round_id}/places"): DONE,
    ("POST", "/rounds/{round_id}/screen"): DONE,
    ("POST", "/rounds/{round_id}/cards"): "cards are drawn at random before anybody answers",
    ("GET", "/rounds/{round_id}/thanks"): "words for the class's screen; no figures",
    ("GET", "/school/people"): "who works here, by whose word; no figures",
    ("GET", "/school/people/{account_id}"): "who works here, by whose word; no figures",
    ("GET", "/school/roster"): FORM,
    ("GET", "/school/roster/example.zip"): MADE_UP,
    ("GET", "/school/roster/present.zip"): FORM,
    ("POST", "/school/roster"): DONE,
    ("POST", "/school/roster/preview"): DONE,
    ("POST", "/school/people/{account_id}/access"): DONE,
    ("POST", "/school/people/{account_id}/roles"): DONE,
    ("POST", "/school/people/{account_id}/confirmation"): DONE,
    ("GET", "/school/people/{account_id}/deletion"): FORM,
    ("POST", "/school/people/{account_id}/deletion"): DONE,
    ("GET", "/school/invitations"): FORM,
    ("POST", "/school/invitations"): DONE,
    ("POST", "/school/invitations/{invitation_id}/repetition"): DONE,
    ("POST", "/school/invitations/{invitation_id}/withdrawal"): DONE,
    ("GET", "/school/groups"): FORM,
    ("GET", "/school/groups/new"): FORM,
    ("POST", "/school/groups/new"): DONE,
    ("GET", "/school/groups/{group_id}"): FORM,
    ("GET", "/school/groups/{group_id}/edit"): FORM,
    ("POST", "/school/groups/{group_id}/edit"): DONE,
    ("POST", "/school/groups/{group_id}/teachers"): DONE,
    ("POST", "/school/groups/{group_id}/ending"): DONE,
    ("GET", "/school/groups/turnover"): FORM,
    ("POST", "/school/groups/turnover"): DONE,
    ("POST", "/school/groups/turnover/undoing"): DONE,
    ("GET", "/school/settings"): FORM,
    ("POST", "/school/settings"): DONE,
    ("GET", "/school/audit"): "what staff did and when; no figures",
    ("GET", "/school/deletion"): FORM,
    ("POST", "/school/deletion"): DONE,
    ("POST", "/school/deletion/stopping"): DONE,
    ("POST", "/talk/{school_id}"): DONE,
    ("GET", "/talks"): "who asked for a talk: no tie to a round, and for the adviser alone",
    ("POST", "/talks/{request_id}/handling"): DONE,
    ("GET", "/classes/{group_id}/instrument"): FORM,
    ("POST", "/classes/{group_id}/instrument"): DONE,
    ("GET", "/surveys/{survey_id}/compose"): FORM,
    ("POST", "/surveys/{survey_id}/compose"): DONE,
    ("GET", "/surveys/{survey_id}/instrument"): FORM,
    ("POST", "/surveys/{survey_id}/instrument"): DONE,
    ("GET", "/surveys/{survey_id}/instrument.toml"): FORM,
    ("GET", "/surveys/{survey_id}/preview"): FORM,
    ("GET", "/surveys/{survey_id}/translations"): FORM,
    ("GET", "/surveys/{survey_id}/translations/{into}"): FORM,
    ("POST", "/surveys/{survey_id}/translations/{into}"): DONE,
    ("POST", "/surveys/{survey_id}/plan"): DONE,
    ("GET", "/surveys/{survey_id}/sharing"): FORM,
    ("POST", "/surveys/{survey_id}/sharing"): DONE,
    ("GET", "/shared"): "which surveys colleagues show; no figures",
    ("GET", "/boards"): "the names of boards; no figures",
    ("POST", "/boards"): DONE,
    ("POST", "/boards/{board_id}/members"): DONE,
    ("POST", "/boards/{board_id}/lines"): DONE,
    ("POST", "/boards/{board_id}/actions"): DONE,
    ("POST", "/boards/{board_id}/actions/{action_id}/completion"): DONE,
    ("POST", "/boards/{board_id}/screen"): DONE,
    ("GET", "/rounds/{round_id}/guess"): FORM,
    ("POST", "/rounds/{round_id}/guess"): DONE,
    ("POST", "/rounds/{round_id}/visit"): DONE,
    ("GET", "/visit/{token}"): FORM,
    ("POST", "/visit/{token}"): DONE,
    ("GET", "/waves/new"): FORM,
    ("GET", "/waves/new/{key}"): FORM,
    ("POST", "/waves/new/{key}"): DONE,
    ("POST", "/waves/{wave_id}/extension"): DONE,
    ("POST", "/waves/{wave_id}/closure"): DONE,
    ("POST", "/waves/{wave_id}/reminders"): DONE,
    ("POST", "/waves/{wave_id}/cards"): "cards are drawn at random before anybody answers",
    ("POST", "/waves/{wave_id}/decision"): DONE,
    ("GET", "/health/live"): WORDS,
    ("GET", "/health/ready"): WORDS,
    ("GET", "/metrics"): "counts since the start of all schools together, for this machine alone",
    ("GET", "/school/outside"): "who outside the school sees it, and since when; no figures",
    ("GET", "/school/outside/{governing_id}"): "what a board would see, in words",
    ("POST", "/school/outside/{governing_id}"): DONE,
    ("POST", "/school/outside/{governing_id}/withdrawal"): DONE,
    ("POST", "/school/outside/research"): DONE,
    ("GET", "/schools/invitations/{token}"): FORM,
    ("POST", "/schools/invitations/{token}"): DONE,
    ("GET", "/example"): MADE_UP,
    ("GET", "/help"): WORDS,
    ("GET", "/help/{name}"): WORDS,
    ("GET", "/privacy"): WORDS,
    ("GET", "/privacy/database"): WORDS,
    ("GET", "/privacy/dpia"): WORDS,
    ("GET", "/signin"): FORM,
    ("POST", "/signin"): DONE,
    ("POST", "/signout"): DONE,
    ("GET", "/signin/school"): FORM,
    ("GET", "/signin/over"): WORDS,
    ("GET", "/signin/with/{provider_id}"): "leads to a school's provider",
    ("GET", "/signin/return/{school_id}"): "comes from a school's provider; who is signed in",
    ("POST", "/signin/proof"): DONE,
    ("GET", "/signout/{provider_id}"): "leads to a school's provider",
    ("GET", "/school/signin"): FORM,
    ("GET", "/school/signin/new/{preset}"): FORM,
    ("POST", "/school/signin/new/{preset}"): DONE,
    ("GET", "/school/signin/{provider_id}"): FORM,
    ("POST", "/school/signin/{provider_id}"): DONE,
    ("GET", "/school/signin/{provider_id}/trial"): "leads to a school's provider",
    ("POST", "/school/signin/{provider_id}/entrance"): DONE,
    ("POST", "/school/signin/{provider_id}/removal"): DONE,
    ("POST", "/school/signin/local"): DONE,
    ("GET", "/account"): "who is signed in",
    ("POST", "/account/school"): DONE,
    ("GET", "/account/deletion"): FORM,
    ("POST", "/account/deletion"): DONE,
    ("POST", "/account/sessions/end"): DONE,
    ("POST", "/account/sessions/others"): DONE,
    ("POST", "/account/sessions/{session_id}/ending"): DONE,
    ("GET", "/account/password"): FORM,
    ("POST", "/account/password"): DONE,
    ("GET", "/account/second-factor"): "a key for a phone, made at random",
    ("POST", "/account/second-factor"): "codes for coming in, made at random",
    ("POST", "/account/second-factor/another"): "a key for a phone, made at random",
    ("POST", "/account/second-factor/codes"): "codes for coming in, made at random",
    ("POST", "/account/second-factor/removal"): DONE,
    ("GET", "/signin/code"): FORM,
    ("POST", "/signin/code"): DONE,
    ("GET", "/lock"): FORM,
    ("POST", "/lock"): DONE,
    ("GET", "/forgotten"): FORM,
    ("POST", "/forgotten"): DONE,
    ("GET", "/passwords/{token}"): FORM,
    ("POST", "/passwords/{token}"): DONE,
    ("GET", "/start"): FORM,
    ("POST", "/start"): DONE,
    ("GET", "/invitations/{token}"): FORM,
    ("POST", "/invitations/{token}"): DONE,
    ("GET", "/static/{version}/{name}"): "files out of the repository and of installed packages",
}


def routes(app: Front) -> Iterator[tuple[str, str]]:
    """Every method and path of the running service."""
    yield from app.in_front
    for route in app.routes:
        for method in getattr(route, "methods", ()):
            if method not in ("OPTIONS", "HEAD"):
                yield method, re.sub(r":[a-z]+}", "}", route.path)
