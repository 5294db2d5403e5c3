"""What the files of a school say: its classes and who teaches them.

No student is in any value here: a class has a number of members.
"""

from msgspec import Struct

from surveys.instrument import Stage
from surveys.rounds import GroupKind

Teaching = tuple[str, str]
"""A class and who teaches it, both by the ids that the files give them."""


class Class(Struct, frozen=True):
    """A class of the files. With 0 members they do not say how many: it keeps its number."""

    sourced_id: str
    name: str
    kind: GroupKind
    stage: Stage
    year_group: int | None
    school_year: int
    members: int
    subject: str


class Person(Struct, frozen=True):
    """Somebody of the files who teaches."""

    sourced_id: str
    name: str
    email: str


class Dropped(Struct, frozen=True):
    """Whom the files brought and nobody kept."""

    students: int = 0
    others: int = 0  # parents, and people of whom the files do not say that they teach
    staff: int = 0  # who work at the school and do not teach
    disabled: int = 0  # teachers whom the files shut out


class LeftOut(Struct, frozen=True):
    """A new class that is not made, because of how many students were counted in it."""

    name: str
    members: int


class Ignored(Struct, frozen=True):
    """A column that nobody knows."""

    file: str
    column: str


class Roster(Struct, frozen=True):
    """What the files say. A full one says everything: what it does not name is there no longer."""

    full: bool
    school: str
    classes: tuple[Class, ...]
    people: tuple[Person, ...]
    teaching: tuple[Teaching, ...]
    gone_classes: tuple[str, ...] = ()
    gone_people: tuple[str, ...] = ()
    gone_teaching: tuple[Teaching, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    sharing: tuple[str, ...] = ()  # classes with students who are in another class, too
    dropped: Dropped = Dropped()
    ignored: tuple[Ignored, ...] = ()
    unread: tuple[str, ...] = ()
