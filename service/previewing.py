"""A survey as students will see it: their own page, marked as an example, that sends nothing."""

from typing import Any

from litestar import MediaType, Request, Response

from service import rendering, students
from service.house import House
from service.storage.schools import School
from surveys.instrument import Instrument, Stage, texts_allowed
from surveys.languages import languages, spoken_in
from surveys.release import SMALL_CLASSES, Rule

# Whatever a form or a script would send from here, the browser refuses.
HEADERS = students.HEADERS | {
    "Content-Security-Policy": students.HEADERS["Content-Security-Policy"]
    .replace("connect-src 'self'", "connect-src 'none'")
    .replace("form-action 'self'", "form-action 'none'")
}


def preview(
    house: House,
    request: Request[Any, Any, Any],
    instrument: Instrument,
    stage: Stage,
    rule: Rule,
    school: School,
) -> Response[str]:
    """In the language that was chosen, of those in which the school asks it.

    What stands around the page is for the teacher, and in the teacher's language.
    """
    offered = spoken_in(instrument, all_languages=school.all_languages)
    drafted = request.method == "POST"  # no link leads back to a form that was posted
    language = students.language_of(request, offered=offered, of_school=school.language)
    around: Any = house.templates.get_template("classes/previewed.html").make_module(
        {"language": rendering.language_of(request), "stage": stage}
    )
    body = house.templates.get_template("classes/preview.html").render(
        **students.common(language, [language]),
        around=around,
        others=[languages()[code] for code in offered if code != language and not drafted],
        code="",
        instrument=instrument,
        stage=stage,
        purpose=instrument.purpose,
        k=rule.k,
        small_classes=rule == SMALL_CLASSES,
        texts_allowed=texts_allowed(instrument.purpose, [stage]),
        focus="",
        members=0,
        raised=0,
        agreement="",
        by_class=None,
        talk="",
        advisers=(),
        filled={},
        problems=None,
        notice=None,
        nonce="",
        by_ticket=False,
    )
    return Response(body, media_type=MediaType.HTML, headers=HEADERS)
