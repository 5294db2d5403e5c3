"""What a class page tells: what follows from the rounds that were told, and from nothing else."""

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup
from msgspec import Struct

from service import telling
from service.fragments import Fragments
from service.storage.agreements import Agreement
from service.storage.visits import Visit
from service.telling import Band
from surveys import suggestions
from surveys.guesses import Guess
from surveys.release import TooFew
from surveys.rounds import Survey
from surveys.trends import Effect, Trend


class Told(Struct, frozen=True):
    """What a class said in its rounds, and what it agreed on.

    `worked` is what helped other classes with what this one is to talk about.
    """

    survey: Survey
    trend: Trend
    agreed: Sequence[Agreement]
    worked: Sequence[str] = ()
    band: Band = {}

    @property
    def agreement(self) -> Agreement | None:
        return self.agreed[-1] if self.agreed else None

    @property
    def effect(self) -> Effect | None:
        return telling.effect_of(self.trend, self.agreement)


class Beside(Struct, frozen=True):
    """What its teacher expected of the last round, and what a colleague saw in that lesson."""

    guess: Guess | None = None
    visit: Visit | None = None


def shown(
    fragments: Fragments, language: str, told: Told, beside: Beside, at: str = ""
) -> dict[str, Any]:
    """All that templates read of it. `at` is the survey's own address, where each question has a
    page of its own."""
    trend, effect = told.trend, told.effect
    latest = trend.points[-1] if trend.points else None
    return {
        "survey": told.survey,
        "trend": trend,
        "response": telling.response_of(trend, language),
        "agreement": told.agreement,
        "effect": effect,
        "noticed": telling.noticed(latest) if latest else None,
        "too_few": latest.told if latest and isinstance(latest.told, TooFew) else None,
        "suggestions": suggestions.about(trend.talk_about.item) if trend.talk_about else (),
        "worked": told.worked,
        "from_round_to_round": from_round_to_round(fragments, language, told, effect),
        "questions": questions(fragments, language, told, beside, at),
    }


def from_round_to_round(
    fragments: Fragments, language: str, told: Told, effect: Effect | None
) -> Markup:
    """The question that the agreement is about, or else the one to talk about; "" without one.

    One dot is no line: it waits for a second round, or for a band to lie in.
    """
    trend, band = told.trend, told.band
    followed = trend.of(effect.item.id) if effect else trend.talk_about
    if followed is None or not followed.results:
        return Markup("")
    if not followed.before and followed.item.id not in band:
        return Markup("")
    values = {
        "language": language,
        "followed": followed,
        "has_effect": effect is not None,
        "tried": [(point.on, point.focus) for point in trend.points if point.focus],
        "marks": telling.marks_of(told.agreed),
        "band": band.get(followed.item.id),
    }
    return fragments.of(
        "results/followed.html",
        values,
        lambda: {
            "chart": telling.chart(followed, told.agreed, fragments.templates, language, band),
        },
    )


def questions(
    fragments: Fragments, language: str, told: Told, beside: Beside, at: str = ""
) -> Markup:
    """All that was asked in the last round that was told; "" before the first."""
    trend = told.trend
    if not trend.items[0].results:
        return Markup("")
    values = {
        "language": language,
        "instrument": told.survey.instrument,
        "items": trend.items,
        "marks": telling.marks_of(told.agreed),
        "at": at,
        "guess": beside.guess,
        "visit": beside.visit,
    }
    return fragments.of(
        "results/questions.html",
        values,
        lambda: {
            "scales": trend.scales,
            "sparks": telling.sparks_of(trend.items, told.agreed),
        },
    )
