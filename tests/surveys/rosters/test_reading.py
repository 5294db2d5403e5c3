"""Files of a school: what is taken from them, what is left behind, and what is wrong with them."""

from datetime import date
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from surveys.instrument import Stage
from surveys.rosters.oneroster import SHAPES
from surveys.rosters.reading import read
from surveys.rosters.roster import Person, Roster
from surveys.rosters.sheets import Asked
from surveys.rounds import GroupKind
from surveys.tables import Problem, Wrong
from tests import rosters
from tests.rosters import a_school, files

ASKED = Asked(Stage.SECONDARY, 2026, date(2026, 9, 8))


def taken(tables: rosters.Tables, asked: Asked = ASKED) -> Roster:
    found = read(files(tables), asked)
    assert isinstance(found, Roster), found
    return found


def wrong(tables: rosters.Tables, asked: Asked = ASKED) -> list[tuple[Any, ...]]:
    found = read(files(tables), asked)
    assert isinstance(found, tuple), found
    return [(each.file, each.line, each.column, each.wrong) for each in found]


# What is taken


def test_classes_come_with_their_year_their_number_of_students_and_their_teachers():
    roster = taken(a_school(classes=2, students=3, teachers=2))
    first = roster.classes[0]
    assert (first.name, first.kind, first.year_group) == ("1A", GroupKind.CLASS, 1)
    assert (first.stage, first.school_year, first.subject) == (Stage.SECONDARY, 2026, "Mentor")
    assert [each.members for each in roster.classes] == [3, 3]
    assert roster.people[0] == Person("t0", "Kim Docent0", "docent0@example.org")
    assert roster.teaching == (("c0", "t0"), ("c0", "t1"), ("c1", "t0"), ("c1", "t1"))
    assert (roster.full, roster.school) == (True, rosters.SCHOOL)


def test_of_students_nothing_is_kept_but_how_many_there_are():
    roster = taken(a_school(classes=3, students=9))
    assert roster.dropped.students == 27
    kept = msgspec.json.encode(roster)
    assert b"Leerling" not in kept
    assert b"leerling" not in kept
    assert b'"s0-' not in kept


@pytest.mark.parametrize("change", [{"status": "tobedeleted"}, {"endDate": "2026-09-01"}])
@pytest.mark.parametrize("full", [True, False])
def test_of_students_who_left_nothing_is_kept_either(change, full):
    tables = a_school(classes=2, students=3)
    for name, column in ("users.csv", "sourcedId"), ("enrollments.csv", "userSourcedId"):
        for row in tables[name]:
            if row[column].startswith("s"):
                row.update(change)
    known = replace(ASKED, classes=frozenset({"c0", "c1"}))
    found = taken(tables if full else changes(tables), known)
    assert b'"s0-' not in msgspec.json.encode(found)
    assert b'"s1-' not in msgspec.json.encode(found)


def test_students_need_not_be_among_the_users():
    tables = a_school(classes=2, students=4)
    for name in "users.csv", "roles.csv":
        tables[name] = [
            row for row in tables[name] if "s0" not in str(row) and "s1" not in str(row)
        ]
    roster = taken(tables)
    assert roster.dropped.students == 8
    assert [each.members for each in roster.classes] == [4, 4]


def test_a_number_of_students_does_instead_of_students():
    tables = a_school(classes=2, students=0)
    for row, number in zip(tables["classes.csv"], ("24", "7"), strict=True):
        row["metadata.headcount"] = number
    assert [each.members for each in taken(tables).classes] == [24, 7]


def test_what_a_column_says_goes_before_what_was_counted():
    tables = a_school(classes=1, students=3)
    tables["classes.csv"][0]["metadata.headcount"] = "25"
    assert taken(tables).classes[0].members == 25


def test_nobody_teaches_unless_a_file_says_so():
    """Otherwise a list of students without roles would be invited."""
    tables = a_school(classes=1, students=3)
    del tables["roles.csv"]
    rosters.add_person({**tables, "roles.csv": []}, "x", "Zonderrol", "", "x@example.org")
    roster = taken(tables)
    assert [each.sourced_id for each in roster.people] == ["t0", "t1"]
    assert (roster.dropped.students, roster.dropped.others) == (3, 1)


