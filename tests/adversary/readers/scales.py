"""A scale tells nothing of its own: each of its figures is the average of what the same page tells
of its items. That is checked here, number by number; afterwards there is nothing left to read.
"""

import re
from collections.abc import Sequence
from math import isclose
from statistics import fmean

from tests.adversary.markup import Node
from tests.adversary.readers import figures
from tests.adversary.readers.figures import Bounds
from tests.adversary.readers.words import DAY, INTERVAL

PERCENTS = r"(\d+)%(?: to (\d+)%)?"
NOW, BEFORE = "now", "before"  # what is told of the last two rounds stands there without a day

Told = dict[str, dict[str, Bounds]]
"""By item and day: the share that the page tells."""


def check(found: Node, blocks: Sequence[tuple[Node, str]]) -> None:
    told = told_of_items(blocks)
    for scale in found.all(".scale"):
        items = [line.text for line in scale.all("li")]
        assert len(items) > 1, "one item is told as itself"
        check_scale(scale, [told[item] for item in items])
        scale.clear()


def check_scale(scale: Node, items: Sequence[dict[str, Bounds]]) -> None:
    averages = {
        on: average([item[on] for item in items])
        for on in items[0]
        if all(on in item for item in items)
    }
    days = [on for on in averages if on not in (NOW, BEFORE)]
    said = re.findall(PERCENTS, scale.first(".told").text)
    in_words = [rounded(averages[on]) for on in (NOW, BEFORE) if on in averages]
    assert in_words == [percents(one) for one in said]
    for cells in figures.rows(scale, DAY):
        assert percents(*re.findall(PERCENTS, cells[1].text)) == rounded(averages[cells[0].text])
    for date, bounds in figures.plotted(scale):
        assert alike(bounds, averages[f"{date.day} {date:%B %Y}"], within=figures.PLOTTED)
    for drawing in scale.all("svg"):
        for bounds, on in zip(figures.drawn(drawing), days, strict=True):
            assert alike(bounds, averages[on], within=figures.DRAWN)


def told_of_items(blocks: Sequence[tuple[Node, str]]) -> Told:
    told: Told = {}
    for block, item in blocks:
        of = told.setdefault(item, {})
        for sentence in block.all(".interval"):
            of[NOW] = share(re.findall(INTERVAL, sentence.text)[0])
        for line in block.all(".change"):
            if "Last time" in line.text:
                of[BEFORE] = share(re.findall(INTERVAL, line.text)[0])
        for cells in figures.rows(block, DAY):
            of[cells[0].text] = share(re.findall(INTERVAL, cells[1].text)[0])
    return told


def share(found: tuple[str, ...]) -> Bounds:
    least, most, low, high, exact, n = found
    return int(least or low or exact or 0) / int(n), int(most or high or exact or n) / int(n)


def average(shares: Sequence[Bounds]) -> Bounds:
    return fmean(low for low, _ in shares), fmean(high for _, high in shares)


def percents(found: tuple[str, str]) -> tuple[int, int]:
    return int(found[0]), int(found[1] or found[0])


def rounded(bounds: Bounds) -> tuple[int, int]:
    """Outwards, where there are two bounds, so that what is told stays true."""
    low, high = (round(100 * bound, 6) for bound in bounds)
    return (round(low), round(low)) if low == high else (int(low // 1), int(-(-high // 1)))


def alike(one: Bounds, other: Bounds, within: float) -> bool:
    return all(isclose(a, b, abs_tol=within) for a, b in zip(one, other, strict=True))
