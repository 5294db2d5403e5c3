"""Coming in: with a password, by an invitation, at the first run; and going out again."""

import re

import pytest

from tests.house import PASSWORD, START_TOKEN, Running, served, settle
from tests.pages.living import look, opened
from tests.phones import set_up

ILSE = {"email": "ilse@example.org", "password": PASSWORD}


async def link_of_invitation(house: Running, **form: str) -> str:
    administrator = await house.staff("ada")
    invited = {"name": "Noor", "email": "noor@example.org", "role": "teacher", **form}
    page = (await administrator.post("/school/invitations", data=invited)).text
    found = re.search(re.escape(house.url) + r"(/invitations/\w+)", page)
    assert found, page
    return found[1]


# With a password


async def test_a_teacher_comes_in_with_the_right_password(house: Running) -> None:
    visitor = house.visitor()
    reply = await visitor.post("/signin", data={**ILSE, "email": " Ilse@Example.org "})
    assert (reply.status_code, reply.headers["location"]) == (303, "/classes")
    assert (await visitor.get("/classes")).status_code == 200
    assert (await visitor.get("/signin")).headers["location"] == "/classes"


@pytest.mark.parametrize(
    "wrong",
    [
        {"password": PASSWORD + "x"},
        {"password": ""},
        {"email": "nobody@example.org"},
        {"email": "ilse@example.org\x00"},
        {"email": "' or true --"},
        {"email": ""},
    ],
)
async def test_a_wrong_password_comes_back_the_same_as_an_unknown_address(
    house: Running, wrong: dict[str, str]
) -> None:
    visitor = house.visitor()
    reply = await visitor.post("/signin", data={**ILSE, **wrong})
    assert reply.status_code in (400, 422)
    assert "set-cookie" not in reply.headers
    assert PASSWORD not in reply.text
    assert (await visitor.get("/classes")).status_code == 303


async def test_the_page_does_not_tell_who_has_an_account(house: Running) -> None:
    async with house.visitor() as visitor:
        replies = [
            await visitor.post("/signin", data={"email": email, "password": "wrong password"})
            for email in ("ilse@example.org", "else@example.org")
        ]
    one, other = (reply.text.replace("ilse", "else") for reply in replies)
    assert one == other


async def test_whoever_lost_access_stays_out(house: Running) -> None:
    administrator, omar = await house.staff("ada"), await house.staff("omar")
    address = f"/school/people/{house.cast.people['omar']}/access"
    await administrator.post(address, data={"access": "off"})
    assert (await omar.get("/classes")).status_code == 303
    again = {"email": "omar@example.org", "password": PASSWORD}
    assert (await omar.post("/signin", data=again)).status_code == 422
    await administrator.post(address, data={"access": "on"})
    assert (await omar.post("/signin", data=again)).status_code == 303


# Where to


async def test_who_comes_for_a_page_is_brought_back_to_it(house: Running) -> None:
    teacher = await house.staff("ilse")
    page, _ = await opened(house, teacher)
    visitor = house.visitor()
    asked = await visitor.get(page)
    assert asked.headers["location"] == f"/signin?next={page}"
    shown = (await visitor.get(asked.headers["location"])).text
    next_page = re.search(r'name="next" value="([^"]*)"', shown)
    assert next_page
    reply = await visitor.post("/signin", data={**ILSE, "next": next_page[1]})
    assert reply.headers["location"] == page


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example.org",
        "//evil.example.org",
        "/\\evil.example.org",
        "\\\\evil.example.org",
        "/%2fevil.example.org",
        "/\tevil.example.org",
        " //evil.example.org",
        "javascript:alert(1)",
        "/classes\nSet-Cookie: a=b",
        "/classes\n",
        "/classes?x=//evil.example.org",
        "/@evil.example.org",
        "",
    ],
)
async def test_nobody_is_sent_to_another_site(house: Running, elsewhere: str) -> None:
    visitor = house.visitor()
    shown = await visitor.get("/signin", params={"next": elsewhere})
    assert 'name="next" value="/classes"' in shown.text
    reply = await visitor.post("/signin", data={**ILSE, "next": elsewhere})
    assert reply.headers["location"] == "/classes"


# Sessions


async def test_signing_out_ends_the_session_not_only_the_cookie(house: Running) -> None:
    teacher = await house.staff("ilse")
    token = teacher.cookies["stemlokaal"]
    reply = await teacher.post("/signout")
    assert reply.headers["location"] == "/signin"
    assert "stemlokaal" not in teacher.cookies
    async with house.visitor() as thief:
        thief.cookies.set("stemlokaal", token)
        assert (await thief.get("/classes")).status_code == 303


async def test_all_sessions_are_ended_at_once_and_nobody_elses(house: Running) -> None:
    here, elsewhere = await house.staff("ilse"), await house.staff("ilse")
    colleague = await house.staff("omar")
    await here.post("/account/sessions/end")
    assert (await here.get("/classes")).status_code == 303
    assert (await elsewhere.get("/classes")).status_code == 303
    assert (await colleague.get("/classes")).status_code == 200


async def test_a_session_lasts_a_school_day(house: Running) -> None:
    teacher = await house.staff("ilse")
    house.clock.go(hours=11)
    assert (await teacher.get("/classes")).status_code == 200
    house.clock.go(hours=2)
    assert (await teacher.get("/classes")).status_code == 303


