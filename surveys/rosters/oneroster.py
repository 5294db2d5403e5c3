"""The shape of the files that a school's classes and teachers come in: OneRoster 1.2.

1EdTech, "OneRoster: CSV Binding", version 1.2.1 (22 August 2023),
https://www.imsglobal.org/spec/oneroster/v1p2/bind/csv. Read are `users`, `classes` and
`enrollments`, and where they are there `manifest`, `orgs` and `roles`. More is taken than the
binding asks for, so that a school can make the files by hand: columns in any order, a role in
`users` as in version 1.1, and only the columns that say something here have to be there. Of the
columns that the binding lets everybody add, `metadata.`, two are ours in `classes`: `headcount`,
how many students a class has, and `stage`: primary, secondary or vocational.
"""

import re
from collections.abc import Mapping

from surveys.instrument import Stage
from surveys.tables import Shape

HEADCOUNT, STAGE = "metadata.headcount", "metadata.stage"

ROW = "sourcedId status dateLastModified"
COLUMNS: Mapping[str, tuple[str, ...]] = {
    name: tuple(columns.split())
    for name, columns in {
        "manifest.csv": "propertyName value",
        "orgs.csv": f"{ROW} name type identifier parentSourcedId",
        "academicSessions.csv": f"{ROW} title type startDate endDate parentSourcedId schoolYear",
        "courses.csv": f"{ROW} schoolYearSourcedId title courseCode grades orgSourcedId subjects "
        "subjectCodes",
        "classes.csv": f"{ROW} title grades courseSourcedId classCode classType location "
        f"schoolSourcedId termSourcedIds subjects subjectCodes periods {HEADCOUNT} {STAGE}",
        "users.csv": f"{ROW} enabledUser username userIds givenName familyName middleName "
        "identifier email sms phone agentSourcedIds grades password userMasterIdentifier "
        "preferredGivenName preferredMiddleName preferredFamilyName primaryOrgSourcedId pronouns",
        "roles.csv": f"{ROW} userSourcedId roleType role beginDate endDate orgSourcedId "
        "userProfileSourcedId",
        "enrollments.csv": f"{ROW} classSourcedId schoolSourcedId userSourcedId role primary "
        "beginDate endDate",
    }.items()
}
"""The columns of the binding in its order; other columns are ignored, and named."""

SHAPES = {
    "manifest.csv": Shape(needed=("propertyName", "value")),
    "orgs.csv": Shape(needed=("sourcedId", "type"), read=("status",), spare=COLUMNS["orgs.csv"]),
    "users.csv": Shape(
        needed=("sourcedId", "givenName", "familyName", "email"),
        read=("status", "enabledUser", "username", "middleName", "role"),
        spare=(*COLUMNS["users.csv"], "orgSourcedIds", "resourceSourcedIds"),  # of 1.1, of 1.2.0
    ),
    "roles.csv": Shape(
        needed=("userSourcedId", "role"), read=("status", "endDate"), spare=COLUMNS["roles.csv"]
    ),
    "classes.csv": Shape(
        needed=("sourcedId", "title", "classType"),
        read=("status", "grades", "schoolSourcedId", "subjects", HEADCOUNT, STAGE),
        spare=COLUMNS["classes.csv"],
    ),
    "enrollments.csv": Shape(
        needed=("classSourcedId", "userSourcedId", "role"),
        read=("status", "schoolSourcedId", "endDate"),
        spare=COLUMNS["enrollments.csv"],
    ),
}
NEEDED_FILES = ("users.csv", "classes.csv", "enrollments.csv")
USELESS = {"academicsessions.csv", "courses.csv"}  # the binding wants them; here they say nothing

ACTIVE, GONE = "active", "tobedeleted"
BULK, DELTA = "bulk", "delta"  # a manifest says of each file whether it tells all, or what changed
TRUE, FALSE = "true", "false"
SCHOOL = "school"
ORGS = ("department", SCHOOL, "district", "local", "state", "national")
TEACHER, STUDENT = "teacher", "student"
STAFF_ROLES = (
    *("administrator", "aide", "counselor", "districtAdministrator", "principal", "proctor"),
    *("siteAdministrator", "systemAdministrator", TEACHER),
)
ROLES = (*STAFF_ROLES, "guardian", "parent", "relative", STUDENT)
ROLES_IN_CLASS = ("administrator", "proctor", STUDENT, TEACHER)
HOMEROOM, SCHEDULED = "homeroom", "scheduled"
GRADES = (
    *("IT", "PR", "PK", "TK", "KG"),
    *(f"{year:02}" for year in range(1, 14)),
    *("PS", "UG", "Other"),
)
STAGES = (Stage.PRIMARY, Stage.SECONDARY, Stage.VOCATIONAL)
EXTENSION = re.compile(r"ext:[A-Za-z0-9._-]+")  # what everybody may add to such a list
