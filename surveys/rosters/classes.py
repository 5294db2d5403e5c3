"""The classes of the files, each with as many members as the files say or count."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from surveys.instrument import Stage
from surveys.rosters import oneroster as shape
from surveys.rosters.people import Enrolled
from surveys.rosters.roster import Class, LeftOut
from surveys.rosters.sheets import Files, Sheet
from surveys.rounds import MOST_MEMBERS, GroupKind, is_number_of_members
from surveys.tables import Row, Wrong

LONGEST_TITLE = 40
MOST_CLASSES = 5_000
LATEST_YEAR = 8


def classes_of(files: Files, enrolled: Enrolled) -> Iterator[Class | LeftOut]:
    sheet = files.classes
    schools = schools_of(files.orgs)
    at = school_of(files)
    made = 0
    for row in sheet.once():
        kind = sheet.one_of(row, "classType", (shape.HOMEROOM, shape.SCHEDULED), needed=True)
        if sheet.is_gone(row):
            continue
        check_school(sheet, row, at, schools)
        name = sheet.text(row, "title", LONGEST_TITLE)
        members = members_of(files, row, enrolled)
        if isinstance(members, LeftOut):
            yield members
            continue
        made += 1
        yield Class(
            sourced_id=row["sourcedId"],
            name=name,
            kind=GroupKind.CLASS if kind == shape.HOMEROOM else GroupKind.LESSON,
            stage=Stage(sheet.one_of(row, shape.STAGE, shape.STAGES) or files.asked.stage),
            year_group=year_group_of(sheet, row),
            school_year=files.asked.school_year,
            members=members,
            subject=row["subjects"].partition(",")[0].strip()[:LONGEST_TITLE],
        )
    if made > MOST_CLASSES:
        sheet.complain(0, "", Wrong.TOO_MANY, str(made), str(MOST_CLASSES))


def members_of(files: Files, row: Row, enrolled: Enrolled) -> int | LeftOut:
    """As a column says it, or as many as were counted; 0 leaves the number of a class as it is.

    Where only changes are told, not all of a class's students are.
    """
    sheet = files.classes
    if given := row[shape.HEADCOUNT]:
        if is_number_of_members(given):
            return int(given)
        sheet.complain(row.line, shape.HEADCOUNT, Wrong.NOT_A_NUMBER, given, str(MOST_MEMBERS))
        return 0
    is_new = row["sourcedId"] not in files.asked.classes
    counted = len(enrolled.students.get(row["sourcedId"], ()))
    if 1 <= counted <= MOST_MEMBERS and (files.full or is_new):
        return counted
    if is_new and enrolled.students:
        return LeftOut(row["title"], counted)
    if is_new and shape.HEADCOUNT in sheet.table.columns:
        sheet.complain(row.line, shape.HEADCOUNT, Wrong.MISSING, right=str(MOST_MEMBERS))
    elif is_new:
        sheet.complain(1, shape.HEADCOUNT, Wrong.NO_COLUMN)
    return 0


def year_group_of(sheet: Sheet, row: Row) -> int | None:
    """Where it is a single one. A spreadsheet makes 3 of 03."""
    grades = [each.strip() for each in row["grades"].split(",") if each.strip()]
    numbered = [each.zfill(2) if each.isdecimal() else each for each in grades]
    for given, grade in zip(grades, numbered, strict=True):
        if grade not in shape.GRADES:
            right = ", ".join(shape.GRADES)
            sheet.complain(row.line, "grades", Wrong.NOT_ONE_OF, given, right)
            return None
    only = numbered[0] if len(numbered) == 1 else ""
    return int(only) if only.isdecimal() and int(only) <= LATEST_YEAR else None


def schools_of(orgs: Sheet) -> Mapping[str, bool]:
    """Which organisations there are, and whether they are schools."""
    return {
        row["sourcedId"]: orgs.one_of(row, "type", shape.ORGS, needed=True) == shape.SCHOOL
        for row in orgs.once()
        if not orgs.is_gone(row)
    }


def school_of(files: Files) -> str:
    named = (row["schoolSourcedId"] for row in files.classes.rows if not files.classes.is_gone(row))
    return next(filter(None, named), "")


def check_school(sheet: Sheet, row: Row, at: str, schools: Mapping[str, bool]) -> None:
    """All classes are of one school. Where `orgs` is not there, nobody says that it is one."""
    named = row["schoolSourcedId"]
    if schools and not named:
        sheet.complain(row.line, "schoolSourcedId", Wrong.MISSING)
    elif schools and named not in schools:
        sheet.complain(row.line, "schoolSourcedId", Wrong.NOWHERE, named, "orgs.csv")
    elif schools and not schools[named]:
        sheet.complain(row.line, "schoolSourcedId", Wrong.NO_SCHOOL, named)
    elif named and named != at:
        sheet.complain(row.line, "schoolSourcedId", Wrong.OTHER_SCHOOL, named, at)


def sharing(classes: Iterable[Class], enrolled: Enrolled) -> Iterator[str]:
    """Classes of which a student is in another one, too: a wave would ask such a student twice."""
    homerooms = [each for each in classes if each.kind is GroupKind.CLASS]
    places = Counter(
        student for each in homerooms for student in enrolled.students.get(each.sourced_id, ())
    )
    for each in homerooms:
        if any(places[student] > 1 for student in enrolled.students.get(each.sourced_id, ())):
            yield each.name
