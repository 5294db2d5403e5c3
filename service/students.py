"""What all students' pages share: style and script inside, allowed by their hash, and language.

No cookie of the staff is looked at here, and nothing of a visit is kept.
"""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from litestar import MediaType, Request, Response
from markupsafe import Markup

from service import assets, languages
from service.house import House
from surveys import languages as spoken

Visit = Request[Any, Any, Any]

STYLE = assets.file("answer.css").content.decode()
SCRIPT = assets.file("answer.js").content.decode()


def csp_hash(inline: str) -> str:
    return base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()


HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
        f"frame-ancestors 'none'; style-src 'sha256-{csp_hash(STYLE)}'; "
        f"script-src 'sha256-{csp_hash(SCRIPT)}'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
}


def rendered(
    house: House, name: str, language: str, status_code: int = 200, **context: Any
) -> Response[str]:
    body = house.templates.get_template(f"answer/{name}").render(
        **{"code": "", **common(language, tuple(spoken.languages())), **context}
    )
    return Response(body, status_code=status_code, media_type=MediaType.HTML, headers=HEADERS)


def trouble(request: Visit, house: House, status: int) -> Response[str]:
    """Something went wrong on a student's page: said kindly, in the student's language."""
    return rendered(house, "trouble.html", language_of(request), status, status=status)


def common(language: str, offered: Sequence[str]) -> dict[str, Any]:
    known = spoken.languages()
    return {
        "language": language,
        "direction": known[language].direction,
        "languages": [known[code] for code in offered],
        "style": Markup(STYLE),  # noqa: S704  our own files
        "script": Markup(SCRIPT),  # noqa: S704
    }


def language_of(
    request: Visit,
    form: Mapping[str, str] | None = None,
    offered: Sequence[str] = (),
    of_school: str = "",
) -> str:
    """What the student chose, else what the phone speaks, else what the school speaks."""
    known = tuple(offered) or tuple(spoken.languages())
    for chosen in ((form or {}).get("language"), request.query_params.get("language")):
        if chosen in known:
            return str(chosen)
    school = [of_school] if of_school in known else []
    return of_phone(request, (*school, *known))


def of_phone(request: Visit, known: Sequence[str] = ()) -> str:
    """The language that the phone asks for, as far as it is known; else the first."""
    offered = tuple(known) or tuple(spoken.languages())
    return languages.preferred(request.headers.get("accept-language", ""), offered)


def address_of(request: Visit) -> str:
    return request.client.host if request.client else ""
