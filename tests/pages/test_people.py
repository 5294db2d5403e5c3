"""People of a school: who has which role, by whose word, and that it ends at once."""

import asyncio

import pytest

from service.storage import people, tenancy
from surveys.access import RIGHTS, Role
from tests.house import PASSWORD, Running
from tests.pages.living import look, statuses, text_of, told
from tests.pages.test_school import grant

ROLES = "select array_agg(role order by role) from membership where account_id = $1"
THE_ADMINISTRATORS = {"ada": 200, "wim": 200, "ilse": 404, "omar": 404, "eva": 404, "nobody": 303}


async def change_role(house: Running, by: str, of: str, role: str, given: str = "yes") -> int:
    visitor = house.visitor() if by == "nobody" else await house.staff(by)
    address = f"/school/people/{house.cast.people[of]}/roles"
    return (await visitor.post(address, data={"role": role, "given": given})).status_code


async def roles_of(house: Running, name: str) -> set[str]:
    return set(await look(house, ROLES, house.cast.people[name]))


async def test_people_are_for_leader_and_administrator(house: Running) -> None:
    omar = f"/school/people/{house.cast.people['omar']}"
    for address in "/school/people", omar:
        assert await statuses(house, address, *THE_ADMINISTRATORS) == THE_ADMINISTRATORS


async def test_the_people_of_another_school_are_not_there(house: Running) -> None:
    administrator = await house.staff("ada")
    shown = (await administrator.get("/school/people")).text
    assert "ilse@example.org" in shown
    assert "eva@example.org" not in shown
    eva = f"/school/people/{house.cast.people['eva']}"
    assert (await administrator.get(eva)).status_code == 404


async def test_beside_each_role_stands_what_it_sees_and_who_gives_it(house: Running) -> None:
    leader = await house.staff("wim", language="en")
    shown = text_of((await leader.get("/school/people")).text)
    for rights in RIGHTS.values():
        assert f"Sees {rights.sees['en']}." in shown
    assert "Given by a school leader or an administrator." in shown


async def test_who_gave_a_role_stands_beside_it(house: Running) -> None:
    await change_role(house, "ada", "omar", "leader")
    leader = await house.staff("wim", language="en")
    shown = text_of((await leader.get("/school/people")).text)
    assert "Omar omar@example.org Ada 8 September 2026" in shown


# Roles


@pytest.mark.parametrize(
    ("by", "may"),
    [
        ("wim", {"adviser"}),
        ("ada", {"leader", "administrator"}),
        ("ilse", set()),
        ("eva", set()),
        ("nobody", set()),
    ],
)
async def test_who_may_give_which_role(house: Running, by: str, may: set[str]) -> None:
    for role in ("leader", "administrator", "adviser", "king", ""):
        await change_role(house, by, "omar", role)
    assert await roles_of(house, "omar") == {"teacher"} | may


@pytest.mark.parametrize(
    ("by", "may"),
    [("wim", {"adviser"}), ("ada", {"leader", "administrator"}), ("ilse", set()), ("eva", set())],
)
async def test_who_may_take_which_role(house: Running, by: str, may: set[str]) -> None:
    for role in (Role.LEADER, Role.ADMINISTRATOR, Role.ADVISER):
        await grant(house, "omar", role)
    for tried in ("leader", "administrator", "adviser"):
        await change_role(house, by, "omar", tried, given="no")
    assert await roles_of(house, "omar") == set(Role) - may


async def test_nobody_changes_the_own_roles(house: Running) -> None:
    for name in "ada", "wim":
        for role in "teacher", "leader", "administrator", "adviser":
            assert await change_role(house, name, name, role) == 404
    assert await roles_of(house, "ada") == {"administrator"}
    assert await roles_of(house, "wim") == {"leader"}


async def test_a_role_that_is_taken_gives_nothing_from_that_moment_on(house: Running) -> None:
    teacher = await house.staff("ilse")
    survey, _ = await told(house, teacher)
    await grant(house, "ilse", Role.LEADER)
    await house.set_up_second_factor("ilse@example.org")
    page = f"/surveys/{survey.survey_id}"
    assert (await teacher.get(page)).status_code == 200
    await change_role(house, "ada", "ilse", "teacher", given="no")
    assert (await teacher.get(page)).status_code == 404
    assert "2B" not in (await teacher.get("/classes")).text
    assert (await teacher.get("/school")).status_code == 200


