"""A survey as students will see it: their own page, marked as an example, that sends nothing."""

from litestar import MediaType, Response

from service import students
from service.house import House
from surveys.instrument import Instrument, Stage, texts_allowed
from surveys.release import SMALL_CLASSES, Rule

# Whatever a form or a script would send from here, the browser refuses.
HEADERS = students.HEADERS | {
    "Content-Security-Policy": students.HEADERS["Content-Security-Policy"]
    .replace("connect-src 'self'", "connect-src 'none'")
    .replace("form-action 'self'", "form-action 'none'")
}


def preview(
    house: House, instrument: Instrument, stage: Stage, rule: Rule, language: str
) -> Response[str]:
    body = house.templates.get_template("classes/preview.html").render(
        **students.common(language, [language]),
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
