"""What a school has, as files in OneRoster's shape: to begin with, and to hand on."""

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from surveys import tables
from surveys.rosters import oneroster as shape
from surveys.rosters.roster import Class, Person, Teaching
from surveys.rounds import GroupKind

Row = Mapping[str, str]


class Staff(Struct, frozen=True):
    """Somebody who works at the school, with the roles that OneRoster has for it."""

    person: Person
    roles: tuple[str, ...]
    enabled: bool = True


class Held(Struct, frozen=True):
    """All that is written of a school. There are no students in it, only how many."""

    school_id: str
    school: str
    classes: Sequence[Class]
    staff: Sequence[Staff]
    teaching: Sequence[Teaching]


EXAMPLE = {
    "classes.csv": (
        ["sourcedId", "title", "classType", "grades", "subjects", "metadata.headcount"],
        ["1a", "1A", shape.HOMEROOM, "01", "", "27"],
        ["1a-wi", "1A wi", shape.SCHEDULED, "01", "wi", "27"],
        ["2b-wi", "2B wi", shape.SCHEDULED, "02", "wi", "24"],
    ),
    "users.csv": (
        ["sourcedId", "givenName", "middleName", "familyName", "email", "role"],
        ["t1", "Noor", "de", "Vries", "noor@example.org", shape.TEACHER],
        ["t2", "Sam", "", "Jansen", "sam@example.org", shape.TEACHER],
    ),
    "enrollments.csv": (
        ["classSourcedId", "userSourcedId", "role"],
        ["1a", "t1", shape.TEACHER],
        ["1a-wi", "t2", shape.TEACHER],
        ["2b-wi", "t2", shape.TEACHER],
    ),
}
"""A set to fill in by hand: a class, two lesson groups and two teachers, and no column too many."""


def example(separator: str) -> dict[str, bytes]:
    return {name: tables.written(rows, separator).encode() for name, rows in EXAMPLE.items()}


def written(held: Held, separator: str) -> dict[str, bytes]:
    """With all columns of the binding in its order; it asks for `,` as the separator."""
    rows = {
        "manifest.csv": manifest(),
        "orgs.csv": [{"sourcedId": held.school_id, "name": held.school, "type": shape.SCHOOL}],
        "academicSessions.csv": sessions(held),
        "courses.csv": courses(held),
        "classes.csv": classes(held),
        "users.csv": users(held),
        "roles.csv": roles(held),
        "enrollments.csv": enrollments(held),
    }
    return {
        name: tables.written(
            [columns, *([row.get(column, "") for column in columns] for row in rows[name])],
            separator,
        ).encode()
        for name, columns in shape.COLUMNS.items()
    }


def manifest() -> Iterator[Row]:
    yield {"propertyName": "manifest.version", "value": "1.0"}
    yield {"propertyName": "oneroster.version", "value": "1.2"}
    for file in shape.COLUMNS:
        if file != "manifest.csv":
            name = file.removesuffix(".csv")
            yield {"propertyName": f"file.{name}", "value": shape.BULK}


def sessions(held: Held) -> Iterator[Row]:
    """OneRoster calls a school year by the year in which it ends."""
    for year in sorted({each.school_year for each in held.classes}):
        yield {
            "sourcedId": session_id(year),
            "title": f"{year}/{year + 1}",
            "type": "schoolYear",
            "startDate": f"{year}-08-01",
            "endDate": f"{year + 1}-08-01",
            "schoolYear": str(year + 1),
        }


def courses(held: Held) -> Iterator[Row]:
    for subject in sorted({each.subject for each in held.classes}):
        yield {
            "sourcedId": course_id(subject),
            "title": subject or held.school or held.school_id,
            "orgSourcedId": held.school_id,
        }


def classes(held: Held) -> Iterator[Row]:
    for each in held.classes:
        yield {
            "sourcedId": each.sourced_id,
            "title": each.name,
            "grades": f"{each.year_group:02}" if each.year_group else "",
            "courseSourcedId": course_id(each.subject),
            "classType": shape.HOMEROOM if each.kind is GroupKind.CLASS else shape.SCHEDULED,
            "schoolSourcedId": held.school_id,
            "termSourcedIds": session_id(each.school_year),
            "subjects": each.subject,
            shape.HEADCOUNT: str(each.members),
            shape.STAGE: each.stage,
        }


def users(held: Held) -> Iterator[Row]:
    for each in held.staff:
        given, _, family = each.person.name.partition(" ")
        yield {
            "sourcedId": each.person.sourced_id,
            "enabledUser": shape.TRUE if each.enabled else shape.FALSE,
            "username": each.person.email,
            "givenName": given,
            "familyName": family,
            "email": each.person.email,
            "primaryOrgSourcedId": held.school_id,
        }


def roles(held: Held) -> Iterator[Row]:
    for each in held.staff:
        for place, role in enumerate(each.roles):
            yield {
                "sourcedId": f"{each.person.sourced_id}-{role}",
                "userSourcedId": each.person.sourced_id,
                "roleType": "secondary" if place else "primary",
                "role": role,
                "orgSourcedId": held.school_id,
            }


def enrollments(held: Held) -> Iterator[Row]:
    for class_, person in held.teaching:
        yield {
            "sourcedId": f"{class_}-{person}",
            "classSourcedId": class_,
            "schoolSourcedId": held.school_id,
            "userSourcedId": person,
            "role": shape.TEACHER,
        }


def course_id(subject: str) -> str:
    return f"course-{subject}" if subject else "course"


def session_id(year: int) -> str:
    return f"year-{year}"
