"""The two long parts of a class page, which follow from what was told alone."""

from collections.abc import Sequence

from markupsafe import Markup

from service import telling
from service.fragments import Fragments
from service.storage.agreements import Agreement
from service.storage.visits import Visit
from service.telling import Band
from surveys.guesses import Guess
from surveys.instrument import Instrument
from surveys.trends import Effect, Trend


def from_round_to_round(
    fragments: Fragments,
    language: str,
    trend: Trend,
    agreed: Sequence[Agreement],
    effect: Effect | None,
    band: Band,
) -> Markup:
    """The question that the agreement is about, or else the one to talk about; "" without one.

    One dot is no line: it waits for a second round, or for a band to lie in.
    """
    followed = trend.of(effect.item.id) if effect else trend.talk_about
    if followed is None or not followed.results:
        return Markup("")
    if not followed.before and followed.item.id not in band:
        return Markup("")
    told = {
        "language": language,
        "followed": followed,
        "has_effect": effect is not None,
        "tried": [(point.on, point.focus) for point in trend.points if point.focus],
        "marks": telling.marks_of(agreed),
        "band": band.get(followed.item.id),
    }
    return fragments.of(
        "results/followed.html",
        told,
        lambda: {
            "chart": telling.chart(followed, agreed, fragments.templates, language, band),
        },
    )


def questions(
    fragments: Fragments,
    language: str,
    instrument: Instrument,
    trend: Trend,
    agreed: Sequence[Agreement],
    *,
    at: str = "",
    guess: Guess | None = None,
    visit: Visit | None = None,
) -> Markup:
    """All that was asked in the last round that was told; "" before the first.

    `at` is the survey's own address, where each question has a page of its own.
    """
    if not trend.items[0].results:
        return Markup("")
    told = {
        "language": language,
        "instrument": instrument,
        "items": trend.items,
        "marks": telling.marks_of(agreed),
        "at": at,
        "guess": guess,
        "visit": visit,
    }
    return fragments.of(
        "results/questions.html",
        told,
        lambda: {"scales": trend.scales, "sparks": telling.sparks_of(trend.items, agreed)},
    )
