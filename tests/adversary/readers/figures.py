"""What a chart shows, as shares between two bounds: drawn, in a table, and for Plotly."""

import json
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from tests.adversary.markup import Node

EDGE = 6.0  # pixels above and below a drawing
ROUNDED = 0.11  # pixels
DRAWN, PLOTTED = 0.002, 0.0011  # how far from the share a bound may be: two of them are rounded

STROKE = r"M([\d.]+) ([\d.]+)(?:h0|V([\d.]+))"  # a dot where it stays, a bar where it goes down

Bounds = tuple[float, float]


def drawn(drawing: Node) -> list[Bounds]:
    """The dots and bars of a drawing from left to right, one for each round that was told.

    Round them lies an area, and through its middle goes a line: these say the same.
    """
    height = float(drawing.attributes["viewbox"].split()[3])
    found = []
    for path in drawing.all("path"):
        if path.classes[0] in ("dot", "bar"):
            for x, upper, lower in re.findall(STROKE, path.attributes["d"]):
                found.append((float(x), float(upper), float(lower or upper)))
    found.sort()
    around = numbers(drawing.first("polygon.band"), "points")
    there, back = around[: len(around) // 2], around[len(around) // 2 :]
    area = zip(there[::2], there[1::2], back[::-1][::2], strict=True)
    middle = numbers(drawing.first("polyline.line"), "points")[1::2]
    for dot, ground, line in zip(found, area, middle, strict=True):
        assert dot == ground, "the area is not round the dots"
        assert abs(line - (dot[1] + dot[2]) / 2) < ROUNDED, "the line is not in the middle"
    inner = height - 2 * EDGE
    return [(1 - (lower - EDGE) / inner, 1 - (upper - EDGE) / inner) for _, upper, lower in found]


def numbers(node: Node, attribute: str) -> list[float]:
    return [float(each) for each in re.findall(r"[\d.]+", node.attributes[attribute])]


def plotted(figure: Node) -> Iterator[tuple[date, Bounds]]:
    """Of each day twice: the bars and dots, and the area round them."""
    for given in given_to_plotly(figure):
        area, shares = given["data"]
        for day, middle, down, up in zip(
            shares["x"],
            shares["y"],
            shares["error_y"]["arrayminus"],
            shares["error_y"]["array"],
            strict=True,
        ):
            yield date.fromisoformat(day), ((middle - down) / 100, (middle + up) / 100)
        half = len(area["x"]) // 2
        back = reversed(area["y"][half:])
        for day, high, low in zip(area["x"][:half], area["y"][:half], back, strict=True):
            yield date.fromisoformat(day), (low / 100, high / 100)


def hovered(figure: Node) -> Iterator[tuple[date, str]]:
    """The words that stand at a dot for whoever points at it."""
    for given in given_to_plotly(figure):
        shares = given["data"][1]
        for day, words in zip(shares["x"], shares["hovertext"], strict=True):
            yield date.fromisoformat(day), words.replace("<br>", " ")


def grounds(figure: Node) -> list[Bounds]:
    """Behind all else, in per cent: between what the school's classes lie."""
    return [
        (shape["y0"] + 0.5, shape["y1"] - 0.5)
        for given in given_to_plotly(figure)
        for shape in given["layout"]["shapes"]
        if shape["type"] == "rect"
    ]


def given_to_plotly(figure: Node) -> Iterator[Any]:
    for script in figure.all("script"):
        yield json.loads("".join(map(str, script.children)))


def rows(figure: Node, day: str) -> Iterator[list[Node]]:
    """The cells of the rows of its table: a day, what was told, and how many took part."""
    for row in figure.all("tr"):
        cells = [*row.all("th"), *row.all("td")]
        if len(cells) == 3 and re.fullmatch(day, cells[0].text):
            yield cells
