"""Sets of OneRoster files as a school would bring them; all names are made up by counting."""

import csv
import io
from collections.abc import Mapping, Sequence

from surveys.rosters.oneroster import SHAPES

Rows = list[dict[str, str]]
Tables = dict[str, Rows]

SCHOOL = "school-1"


def a_school(classes: int = 2, students: int = 3, teachers: int = 2) -> Tables:
    """`students` in each class; every teacher teaches at least one class, every class has two."""
    tables: Tables = {
        "manifest.csv": [
            {"propertyName": "manifest.version", "value": "1.0"},
            {"propertyName": "oneroster.version", "value": "1.2"},
            *(
                {"propertyName": f"file.{name.removesuffix('.csv')}", "value": "bulk"}
                for name in SHAPES
                if name != "manifest.csv"
            ),
        ],
        "orgs.csv": [{"sourcedId": SCHOOL, "name": "Het Kompas", "type": "school"}],
        "users.csv": [],
        "roles.csv": [],
        "classes.csv": [],
        "enrollments.csv": [],
    }
    for n in range(teachers):
        add_person(tables, f"t{n}", f"Docent{n}", "teacher", f"docent{n}@example.org")
    for at in range(classes):
        id = f"c{at}"
        tables["classes.csv"].append(
            {
                "sourcedId": id,
                "title": f"{at // 6 + 1}{'ABCDEF'[at % 6]}",
                "grades": f"{at // 6 % 6 + 1:02}",
                "classType": "homeroom",
                "schoolSourcedId": SCHOOL,
                "subjects": "Mentor",
            }
        )
        for teacher in sorted({at % teachers, (at + 1) % teachers}):
            enroll(tables, id, f"t{teacher}", "teacher")
        for n in range(students):
            student = f"s{at}-{n}"
            add_person(
                tables, student, f"Leerling{at}x{n}", "student", f"{student}@leerling.example"
            )
            enroll(tables, id, student, "student")
    return tables


def add_person(tables: Tables, id: str, family: str, role: str, email: str) -> None:
    tables["users.csv"].append(
        {
            "sourcedId": id,
            "enabledUser": "true",
            "username": id,
            "givenName": "Kim",
            "middleName": "",
            "familyName": family,
            "email": email,
        }
    )
    tables["roles.csv"].append(
        {
            "sourcedId": f"r-{id}",
            "userSourcedId": id,
            "roleType": "primary",
            "role": role,
            "orgSourcedId": SCHOOL,
        }
    )


def enroll(tables: Tables, class_: str, person: str, role: str) -> None:
    tables["enrollments.csv"].append(
        {
            "sourcedId": f"e-{class_}-{person}",
            "classSourcedId": class_,
            "schoolSourcedId": SCHOOL,
            "userSourcedId": person,
            "role": role,
        }
    )


def files(tables: Mapping[str, Rows], separator: str = ",") -> dict[str, bytes]:
    return {name: written(rows, separator) for name, rows in tables.items()}


def written(rows: Sequence[Mapping[str, str]], separator: str = ",") -> bytes:
    columns = list(dict.fromkeys(column for row in rows for column in row))
    file = io.StringIO()
    writer = csv.DictWriter(file, columns, delimiter=separator)
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue().encode()


def a_large_school() -> Tables:
    """More than 4,000 rows: 48 classes, 60 teachers and 1,344 students with a role each."""
    return a_school(classes=48, students=28, teachers=60)


def with_faults(tables: Tables) -> tuple[dict[str, bytes], set[tuple[str, int, str]]]:
    """A set with twenty faults in it, and where each of them is."""
    places: set[tuple[str, int, str]] = set()

    def change(file: str, line: int, column: str, value: str) -> None:
        tables[file][line - 2][column] = value
        places.add((file, line, column))

    def add(file: str, column: str, row: dict[str, str]) -> None:
        tables[file].append(row)
        places.add((file, len(tables[file]) + 1, column))

    change("classes.csv", 3, "title", "")
    change("classes.csv", 5, "title", "A name that is much too long for a class, as it is")
    change("classes.csv", 8, "classType", "klas")
    change("classes.csv", 13, "grades", "brugklas")
    change("classes.csv", 21, "metadata.headcount", "0")
    change("classes.csv", 34, "metadata.stage", "hbo")
    change("classes.csv", 40, "schoolSourcedId", "elsewhere")
    add("classes.csv", "sourcedId", dict(tables["classes.csv"][9]))
    change("users.csv", 4, "email", "")
    change("users.csv", 9, "email", "docent7")
    change("users.csv", 20, "email", tables["users.csv"][11]["email"])
    tables["users.csv"][29]["givenName"] = ""
    change("users.csv", 31, "familyName", " ")
    change("users.csv", 1000, "enabledUser", "ja")
    add("users.csv", "sourcedId", {**tables["users.csv"][700], "sourcedId": "1,23457E+15"})
    change("roles.csv", 1203, "role", "leerling")
    change("enrollments.csv", 77, "role", "scholier")
    change("enrollments.csv", 502, "endDate", "31-07-2027")
    change("enrollments.csv", 900, "classSourcedId", "c999")
    teaching = {"role": "teacher", "classSourcedId": "c3", "userSourcedId": "s3-0"}
    add("enrollments.csv", "role", {**tables["enrollments.csv"][0], **teaching})
    written = files(tables)
    lines = written["enrollments.csv"].splitlines(keepends=True)
    lines[1300] = b'"' + lines[1300]  # a quote that is never closed
    places.add(("enrollments.csv", 1301, ""))
    return {**written, "enrollments.csv": b"".join(lines)}, places
