"""Tables as files of comma-separated values: read so that each cell keeps its place, and written.

Read as RFC 4180 in UTF-8, with or without a byte order mark, and with semicolons, as a Dutch
Excel writes them. No cell holds a line break: a line of the file is a row of the spreadsheet,
and a forgotten quote spoils one line instead of all that follow it.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from enum import StrEnum
from io import StringIO
from string import ascii_uppercase

from msgspec import Struct

Cell = str | int

MOST_ROWS = 100_000
BYTE_ORDER_MARK = "\ufeff"  # without it Excel takes UTF-8 for something else
# What makes a spreadsheet read a text as a formula, which may fetch or send what it likes (OWASP).
FORMULA = tuple("=+-@\t\r")
LINE_BREAK = re.compile(r"\r\n|\n|\r")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")  # what no keyboard types and no table holds


class Wrong(StrEnum):
    """What is wrong with a file, a line or a cell; the pages say it in words."""

    NO_FILE = "no file"
    NOT_UTF_8 = "not utf-8"
    EMPTY = "empty"
    TOO_MANY = "too many"
    NO_COLUMN = "no column"
    COLUMN_TWICE = "column twice"
    CELLS = "cells"  # more or fewer of them than columns
    QUOTES = "quotes"
    SIGN = "sign"
    MISSING = "missing"
    TOO_LONG = "too long"
    TWICE = "twice"
    SHORTENED = "shortened"  # 1,23E+15: what Excel makes of a long number
    NOT_ONE_OF = "not one of"
    NOT_A_DATE = "not a date"
    NOT_A_NUMBER = "not a number"
    NOT_AN_ADDRESS = "not an address"
    NOWHERE = "nowhere"  # it names a row that is not there
    NO_SCHOOL = "no school"
    OTHER_SCHOOL = "other school"
    STUDENT_TEACHES = "student teaches"


class Problem(Struct, frozen=True):
    """What is wrong, its place as a spreadsheet shows it, and what would be right.

    Line 0 is the file as a whole. In the lines `more` the same is wrong.
    """

    file: str
    line: int
    wrong: Wrong
    column: str = ""
    letter: str = ""
    found: str = ""
    right: str = ""
    more: tuple[int, ...] = ()


class Row(Struct, frozen=True):
    """A line of a file: its cells by the names of their columns, without the spaces round them."""

    line: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        """Empty where the file has no such column."""
        return self.cells.get(column, "")


class Shape(Struct, frozen=True):
    """The columns of a table: which it cannot do without, which are read, and which are known."""

    needed: tuple[str, ...]
    read: tuple[str, ...] = ()
    spare: tuple[str, ...] = ()


class Table(Struct, frozen=True):
    """A file that was read; `problems` are the lines of it that are no rows."""

    file: str
    columns: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    ignored: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()

    def problem(
        self, line: int, column: str, wrong: Wrong, found: str = "", right: str = ""
    ) -> Problem:
        letter = letter_of(self.columns.index(column)) if column in self.columns else ""
        return Problem(self.file, line, wrong, column, letter, found[:60], right)


def read(file: str, content: bytes, shape: Shape) -> Table | tuple[Problem, ...]:
    """The problems of a file that is no such table at all. Never raises."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return (Problem(file, line, Wrong.NOT_UTF_8),)
    first, *lines = LINE_BREAK.split(text)
    if not first.strip():
        return (Problem(file, 0, Wrong.EMPTY),)
    if len(lines) > MOST_ROWS:
        return (Problem(file, 0, Wrong.TOO_MANY, right=str(MOST_ROWS)),)
    separator = ";" if first.count(";") > first.count(",") else ","  # no column's name has either
    header = cells_of(first, separator)
    if isinstance(header, Wrong):
        return (Problem(file, 1, header),)
    known = {name.lower(): name for name in (*shape.needed, *shape.read, *shape.spare)}
    columns = tuple(known.get(name.lower(), name) for name in without_end(header))
    if problems := tuple(problems_of_header(file, columns, shape)):
        return problems
    found = tuple(rows_of(file, columns, lines, separator, {*shape.needed, *shape.read}))
    return Table(
        file,
        columns,
        rows=tuple(row for row in found if isinstance(row, Row)),
        ignored=tuple(name for name in columns if name and name not in known.values()),
        problems=tuple(problem for problem in found if isinstance(problem, Problem)),
    )


def problems_of_header(file: str, columns: Sequence[str], shape: Shape) -> Iterator[Problem]:
    for at, column in enumerate(columns):
        if column and column in columns[:at]:
            yield Problem(file, 1, Wrong.COLUMN_TWICE, column, letter_of(at))
    for column in shape.needed:
        if column not in columns:
            yield Problem(file, 1, Wrong.NO_COLUMN, column)


def rows_of(
    file: str, columns: Sequence[str], lines: Sequence[str], separator: str, wanted: set[str]
) -> Iterator[Row | Problem]:
    kept = [(at, column) for at, column in enumerate(columns) if column in wanted]
    for line, text in enumerate(lines, start=2):
        if not text.strip(f"{separator} \t"):
            continue
        cells = cells_of(text, separator)
        if isinstance(cells, Wrong):
            yield Problem(file, line, cells)
            continue
        if len(cells) > len(columns):
            cells = without_end(cells)
        if len(cells) != len(columns):
            found, right = str(len(cells)), str(len(columns))
            yield Problem(file, line, Wrong.CELLS, found=found, right=right)
            continue
        yield Row(line, {column: armed(cells[at]) for at, column in kept})


def cells_of(line: str, separator: str) -> list[str] | Wrong:
    if CONTROL.search(line):
        return Wrong.SIGN
    try:
        (cells,) = csv.reader([line], delimiter=separator, strict=True, skipinitialspace=True)
    except csv.Error:
        return Wrong.QUOTES
    return [cell.strip() for cell in cells]


def without_end(cells: list[str]) -> list[str]:
    """Without the empty cells at its end, which a spreadsheet adds as it likes."""
    end = max((at for at, cell in enumerate(cells, start=1) if cell), default=0)
    return cells[:end]


def letter_of(at: int) -> str:
    """A spreadsheet's name of a column: A to Z, AA and further."""
    more, last = divmod(at, len(ascii_uppercase))
    return (letter_of(more - 1) if more else "") + ascii_uppercase[last]


def separator(language: str) -> str:
    """A Dutch Excel puts a line with commas into one cell."""
    return ";" if language == "nl" else ","


def written(rows: Sequence[Sequence[Cell]], separator: str) -> str:
    """A file that a spreadsheet opens by a double click."""
    file = StringIO()
    csv.writer(file, delimiter=separator).writerows(map(defused, row) for row in rows)
    return BYTE_ORDER_MARK + file.getvalue()


def defused(cell: Cell) -> Cell:
    """A text that a spreadsheet might run as a formula begins with an apostrophe instead."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell


def armed(cell: str) -> str:
    """What was written, read again."""
    return cell[1:] if cell[:1] == "'" and cell[1:].startswith(FORMULA) else cell
