"""What a chart shows, as shares between two bounds: drawn, in a table, and for Plotly."""

import json
import re
from collections.abc import Iterator
from datetime import date

from tests.adversary.markup import Node

EDGE = 6.0  # pixels above and below a drawing

Bounds = tuple[float, float]


def drawn(drawing: Node) -> list[Bounds]:
    """The dots and bars of a drawing from left to right, one for each round that was told."""
    height = float(drawing.attributes["viewbox"].split()[3])
    found = []
    for path in drawing.all("path"):
        if path.classes[0] in ("dot", "bar"):
            x, upper, *lower = map(float, re.findall(r"[\d.]+", path.attributes["d"]))
            bottom = lower[0] if path.classes[0] == "bar" else upper
            low, high = (1 - (y - EDGE) / (height - 2 * EDGE) for y in (bottom, upper))
            found.append((x, (low, high)))
    return [bounds for _, bounds in sorted(found)]


def plotted(figure: Node) -> Iterator[tuple[date, Bounds]]:
    for script in figure.all("script"):
        _, shares = json.loads("".join(map(str, script.children)))["data"]
        for day, middle, down, up in zip(
            shares["x"],
            shares["y"],
            shares["error_y"]["arrayminus"],
            shares["error_y"]["array"],
            strict=True,
        ):
            yield date.fromisoformat(day), ((middle - down) / 100, (middle + up) / 100)


def rows(figure: Node, day: str) -> Iterator[list[Node]]:
    """The cells of the rows of its table: a day, what was told, and how many took part."""
    for row in figure.all("tr"):
        cells = [*row.all("th"), *row.all("td")]
        if len(cells) == 3 and re.fullmatch(day, cells[0].text):
            yield cells
