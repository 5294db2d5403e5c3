"""The turn of the school year: seen first, done at once, undone within the day."""

from datetime import datetime

import pytest

from tests.house import ZONE, Running
from tests.pages.living import look, statuses, text_of, told

TURNOVER = "/school/groups/turnover"
JULY = datetime(2027, 7, 6, 10, tzinfo=ZONE)
NAMES = "select array_agg(name order by name) from grp where school_id = $1 and ended_on is null"


@pytest.fixture
async def in_july(house: Running) -> Running:
    house.clock.present = JULY
    return house


def fate(house: Running, class_: str, what: str, name: str = "") -> dict[str, str]:
    group_id = house.cast.classes[class_].group_id
    named = {f"name-{group_id}": name} if name else {}
    return {f"fate-{group_id}": what, **named}


async def names(house: Running) -> list[str]:
    found: list[str] = await look(house, NAMES, house.cast.school)
    return found


async def test_it_is_for_leader_and_administrator(in_july: Running) -> None:
    expected = {"ada": 200, "wim": 200, "ilse": 404, "eva": 404, "nobody": 303}
    assert await statuses(in_july, TURNOVER, *expected) == expected
    for name in "ilse", "omar", "eva":
        visitor = await in_july.staff(name)
        assert (await visitor.post(TURNOVER, data={"sure": "yes"})).status_code == 404
        assert (await visitor.post(f"{TURNOVER}/undoing")).status_code == 404
    assert await names(in_july) == ["2B", "Groep 6"]


async def test_before_july_there_is_nothing_to_turn(house: Running) -> None:
    house.clock.present = datetime(2027, 6, 30, 23, tzinfo=ZONE)
    leader = await house.staff("wim", language="en")
    assert TURNOVER not in (await leader.get("/school")).text
    assert "All groups are of this school year" in (await leader.get(TURNOVER)).text
    await leader.post(TURNOVER, data={"sure": "yes"})
    assert await names(house) == ["2B", "Groep 6"]


async def test_nothing_is_done_before_it_was_looked_at(in_july: Running) -> None:
    leader = await in_july.staff("wim", language="en")
    assert 'value="3B"' in (await leader.get(TURNOVER)).text
    looked = await leader.post(TURNOVER, data=fate(in_july, "2B", "up", "3A"))
    assert "2B moves up, is called 3A" in text_of(looked.text)
    assert await names(in_july) == ["2B", "Groep 6"]


async def test_groups_move_up_and_their_series_go_on(in_july: Running) -> None:
    in_july.clock.present = datetime(2026, 9, 8, 10, tzinfo=ZONE)
    survey, _ = await told(in_july, await in_july.staff("ilse"))
    in_july.clock.present = JULY
    leader, teacher = await in_july.staff("wim"), await in_july.staff("ilse", language="en")
    assert (await leader.post(TURNOVER, data={"sure": "yes"})).status_code == 303
    assert await names(in_july) == ["3B", "Groep 6"]
    years = "select array_agg(distinct (year_group, school_year)::text) from grp where name <> '1A'"
    assert await look(in_july, years) == ["(3,2027)"]
    assert "9 of 12" in text_of((await teacher.get(f"/surveys/{survey.survey_id}")).text)
    await in_july.open_round(teacher, survey)


async def test_what_was_chosen_counts_and_not_what_was_proposed(in_july: Running) -> None:
    leader = await in_july.staff("wim")
    form = fate(in_july, "2B", "stay", "2 Blauw") | fate(in_july, "Groep 6", "end")
    await leader.post(TURNOVER, data={**form, "sure": "yes"})
    assert await names(in_july) == ["2 Blauw"]


@pytest.mark.parametrize("name", [" ", "x" * 41, "groep 7"])
async def test_a_name_that_cannot_be_comes_back_with_the_rest(in_july: Running, name: str) -> None:
    leader = await in_july.staff("wim")
    form = fate(in_july, "2B", "up", name) | fate(in_july, "Groep 6", "up", "Groep 7")
    reply = await leader.post(TURNOVER, data={**form, "sure": "yes"})
    assert reply.status_code == 422
    assert 'value="Groep 7"' in reply.text
    assert await names(in_july) == ["2B", "Groep 6"]


async def test_two_teachers_who_call_their_class_the_same_may_go_on_doing_so(
    in_july: Running,
) -> None:
    await in_july.add_class("2B", 24, teacher="omar")
    leader = await in_july.staff("wim")
    await leader.post(TURNOVER, data={"sure": "yes"})
    assert await names(in_july) == ["3B", "3B", "Groep 6"]


async def test_choosing_a_language_and_going_back_lose_nothing(in_july: Running) -> None:
    leader = await in_july.staff("wim")
    for step in {"language": "en"}, {"back": "yes"}:
        reply = await leader.post(TURNOVER, data={**fate(in_july, "2B", "up", "3 Rood"), **step})
        assert reply.status_code == 200
        assert 'value="3 Rood"' in reply.text


# Undoing


async def test_it_is_undone_within_the_day(in_july: Running) -> None:
    before = await look(in_july, "select string_agg(g::text, '' order by group_id) from grp g")
    leader = await in_july.staff("wim")
    await leader.post(TURNOVER, data={**fate(in_july, "2B", "end"), "sure": "yes"})
    in_july.clock.go(hours=3)
    undone = await leader.post(f"{TURNOVER}/undoing")
    assert undone.headers["location"].endswith("undone=yes")
    after = await look(in_july, "select string_agg(g::text, '' order by group_id) from grp g")
    assert after == before
    again = await leader.post(f"{TURNOVER}/undoing")
    assert again.headers["location"].endswith("undone=no")


async def test_the_next_day_it_stays(in_july: Running) -> None:
    await (await in_july.staff("wim")).post(TURNOVER, data={"sure": "yes"})
    in_july.clock.go(days=1)
    leader = await in_july.staff("wim")
    assert f"{TURNOVER}/undoing" not in (await leader.get("/school/groups")).text
    await leader.post(f"{TURNOVER}/undoing")
    assert await names(in_july) == ["3B", "Groep 6"]


async def test_it_stays_once_a_group_was_asked(in_july: Running) -> None:
    """What students read when they answered was the name that the group has now."""
    leader, teacher = await in_july.staff("wim"), await in_july.staff("ilse")
    survey = await in_july.survey("2B")
    await leader.post(TURNOVER, data={"sure": "yes"})
    await in_july.open_round(teacher, survey)
    await leader.post(f"{TURNOVER}/undoing")
    assert await names(in_july) == ["3B", "Groep 6"]


async def test_rounds_from_before_do_not_stand_in_the_way(in_july: Running) -> None:
    teacher = await in_july.staff("ilse")
    await told(in_july, teacher)
    leader = await in_july.staff("wim")
    await leader.post(TURNOVER, data={"sure": "yes"})
    await leader.post(f"{TURNOVER}/undoing")
    assert await names(in_july) == ["2B", "Groep 6"]