async def test_the_only_role_is_not_taken_by_mistake(house: Running) -> None:
    assert await change_role(house, "ada", "omar", "teacher", given="no") == 303
    assert await roles_of(house, "omar") == {"teacher"}
    administrator = await house.staff("ada", language="en")
    shown = (await administrator.get(f"/school/people/{house.cast.people['omar']}")).text
    assert "The only role. To take it, end the access." in shown


async def test_the_last_leader_stays_and_the_page_says_why(house: Running) -> None:
    await grant(house, "wim", Role.TEACHER)
    administrator = await house.staff("ada", language="en")
    address = f"/school/people/{house.cast.people['wim']}"
    await administrator.post(f"{address}/roles", data={"role": "leader", "given": "no"})
    await administrator.post(f"{address}/access", data={"access": "off"})
    assert await roles_of(house, "wim") == {"teacher", "leader"}
    assert await look(house, "select count(*) from membership where ended_on is not null") == 0
    shown = (await administrator.get(address)).text
    assert "The only school leader. Make somebody else school leader first" in shown
    assert 'value="off"' not in shown
    await change_role(house, "ada", "omar", "leader")
    await administrator.post(f"{address}/roles", data={"role": "leader", "given": "no"})
    assert await roles_of(house, "wim") == {"teacher"}


async def test_two_administrators_cannot_take_each_other_away_at_once(house: Running) -> None:
    for name in "ada", "omar":
        await grant(house, name, Role.ADMINISTRATOR)
        await grant(house, name, Role.TEACHER)
    ada, omar = await house.staff("ada"), await house.staff("omar")
    role = {"role": "administrator", "given": "no"}
    await asyncio.gather(
        ada.post(f"/school/people/{house.cast.people['omar']}/roles", data=role),
        omar.post(f"/school/people/{house.cast.people['ada']}/roles", data=role),
    )
    administrators = "select count(*) from membership where role = 'administrator'"
    assert await look(house, administrators) == 1


# The confidential adviser


async def test_an_adviser_who_came_by_invitation_counts_once_a_leader_confirmed(
    house: Running,
) -> None:
    leader = await house.staff("wim")
    await grant(house, "omar", Role.ADVISER, confirmed=False)
    adviser, student = await house.staff("omar"), house.visitor()
    talk = f"/talk/{house.cast.school}"
    assert (await adviser.get("/talks")).status_code == 404
    assert (await student.get(talk)).status_code == 404
    confirmation = f"/school/people/{house.cast.people['omar']}/confirmation"
    for name in "ada", "ilse", "omar", "eva":
        assert (await (await house.staff(name)).post(confirmation)).status_code == 404
    await leader.post(confirmation)
    assert (await adviser.get("/talks")).status_code == 200
    assert (await student.get(talk)).status_code == 200


async def test_a_leader_appoints_somebody_who_is_here_at_once(house: Running) -> None:
    await change_role(house, "wim", "omar", "adviser")
    assert (await (await house.staff("omar")).get("/talks")).status_code == 200
    await change_role(house, "wim", "omar", "adviser", given="no")
    assert (await (await house.staff("omar")).get("/talks")).status_code == 404


async def test_who_waits_to_be_confirmed_reads_so(house: Running) -> None:
    async with tenancy.school(house.service.house.pool, house.cast.school) as connection:
        omar = house.cast.people["omar"]
        await people.grant(connection, house.cast.school, omar, Role.ADVISER, confirmed=False)
        await people.take(connection, house.cast.school, omar, Role.TEACHER)
    shown = (await (await house.staff("omar", language="en")).get("/classes")).text
    assert "still has to confirm that it is you" in shown


# Access


async def test_an_administrator_ends_access_at_once(house: Running) -> None:
    administrator, omar = await house.staff("ada"), await house.staff("omar")
    address = f"/school/people/{house.cast.people['omar']}"
    reply = await administrator.post(f"{address}/access", data={"access": "off"})
    assert (reply.status_code, reply.headers["location"]) == (303, address)
    assert (await omar.get("/classes")).status_code == 303


