"""The cookie of a session cannot be guessed, and is never one that somebody else knew before."""

from tests.house import PASSWORD, Running
from tests.pages.test_shell import everything

SIGN_IN = {"email": "ilse@example.org", "password": PASSWORD}


async def test_the_cookie_of_a_session_holds_128_bits_and_is_another_each_time(
    house: Running,
) -> None:
    found = set()
    for _ in range(5):
        visitor = house.visitor()
        await visitor.post("/signin", data=SIGN_IN)
        [token] = visitor.cookies.values()
        assert len(bytes.fromhex(token)) * 8 >= 128
        assert token not in str(await everything(house))
        found.add(token)
    assert len(found) == 5


async def test_a_cookie_that_somebody_else_planted_becomes_no_session(house: Running) -> None:
    visitor = house.visitor()
    planted = "0" * 32
    visitor.cookies.set("stemlokaal", planted, domain="127.0.0.1")
    reply = await visitor.post("/signin", data=SIGN_IN)
    assert planted not in reply.headers["set-cookie"]
    stranger = house.visitor()
    stranger.cookies.set("stemlokaal", planted, domain="127.0.0.1")
    assert (await stranger.get("/classes")).status_code == 303


async def test_signing_in_again_ends_the_session_that_this_browser_had(house: Running) -> None:
    visitor, other = house.visitor(), await house.staff("ilse")
    await visitor.post("/signin", data=SIGN_IN)
    first = dict(visitor.cookies)
    await visitor.post("/signin", data=SIGN_IN)
    assert dict(visitor.cookies) != first
    thief = house.visitor()
    thief.cookies.update(first)
    assert (await thief.get("/classes")).status_code == 303
    for still in visitor, other:
        assert (await still.get("/classes")).status_code == 200