def test_a_role_may_stand_with_the_person_as_in_version_1_1():
    tables = a_school(classes=1, students=3)
    roles = {row["userSourcedId"]: row["role"] for row in tables.pop("roles.csv")}
    for row in tables["users.csv"]:
        row["role"] = roles[row["sourcedId"]]
    assert taken(tables) == taken(a_school(classes=1, students=3))


def test_parents_and_who_does_not_teach_are_counted_and_dropped():
    tables = a_school()
    rosters.add_person(tables, "p", "Ouder", "guardian", "ouder@example.org")
    rosters.add_person(tables, "d", "Baas", "principal", "baas@example.org")
    rosters.add_person(tables, "x", "Weg", "teacher", "weg@example.org")
    tables["users.csv"][-1]["enabledUser"] = "false"
    roster = taken(tables)
    dropped = roster.dropped
    assert (dropped.others, dropped.staff, dropped.disabled) == (1, 1, 1)
    assert len(roster.people) == 2


def test_what_has_ended_is_not_there():
    tables = a_school(classes=2, students=3)
    enrollments = tables["enrollments.csv"]
    for row in enrollments:
        row["endDate"] = "2027-07-31"
    ended = [row for row in enrollments if row["userSourcedId"] in ("t0", "s1-0")]
    for row in ended:
        row["endDate"] = "2026-09-08"
    roster = taken(tables)
    assert roster.teaching == (("c0", "t1"), ("c1", "t1"))
    assert [each.members for each in roster.classes] == [3, 2]


def test_a_new_class_without_students_or_with_too_many_is_left_out_and_named():
    tables = a_school(classes=2, students=3)
    for row in [row for row in tables["enrollments.csv"] if row["userSourcedId"].startswith("s0")]:
        tables["enrollments.csv"].remove(row)
    for n in range(61):
        rosters.enroll(tables, "c1", f"more{n}", "student")
    roster = taken(tables)
    assert roster.classes == ()
    assert [(each.name, each.members) for each in roster.left_out] == [("1A", 0), ("1B", 64)]
    assert roster.teaching == ()
    known = replace(ASKED, classes=frozenset({"c0", "c1"}))
    assert [each.members for each in taken(tables, known).classes] == [0, 0]


def test_classes_that_share_students_are_named():
    tables = a_school(classes=3, students=3)
    rosters.enroll(tables, "c1", "s0-0", "student")
    assert taken(tables).sharing == ("1A", "1B")
    tables["classes.csv"][1]["classType"] = "scheduled"  # a lesson has students of a class
    assert taken(tables).sharing == ()


def test_dutch_particles_stand_in_the_name():
    tables = a_school()
    tables["users.csv"][0] |= {"givenName": "Noor", "middleName": "van der", "familyName": "Berg"}
    assert taken(tables).people[0].name == "Noor van der Berg"


def test_a_user_name_that_is_an_address_will_do():
    tables = a_school()
    tables["users.csv"][0] |= {"username": "Docent0@example.org", "email": ""}
    assert taken(tables).people[0].email == "docent0@example.org"


def test_files_as_spreadsheets_make_them():
    """Semicolons, a byte order mark, columns in another order, a year without its zero."""
    tables = a_school()
    for row in tables["classes.csv"]:
        row["grades"] = row["grades"].lstrip("0")
    turned = {name: [dict(reversed(row.items())) for row in rows] for name, rows in tables.items()}
    bom = {name: b"\xef\xbb\xbf" + content for name, content in files(turned, ";").items()}
    marked = {name: content.replace(b"sourcedId", b"SourcedID") for name, content in bom.items()}
    old = {name: content.replace(b"\r\n", b"\r") for name, content in marked.items()}
    for each in bom, marked, old:
        assert read(each, ASKED) == taken(a_school())