async def test_access_ends_at_one_school_and_stays_at_another(house: Running) -> None:
    administrator, other = await house.staff("ada"), house.cast.other_school
    omar = house.cast.people["omar"]
    async with tenancy.school(house.service.house.pool, other) as connection:
        await people.grant(connection, other, omar, Role.TEACHER)
    await administrator.post(f"/school/people/{omar}/access", data={"access": "off"})
    visitor = await house.staff("omar")
    assert (await visitor.get("/classes")).status_code == 200
    session = "select school_id from session where account_id = $1"
    assert await look(house, session, omar) == other


async def test_who_works_at_two_schools_goes_from_one_to_the_other(house: Running) -> None:
    here, there, omar = house.cast.school, house.cast.other_school, house.cast.people["omar"]
    async with tenancy.school(house.service.house.pool, there) as connection:
        await people.grant(connection, there, omar, Role.LEADER)
    visitor = await house.staff("omar")
    for school_id, name, leads in ((there, "De Brug", 200), (here, "Het Kompas", 404)):
        assert name in (await visitor.get("/account")).text
        await visitor.post("/account/school", data={"school": str(school_id)})
        assert (await visitor.get("/school")).status_code == leads


async def test_nobody_goes_to_a_school_where_he_does_not_work(house: Running) -> None:
    visitor = await house.staff("ada")
    await visitor.post("/account/school", data={"school": str(house.cast.other_school)})
    assert "Het Kompas" in (await visitor.get("/school")).text
    assert "De Brug" not in (await visitor.get("/account")).text


async def test_who_was_ended_here_is_invited_anew_by_an_administrator_alone(
    house: Running,
) -> None:
    administrator, leader = await house.staff("ada"), await house.staff("wim")
    omar = {"name": "Omar", "email": "omar@example.org", "role": "teacher"}
    assert (await administrator.post("/school/invitations", data=omar)).status_code == 422
    await administrator.post(
        f"/school/people/{house.cast.people['omar']}/access", data={"access": "off"}
    )
    assert (await leader.post("/school/invitations", data=omar)).status_code == 422
    assert (await administrator.post("/school/invitations", data=omar)).status_code == 200


async def test_results_stay_their_owners_when_access_ends(house: Running) -> None:
    teacher, administrator = await house.staff("ilse"), await house.staff("ada")
    survey, _ = await told(house, teacher)
    address = f"/school/people/{house.cast.people['ilse']}/access"
    await administrator.post(address, data={"access": "off"})
    page = f"/surveys/{survey.survey_id}"
    others = {"omar": 404, "wim": 404, "ada": 404}
    assert await statuses(house, page, *others) == others
    await administrator.post(address, data={"access": "on"})
    assert await statuses(house, page, "ilse") == {"ilse": 200}


async def test_nobody_but_an_administrator_ends_access_and_never_the_own(house: Running) -> None:
    for name in "ilse", "wim", "eva", "nobody":
        visitor = house.visitor() if name == "nobody" else await house.staff(name)
        address = f"/school/people/{house.cast.people['omar']}/access"
        reply = await visitor.post(address, data={"access": "off"})
        assert reply.status_code == (303 if name == "nobody" else 404)
    administrator = await house.staff("ada")
    for name in "ada", "eva":
        address = f"/school/people/{house.cast.people[name]}/access"
        assert (await administrator.post(address, data={"access": "off"})).status_code == 404
    assert await look(house, "select count(*) from membership where ended_on is not null") == 0


async def test_an_administrator_cannot_set_a_password_or_an_address(house: Running) -> None:
    administrator = await house.staff("ada")
    accounts = "select string_agg(a::text, ' ' order by email) from account a"
    before = await look(house, accounts)
    address = f"/school/people/{house.cast.people['omar']}"
    stolen = {"password": "a new password", "email": "ada@example.org", "name": "Ada"}
    await administrator.post(f"{address}/access", data={"access": "on", **stolen})
    await administrator.post(f"{address}/roles", data={"role": "leader", **stolen})
    assert await look(house, accounts) == before
    omar = {"email": "omar@example.org", "password": PASSWORD}
    async with house.visitor() as visitor:
        assert (await visitor.post("/signin", data=omar)).status_code == 303
