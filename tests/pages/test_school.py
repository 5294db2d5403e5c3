"""The school's page: people and how much is asked, for leader and administrator; never what."""

import re

import pytest

from tests.house import PASSWORD, Running
from tests.pages.living import look, statuses, told

NOOR = {"name": "Noor", "email": "noor@example.org", "role": "teacher"}
SETTINGS = {"school": "Het Kompas", "school_language": "nl"}


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


async def test_the_people_of_another_school_are_not_on_it(house: Running) -> None:
    shown = (await (await house.staff("ada")).get("/school")).text
    assert "ilse@example.org" in shown
    assert "eva@example.org" not in shown


@pytest.mark.parametrize(
    ("name", "may"),
    [
        ("wim", {"teacher", "adviser"}),
        ("ada", {"teacher", "leader", "administrator"}),
        ("ilse", set()),
        ("omar", set()),
    ],
)
async def test_who_may_invite_whom(house: Running, name: str, may: set[str]) -> None:
    visitor = await house.staff(name)
    done = set()
    for role in "teacher", "leader", "administrator", "adviser", "king", "":
        reply = await visitor.post("/school/invitations", data={**NOOR, "role": role})
        assert reply.status_code in ({200, 422} if may else {404})
        if "/invitations/" in reply.text.replace('action="/school/invitations"', ""):
            done.add(role)
    assert done == may
    assert await look(house, "select count(*) from invitation") == len(may)


@pytest.mark.parametrize("wrong", [{"name": " "}, {"email": "noor"}, {"email": ""}])
async def test_half_an_invitation_comes_back_filled_in(
    house: Running, wrong: dict[str, str]
) -> None:
    administrator = await house.staff("ada")
    reply = await administrator.post("/school/invitations", data={**NOOR, **wrong})
    assert reply.status_code == 422
    kept = {**NOOR, **wrong}
    assert f'value="{kept["name"]}"' in reply.text
    assert f'value="{kept["email"]}"' in reply.text
    assert await look(house, "select count(*) from invitation") == 0


async def test_a_link_is_shown_once_and_kept_as_a_hash(house: Running) -> None:
    administrator = await house.staff("ada")
    page = (await administrator.post("/school/invitations", data=NOOR)).text
    link = re.search(r"/invitations/(\w{32})", page)
    assert link
    again = (await administrator.get("/school")).text
    assert link[1] not in again
    assert "noor@example.org" in again
    assert link[1] not in (await look(house, "select token_hash from invitation")).hex()


# People


async def test_an_administrator_ends_access_at_once(house: Running) -> None:
    administrator, omar = await house.staff("ada"), await house.staff("omar")
    address = f"/school/people/{house.cast.people['omar']}/access"
    reply = await administrator.post(address, data={"access": "off"})
    assert (reply.status_code, reply.headers["location"]) == (303, "/school")
    assert (await omar.get("/classes")).status_code == 303


async def test_results_stay_their_owners_when_access_ends(house: Running) -> None:
    teacher, administrator = await house.staff("ilse"), await house.staff("ada")
    survey, _ = await told(house, teacher)
    address = f"/school/people/{house.cast.people['ilse']}/access"
    await administrator.post(address, data={"access": "off"})
    page = f"/surveys/{survey.survey_id}"
    assert await statuses(house, page, "omar", "wim", "ada") == {
        "omar": 404,
        "wim": 404,
        "ada": 404,
    }
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
    before = await look(house, "select string_agg(a::text, ' ' order by email) from account a")
    address = f"/school/people/{house.cast.people['omar']}/access"
    stolen = {"access": "on", "password": "a new password", "email": "ada@example.org"}
    await administrator.post(address, data=stolen)
    again = {**NOOR, "email": "omar@example.org"}
    await administrator.post("/school/invitations", data=again)
    assert (
        await look(house, "select string_agg(a::text, ' ' order by email) from account a") == before
    )
    omar = {"email": "omar@example.org", "password": PASSWORD}
    async with house.visitor() as visitor:
        assert (await visitor.post("/signin", data=omar)).status_code == 303


# Settings


async def test_the_administrator_changes_the_settings(house: Running) -> None:
    administrator = await house.staff("ada")
    changed = {"school": "De Koers", "school_language": "en", "small_classes": "1"}
    assert (await administrator.post("/school/settings", data=changed)).status_code == 303
    assert "De Koers" in (await administrator.get("/school")).text
    assert await look(house, "select small_classes from school where name = 'De Koers'")
    for wrong in {"school": " "}, {"school_language": "xx"}:
        reply = await administrator.post("/school/settings", data={**changed, **wrong})
        assert reply.status_code != 303


async def test_nobody_else_changes_the_settings(house: Running) -> None:
    for name in "ilse", "wim", "eva", "nobody":
        visitor = house.visitor() if name == "nobody" else await house.staff(name)
        reply = await visitor.post("/school/settings", data={**SETTINGS, "small_classes": "1"})
        assert reply.status_code == (303 if name == "nobody" else 404)
    assert await look(house, "select count(*) from school where small_classes") == 0


async def test_a_round_keeps_the_rule_that_its_students_were_promised(house: Running) -> None:
    """Declaring small classes while a class answers would tell what was promised to be hidden."""
    teacher, administrator = await house.staff("ilse"), await house.staff("ada")
    survey = await house.survey("2B")
    round_id = await house.open_round(teacher, survey)
    code = await house.code(teacher, round_id)
    for _ in range(6):
        await house.answer(code, {"clarity": "4"})
    await administrator.post("/school/settings", data={**SETTINGS, "small_classes": "1"})
    await house.close(teacher, round_id)
    assert await look(house, "select told ->> 'type' from release") == "too few"
