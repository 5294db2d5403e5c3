"""Wellbeing over time as figures for Plotly, and as drawings that stand there without a script.

Two lines, told apart without colour: whole with full dots for those who do well, dashed with
open dots for those who do not. Words arrive translated, colours by name, as in `charts`.
"""

from collections.abc import Sequence
from datetime import date

from msgspec import UNSET, Struct

from service.charts import (
    FAINT,
    FONT,
    FOOT,
    HOVER,
    LEFT,
    PAPER,
    PLOT,
    RESULTS,
    RESULTS_SOFT,
    RIGHT,
    RULE,
    TEXT,
)
from service.courses import Course, Time
from service.plotly import (
    Annotation,
    Axis,
    ErrorBars,
    Figure,
    Layout,
    Line,
    Margin,
    Marker,
    Scatter,
    Shape,
)
from service.sparks import points

DOT = 11  # pixels
SHARES = (0, 50, 100)

# The drawing: its size, and the room beside its plot.
WIDTH, HEIGHT, BESIDE, ABOVE, BELOW = 320, 168, 36, 16, 32


class Stroke(Struct, frozen=True):
    """One line of a drawing: a dot for an exact share, a bar for a range."""

    name: str
    whole: bool
    band: str
    line: str
    dots: str
    bars: str


class Drawing(Struct, frozen=True):
    """What the elements of an SVG take as they are."""

    shares: tuple[tuple[float, str], ...]
    rules: str
    marks: str
    numbers: tuple[tuple[float, str], ...]
    labels: tuple[tuple[float, Sequence[str]], ...]
    strokes: tuple[Stroke, ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = BESIDE
    top: int = ABOVE
    bottom: int = HEIGHT - BELOW


class Chart(Struct, frozen=True):
    """Courses through the same waves, three times: for Plotly, as a drawing, as table rows."""

    figure: Figure
    drawing: Drawing
    rows: Sequence[tuple[str, Sequence[str]]]


def chart(at: Time, courses: Sequence[Course]) -> Chart:
    said = zip(*(course.said for course in courses), strict=True)
    return Chart(
        figure=figure(at, courses),
        drawing=drawing(at, courses),
        rows=list(zip(at.said, said, strict=True)),
    )


# For Plotly


def figure(at: Time, courses: Sequence[Course]) -> Figure:
    return Figure(
        data=tuple(trace for course in courses for trace in traces(at, course)),
        layout=Layout(
            font=FONT,
            hoverlabel=HOVER,
            separators=",.",
            height=TEXT + PLOT + FOOT,
            margin=Margin(left=LEFT, right=RIGHT, top=TEXT, bottom=FOOT),
            xaxis=Axis(
                type="date",
                range=(at.first, at.last),
                tickvals=tuple(day for day, _ in at.labels),
                ticktext=tuple(text for _, text in at.labels),
            ),
            yaxis=Axis(
                range=(-3, 103),
                showgrid=True,
                gridcolor=RULE,
                tickvals=SHARES,
                ticktext=tuple(f"{share}%" for share in SHARES),
            ),
            shapes=(
                *(across(day, RULE, "solid") for day in at.years),
                *(across(mark.on, FAINT, "dot") for mark in at.marks),
            ),
            annotations=tuple(
                Annotation(
                    x=mark.on, y=1, text=str(mark.number), xref="x", yref="paper", xanchor="center"
                )
                for mark in at.numbers
            ),
        ),
    )


def across(day: date, colour: str, dash: str) -> Shape:
    return Shape(x0=day, x1=day, y1=1, line=Line(color=colour, width=1.5, dash=dash))


def traces(at: Time, course: Course) -> list[Scatter]:
    """The ground between the bounds, where they differ, and on it the line with its dots."""
    spots, dotted = course.spots, not any(spot.is_range for spot in course.spots)
    half = tuple(round((spot.high - spot.low) / 2, 2) if spot.is_range else 0 for spot in spots)
    ground = Scatter(
        x=(*at.days, *reversed(at.days)),
        y=(*(spot.high for spot in spots), *(spot.low for spot in reversed(spots))),
        line=Line(color=RESULTS_SOFT, width=0),
        fill="toself",
        fillcolor=RESULTS_SOFT,
    )
    line = Scatter(
        x=tuple(at.days),
        y=tuple(spot.middle for spot in spots),
        mode="lines+markers",
        line=Line(color=RESULTS, width=2, dash="solid" if course.whole else "dash"),
        marker=Marker(
            color=RESULTS if course.whole else PAPER,
            line=Line(color=PAPER if course.whole else RESULTS, width=2),
            size=tuple(0 if spot.is_range else DOT for spot in spots),
        ),
        error_y=UNSET
        if dotted
        else ErrorBars(array=half, arrayminus=half, color=RESULTS, thickness=DOT),
        hoverinfo="text",
        hovertext=tuple(
            f"{day}<br>{course.name}: {words}"
            for day, words in zip(at.said, course.said, strict=True)
        ),
    )
    exact = all(spot.low == spot.high for spot in spots)
    return [line] if exact else [ground, line]


# Without a script


def drawing(at: Time, courses: Sequence[Course]) -> Drawing:
    return Drawing(
        shares=tuple((down(share), f"{share}%") for share in SHARES),
        rules=uprights(at, at.years),
        marks=uprights(at, [mark.on for mark in at.marks]),
        numbers=tuple((along(at, mark.on), str(mark.number)) for mark in at.numbers),
        labels=tuple((along(at, day), text.split("<br>")) for day, text in at.labels),
        strokes=tuple(stroke(at, course) for course in courses),
    )


def uprights(at: Time, days: Sequence[date]) -> str:
    return "".join(f"M{along(at, day)} {ABOVE}V{HEIGHT - BELOW}" for day in days)


def stroke(at: Time, course: Course) -> Stroke:
    placed = [(along(at, day), spot) for day, spot in zip(at.days, course.spots, strict=True)]
    upper = [(x, down(spot.high)) for x, spot in placed]
    lower = [(x, down(spot.low)) for x, spot in placed]
    return Stroke(
        name=course.name,
        whole=course.whole,
        band=points(upper + lower[::-1]) if upper != lower else "",
        line=points([(x, down(spot.middle)) for x, spot in placed]),
        dots="".join(f"M{x} {down(spot.middle)}h0" for x, spot in placed if not spot.is_range),
        bars="".join(
            f"M{x} {down(spot.high)}V{down(spot.low)}" for x, spot in placed if spot.is_range
        ),
    )


def along(at: Time, day: date) -> float:
    return round(BESIDE + (WIDTH - BESIDE) * at.part(day), 1)


def down(share: float) -> float:
    return round(ABOVE + (HEIGHT - ABOVE - BELOW) * (1 - share / 100), 1)
