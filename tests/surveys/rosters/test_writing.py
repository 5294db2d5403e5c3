"""What is written can be read again: a school begins with a file, and gets back what it had."""

from datetime import date

import pytest
from msgspec.structs import replace

from surveys import tables
from surveys.instrument import Stage
from surveys.rosters import oneroster, writing
from surveys.rosters.reading import read
from surveys.rosters.roster import Class, Person, Roster
from surveys.rosters.sheets import Asked
from surveys.rosters.writing import Held, Staff
from surveys.rounds import GroupKind

ASKED = Asked(Stage.PRIMARY, 2026, date(2026, 9, 8))


HELD = Held(
    school_id="school",
    school="Het Kompas",
    classes=(
        Class("1a", "1A", GroupKind.CLASS, Stage.SECONDARY, 1, 2026, 27, ""),
        Class("2b-wi", "2B wi", GroupKind.LESSON, Stage.SECONDARY, 2, 2026, 24, "wi"),
    ),
    staff=(
        Staff(Person("t1", "Noor de Vries", "noor@example.org"), ("teacher",)),
        Staff(Person("t2", "Sam", "sam@example.org"), ("teacher",)),
    ),
    teaching=(("1a", "t1"), ("2b-wi", "t2")),
)


@pytest.mark.parametrize("separator", [",", ";"])
def test_what_is_written_is_read_as_it_was(separator):
    found = read(lowered(HELD, separator), ASKED)
    assert isinstance(found, Roster), found
    assert found.classes == HELD.classes
    assert found.people == tuple(each.person for each in HELD.staff)
    assert found.teaching == HELD.teaching
    assert (found.full, found.ignored, found.unread) == (True, (), ())


@pytest.mark.parametrize("separator", [",", ";"])
def test_the_example_is_sound_and_has_no_column_too_many(separator):
    example = writing.example(separator)
    found = read(example, ASKED)
    assert isinstance(found, Roster), found
    assert [each.name for each in found.classes] == ["1A", "1A wi", "2B wi"]
    assert [each.members for each in found.classes] == [27, 27, 24]
    assert [each.name for each in found.people] == ["Noor de Vries", "Sam Jansen"]
    assert len(found.teaching) == 3
    assert example.keys() == set(oneroster.NEEDED_FILES)
    for name, (header, *_) in writing.EXAMPLE.items():
        shape = oneroster.SHAPES[name]
        assert set(shape.needed) <= set(header) <= {*shape.needed, *shape.read}


@pytest.mark.parametrize("separator", [",", ";"])
def test_strange_names_come_back_as_they_were(separator):
    """A spreadsheet would run them as a formula, so they are written with an apostrophe."""
    name = '=HYPERLINK("x"), "y"; z'
    class_ = Class("-1", name, GroupKind.CLASS, Stage.SECONDARY, None, 2026, 1, "@wi")
    people = [
        Staff(Person(f"+{n}", name, f"{n}@example.org"), ("teacher",))
        for n, name in enumerate(["Ilse", "Noor van den Berg", "=Ömer O'Neil"])
    ]
    held = Held("=school", "De 'Brug'", [class_], people, [("-1", "+2")])
    written = lowered(held, separator)
    assert b"\n=" not in written["classes.csv"] + written["users.csv"]
    found = read(written, ASKED)
    assert isinstance(found, Roster), found
    assert found.classes == (class_,)
    assert found.people == tuple(each.person for each in people)
    assert found.teaching == (("-1", "+2"),)
    assert found.school == "=school"


def test_who_does_not_teach_or_may_not_come_in_is_written_and_not_invited():
    held = replace(
        HELD,
        staff=[
            *HELD.staff,
            Staff(Person("l", "De leider", "l@example.org"), ("principal",)),
            Staff(Person("w", "Al weg", "w@example.org"), ("teacher",), enabled=False),
        ],
    )
    found = read(lowered(held, ","), ASKED)
    assert isinstance(found, Roster)
    assert found.people == tuple(each.person for each in HELD.staff)
    assert (found.dropped.staff, found.dropped.disabled) == (1, 1)


def test_each_file_has_the_columns_of_the_binding_in_its_order():
    for name, content in writing.written(HELD, ",").items():
        header = content.decode("utf-8-sig").partition("\r\n")[0].split(",")
        assert tuple(header) == oneroster.COLUMNS[name]
        assert content.startswith(tables.BYTE_ORDER_MARK.encode())


def lowered(held: Held, separator: str) -> dict[str, bytes]:
    return {name.lower(): file for name, file in writing.written(held, separator).items()}
