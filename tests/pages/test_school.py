"""The school at a glance: how much is asked, never what; and what waits for somebody."""

import re

import httpx

from service.storage import people, tenancy
from surveys.access import Role
from tests.house import Running
from tests.pages.living import statuses, text_of, told


async def grant(house: Running, name: str, role: Role, *, confirmed: bool = True) -> None:
    school_id = house.cast.school
    async with tenancy.school(house.service.house.pool, school_id) as connection:
        await people.grant(
            connection, school_id, house.cast.people[name], role, confirmed=confirmed
        )


async def overview(visitor: httpx.AsyncClient) -> str:
    return text_of((await visitor.get("/school", headers={"Accept-Language": "en"})).text)


async def test_leader_and_administrator_see_the_school_and_nobody_else(house: Running) -> None:
    expected = {"wim": 200, "ada": 200, "ilse": 404, "omar": 404, "eva": 404, "nobody": 303}
    assert await statuses(house, "/school", *expected) == expected


async def test_the_school_sees_how_much_is_asked_and_never_what_was_answered(
    house: Running,
) -> None:
    teacher = await house.staff("ilse")
    survey, _ = await told(house, teacher, good=9, bad=3)
    for name in "wim", "ada":
        shown = (await (await house.staff(name)).get("/school")).text
        assert re.search(r'<td class="count">1</td>\s*<td class="count">1</td>', shown)
        assert str(survey.survey_id) not in shown
        assert "12" not in re.findall(r"\b\d+\b", re.sub(r"<[^>]+>", " ", shown))


async def test_what_waits_is_said_and_what_was_done_waits_no_more(house: Running) -> None:
    leader = await house.staff("wim")
    assert "Nobody is confidential adviser" in await overview(leader)
    await grant(house, "omar", Role.ADVISER, confirmed=False)
    assert "Omar came in as confidential adviser" in await overview(leader)
    await leader.post(f"/school/people/{house.cast.people['omar']}/confirmation")
    seen = await overview(leader)
    assert "confirmed Omar as confidential adviser by Wim" in seen
    assert "What waits Nothing." in seen


async def test_a_class_without_a_teacher_and_an_open_invitation_wait(house: Running) -> None:
    administrator = await house.staff("ada")
    noor = {"name": "Noor", "email": "noor@example.org", "role": "teacher"}
    await administrator.post("/school/invitations", data=noor)
    address = f"/school/groups/{house.cast.classes['2B'].group_id}/teachers"
    ilse = {"teacher": str(house.cast.people["ilse"]), "given": "no"}
    await administrator.post(address, data=ilse)
    seen = await overview(administrator)
    assert "1 group has no teacher" in seen
    assert "1 person was invited and is not here yet" in seen


async def test_a_leader_reads_who_got_a_role_even_when_it_was_taken_again(house: Running) -> None:
    """An administrator who gives himself a second face for a day does not stay unseen."""
    administrator, leader = await house.staff("ada"), await house.staff("wim")
    address = f"/school/people/{house.cast.people['omar']}/roles"
    await administrator.post(address, data={"role": "leader", "given": "yes"})
    await administrator.post(address, data={"role": "leader", "given": "no"})
    seen = await overview(leader)
    assert "Omar became school leader by Ada" in seen
    assert "Omar is no longer school leader by Ada" in seen
    house.clock.go(days=31)
    assert "Omar" not in await overview(await house.staff("wim"))