def test_unknown_columns_and_files_are_ignored_and_named():
    tables = a_school()
    tables["users.csv"][0]["shoeSize"] = "43"
    tables["users.csv"][0]["metadata.cup"] = "tea"
    tables["users.csv"][0]["phone"] = "010"
    found = read({**files(tables), "demographics.csv": b"sourcedId,birthDate"}, ASKED)
    assert isinstance(found, Roster)
    assert [(each.file, each.column) for each in found.ignored] == [
        ("users.csv", "shoeSize"),
        ("users.csv", "metadata.cup"),
    ]
    assert found.unread == ("demographics.csv",)


# Changes


def changes(tables: rosters.Tables) -> rosters.Tables:
    for row in tables["manifest.csv"]:
        row["value"] = row["value"].replace("bulk", "delta")
    return tables


def test_a_set_of_changes_names_what_was_there_before():
    known = replace(ASKED, classes=frozenset({"c0", "c1"}), people=frozenset({"t0", "t1"}))
    tables = changes(a_school(classes=0, students=0, teachers=1))
    tables["users.csv"][0] |= {"sourcedId": "t9", "status": "active"}
    tables["roles.csv"][0]["userSourcedId"] = "t9"
    for teacher, status in ("t9", "active"), ("t0", "tobedeleted"):
        rosters.enroll(tables, "c1", teacher, "teacher")
        tables["enrollments.csv"][-1]["status"] = status
    tables["classes.csv"] = [
        {"sourcedId": "c0", "status": "tobedeleted", "title": "1A", "classType": "homeroom"}
    ]
    roster = taken(tables, known)
    assert not roster.full
    assert roster.teaching == (("c1", "t9"),)
    assert roster.gone_teaching == (("c1", "t0"),)
    assert roster.gone_classes == ("c0",)


def test_a_set_of_changes_does_not_say_how_many_students_a_class_has():
    known = replace(ASKED, classes=frozenset({"c0"}))
    roster = taken(changes(a_school(classes=2, students=2)), known)
    assert [each.members for each in roster.classes] == [0, 2]


# What is wrong


def places(found: Roster | tuple[Problem, ...]) -> set[tuple[str, int, str]]:
    assert isinstance(found, tuple), found
    return {(each.file, line, each.column) for each in found for line in (each.line, *each.more)}


def test_twenty_faults_in_four_thousand_lines_are_named_each_with_its_place():
    contents, planted = rosters.with_faults(rosters.a_large_school())
    assert sum(content.count(b"\n") for content in contents.values()) > 4_000
    assert len(planted) == 20
    assert places(read(contents, ASKED)) == planted


def test_a_problem_says_which_cell_what_is_in_it_and_what_would_be_right():
    tables = a_school()
    tables["classes.csv"][1]["classType"] = "klas"
    assert read(files(tables), ASKED) == (
        Problem(
            "classes.csv", 3, Wrong.NOT_ONE_OF, "classType", "D", "klas", "homeroom, scheduled"
        ),
    )


def test_what_is_wrong_in_many_lines_in_the_same_way_is_told_once():
    tables = a_school(classes=3)
    for row in tables["classes.csv"]:
        row["classType"] = "klas"
    found = read(files(tables), ASKED)
    assert isinstance(found, tuple)
    assert [(each.line, each.more) for each in found] == [(2, (3, 4))]


@pytest.mark.parametrize("name", ["users.csv", "classes.csv", "enrollments.csv"])
def test_a_missing_or_empty_file_is_no_reason_to_end_all_classes(name):
    whole = files(a_school())
    absent = {key: value for key, value in whole.items() if key != name}
    empty = whole | {name: b""}
    headed = whole | {name: whole[name].partition(b"\r\n")[0]}
    for each, how in (absent, Wrong.NO_FILE), (empty, Wrong.EMPTY), (headed, Wrong.EMPTY):
        assert read(each, ASKED) == (Problem(name, 0, how),)


def test_a_column_that_is_needed_is_asked_for_once():
    tables = a_school()
    for row in tables["users.csv"]:
        del row["email"]
    assert read(files(tables), ASKED) == (Problem("users.csv", 1, Wrong.NO_COLUMN, "email"),)