async def test_a_session_is_kept_as_a_hash_that_opens_nothing(house: Running) -> None:
    teacher = await house.staff("ilse")
    token = teacher.cookies["stemlokaal"]
    kept = await look(house, "select token_hash from session")
    assert token.encode() not in kept
    assert token not in kept.hex()
    async with house.visitor() as thief:
        thief.cookies.set("stemlokaal", kept.hex())
        assert (await thief.get("/classes")).status_code == 303


async def test_the_cookie_is_for_this_site_and_for_no_script(house: Running) -> None:
    async with house.visitor() as visitor:
        cookie = (await visitor.post("/signin", data=ILSE)).headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "secure" not in cookie  # plain http on a loopback


async def test_over_tls_the_cookie_is_bound_to_tls_and_host(database: str, place) -> None:
    async with served(database, place, url="https://stem.example.org") as running:
        await settle(running)
        plain = f"http://127.0.0.1:{running.settings.port}"
        async with running.visitor() as visitor:
            reply = await visitor.post(f"{plain}/signin", data=ILSE)
    cookie = reply.headers["set-cookie"]
    assert cookie.startswith("__Host-stemlokaal=")
    assert "; Secure" in cookie
    assert "domain" not in cookie.lower()
    assert "max-age=63072000" in reply.headers["strict-transport-security"]


async def test_a_students_page_is_the_same_for_a_teacher_who_is_signed_in(house: Running) -> None:
    teacher = await house.staff("ilse")
    _, code = await opened(house, teacher)
    async with house.visitor() as student:
        theirs, hers = [await each.get(f"/{code}") for each in (student, teacher)]
    nonce = r'value="[0-9a-f]{32}"'
    assert re.sub(nonce, "", hers.text) == re.sub(nonce, "", theirs.text)
    assert "set-cookie" not in hers.headers


# By an invitation


async def test_an_invitation_is_used_once(house: Running) -> None:
    link = await link_of_invitation(house)
    newcomer, second = house.visitor(), house.visitor()
    assert "Noor" in (await newcomer.get(link)).text
    short = await newcomer.post(link, data={"password": "kort"})
    assert short.status_code == 422
    accepted = await newcomer.post(link, data={"password": PASSWORD})
    assert accepted.status_code == 303
    assert (await newcomer.get("/classes")).status_code == 200
    assert (await second.get(link)).status_code == 404
    assert (await second.post(link, data={"password": PASSWORD})).status_code == 404
    noor = {"email": "noor@example.org", "password": PASSWORD}
    assert (await second.post("/signin", data=noor)).status_code == 303


async def test_an_invitation_runs_out_after_two_weeks(house: Running) -> None:
    link = await link_of_invitation(house)
    async with house.visitor() as newcomer:
        house.clock.go(days=14)
        assert (await newcomer.get(link)).status_code == 200
        house.clock.go(days=1)
        assert (await newcomer.get(link)).status_code == 404
        assert (await newcomer.post(link, data={"password": PASSWORD})).status_code == 404
        assert (await newcomer.get("/invitations/" + "0" * 32)).status_code == 404


async def test_who_has_an_account_already_shows_its_password(house: Running) -> None:
    """Otherwise an invitation would be a way into somebody else's account."""
    link = await link_of_invitation(house, email="eva@example.org", name="Eva")
    async with house.visitor() as thief:
        assert (await thief.post(link, data={"password": "a new password"})).status_code == 422
    async with house.visitor() as eva:
        assert (await eva.post(link, data={"password": PASSWORD})).status_code == 303
        assert (await eva.get("/classes")).status_code == 200
    assert (
        await look(
            house, "select count(*) from membership where account_id = $1", house.cast.people["eva"]
        )
        == 2
    )


# The first run


FIRST = {
    "school": "Het Kompas",
    "name": "Ada",
    "email": "ada@example.org",
    "password": PASSWORD,
    "token": START_TOKEN,
}


async def test_the_first_run_leads_to_a_school_and_its_administrator(empty_house: Running) -> None:
    visitor = empty_house.visitor()
    assert (await visitor.get("/signin")).headers["location"] == "/start"
    assert (await visitor.get("/start")).status_code == 200
    made = await visitor.post("/start", data=FIRST)
    assert (made.status_code, made.headers["location"]) == (303, "/school")
    await set_up(visitor, empty_house.clock())
    assert "Het Kompas" in (await visitor.get("/school")).text
    assert (await visitor.get("/start")).headers["location"] == "/signin"


@pytest.mark.parametrize(
    "wrong",
    [
        {"token": "a guess"},
        {"token": ""},
        {"token": "gïs"},
        {"school": " "},
        {"name": ""},
        {"email": "ada"},
        {"password": "kort"},
    ],
)
async def test_nobody_begins_without_the_token_or_half(
    empty_house: Running, wrong: dict[str, str]
) -> None:
    async with empty_house.visitor() as visitor:
        reply = await visitor.post("/start", data={**FIRST, **wrong})
        assert reply.status_code == 422
        assert PASSWORD not in reply.text
    assert await look(empty_house, "select count(*) from school") == 0


async def test_once_there_is_an_account_nobody_begins_again(house: Running) -> None:
    async with house.visitor() as visitor:
        reply = await visitor.post("/start", data={**FIRST, "email": "thief@example.org"})
    assert reply.headers["location"] == "/signin"
    assert await look(house, "select count(*) from school") == 2
