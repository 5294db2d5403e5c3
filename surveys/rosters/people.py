"""Who is who in the files.

A person teaches only when a file says so. Of a student nothing is handed on but to be one more in a
class; of parents, and of people of whom the files say nothing, how many they were.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from enum import StrEnum

from msgspec import Struct

from surveys.rosters import oneroster as shape
from surveys.rosters.roster import Dropped, Person, Teaching
from surveys.rosters.sheets import Files, Sheet
from surveys.tables import Row, Wrong

LONGEST_NAME = 80
MOST_PEOPLE = 5_000

Roles = Mapping[str, frozenset[str]]
"""The roles that the files give a person."""


class Part(StrEnum):
    """What somebody of the files is at the school."""

    STUDENT = "student"
    TEACHER = "teacher"
    STAFF = "staff"
    OTHER = "other"


class Enrolled(Struct, frozen=True):
    """Who is in which class: teachers, who were one, students by class and students of any."""

    teaching: frozenset[Teaching]
    over: frozenset[Teaching]
    students: Mapping[str, frozenset[str]]
    anywhere: frozenset[str]


def roles_of(files: Files) -> Roles:
    """Out of `roles`, or out of `users` as version 1.1 has it."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for row in files.users.rows:
        if role := files.users.one_of(row, "role", shape.ROLES):
            found[row["sourcedId"]].add(role)
    people = files.users.ids() | files.known_people
    for row in files.roles.rows:
        role = files.roles.one_of(row, "role", shape.ROLES, needed=True)
        if files.roles.is_gone(row) or files.roles.is_over(row, files.asked.today):
            continue
        if role in shape.STAFF_ROLES:
            files.roles.refer(row, "userSourcedId", people, files.users)
        found[row["userSourcedId"]].update(filter(None, [role]))
    return {person: frozenset(roles) for person, roles in found.items()}


def enrolled_of(files: Files, roles: Roles) -> Enrolled:
    """A teacher has a line in `users`; a student need not have one."""
    sheet = files.enrollments
    people = files.users.ids() | files.known_people
    classes = files.classes.ids() | files.known_classes
    teaching: dict[Teaching, Row] = {}
    over: set[Teaching] = set()
    students: defaultdict[str, set[str]] = defaultdict(set)
    for row in sheet.rows:
        class_, person = row["classSourcedId"], row["userSourcedId"]
        role = sheet.one_of(row, "role", shape.ROLES_IN_CLASS, needed=True)
        if sheet.is_gone(row) or sheet.is_over(row, files.asked.today):
            if role == shape.TEACHER:
                over.add((class_, person))
            continue
        sheet.refer(row, "classSourcedId", classes, files.classes)
        if role == shape.STUDENT:
            students[class_].add(person)
        elif role == shape.TEACHER:
            sheet.refer(row, "userSourcedId", people, files.users)
            teaching[class_, person] = row
    enrolled = Enrolled(
        frozenset(teaching),
        frozenset(over - teaching.keys()),
        {class_: frozenset(who) for class_, who in students.items()},
        frozenset().union(*students.values()),
    )
    for (_, person), row in teaching.items():
        if is_student(person, roles, enrolled):
            sheet.complain(row.line, "role", Wrong.STUDENT_TEACHES, person)
    return enrolled


def is_student(person: str, roles: Roles, enrolled: Enrolled) -> bool:
    """By role; of whom no role is given, by being enrolled as one."""
    given = roles.get(person)
    return shape.STUDENT in given if given else person in enrolled.anywhere


def parts_of(files: Files, roles: Roles, enrolled: Enrolled) -> dict[str, Part]:
    teaching = {person for _, person in enrolled.teaching} | files.known_people

    def part_of(person: str) -> Part:
        given = roles.get(person, frozenset())
        if is_student(person, roles, enrolled):
            return Part.STUDENT
        if shape.TEACHER in given or person in teaching:
            return Part.TEACHER
        return Part.OTHER if given.isdisjoint(shape.STAFF_ROLES) else Part.STAFF

    rows = [row for row in files.users.once() if not files.users.is_gone(row)]
    return {row["sourcedId"]: part_of(row["sourcedId"]) for row in rows}


def people_of(files: Files, parts: Mapping[str, Part]) -> Iterator[Person]:
    """Who teaches, and may come in."""
    sheet = files.users
    lines: dict[str, int] = {}
    for row in sheet.once():
        enabled = sheet.one_of(row, "enabledUser", (shape.TRUE, shape.FALSE))
        if parts.get(row["sourcedId"]) is not Part.TEACHER or enabled == shape.FALSE:
            continue
        email = sheet.address(row)
        if email and lines.setdefault(email, row.line) != row.line:
            sheet.complain(row.line, "email", Wrong.TWICE, email, str(lines[email]))
        yield Person(row["sourcedId"], name_of(sheet, row), email)
    if len(lines) > MOST_PEOPLE:
        sheet.complain(0, "", Wrong.TOO_MANY, str(len(lines)), str(MOST_PEOPLE))


def name_of(sheet: Sheet, row: Row) -> str:
    """Some people have one name, and programs fill it in wherever they want."""
    names = row["givenName"], row["middleName"], row["familyName"]
    name = " ".join(filter(None, names))
    if not name:
        sheet.complain(row.line, "familyName", Wrong.MISSING)
    elif len(name) > LONGEST_NAME:
        sheet.complain(row.line, "familyName", Wrong.TOO_LONG, right=str(LONGEST_NAME))
    return name


def dropped(parts: Mapping[str, Part], teachers: int, enrolled: Enrolled) -> Dropped:
    students = {person for person, part in parts.items() if part is Part.STUDENT}
    counts = Counter(parts.values())
    return Dropped(
        students=len(students | (enrolled.anywhere - parts.keys())),
        others=counts[Part.OTHER],
        staff=counts[Part.STAFF],
        disabled=counts[Part.TEACHER] - teachers,
    )
