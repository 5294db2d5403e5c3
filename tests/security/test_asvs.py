"""Each requirement of OWASP ASVS 5.0.0, levels 1 and 2, is shown, does not apply, or is decided
otherwise.

`asvs.toml` holds numbers alone; the standard itself has the words. What is decided otherwise is
counted apart, and the README says how much.
"""

import ast
import re
import tomllib
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from msgspec import Struct, convert

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
ANSWERS = ("test", "reason", "otherwise")
A_REASON = 40  # letters at least: "no" is none

SECTIONS = {
    "V1": (2, 9, 11, 3, 2),
    "V2": (3, 3, 4, 1),
    "V3": (0, 2, 4, 6, 5, 0, 2),
    "V4": (3, 1, 2, 4),
    "V5": (1, 3, 2, 3),
    "V6": (3, 12, 4, 4, 5, 3, 0, 4),
    "V7": (3, 4, 2, 5, 2, 2),
    "V8": (2, 3, 1, 1),
    "V9": (3, 4),
    "V10": (2, 2, 4, 11, 5, 2, 3),
    "V11": (2, 3, 3, 4, 1, 1),
    "V12": (3, 2, 4),
    "V13": (1, 5, 2, 5),
    "V14": (2, 4, 3),
    "V15": (3, 3, 7, 0),
    "V16": (1, 5, 4, 3, 3),
    "V17": (1, 4, 2),
}
"""How many requirements of levels 1 and 2 each section of a chapter has."""

LEVEL_ONE = {
    "V1": 8,
    "V2": 4,
    "V3": 8,
    "V4": 2,
    "V5": 4,
    "V6": 13,
    "V7": 6,
    "V8": 4,
    "V9": 4,
    "V10": 5,
    "V11": 3,
    "V12": 3,
    "V13": 1,
    "V14": 2,
    "V15": 3,
}
"""How many of each chapter are of level 1: 70 of 253."""


class Entry(Struct, frozen=True, forbid_unknown_fields=True):
    level: int
    test: str | list[str] = []
    reason: str = ""
    otherwise: str = ""

    @property
    def tests(self) -> list[str]:
        return [self.test] if isinstance(self.test, str) else self.test


TEXT = (HERE / "asvs.toml").read_text()
ENTRIES = convert(tomllib.loads(TEXT), dict[str, Entry])


@cache
def functions_of(path: Path) -> set[str]:
    """Functions that are collected as tests, and would run: of a file, by name."""
    return {
        node.name
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
        and not any("skip" in ast.unparse(mark) for mark in node.decorator_list)
    }


@pytest.mark.parametrize("number", ENTRIES)
def test_each_is_shown_or_does_not_apply_or_is_decided_otherwise(number: str) -> None:
    entry = ENTRIES[number]
    answers = [name for name in ANSWERS if getattr(entry, name)]
    assert len(answers) == 1, f"{number} has {answers or 'no answer'}"
    assert entry.level in (1, 2)
    for test in entry.tests:
        path, _, name = test.partition("::")
        assert (ROOT / path).is_file(), f"{number}: {path} is not there"
        assert name in functions_of(ROOT / path), f"{number}: {path} has no {name}"


def test_what_is_decided_otherwise_has_a_reason_and_is_not_much() -> None:
    """A promise to students, or what the service is for, has to outweigh it."""
    otherwise = [entry.otherwise for entry in ENTRIES.values() if entry.otherwise]
    assert all(len(reason) >= A_REASON and " " in reason for reason in otherwise)
    assert len(otherwise) == len(set(otherwise)) <= 10


def test_none_is_missing_and_none_stands_twice() -> None:
    numbers = re.findall(r'^"(V[\d.]+)"', TEXT, re.MULTILINE)
    assert len(numbers) == len(set(numbers)) == len(ENTRIES) == 253
    of_sections = Counter(number.rsplit(".", 1)[0] for number in numbers)
    assert of_sections == {
        f"{chapter}.{section}": count
        for chapter, counts in SECTIONS.items()
        for section, count in enumerate(counts, 1)
        if count
    }
    first = Counter(number.split(".")[0] for number in numbers if ENTRIES[number].level == 1)
    assert first == LEVEL_ONE
    assert sum(LEVEL_ONE.values()) == 70


def test_the_readme_counts_them_as_they_are(table: dict[str, str]) -> None:
    shown = sum(bool(entry.tests) for entry in ENTRIES.values())
    inapplicable = sum(bool(entry.reason) for entry in ENTRIES.values())
    otherwise = sum(bool(entry.otherwise) for entry in ENTRIES.values())
    figure = f"{shown} shown by tests, {inapplicable} do not apply, {otherwise} decided otherwise"
    table["OWASP ASVS 5.0, levels 1 and 2"] = figure
    assert figure in (ROOT / "README.md").read_text()
