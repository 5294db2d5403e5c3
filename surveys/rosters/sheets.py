"""The cells of a table, checked as OneRoster describes them; what is wrong is gathered."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from msgspec import Struct

from surveys.instrument import Stage
from surveys.rosters import oneroster as shape
from surveys.tables import Problem, Row, Table, Wrong

LONGEST_ID, LONGEST_ADDRESS = 255, 254
ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
A_DAY = "2027-07-31"  # how a day is written
SHORTENED = re.compile(r"\d([.,]\d+)?E\+\d+")  # by Excel, which makes 1,23E+15 of a long number


class Sheet:
    """A table, and the list in which the sheets of a reading gather what is wrong."""

    def __init__(self, table: Table, found: list[Problem]) -> None:
        self.rows = table.rows
        self.table = table
        self.found = found

    def complain(
        self, line: int, column: str, wrong: Wrong, found: str = "", right: str = ""
    ) -> None:
        self.found.append(self.table.problem(line, column, wrong, found, right))

    def ids(self) -> frozenset[str]:
        return frozenset(row["sourcedId"] for row in self.rows)

    def once(self) -> Iterator[Row]:
        """The rows that have an id of their own."""
        lines: dict[str, int] = {}
        for row in self.rows:
            id = self.text(row, "sourcedId", LONGEST_ID)
            if SHORTENED.fullmatch(id):
                self.complain(row.line, "sourcedId", Wrong.SHORTENED, id)
            elif id in lines:
                self.complain(row.line, "sourcedId", Wrong.TWICE, id, str(lines[id]))
            elif id:
                lines[id] = row.line
                yield row

    def text(self, row: Row, column: str, longest: int) -> str:
        """What has to be filled in."""
        if not row[column]:
            self.complain(row.line, column, Wrong.MISSING)
        elif len(row[column]) > longest:
            self.complain(row.line, column, Wrong.TOO_LONG, right=str(longest))
        return row[column]

    def one_of(self, row: Row, column: str, allowed: Sequence[str], *, needed: bool = False) -> str:
        """In any case of letters. Empty where nothing is filled in, or an extension of the list."""
        value = row[column].lower()
        meant = next((each for each in allowed if each.lower() == value), "")
        foreign = value and not meant and not shape.EXTENSION.fullmatch(value)
        if foreign or (needed and not value):
            wrong = Wrong.NOT_ONE_OF if value else Wrong.MISSING
            self.complain(row.line, column, wrong, row[column], ", ".join(allowed))
        return meant

    def address(self, row: Row) -> str:
        """In lower case. A user name that is an address will do where there is none."""
        email, username = row["email"].lower(), row["username"].lower()
        if not email and ADDRESS.fullmatch(username):
            return username
        if self.text(row, "email", LONGEST_ADDRESS) and not ADDRESS.fullmatch(email):
            self.complain(row.line, "email", Wrong.NOT_AN_ADDRESS, email)
        return email

    def is_gone(self, row: Row) -> bool:
        return self.one_of(row, "status", (shape.ACTIVE, shape.GONE)) == shape.GONE

    def is_over(self, row: Row, today: date) -> bool:
        """The end of something is the first day on which it is no longer so."""
        if not row["endDate"]:
            return False
        try:
            ends = date.fromisoformat(row["endDate"])
        except ValueError:
            self.complain(row.line, "endDate", Wrong.NOT_A_DATE, row["endDate"], A_DAY)
            return False
        return ends <= today

    def refer(self, row: Row, column: str, known: frozenset[str], other: "Sheet") -> None:
        """To a row that is there."""
        if not row[column]:
            self.complain(row.line, column, Wrong.MISSING)
        elif row[column] not in known:
            self.complain(row.line, column, Wrong.NOWHERE, row[column], other.table.file)


class Asked(Struct, frozen=True):
    """What the files are read with: what they do not say themselves, and the ids of before."""

    stage: Stage
    school_year: int
    today: date
    classes: frozenset[str] = frozenset()
    people: frozenset[str] = frozenset()


class Files:
    """The files of one reading. `full`: they tell all, and nothing of before is left to name."""

    def __init__(self, held: Mapping[str, Table], asked: Asked, found: list[Problem]) -> None:
        sheets = {name: Sheet(table, found) for name, table in held.items()}
        self.manifest, self.orgs = sheets["manifest.csv"], sheets["orgs.csv"]
        self.users, self.roles = sheets["users.csv"], sheets["roles.csv"]
        self.classes, self.enrollments = sheets["classes.csv"], sheets["enrollments.csv"]
        self.full = is_full(self.manifest)
        self.asked = asked
        self.known_classes = frozenset() if self.full else asked.classes
        self.known_people = frozenset() if self.full else asked.people


def is_full(manifest: Sheet) -> bool:
    """Unless the manifest calls a file a delta: then the files say only what changed."""
    names = {f"file.{name.removesuffix('.csv')}" for name in shape.SHAPES}
    return not any(
        row["propertyName"] in names and row["value"] == shape.DELTA for row in manifest.rows
    )
