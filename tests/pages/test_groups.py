"""The groups of a school: who teaches which, and what it means that one ends."""

import pytest

from service import reminding
from tests.house import Running
from tests.pages.living import look, statuses, text_of, told

GROUP = {
    "name": "3C",
    "kind": "class",
    "stage": "secondary",
    "members": "27",
    "school_year": "2026",
}
MANAGERS = {"ada": 200, "wim": 200, "ilse": 404, "omar": 404, "eva": 404, "nobody": 303}


def page_of(house: Running, name: str) -> str:
    return f"/school/groups/{house.cast.classes[name].group_id}"


async def teach(house: Running, by: str, class_: str, name: str, given: str = "yes") -> int:
    visitor = house.visitor() if by == "nobody" else await house.staff(by)
    form = {"teacher": str(house.cast.people[name]), "given": given}
    return (await visitor.post(f"{page_of(house, class_)}/teachers", data=form)).status_code


async def test_groups_are_for_leader_and_administrator(house: Running) -> None:
    group = page_of(house, "2B")
    for address in "/school/groups", "/school/groups/new", group, f"{group}/edit":
        assert await statuses(house, address, *MANAGERS) == MANAGERS


async def test_a_group_of_another_school_is_not_there(house: Running) -> None:
    administrator = await house.staff("ada")
    assert (await administrator.get(page_of(house, "1A"))).status_code == 404
    assert "1A" not in text_of((await administrator.get("/school/groups")).text)


@pytest.mark.parametrize("name", ["ada", "wim"])
async def test_who_manages_groups_makes_one_and_says_who_teaches_it(
    house: Running, name: str
) -> None:
    manager, teacher = await house.staff(name), await house.staff("omar")
    made = await manager.post("/school/groups/new", data=GROUP)
    assert made.status_code == 303
    omar = {"teacher": str(house.cast.people["omar"]), "given": "yes"}
    await manager.post(f"{made.headers['location']}/teachers", data=omar)
    assert "3C" in (await teacher.get("/classes")).text


async def test_nobody_else_makes_changes_or_ends_a_group(house: Running) -> None:
    group = page_of(house, "2B")
    before = await look(house, "select string_agg(g::text, '' order by group_id) from grp g")
    for name in "ilse", "omar", "eva", "nobody":
        visitor = house.visitor() if name == "nobody" else await house.staff(name)
        for address in "/school/groups/new", f"{group}/edit", f"{group}/ending":
            reply = await visitor.post(address, data={**GROUP, "ended": "yes"})
            assert reply.status_code == (303 if name == "nobody" else 404)
        assert await teach(house, name, "2B", "omar") == (303 if name == "nobody" else 404)
    after = await look(house, "select string_agg(g::text, '' order by group_id) from grp g")
    assert after == before
    assert await look(house, "select count(*) from teaching") == 3


async def test_half_a_group_comes_back_filled_in(house: Running) -> None:
    manager = await house.staff("ada")
    for address in "/school/groups/new", f"{page_of(house, '2B')}/edit":
        reply = await manager.post(address, data={**GROUP, "members": "0"})
        assert reply.status_code == 422
        assert 'value="3C"' in reply.text
        kept = await manager.post(address, data={**GROUP, "language": "en"})
        assert kept.status_code == 200
        assert 'value="3C"' in kept.text


async def test_a_group_that_is_changed_keeps_its_series(house: Running) -> None:
    survey, _ = await told(house, await house.staff("ilse"))
    manager = await house.staff("wim")
    await manager.post(f"{page_of(house, '2B')}/edit", data=GROUP)
    shown = await (await house.staff("ilse")).get(f"/surveys/{survey.survey_id}")
    assert "3C" in shown.text


async def test_somebody_who_teaches_too_sees_nothing_of_the_other_teachers_results(
    house: Running,
) -> None:
    survey, _ = await told(house, await house.staff("ilse"))
    await teach(house, "ada", "2B", "omar")
    colleague = await house.staff("omar")
    assert "2B" in (await colleague.get("/classes")).text
    assert (await colleague.get(f"/surveys/{survey.survey_id}")).status_code == 404


async def test_who_no_longer_teaches_a_class_asks_it_no_more_and_keeps_the_results(
    house: Running,
) -> None:
    survey, _ = await told(house, await house.staff("ilse"))
    await teach(house, "ada", "2B", "ilse", given="no")
    house.clock.go(days=8)
    teacher = await house.staff("ilse", language="en")
    page = f"/surveys/{survey.survey_id}"
    assert (await teacher.post(f"{page}/ask")).status_code == 404
    assert (await teacher.get(f"{page}/ask")).status_code == 404
    shown = (await teacher.get(page)).text
    assert "somebody else teaches it now" in shown
    assert f'{page}/ask"' not in shown
    assert page in (await teacher.get("/classes")).text


async def test_only_a_teacher_of_this_school_teaches_its_groups(house: Running) -> None:
    for name in "eva", "wim":
        await teach(house, "ada", "2B", name)
    assert await look(house, "select count(*) from teaching") == 3


async def test_a_group_that_ended_is_out_of_the_lists_and_goes_on_when_it_is_let(
    house: Running,
) -> None:
    survey, _ = await told(house, await house.staff("ilse"))
    manager = await house.staff("ada", language="en")
    await manager.post(f"{page_of(house, '2B')}/ending", data={"ended": "yes"})
    teacher = await house.staff("ilse")
    assert (await teacher.get(f"/surveys/{survey.survey_id}")).status_code == 200
    group_id = house.cast.classes["2B"].group_id
    assert (await teacher.get(f"/classes/{group_id}/ask")).status_code == 404
    assert f"/classes/{group_id}/" not in (await teacher.get("/classes")).text
    assert "1 group that ended" in (await manager.get("/school/groups")).text
    await manager.post(f"{page_of(house, '2B')}/ending", data={"ended": "no"})
    assert (await teacher.get(f"/classes/{group_id}/ask")).status_code == 200


async def test_a_plan_for_a_group_that_ended_rings_no_more(house: Running) -> None:
    teacher = await house.staff("ilse")
    survey, _ = await told(house, teacher)
    await teacher.post(f"/surveys/{survey.survey_id}/plan", data={"weeks": "1"})
    manager = await house.staff("ada")
    await manager.post(f"{page_of(house, '2B')}/ending", data={"ended": "yes"})
    house.clock.go(days=8)
    await reminding.remind(house.service.house)
    assert await look(house, "select count(*) from reminder") == 0
