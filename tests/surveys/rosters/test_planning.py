"""What files would change of a school: nothing twice, and nothing of what a teacher made."""

from datetime import date
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from surveys.instrument import Stage
from surveys.rosters.planning import Colleague, Held, Known, Plan, Present, group_of, plan
from surveys.rosters.roster import Class, Person, Roster
from surveys.rounds import Group, GroupKind

SCHOOL = UUID(int=1)
EMPTY = Present("", {}, {}, frozenset(), (), frozenset())
ILSE, OMAR = UUID(int=11), UUID(int=12)


def class_(id: str, members: int = 24, name: str = "") -> Class:
    kind, stage = GroupKind.CLASS, Stage.SECONDARY
    return Class(id, name or id.upper(), kind, stage, 2, 2026, members, "")


def person(id: str) -> Person:
    return Person(id, id.title(), f"{id}@example.org")


def roster(*classes: Class, people: str = "", teaching: str = "", full: bool = True) -> Roster:
    return Roster(
        full=full,
        school="school-1",
        classes=classes,
        people=tuple(person(id) for id in people.split()),
        teaching=tuple((pair[:2], pair[3:]) for pair in teaching.split()),
    )


def colleague(id: str, number: UUID, *, teaches: bool = True, barred: bool = False) -> Colleague:
    return Colleague(number, f"{id}@example.org", teaches, barred)


def done(said: Plan, before: Present) -> Present:
    """The school after a plan was carried out and nobody has come in yet."""
    groups = dict(before.groups)
    for at, new in enumerate(said.new, start=len(groups)):
        groups[new.sourced_id] = Held(group_of(new, SCHOOL, UUID(int=100 + at)), True)
    for change in said.changed:
        groups[change.sourced_id] = Held(change.after, True)
    for end in said.ended:
        ended = replace(end.group, ended_on=date(2027, 7, 31))
        groups[end.sourced_id] = Held(ended, True)
    gone = {each.person.sourced_id for each in said.gone}
    people = {id: each for id, each in before.people.items() if id not in gone}
    return Present(
        school=said.school,
        groups=groups,
        people=people | {each.person.sourced_id: each for each in said.people},
        teaching=before.teaching - set(said.no_longer) | set(said.teaches),
        colleagues=before.colleagues,
        waiting=before.waiting | {each.email for each in said.invited},
    )


FIRST = roster(class_("2a"), class_("2b"), people="ilse omar", teaching="2a-ilse 2b-ilse 2b-omar")


def test_into_an_empty_school_everything_is_new():
    said = plan(FIRST, EMPTY)
    assert [each.name for each in said.new] == ["2A", "2B"]
    assert [each.name for each in said.invited] == ["Ilse", "Omar"]
    assert said.teaches == FIRST.teaching
    assert (said.changed, said.ended, said.no_longer, said.other_school) == ((), (), (), False)


def test_the_same_files_again_do_nothing():
    after = done(plan(FIRST, EMPTY), EMPTY)
    assert plan(FIRST, after).does_nothing


def test_what_changed_is_changed_and_not_doubled():
    after = done(plan(FIRST, EMPTY), EMPTY)
    second = roster(class_("2a", 26), class_("2b"), people="ilse omar", teaching="2a-omar 2b-ilse")
    said = plan(second, after)
    assert said.new == ()
    assert [(each.before.members, each.after.members) for each in said.changed] == [(24, 26)]
    assert said.teaches == (("2a", "omar"),)
    assert said.no_longer == (("2a", "ilse"), ("2b", "omar"))
    assert said.invited == ()


def test_a_class_that_vanished_ends_and_keeps_who_taught_it():
    after = done(plan(FIRST, EMPTY), EMPTY)
    said = plan(roster(class_("2a"), people="ilse omar", teaching="2a-ilse"), after)
    assert [each.group.name for each in said.ended] == ["2B"]
    assert said.no_longer == ()
    later = done(said, after)
    assert plan(roster(class_("2a"), people="ilse omar", teaching="2a-ilse"), later).does_nothing


def test_a_class_that_comes_back_begins_again():
    after = done(plan(FIRST, EMPTY), EMPTY)
    without = done(plan(roster(class_("2a"), people="ilse", teaching="2a-ilse"), after), after)
    (change,) = plan(FIRST, without).changed
    assert (change.sourced_id, change.begins_again) == ("2b", True)


def test_what_a_teacher_made_is_left_alone():
    own = group_of(class_("own"), SCHOOL, UUID(int=5))
    present = replace(EMPTY, groups={str(own.group_id): Held(own, False)})
    said = plan(FIRST, present)
    assert (said.changed, said.ended) == ((), ())
    assert said.namesakes == ()
    namesake = replace(present, groups={str(own.group_id): Held(replace(own, name="2B"), False)})
    assert plan(FIRST, namesake).namesakes == ("2B",)


def test_what_a_teacher_made_follows_the_files_when_they_name_its_number():
    own = group_of(class_("own"), SCHOOL, UUID(int=5))
    present = replace(EMPTY, groups={str(own.group_id): Held(own, False)})
    (change,) = plan(roster(class_(str(own.group_id), name="OWN")), present).changed
    assert change.adopted
    assert change.after.group_id == own.group_id


def test_files_without_a_number_of_students_leave_it_as_it_is():
    after = done(plan(FIRST, EMPTY), EMPTY)
    assert plan(replace(FIRST, classes=(class_("2a", 0), class_("2b", 0))), after).does_nothing
    assert plan(roster(class_("2c", 0)), EMPTY).new == ()


# People


