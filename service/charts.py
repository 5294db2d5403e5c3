"""A Trend becomes figures for Plotly, beside a small drawing that stands there without a script.

Words arrive translated. Colours are custom properties of the style sheet, by name:
`static/chart.js` fills them in, so that light and dark follow the page.
"""

import html
import textwrap
from collections.abc import Sequence
from datetime import date, timedelta
from functools import lru_cache

from babel import dates
from babel.numbers import format_percent, get_decimal_symbol, get_group_symbol
from msgspec import Struct

from service.plotly import (
    Annotation,
    Axis,
    ErrorBars,
    Figure,
    Font,
    Ground,
    HoverLabel,
    Layout,
    Line,
    Margin,
    Marker,
    Scatter,
    Shape,
)
from service.sparks import Mark, Spark, Told, span, spark

PAPER, INK, FAINT, RULE = "var(--sheet)", "var(--ink)", "var(--faint)", "var(--line)"
RESULTS, RESULTS_SOFT = "var(--results)", "var(--results-soft)"
NOTHING = "rgba(0,0,0,0)"
FONT = Font(color=INK)
HOVER = HoverLabel(bgcolor=PAPER, bordercolor=INK, font=FONT)

# Pixels, and how much fits on the narrowest phone.
TEXT, LEFT, RIGHT, FOOT = 18, 52, 16, 44
PLOT, DOT, LABELLED_DAYS, CHARACTERS, MARK_CHARACTERS = 180, 12, 5, 46, 24


class Chart(Struct, frozen=True):
    """A trend three times: for Plotly, as a drawing, and as the rows of a table."""

    title: str
    figure: Figure
    spark: Spark
    rows: tuple[tuple[Told, str], ...]
    school: tuple[str, str] | None


def chart(
    title: str,
    results: Sequence[Told],
    said: Sequence[str],
    marks: Sequence[Mark],
    language: str,
    school: tuple[int, int] | None = None,
) -> Chart:
    """The chart of at least one released round; `said` tells each in words.

    `school` is the band, in per cent, in which the middle half of the school's classes lies.
    """
    return Chart(
        title=title,
        figure=trend_figure(results, said, marks, language, school),
        school=school and named(school, language),
        spark=spark(results, marks),
        rows=tuple(zip(results, said, strict=True)),
    )


def trend_figure(
    results: Sequence[Told],
    said: Sequence[str],
    marks: Sequence[Mark],
    language: str,
    school: tuple[int, int] | None = None,
) -> Figure:
    """From round to round, and the agreements as lines across the time axis.

    A top-coded result is a bar that reaches the upper edge: "almost everybody" is a full
    success, no flat line.
    """
    first, last = span(results, marks)
    labelled = apart([result.on for result in results], (last - first) / LABELLED_DAYS)
    shapes, annotations, head = agreements(marks, middle=first + (last - first) / 2)
    return Figure(
        data=(band(results), shares(results, said, language)),
        layout=Layout(
            font=FONT,
            hoverlabel=HOVER,
            separators=separators(language),
            height=head + PLOT + FOOT,
            margin=Margin(left=LEFT, right=RIGHT, top=head, bottom=FOOT),
            xaxis=Axis(
                type="date",
                range=(first, last),
                tickvals=tuple(labelled),
                ticktext=day_labels(labelled, language),
            ),
            yaxis=Axis(
                range=(-3, 103),
                showgrid=True,
                gridcolor=RULE,
                tickvals=(0, 50, 100),
                ticktext=tuple(format_percent(share, locale=language) for share in (0, 0.5, 1)),
            ),
            shapes=(*shapes, *grounds(school)),
            annotations=annotations,
        ),
    )


def grounds(school: tuple[int, int] | None) -> tuple[Ground, ...]:
    """Where the middle half of the school's classes lies, as a quiet ground behind all else."""
    if school is None:
        return ()
    low, high = school
    # A band that is as thin as a line still shows.
    return (Ground(y0=low - 0.5, y1=high + 0.5, fillcolor=RULE, line=Line(color=NOTHING, width=0)),)


