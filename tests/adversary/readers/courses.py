"""Lines through the waves of a school: what is drawn, and given to Plotly, is what the table says.

That is checked here, point by point; afterwards there is nothing left to read but the table.
"""

import re
from collections.abc import Iterable, Sequence
from math import isclose
from typing import Any

from tests.adversary.markup import Node
from tests.adversary.readers.figures import Bounds, given_to_plotly, numbers

WITHIN = 0.0011  # how far from its share a point may be: it is rounded
COVERED = 0.04  # of a range so narrow that it is drawn as a dot


def check(figure: Node, said: Sequence[Sequence[str]], lines: Sequence[Sequence[Bounds]]) -> None:
    """`said` is what stands in the table and `lines` the shares in it; both line by line."""
    (drawing,) = figure.all("svg.drawing")
    check_drawing(drawing, lines)
    drawing.clear()
    for given in given_to_plotly(figure):
        check_traces(given["data"], said, lines)


def check_drawing(drawing: Node, lines: Sequence[Sequence[Bounds]]) -> None:
    nothing, _, everything = (numbers(rule, "d")[1] for rule in drawing.all("path.rule")[:3])

    def shares(shape: Node, attribute: str) -> list[float]:
        """Of every point of a shape; "M1 2V3" is a line from 2 to 3, "M1 2h0" a dot at 2."""
        heights = re.findall(r"[ ,V]([\d.]+)(?=[ hVM]|$)", shape.attributes[attribute])
        return [(nothing - float(height)) / (nothing - everything) for height in heights]

    for stroke, bounds in zip(drawing.all("g"), lines, strict=True):
        ranges = [each for each in bounds if is_range(each)]
        assert alike(shares(stroke.first("polyline.line"), "points"), map(middle, bounds))
        assert alike(shares(stroke.first("path.bar"), "d"), upper_and_lower(ranges))
        dots = [middle(each) for each in bounds if not is_range(each)]
        assert alike(shares(stroke.first("path.dot"), "d"), dots)
        for area in stroke.all("polygon.band"):
            assert alike(shares(area, "points"), around(bounds))


def check_traces(
    traces: Sequence[Any], said: Sequence[Sequence[str]], lines: Sequence[Sequence[Bounds]]
) -> None:
    """A line has an area round it where it says anything in ranges."""
    areas = [trace for trace in traces if "fill" in trace]
    in_ranges = [bounds for bounds in lines if any(low != high for low, high in bounds)]
    for area, bounds in zip(areas, in_ranges, strict=True):
        assert alike(percents(area["y"]), around(bounds))
    dotted = [trace for trace in traces if "fill" not in trace]
    for line, words, bounds in zip(dotted, said, lines, strict=True):
        assert alike(percents(line["y"]), map(middle, bounds))
        error = line.get("error_y", {"array": [0] * len(bounds), "arrayminus": [0] * len(bounds)})
        half = [(high - low) / 2 if is_range((low, high)) else 0 for low, high in bounds]
        assert alike(percents(error["array"]), half)
        assert alike(percents(error["arrayminus"]), half)
        assert [text.partition(": ")[2] for text in line["hovertext"]] == list(words)


def percents(shares: Iterable[float]) -> list[float]:
    return [share / 100 for share in shares]


def middle(bounds: Bounds) -> float:
    return sum(bounds) / 2


def is_range(bounds: Bounds) -> bool:
    low, high = bounds
    return round(100 * high, 1) - round(100 * low, 1) > 100 * COVERED


def upper_and_lower(ranges: Sequence[Bounds]) -> list[float]:
    return [end for low, high in ranges for end in (high, low)]


def around(bounds: Sequence[Bounds]) -> list[float]:
    """There along the upper ends, and back along the lower ones."""
    return [high for _, high in bounds] + [low for low, _ in reversed(bounds)]


def alike(points: Iterable[float], expected: Iterable[float]) -> bool:
    return all(
        isclose(point, share, abs_tol=WITHIN) for point, share in zip(points, expected, strict=True)
    )
