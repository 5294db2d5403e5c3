"""What is logged: of a request of staff one line, of an unexpected error its kind and where, and
of whoever comes in, or is kept out, that it happened.

Never an address, a code, a name or anybody's words. A database's error message repeats the row
that it refused, and that row may be a child's; what a library says may hold anything. So a line has
the fields of `Line` and no others, and of what others log only who logged it and where is kept.
What students open and send is counted (`metrics`), not logged one by one.
"""

import logging
import secrets
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from enum import StrEnum
from time import perf_counter
from typing import Any
from uuid import UUID

import msgspec
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from msgspec import Struct

METHODS = ("GET", "HEAD", "POST")
OURS = "service."
DEEPEST = 6  # frames of a trace

WHOSE = "account_id"  # in the state of a request whose session is known
NUMBER: ContextVar[str] = ContextVar("number", default="")

requests = logging.getLogger("service.requests")
entrance = logging.getLogger("service.entrance")


class Event(StrEnum):
    """What a security officer looks for."""

    RIGHT = "a sign-in was right"
    WRONG = "a sign-in was wrong"
    SLOWED = "a sign-in was wrong again and was slowed down"
    REFUSED = "a page was refused"  # or not there: who asks is not told which
    MALFORMED = "a request was malformed"
    OTHER_SITE = "a form of another site was refused"
    FILE = "a file was refused"


class Way(StrEnum):
    """By what somebody shows who it is."""

    PASSWORD = "password"  # noqa: S105  a way in
    CODE = "code"
    RECOVERY_CODE = "recovery code"
    LINK = "link"
    PROVIDER = "provider"
    TOKEN = "token of the first run"  # noqa: S105  a way in


class Line(Struct, frozen=True, omit_defaults=True):
    """Everything that a line may hold. `route` is a pattern, such as `/rounds/{round_id}`, and
    `account` the number of one, by which an administrator of the database finds whose it is."""

    time: str
    level: str
    event: str
    request: str = ""
    method: str = ""
    route: str = ""
    status: int = 0
    ms: int = -1
    account: str = ""
    way: str = ""
    error: str = ""
    where: str = ""


class Lines(logging.Formatter):
    """One line of JSON for each record, whoever made it."""

    def format(self, record: logging.LogRecord) -> str:
        return msgspec.json.encode(line_of(record)).decode()


def line_of(record: logging.LogRecord) -> Line:
    time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="seconds")
    # Ours without its arguments: what is put into it is in the fields of `told`, or nowhere.
    event = str(record.msg) if record.name.startswith(OURS) else record.name
    fields: dict[str, Any] = {"event": event, "where": f"{record.funcName}:{record.lineno}"}
    if record.exc_info and (error := record.exc_info[1]):
        fields |= {"error": type(error).__name__, "where": where(error)}
    fields = {"request": number(), **getattr(record, "told", fields)}
    return Line(time=time, level=record.levelname.lower(), **fields)


def write(*, each_request: bool = False) -> None:
    """From now on, to standard error. Of requests, and of who came in, only where a service is
    asked for it: a demo in a terminal says what it has to say itself."""
    handler = logging.StreamHandler()
    handler.setFormatter(Lines())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    for log in requests, entrance:
        log.setLevel(logging.INFO if each_request else logging.WARNING)


def trouble(log: logging.Logger, what: str, error: BaseException) -> None:
    told = {"event": what, "error": type(error).__name__, "where": where(error)}
    log.error("%s: %s in %s", *told.values(), extra={"told": told})


def came(event: Event, way: Way, account: UUID | None = None) -> None:
    """Somebody signs in, or shows once more who it is; without an account where there is none."""
    told = {"event": event.value, "account": str(account or ""), "way": way.value}
    level = logging.INFO if event is Event.RIGHT else logging.WARNING
    entrance.log(level, "%s: %s by %s", *told.values(), extra={"told": told})


def kept_out(event: Event, scope: Any, status: int) -> None:
    """Of a request that was not carried out, and of whom if that is known."""
    if not is_told(scope):
        return
    told = {
        "event": event.value,
        "account": str(scope["state"].get(WHOSE, "")),
        **asked_for(scope),
        "status": status,
    }
    entrance.warning("%s: %s, %s %s %s", *told.values(), extra={"told": told})


def where(error: BaseException) -> str:
    """The functions that it went through, the last first; no values."""
    frames = traceback.extract_tb(error.__traceback__)
    return " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames[-DEEPEST:]))


def number() -> str:
    """By which the lines of this request are found; the page of an error shows it."""
    return NUMBER.get()


async def watched(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Answers a request under a number of its own, and writes its line."""
    token, began, status = NUMBER.set(secrets.token_hex(4)), perf_counter(), 0

    async def note(message: Message) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
        await send(message)

    try:
        await app(scope, receive, note)
    finally:
        tell(scope, status, perf_counter() - began)
        NUMBER.reset(token)


def tell(scope: Any, status: int, seconds: float) -> None:
    if not is_told(scope):
        return
    told = {
        "event": "request",
        **asked_for(scope),
        "status": status,
        "ms": round(1000 * seconds),
    }
    requests.info("%s: %s %s %s in %s ms", *told.values(), extra={"told": told})


def is_told(scope: Any) -> bool:
    """Nothing of students, nor of what has no route: it may be a student's code, mistyped."""
    handler = scope.get("route_handler")
    return handler is not None and not (handler.opt.get("student") or handler.opt.get("unlogged"))


def asked_for(scope: Any) -> dict[str, str]:
    method = scope["method"]
    return {
        "method": method if method in METHODS else "other",
        "route": scope["path_template"],
    }
