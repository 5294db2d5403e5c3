"""Files in OneRoster's shape, read and checked: a roster, or what is wrong with them and where."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from msgspec.structs import replace

from surveys import tables
from surveys.rosters import oneroster as shape
from surveys.rosters.classes import classes_of, school_of, sharing
from surveys.rosters.people import dropped, enrolled_of, parts_of, people_of, roles_of
from surveys.rosters.roster import Class, Ignored, LeftOut, Roster
from surveys.rosters.sheets import Asked, Files, Sheet
from surveys.tables import Problem, Table, Wrong


def read(files: Mapping[str, bytes], asked: Asked) -> Roster | tuple[Problem, ...]:
    """Files by their names, in lower case. Never raises."""
    opened = [
        tables.read(name, files[name], columns)
        for name, columns in shape.SHAPES.items()
        if name in files
    ]
    held = {each.file: each for each in opened if isinstance(each, Table)}
    found = [problem for each in opened if not isinstance(each, Table) for problem in each]
    reading = Files({name: held.get(name, Table(name)) for name in shape.SHAPES}, asked, found)
    if reading.full:
        found += missing(files, held)
    if found:
        return in_order(found)
    found += [problem for table in held.values() for problem in table.problems]
    roster = roster_of(reading)
    if found:
        return in_order(found)
    return replace(
        roster,
        ignored=tuple(Ignored(each.file, name) for each in held.values() for name in each.ignored),
        unread=tuple(sorted(files.keys() - shape.SHAPES - shape.USELESS)),
    )


def missing(files: Iterable[str], held: Mapping[str, Table]) -> Iterator[Problem]:
    """Files without which a school would seem to have no classes any more, or no teachers."""
    for name in shape.NEEDED_FILES:
        if name not in files:
            yield Problem(name, 0, Wrong.NO_FILE)
        elif name in held and not held[name].rows and not held[name].problems:
            yield Problem(name, 0, Wrong.EMPTY)


def in_order(found: Iterable[Problem]) -> tuple[Problem, ...]:
    """By file, line and column; what is wrong in the same way in several lines is told once."""
    lines: defaultdict[Problem, set[int]] = defaultdict(set)
    for problem in found:
        lines[replace(problem, line=0)].add(problem.line)
    folded = [
        replace(problem, line=min(at), more=tuple(sorted(at)[1:])) for problem, at in lines.items()
    ]
    files = [*shape.SHAPES]
    return tuple(sorted(folded, key=lambda each: (files.index(each.file), each.line, each.column)))


def roster_of(files: Files) -> Roster:
    roles = roles_of(files)
    enrolled = enrolled_of(files, roles)
    parts = parts_of(files, roles, enrolled)
    people = tuple(people_of(files, parts))
    found = list(classes_of(files, enrolled))
    classes = tuple(each for each in found if isinstance(each, Class))
    taught = {each.sourced_id for each in classes} | files.known_classes
    teach = {each.sourced_id for each in people} | files.known_people
    return Roster(
        full=files.full,
        school=school_of(files),
        classes=classes,
        people=people,
        teaching=tuple(
            sorted(each for each in enrolled.teaching if each[0] in taught and each[1] in teach)
        ),
        gone_classes=gone(files.classes, files.asked.classes),
        gone_people=gone(files.users, files.asked.people),
        gone_teaching=tuple(sorted(enrolled.over)),
        left_out=tuple(each for each in found if isinstance(each, LeftOut)),
        sharing=tuple(sharing(classes, enrolled)),
        dropped=dropped(parts, len(people), enrolled),
    )


def gone(sheet: Sheet, known: frozenset[str]) -> tuple[str, ...]:
    """Of those who came with earlier files: a student never did."""
    return tuple(sorted({row["sourcedId"] for row in sheet.rows if sheet.is_gone(row)} & known))