def test_the_number_of_students_is_asked_for_where_it_can_be_filled_in():
    tables = a_school(classes=3, students=0)
    assert wrong(tables) == [("classes.csv", 1, "metadata.headcount", Wrong.NO_COLUMN)]
    tables["classes.csv"][0]["metadata.headcount"] = "20"
    tables["classes.csv"][2]["metadata.headcount"] = "20"
    assert wrong(tables) == [("classes.csv", 3, "metadata.headcount", Wrong.MISSING)]


def test_a_file_in_another_encoding_is_named_with_its_first_line_that_shows_it():
    tables = a_school()
    tables["users.csv"][2]["familyName"] = "Müller"
    contents = files(tables)
    contents["users.csv"] = contents["users.csv"].decode().encode("cp1252")
    assert read(contents, ASKED) == (Problem("users.csv", 4, Wrong.NOT_UTF_8),)


def test_two_schools_in_one_set_are_refused():
    tables = a_school(classes=2)
    tables["orgs.csv"].append({"sourcedId": "school-2", "name": "De Brug", "type": "school"})
    tables["orgs.csv"].append({"sourcedId": "board", "name": "Bestuur", "type": "district"})
    tables["classes.csv"][1]["schoolSourcedId"] = "school-2"
    assert wrong(tables) == [("classes.csv", 3, "schoolSourcedId", Wrong.OTHER_SCHOOL)]
    tables["classes.csv"][1]["schoolSourcedId"] = "board"
    assert wrong(tables) == [("classes.csv", 3, "schoolSourcedId", Wrong.NO_SCHOOL)]


def test_a_column_twice_is_refused():
    contents = files(a_school())
    contents["orgs.csv"] = b"sourcedId,type,TYPE\r\nschool-1,school,school\r\n"
    assert read(contents, ASKED) == (Problem("orgs.csv", 1, Wrong.COLUMN_TWICE, "type", "C"),)


def test_too_many_lines_are_refused():
    contents = files(a_school())
    contents["enrollments.csv"] += b"c0,s1,student\r\n" * 100_001
    assert read(contents, ASKED) == (Problem("enrollments.csv", 0, Wrong.TOO_MANY, right="100000"),)


# Whatever it is

NAMES = st.sampled_from([*SHAPES, "demographics.csv"])
HEADERS = {name: ",".join((*each.needed, *each.read)).encode() for name, each in SHAPES.items()}
CELL = st.one_of(
    st.sampled_from(
        [
            *("c0", "t0", "s0", "student", "teacher", "homeroom", "school", "active", "delta"),
            *("tobedeleted", "file.users", "a@b.cd", "2026-01-01", "24", "", '"', "\x00", "=1"),
        ]
    ),
    st.text(max_size=8),
)
LINES = st.lists(st.lists(CELL, max_size=12).map(",".join), max_size=8).map("\r\n".join)


@given(st.dictionaries(NAMES, st.binary(max_size=300)))
def test_no_bytes_make_it_fail(contents):
    assert isinstance(read(contents, ASKED), Roster | tuple)


@given(st.fixed_dictionaries(dict.fromkeys(SHAPES, LINES)), st.booleans())
def test_no_lines_under_the_right_columns_make_it_fail(lines, known):
    contents = {
        name: HEADERS[name] + b"\r\n" + text.encode("utf-8", "surrogatepass")
        for name, text in lines.items()
    }
    asked = ASKED
    if known:
        ids = frozenset({"c0", "t0", "s0"})
        asked = replace(ASKED, classes=ids, people=ids)
    found = read(contents, asked)
    if isinstance(found, Roster):
        msgspec.json.encode(found)
        assert {class_ for class_, _ in found.teaching} <= {
            *(each.sourced_id for each in found.classes),
            *asked.classes,
        }
    else:
        assert found


@given(st.integers(0, 4000), st.sampled_from(sorted(SHAPES)), st.binary(max_size=5))
def test_a_sound_set_with_some_bytes_changed_does_not_make_it_fail(at, name, change):
    contents = files(a_school())
    held = contents[name]
    place = at % len(held)
    contents[name] = held[:place] + change + held[place + len(change) :]
    assert isinstance(read(contents, ASKED), Roster | tuple)
