"""Inviting a colleague: by link always, by e-mail where that works; repeated and withdrawn."""

import re

import httpx
import pytest

from surveys.access import Role
from tests.house import PASSWORD, Running
from tests.pages.living import look, statuses
from tests.pages.test_school import grant

NOOR = {"name": "Noor", "email": "noor@example.org", "role": "teacher"}
IDS = "select invitation_id from invitation"


def link_in(reply: httpx.Response) -> str:
    found = re.search(r"/invitations/\w{32}", reply.text)
    assert found, reply.text
    return found[0]


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
        if re.search(r"/invitations/\w{32}", reply.text):
            done.add(role)
    assert done == may
    assert await look(house, "select count(*) from invitation") == len(may)


async def test_the_form_is_for_who_may_invite(house: Running) -> None:
    expected = {"wim": 200, "ada": 200, "ilse": 404, "eva": 404, "nobody": 303}
    assert await statuses(house, "/school/invitations", *expected) == expected


@pytest.mark.parametrize(
    "wrong", [{"name": " "}, {"email": "noor"}, {"email": ""}, {"email": "omar@example.org"}]
)
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


async def test_nobody_invites_himself(house: Running) -> None:
    administrator = await house.staff("ada")
    own = {"name": "Ada", "email": "Ada@example.org", "role": "leader"}
    assert (await administrator.post("/school/invitations", data=own)).status_code == 422


async def test_a_link_is_shown_once_and_kept_as_a_hash(house: Running) -> None:
    administrator = await house.staff("ada")
    link = link_in(await administrator.post("/school/invitations", data=NOOR))
    again = (await administrator.get("/school/people")).text
    assert link not in again
    assert "noor@example.org" in again
    token = link.removeprefix("/invitations/")
    assert token not in (await look(house, "select token_hash from invitation")).hex()


async def test_the_same_invitation_twice_is_one(house: Running) -> None:
    administrator = await house.staff("ada")
    await administrator.post("/school/invitations", data=NOOR)
    assert (await administrator.post("/school/invitations", data=NOOR)).status_code == 422
    assert await look(house, "select count(*) from invitation") == 1


async def test_a_repeated_invitation_has_a_new_link_and_the_old_one_ends(house: Running) -> None:
    administrator = await house.staff("ada")
    old = link_in(await administrator.post("/school/invitations", data=NOOR))
    house.clock.go(days=10)
    administrator = await house.staff("ada")
    address = f"/school/invitations/{await look(house, IDS)}/repetition"
    new = link_in(await administrator.post(address))
    house.clock.go(days=10)
    async with house.visitor() as noor:
        assert (await noor.get(old)).status_code == 404
        assert (await noor.post(new, data={"password": PASSWORD})).status_code == 303


async def test_a_withdrawn_invitation_leads_nowhere(house: Running) -> None:
    administrator = await house.staff("ada")
    link = link_in(await administrator.post("/school/invitations", data=NOOR))
    await administrator.post(f"/school/invitations/{await look(house, IDS)}/withdrawal")
    async with house.visitor() as noor:
        assert (await noor.get(link)).status_code == 404
    assert "noor@example.org" not in (await administrator.get("/school/people")).text


async def test_only_who_could_have_made_it_repeats_or_withdraws(house: Running) -> None:
    administrator = await house.staff("ada")
    await administrator.post("/school/invitations", data={**NOOR, "role": "leader"})
    invitation_id = await look(house, IDS)
    for name in "wim", "ilse", "eva":
        visitor = await house.staff(name)
        for what in "repetition", "withdrawal":
            reply = await visitor.post(f"/school/invitations/{invitation_id}/{what}")
            assert reply.status_code == 404
    assert await look(house, IDS) == invitation_id


@pytest.mark.parametrize(
    ("path", "form"),
    [("roles", {"role": "leader", "given": "no"}), ("access", {"access": "off"})],
)
async def test_who_may_invite_no_more_lets_nobody_in_by_an_older_link(
    house: Running, path: str, form: dict[str, str]
) -> None:
    for role in (Role.LEADER, Role.TEACHER):
        await grant(house, "omar", role)
    leader, administrator = await house.staff("omar"), await house.staff("ada")
    link = link_in(await leader.post("/school/invitations", data=NOOR))
    await administrator.post(f"/school/people/{house.cast.people['omar']}/{path}", data=form)
    async with house.visitor() as noor:
        assert (await noor.get(link)).status_code == 404


async def test_an_adviser_who_accepts_waits_to_be_confirmed(house: Running) -> None:
    leader = await house.staff("wim")
    link = link_in(await leader.post("/school/invitations", data={**NOOR, "role": "adviser"}))
    adviser = house.visitor()
    await adviser.post(link, data={"password": PASSWORD})
    assert (await adviser.get("/classes")).status_code == 200
    assert (await adviser.get("/talks")).status_code == 404
    assert not await look(house, "select confirmed from membership where role = 'adviser'")
