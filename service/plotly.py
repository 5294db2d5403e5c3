"""Plotly as we serve it: script and style out of the installed package, figures as its JSON.

Plotly's Python half is not needed to show a figure, and importing it would cost 0.2 seconds
and 31 MB at every start; tests alone import it, to hold these Structs against it.
"""

import re
from collections.abc import Iterator
from datetime import date
from importlib.util import find_spec
from pathlib import Path

import msgspec
from msgspec import UNSET, Struct, UnsetType, field


class UnknownPlotlyError(Exception):
    """The installed Plotly is built otherwise than the one this was written for."""


def script() -> Path:
    """The browser's half of Plotly: 4.8 MB, to be sent compressed and kept."""
    spec = find_spec("plotly")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("plotly is not installed")
    return Path(spec.origin).parent / "package_data" / "plotly.min.js"


def style() -> str:
    """The style sheet that the script would otherwise write into the page.

    A content security policy without `unsafe-inline` forbids that. The script leaves its own
    rules to a sheet linked with the id `plotly.js-style-global` and the class
    `no-inline-styles`; those of its maps, which are never shown, it leaves out where something
    already has their id. `static/chart.js` reads that from the sheet.
    """
    source = script().read_text()
    rules = re.search(r'\{"X,X div":.*?\}(?=;for\()', source)
    maps = re.search(
        r'getElementById\("(\w{64})"\)\)\{var \w=document.createElement\("style"', source
    )
    if rules is None or maps is None:
        raise UnknownPlotlyError("Plotly's script no longer holds its styles where it did")
    # Plotly inserts each rule before those that it has inserted already.
    sheet = [f"{place}{{{rule}}}" for place, rule in written(rules[0])][::-1]
    return "\n".join([f':root{{--plotly-maps:"{maps[1]}"}}', *sheet])


def written(rules: str) -> Iterator[tuple[str, str]]:
    """Selector and declarations of each rule in the script's object."""
    for quoted, bare, double, single in re.findall(
        r'(?:"([^"]*)"|(\w+)):(?:"([^"]*)"|\'([^\']*)\')', rules
    ):
        place = (quoted or bare).replace("X", ".js-plotly-plot .plotly")
        yield place.replace("Y", ".plotly-notifier"), double or single


# Plotly's words for the parts of a figure, as far as they are used. What is UNSET is left out;
# the other defaults are ours.


class Font(Struct, frozen=True, kw_only=True):
    color: str
    size: int = 13


class Line(Struct, frozen=True, kw_only=True):
    color: str
    width: float
    dash: str | UnsetType = UNSET


class Marker(Struct, frozen=True, kw_only=True):
    color: str
    line: Line
    size: tuple[int, ...]
    opacity: float = 1  # sizes of their own would make dots see-through


class ErrorBars(Struct, frozen=True, kw_only=True):
    array: tuple[float, ...]
    arrayminus: tuple[float, ...]
    color: str
    thickness: float
    type: str = "data"
    symmetric: bool = False
    width: float = 0


class Scatter(Struct, frozen=True, kw_only=True, tag_field="type", tag="scatter"):
    x: tuple[date, ...]
    y: tuple[float, ...]
    line: Line
    mode: str = "lines"
    marker: Marker | UnsetType = UNSET
    error_y: ErrorBars | UnsetType = UNSET
    fill: str | UnsetType = UNSET
    fillcolor: str | UnsetType = UNSET
    hovertext: tuple[str, ...] | UnsetType = UNSET
    hoverinfo: str = "skip"
    cliponaxis: bool = False


class Axis(Struct, frozen=True, kw_only=True):
    range: tuple[float, float] | tuple[date, date]
    type: str = "linear"
    visible: bool = True
    fixedrange: bool = True
    showgrid: bool = False
    gridcolor: str | UnsetType = UNSET
    zeroline: bool = False
    tickmode: str = "array"
    tickvals: tuple[float, ...] | tuple[date, ...] = ()
    ticktext: tuple[str, ...] = ()
    tickangle: int = 0


class Shape(Struct, frozen=True, kw_only=True, tag_field="type", tag="line"):
    """A line in the plot, across its whole height and further up where y1 is above 1."""

    x0: date
    x1: date
    y1: float
    line: Line
    y0: float = 0
    xref: str = "x"
    yref: str = "paper"
    layer: str = "below"


class Ground(Struct, frozen=True, kw_only=True, tag_field="type", tag="rect"):
    """A ground across the whole width of the plot, between two heights."""

    y0: float
    y1: float
    fillcolor: str
    line: Line
    x0: float = 0
    x1: float = 1
    xref: str = "paper"
    yref: str = "y"
    layer: str = "below"


class Annotation(Struct, frozen=True, kw_only=True):
    x: float | date
    y: float
    text: str
    xref: str
    yref: str
    xanchor: str
    yanchor: str = "bottom"
    xshift: int = 0
    yshift: int = 0
    align: str = "left"
    bgcolor: str = "rgba(0,0,0,0)"
    borderpad: int = 0
    showarrow: bool = False


class Margin(Struct, frozen=True, kw_only=True):
    left: int = field(name="l")
    right: int = field(name="r")
    top: int = field(name="t")
    bottom: int = field(name="b")


class HoverLabel(Struct, frozen=True, kw_only=True):
    bgcolor: str
    bordercolor: str
    font: Font
    align: str = "left"


class Layout(Struct, frozen=True, kw_only=True):
    height: int
    margin: Margin
    xaxis: Axis
    yaxis: Axis
    font: Font
    hoverlabel: HoverLabel
    separators: str
    paper_bgcolor: str = "rgba(0,0,0,0)"
    plot_bgcolor: str = "rgba(0,0,0,0)"
    hovermode: str = "closest"
    dragmode: bool = False
    showlegend: bool = False
    shapes: tuple[Shape | Ground, ...] = ()
    annotations: tuple[Annotation, ...] = ()


class Config(Struct, frozen=True, rename="camel"):
    """Nothing leaves the page, and a finger on the chart scrolls the page."""

    display_mode_bar: bool = False
    displaylogo: bool = field(default=False, name="displaylogo")
    show_send_to_cloud: bool = False
    scroll_zoom: bool = False
    responsive: bool = True


class Figure(Struct, frozen=True):
    """In a template it is its JSON, written so that nothing in it can end a script element."""

    data: tuple[Scatter, ...]
    layout: Layout
    config: Config = Config()

    def __html__(self) -> str:
        text = msgspec.json.encode(self).decode()
        for sign in "<>&":
            text = text.replace(sign, f"\\u{ord(sign):04x}")
        return text