def named(school: tuple[int, int], language: str) -> tuple[str, str]:
    low, high = (format_percent(share / 100, locale=language) for share in school)
    return low, high


def band(results: Sequence[Told]) -> Scatter:
    """The ground between the bounds: as wide as what top- and bottom-coding leaves open."""
    upper = [(result.on, percent(result.share.high)) for result in results]
    lower = [(result.on, percent(result.share.low)) for result in reversed(results)]
    return Scatter(
        x=tuple(on for on, _ in upper + lower),
        y=tuple(share for _, share in upper + lower),
        line=Line(color=RESULTS_SOFT, width=0),
        fill="toself",
        fillcolor=RESULTS_SOFT,
    )


def shares(results: Sequence[Told], said: Sequence[str], language: str) -> Scatter:
    """A dot for an exact share, a bar between its bounds for a coded one, and a line."""
    half = tuple(percent(result.share.high - result.share.middle) for result in results)
    return Scatter(
        x=tuple(result.on for result in results),
        y=tuple(percent(result.share.middle) for result in results),
        mode="lines+markers",
        line=Line(color=RESULTS, width=2),
        marker=Marker(
            color=RESULTS,
            line=Line(color=PAPER, width=2),
            size=tuple(DOT if result.share.exact else 0 for result in results),
        ),
        error_y=ErrorBars(array=half, arrayminus=half, color=RESULTS, thickness=DOT),
        hoverinfo="text",
        hovertext=tuple(
            "<br>".join([day_in(result.on, "d MMMM y", language), *lines(words, CHARACTERS)])
            for result, words in zip(results, said, strict=True)
        ),
    )


def agreements(
    marks: Sequence[Mark], middle: date
) -> tuple[tuple[Shape, ...], tuple[Annotation, ...], int]:
    """Lines, their words above the plot, the first highest, and how many pixels these take.

    Words stand on the side of their line that has more room.
    """
    shapes: list[Shape] = []
    annotations: list[Annotation] = []
    height = 0
    for mark in reversed(marks):
        text = lines(mark.text, MARK_CHARACTERS)
        side = "left" if mark.on < middle else "right"
        annotations.append(
            Annotation(
                x=mark.on,
                y=1,
                xref="x",
                yref="paper",
                text="<br>".join(text),
                xanchor=side,
                align=side,
                xshift=5 if side == "left" else -5,
                yshift=height,
            )
        )
        height += TEXT * len(text)
        shapes.append(
            Shape(
                x0=mark.on,
                x1=mark.on,
                y1=1 + height / PLOT,
                line=Line(color=FAINT, width=1.5, dash="dot"),
            )
        )
    return tuple(shapes), tuple(annotations), height + TEXT


def apart(days: Sequence[date], least: timedelta) -> list[date]:
    """Days so far apart that their labels do not touch, the last of them always."""
    kept: list[date] = []
    for day in reversed(days):
        if not kept or kept[-1] - day >= least:
            kept.append(day)
    return kept[::-1]


def day_labels(days: Sequence[date], language: str) -> tuple[str, ...]:
    """Day and month; the year below the first day of each, where there are several."""
    years = {day.year: day for day in reversed(days)}
    return tuple(
        day_in(day, "d MMM", language)
        + (f"<br>{day.year}" if len(years) > 1 and years[day.year] == day else "")
        for day in days
    )


def separators(language: str) -> str:
    return get_decimal_symbol(language) + get_group_symbol(language)


def percent(share: float) -> float:
    return round(100 * share, 1)


@lru_cache(maxsize=10_000)
def day_in(day: date, format: str, language: str) -> str:
    return dates.format_date(day, format, language)


@lru_cache(maxsize=10_000)  # the same few counts are told of many rounds
def lines(text: str, characters: int) -> tuple[str, ...]:
    """A text in lines, which Plotly does not break, with nothing in it that Plotly would read.

    It reads tags, and what stands between two dollars as mathematics.
    """
    return tuple(
        html.escape(line, quote=False).replace("$", "&#36;")
        for line in textwrap.wrap(text, characters)
    )
