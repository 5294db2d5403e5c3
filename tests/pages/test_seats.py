"""Taking a seat at a governing board: by an invitation of the installation, and by nothing else."""

import asyncpg
import pytest

from service import adding
from service.retention import LIVES, end_lives
from tests.governors import BOARD, invited, seated, words
from tests.house import PASSWORD, Running
from tests.pages.living import look


async def sign_in(house: Running, person: str, password: str = PASSWORD):
    """With the code of the second factor, where one is asked for."""
    visitor, email = house.visitor("en"), f"{person}@example.org"
    if await look(house, "select count(*) from account where email = $1", email):
        await house.set_up_second_factor(email)
    reply = await visitor.post("/signin", data={"email": email, "password": password})
    if reply.headers.get("location", "").startswith("/signin/code"):
        reply = await visitor.post("/signin/code", data={"code": house.code_now()})
    return visitor, reply


async def test_an_invitation_says_what_one_will_see_and_works_once(house: Running) -> None:
    visitor = house.visitor("en")
    path = await invited(house, "bea")
    page = words((await visitor.get(path)).text)
    assert "Welcome, Bea." in page
    assert f"You look along for {BOARD}." in page
    reply = await visitor.post(path, data={"password": PASSWORD})
    assert (reply.status_code, reply.headers["location"]) == (303, "/schools")
    assert (await visitor.get(path)).status_code == 404
    assert (await visitor.post(path, data={"password": PASSWORD})).status_code == 404


async def test_a_short_password_comes_back_and_a_language_keeps_the_page(house: Running) -> None:
    visitor = house.visitor("en")
    path = await invited(house, "bea")
    reply = await visitor.post(path, data={"password": "short"})
    assert reply.status_code == 422
    assert "At least 12 characters." in reply.text
    reply = await visitor.post(path, data={"password": "short", "language": "nl"})
    assert reply.status_code == 200
    assert "Welkom, Bea." in reply.text


async def test_who_sits_on_a_board_signs_in_like_staff_and_works_at_no_school(
    house: Running,
) -> None:
    await seated(house)
    visitor, reply = await sign_in(house, "bea")
    assert reply.status_code == 303
    assert (await visitor.get("/schools")).status_code == 200
    assert (await visitor.get("/account")).status_code == 200
    for path in ("/classes", "/school", "/school/outside", "/wellbeing", "/account/deletion"):
        reply = await visitor.get(path, follow_redirects=True)
        assert reply.url.path in ("/schools", path)
        assert (reply.url.path == "/schools") == (reply.status_code == 200), path
    await visitor.post("/signout")
    assert (await visitor.get("/schools")).headers["location"] == "/signin?next=/schools"


async def test_somebody_of_a_school_keeps_the_own_account_and_school(house: Running) -> None:
    path = await invited(house, "ilse")
    visitor = house.visitor("en")
    assert (await visitor.post(path, data={"password": "some other password"})).status_code == 422
    reply = await visitor.post(path, data={"password": PASSWORD})
    assert reply.status_code == 303
    await house.set_up_second_factor("ilse@example.org")
    assert (await visitor.get("/schools")).status_code == 200
    mine = await visitor.get("/classes")
    assert mine.status_code == 200
    assert 'href="/schools"' in mine.text


@pytest.mark.parametrize("name", ["ilse", "wim", "ada", "eva"])
async def test_a_school_gives_nobody_a_seat(house: Running, name: str) -> None:
    await seated(house)
    staff = await house.staff(name)
    assert (await staff.get("/schools")).status_code == 404
    assert 'href="/schools"' not in (await staff.get("/classes")).text


async def test_a_seat_that_was_taken_away_shows_nothing_any_more(house: Running) -> None:
    bea, ben = await seated(house), await seated(house, "ben")
    connection = await asyncpg.connect(house.dsn)
    assert await adding.remove_from_board(connection, board=BOARD, email="Bea@example.org ")
    assert not await adding.remove_from_board(connection, board=BOARD, email="bea@example.org")
    assert not await adding.remove_from_board(connection, board="Other", email="ben@example.org")
    await connection.close()
    assert (await bea.get("/schools")).status_code == 303
    _, reply = await sign_in(house, "bea")
    assert reply.status_code == 422
    assert (await ben.get("/schools")).status_code == 200


async def test_an_invitation_runs_out_and_is_forgotten(house: Running) -> None:
    path = await invited(house, "bea")
    house.clock.go(days=LIVES.invitation.days + 1)
    async with house.visitor() as late:
        assert (await late.get(path)).status_code == 404
    await end_lives(house.service.keeper.pool, house.clock(), lambda key: None)
    assert await look(house, "select count(*) from governing_invitation") == 0


async def test_the_same_name_is_the_same_board_with_one_more_seat(house: Running) -> None:
    await seated(house)
    await seated(house, "ben")
    await seated(house, "cas", "Netwerk Noord")
    assert await look(house, "select count(*) from governing_board") == 2


async def leaves(house: Running, person: str) -> None:
    """The administrator ends somebody's access and deletes what is left of it at the school."""
    administrator, account_id = await house.staff("ada"), house.cast.people[person]
    for step, form in (("access", {"access": "off"}), ("deletion", {})):
        reply = await administrator.post(f"/school/people/{account_id}/{step}", data=form)
        assert reply.status_code == 303, reply.text


async def test_a_school_that_deletes_somebody_takes_no_seat_away(house: Running) -> None:
    visitor = house.visitor()
    await visitor.post(await invited(house, "ilse"), data={"password": PASSWORD})
    await leaves(house, "ilse")
    again, reply = await sign_in(house, "ilse")
    assert reply.status_code == 303
    assert (await again.get("/schools")).status_code == 200
    assert (await again.get("/classes")).status_code == 303


async def test_nor_does_a_school_that_is_deleted_itself(house: Running) -> None:
    visitor = house.visitor()
    await visitor.post(await invited(house, "ilse"), data={"password": PASSWORD})
    administrator = await house.staff("ada")
    await administrator.post("/school/deletion", data={"school": "Het Kompas"})
    house.clock.go(days=LIVES.grace.days + 1)
    await end_lives(house.service.keeper.pool, house.clock(), lambda key: None)
    _, reply = await sign_in(house, "omar")
    assert reply.status_code == 422
    again, reply = await sign_in(house, "ilse")
    assert (await again.get("/schools")).status_code == 200


async def test_who_deletes_the_own_account_gives_up_the_seat(house: Running) -> None:
    visitor = house.visitor()
    await visitor.post(await invited(house, "ilse"), data={"password": PASSWORD})
    await house.set_up_second_factor("ilse@example.org")
    await visitor.post("/account/deletion", data={"password": PASSWORD})
    _, reply = await sign_in(house, "ilse")
    assert reply.status_code == 422
    assert await look(house, "select count(*) from governing_member") == 0