def test_who_works_here_already_is_not_invited_and_teaches_at_once():
    present = replace(EMPTY, colleagues=(colleague("ilse", ILSE),))
    said = plan(FIRST, present)
    assert [each.name for each in said.invited] == ["Omar"]
    assert {each.person.name: each.account_id for each in said.people} == {
        "Ilse": ILSE,
        "Omar": None,
    }


def test_who_works_here_and_is_no_teacher_gets_no_role_by_files():
    """An administrator would otherwise become a teacher by an own file."""
    present = replace(EMPTY, colleagues=(colleague("ilse", ILSE, teaches=False),))
    said = plan(FIRST, present)
    assert [each.name for each in said.invited] == ["Omar"]
    assert [each.name for each in said.here] == ["Ilse"]


def test_who_was_invited_is_not_invited_again():
    present = replace(EMPTY, waiting=frozenset({"omar@example.org"}))
    said = plan(FIRST, present)
    assert [each.name for each in said.invited] == ["Ilse"]
    assert [each.name for each in said.waiting] == ["Omar"]


def test_whose_access_was_ended_is_not_invited():
    present = replace(EMPTY, colleagues=(colleague("omar", OMAR, barred=True),))
    said = plan(FIRST, present)
    assert [each.name for each in said.invited] == ["Ilse"]
    assert [each.name for each in said.barred] == ["Omar"]


def test_files_do_not_change_the_address_of_an_account():
    here = Known(Person("omar", "Omar", "omar@example.org"), OMAR)
    present = replace(EMPTY, people={"omar": here}, colleagues=(colleague("omar", OMAR),))
    moved = replace(FIRST, people=(replace(person("omar"), email="thief@example.org"),))
    said = plan(moved, present)
    assert said.invited == ()
    assert said.people == (here,)


def test_an_address_that_was_wrong_is_mended_before_somebody_comes():
    after = done(plan(FIRST, EMPTY), EMPTY)
    mended = replace(FIRST, people=(person("ilse"), replace(person("omar"), email="o@example.org")))
    assert [each.email for each in plan(mended, after).invited] == ["o@example.org"]


def test_who_has_come_teaches_what_the_files_say():
    after = done(plan(FIRST, EMPTY), EMPTY)
    came = replace(after, colleagues=(colleague("omar", OMAR),), waiting=frozenset())
    assert plan(FIRST, came).teaches == (("2b", "omar"),)


def test_who_is_no_longer_in_the_files_teaches_nothing_by_them():
    after = done(plan(FIRST, EMPTY), EMPTY)
    said = plan(
        roster(class_("2a"), class_("2b"), people="ilse", teaching="2a-ilse 2b-ilse"), after
    )
    assert [each.person.name for each in said.gone] == ["Omar"]
    assert said.no_longer == (("2b", "omar"),)


def test_files_of_another_school_are_noticed():
    after = done(plan(FIRST, EMPTY), EMPTY)
    assert plan(replace(FIRST, school="school-2"), after).other_school
    assert not plan(replace(FIRST, school=""), after).other_school


# Changes only


def test_a_set_of_changes_leaves_alone_what_it_does_not_name():
    after = done(plan(FIRST, EMPTY), EMPTY)
    said = plan(roster(class_("2c"), people="eva", teaching="2c-eva", full=False), after)
    assert [each.name for each in said.new] == ["2C"]
    assert (said.ended, said.gone, said.no_longer) == ((), (), ())


def test_a_set_of_changes_ends_what_it_names_as_gone():
    after = done(plan(FIRST, EMPTY), EMPTY)
    named = replace(roster(full=False), gone_classes=("2a",), gone_people=("omar",))
    said = plan(named, after)
    assert [each.group.name for each in said.ended] == ["2A"]
    assert [each.person.name for each in said.gone] == ["Omar"]
    assert said.no_longer == (("2b", "omar"),)
    left = replace(roster(full=False), gone_teaching=(("2b", "ilse"), ("2b", "nobody")))
    assert plan(left, after).no_longer == (("2b", "ilse"),)


# Any files after any other

IDS = st.sampled_from(["a", "b", "c"])


@st.composite
def rosters(draw: st.DrawFn) -> Roster:
    classes = [class_(id, draw(st.integers(0, 3))) for id in sorted(draw(st.sets(IDS)))]
    people = [person(id) for id in sorted(draw(st.sets(IDS)))]
    pairs = [(one.sourced_id, other.sourced_id) for one in classes for other in people]
    teaching = draw(st.sets(st.sampled_from(pairs))) if pairs else set()
    made = {each.sourced_id for each in classes if each.members}
    return Roster(
        full=draw(st.booleans()),
        school=draw(st.sampled_from(["", "one", "two"])),
        classes=tuple(classes),
        people=tuple(people),
        teaching=tuple(sorted(pair for pair in teaching if pair[0] in made)),
        gone_classes=tuple(draw(st.sets(IDS))),
        gone_people=tuple(draw(st.sets(IDS))),
    )


@given(st.lists(rosters(), max_size=4), rosters())
def test_after_any_history_the_same_full_files_do_nothing_twice(history, last):
    school = EMPTY
    for each in (*history, replace(last, full=True, gone_classes=(), gone_people=())):
        school = done(plan(each, school), school)
    again = plan(replace(last, full=True, gone_classes=(), gone_people=()), school)
    assert again.does_nothing, again


@given(st.lists(rosters(), max_size=4))
def test_no_group_is_ever_lost_or_doubled(history):
    school = EMPTY
    seen: dict[str, Group] = {}
    for each in history:
        school = done(plan(each, school), school)
        for id, held in school.groups.items():
            assert seen.setdefault(id, held.group).group_id == held.group.group_id
        assert school.groups.keys() == seen.keys()
