"""Where in a file something stands: problems are told by line, as an editor counts them.

TOML is read without its lines, so the place is looked for again, as people write it. Where it is
written otherwise no line is told.
"""

import re
from collections.abc import Sequence

from msgspec.structs import replace

from surveys.problems import Part, Problem, Wrong

NOWHERE = r"\Z\A"  # a pattern that nothing has
LONGEST_SOURCE = 120  # characters of a line that is shown


def located(problem: Problem, toml: str) -> Problem:
    lines = toml.split("\n")
    index = line_of(problem, lines) if problem.line is None else problem.line - 1
    if index is None or index >= len(lines):
        return problem
    return replace(problem, line=index + 1, source=lines[index].strip()[:LONGEST_SOURCE])


def line_of(problem: Problem, lines: Sequence[str]) -> int | None:
    """Counted from zero: where its part begins, or in that part the word that it is about."""
    beginnings = [index for index, line in enumerate(lines) if begins(problem, line)]
    number = number_of(problem)
    if number >= len(beginnings):
        return None
    start, word = beginnings[number], word_of(problem)
    if not word:
        return start
    return next((i for i in range(start, len(lines)) if re.search(word, lines[i])), start)


def begins(problem: Problem, line: str) -> bool:
    key = re.escape(problem.place.key)
    pattern = {
        Part.WHOLE: word_of_whole(problem),
        Part.NAME: r"^\s*\[?name\b",
        Part.ABOUT: r"^\s*\[?about\b",
        Part.SCALE: rf"^\s*\[?scales\.[\"']?{key}\b",
        Part.RESPONSES: rf"^\s*\[*responses\.[\"']?{key}\b",
        Part.ITEM: r"^\s*\[\[items\]\]" if key.isdecimal() else rf"\bid\s*=\s*[\"']{key}[\"']",
    }[problem.place.part]
    return re.search(pattern, line) is not None


def word_of_whole(problem: Problem) -> str:
    if problem.wrong in (Wrong.LANGUAGE_TWICE, Wrong.NO_LANGUAGE_OF_OURS):
        return r"^\s*languages\b"
    of = re.escape(problem.of.partition("[")[0])
    if problem.wrong is Wrong.NO_SUCH_CHOICE:
        return rf"[\"']{of}[\"']"
    return rf"^\s*\[*{of}\b" if of.isidentifier() else NOWHERE


def number_of(problem: Problem) -> int:
    """Which of the places that look like it, counted from zero."""
    if problem.place.part is Part.ITEM and problem.place.key.isdecimal():
        return int(problem.place.key) - 1
    return 1 if problem.wrong is Wrong.ITEM_TWICE else 0


def word_of(problem: Problem) -> str:
    """As a pattern: what to look for within the part, "" where it is the whole of it."""
    if problem.place.option is not None:
        return rf"\bvalue\s*=\s*{problem.place.option}\b"
    of = re.escape(problem.of)
    if problem.wrong in (Wrong.UNKNOWN, Wrong.UNFIT, Wrong.NO_KEY) and problem.of.isidentifier():
        return rf"\b{of}\b"
    return {
        Wrong.NO_SUCH_CHOICE: rf"[\"']{of}[\"']",
        Wrong.NOT_CLAIMED: rf"\b{of}\s*=",
    }.get(problem.wrong, "")
