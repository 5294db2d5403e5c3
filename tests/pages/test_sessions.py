"""Sessions and passwords in their owner's hands: seen, ended, changed."""

import re
from time import perf_counter

import pytest
from argon2 import PasswordHasher, extract_parameters

from service import devices
from service.storage import accounts
from tests.governors import seated
from tests.house import HASH, PASSWORD, Running
from tests.pages.living import look
from tests.phones import set_up

ILSE = {"email": "ilse@example.org", "password": PASSWORD}
HIDDEN = '<input type="email" autocomplete="username" value="ilse@example.org" readonly>'
ANOTHER = "fiets lamp kaas wolk"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:142.0) Gecko/20100101 Firefox/142.0"
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1"
)
CHROME = (
    "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/139.0.0.0 Safari/537.36"
)
EDGE = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/139.0.0.0 Safari/537.36 Edg/139.0.0.0"
)


async def with_browser(house: Running, user_agent: str, language: str = "en"):
    visitor = house.visitor(language)
    visitor.headers["User-Agent"] = user_agent
    assert (await visitor.post("/signin", data=ILSE)).status_code == 303
    return visitor


# What one sees


@pytest.mark.parametrize(
    ("said", "found"),
    [
        (FIREFOX, ("Firefox", "Windows")),
        (SAFARI, ("Safari", "iPhone")),
        (CHROME, ("Chrome", "Chromebook")),
        (EDGE, ("Edge", "Mac")),
        (
            "Mozilla/5.0 (Linux; Android 15) Chrome/139.0.0.0 Mobile Safari/537.36",
            ("Chrome", "Android"),
        ),
        ("curl/8.0", ("", "")),
        ("", ("", "")),
    ],
)
def test_a_device_is_told_in_two_words(said: str, found: tuple[str, str]) -> None:
    device = devices.device_of(said)
    assert (device.browser, device.system) == found


async def test_the_page_lists_each_session_and_says_which_is_this_one(house: Running) -> None:
    await with_browser(house, FIREFOX)
    house.clock.go(hours=2, minutes=10)
    here = await with_browser(house, SAFARI)
    page = (await here.get("/account")).text
    assert "Firefox on Windows" in page
    assert "Safari on iPhone" in page
    assert "used 2 hours ago" in page
    assert page.index("Safari on iPhone") < page.index("this one") < page.index("Firefox")
    assert page.count("/ending") == 1  # this one ends by signing out
    assert "Firefox op Windows" in (await here.get("/account?language=nl")).text


async def test_nothing_else_of_a_device_is_kept(house: Running) -> None:
    await with_browser(house, FIREFOX)
    kept = await look(house, "select to_jsonb(s) - 'token_hash' from session s")
    assert "142." not in kept
    assert "127.0.0.1" not in kept


async def test_nobody_sees_sessions_of_somebody_else(house: Running) -> None:
    await with_browser(house, FIREFOX)
    for name in "omar", "wim", "ada":
        staff = await house.staff(name)
        assert "Firefox" not in (await staff.get("/account")).text
        person = f"/school/people/{house.cast.people['ilse']}"
        assert "Firefox" not in (await staff.get(person)).text
    async with house.visitor() as nobody:
        assert (await nobody.get("/account")).status_code == 303


async def test_who_sits_on_a_board_sees_own_sessions_too(house: Running) -> None:
    bea = await seated(house)
    page = (await bea.get("/account")).text
    assert page.count("<b>deze</b>") == 1
    assert 'href="/schools"' in page


# Ending them


async def test_one_is_ended_and_the_others_go_on(house: Running) -> None:
    there, elsewhere = await with_browser(house, FIREFOX), await with_browser(house, CHROME)
    house.clock.go(minutes=1)
    here = await with_browser(house, SAFARI)
    page = (await here.get("/account")).text
    after = page.partition("Firefox on Windows")[2]
    ending = re.search(r"/account/sessions/[0-9a-f-]{36}/ending", after)
    assert ending
    assert (await here.post(ending[0])).headers["location"] == "/account"
    assert (await there.get("/classes")).status_code == 303
    assert (await elsewhere.get("/classes")).status_code == 200
    assert (await here.get("/classes")).status_code == 200


async def test_all_others_end_and_this_one_goes_on(house: Running) -> None:
    there, here = await with_browser(house, FIREFOX), await with_browser(house, SAFARI)
    colleague = await house.staff("omar")
    await here.post("/account/sessions/others")
    assert (await there.get("/classes")).status_code == 303
    assert (await here.get("/classes")).status_code == 200
    assert (await colleague.get("/classes")).status_code == 200


async def test_nobody_ends_a_session_of_somebody_else(house: Running) -> None:
    ilse = await with_browser(house, FIREFOX)
    number = await look(house, "select session_id from session")
    for name in "omar", "wim", "ada":
        await (await house.staff(name)).post(f"/account/sessions/{number}/ending")
    async with house.visitor() as nobody:
        assert (await nobody.post(f"/account/sessions/{number}/ending")).status_code == 303
    assert (await ilse.get("/classes")).status_code == 200


# Another password


async def test_the_password_is_changed_with_the_present_one(house: Running) -> None:
    here, elsewhere = await house.staff("ilse", language="en"), await house.staff("ilse")
    half = house.visitor()
    form = {"present": PASSWORD, "password": ANOTHER}
    reply = await here.post("/account/password", data=form)
    assert reply.headers["location"] == "/account?password=changed"
    assert "Your password is changed." in (await here.get(reply.headers["location"])).text
    assert (await elsewhere.get("/classes")).status_code == 303
    assert (await half.post("/signin", data=ILSE)).status_code == 422
    again = await half.post("/signin", data={**ILSE, "password": ANOTHER})
    assert again.headers["location"] == "/classes"
    verbs = await look(house, "select array_agg(verb) from audit")
    assert verbs == ["password changed"]


async def test_whoever_was_half_way_in_starts_again(house: Running) -> None:
    teacher = await house.staff("ilse")
    await set_up(teacher, house.clock())
    half = house.visitor()
    await half.post("/signin", data=ILSE)
    await teacher.post("/account/password", data={"present": PASSWORD, "password": ANOTHER})
    assert (await half.get("/signin/code")).headers["location"] == "/signin"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"present": "not the password"}, "This is not the password of this account."),
        ({"password": "short"}, "At least 12 characters."),
        ({"password": "x y " * 33}, "At most 128 characters."),
        ({"password": "password1234"}, "one of the first that somebody would try"),
        ({"password": "Wachtwoord123!"}, "one of the first that somebody would try"),
        ({"password": "aaaaaaaaaaaaaaaa"}, "one of the first that somebody would try"),
        ({"password": "Ilse-Ilse-2026"}, "made of your name"),
        ({"password": "ilse@example.org"}, "made of your name"),
        ({"password": "HetKompas2026!"}, "made of your name"),
    ],
)
async def test_a_password_that_is_refused_says_why(
    house: Running, wrong: dict[str, str], said: str
) -> None:
    teacher = await house.staff("ilse", language="en")
    form = {"present": PASSWORD, "password": ANOTHER, **wrong}
    reply = await teacher.post("/account/password", data=form)
    assert reply.status_code == 422
    assert said in reply.text
    assert f'value="{form["password"]}"' not in reply.text.replace(HIDDEN, "")
    assert (await house.visitor().post("/signin", data=ILSE)).status_code == 303


@pytest.mark.parametrize(
    "good", ["correct horse battery staple", "zee gras fiets 7", "Ilse houdt van lange wandelingen"]
)
async def test_words_that_do_not_belong_together_are_taken(house: Running, good: str) -> None:
    teacher = await house.staff("ilse")
    form = {"present": PASSWORD, "password": good}
    assert (await teacher.post("/account/password", data=form)).status_code == 303


async def test_a_megabyte_is_no_password(house: Running) -> None:
    """Hashing it would keep a core busy: nobody is asked to, signed in or not."""
    async with house.visitor() as visitor:
        reply = await visitor.post("/signin", data={**ILSE, "password": "x" * 60_000})
    assert reply.status_code == 422


async def test_another_language_changes_nothing_yet(house: Running) -> None:
    teacher = await house.staff("ilse")
    form = {"present": PASSWORD, "password": ANOTHER, "language": "en"}
    shown = await teacher.post("/account/password", data=form)
    assert (shown.status_code, "Choose another password" in shown.text) == (200, True)
    assert (await house.visitor().post("/signin", data=ILSE)).status_code == 303
    assert await look(house, "select count(*) from mistake") == 0


async def test_a_hash_of_older_figures_is_raised_when_its_owner_comes_in(house: Running) -> None:
    older = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash(PASSWORD)
    ilse = house.cast.people["ilse"]
    await look(house, "update account set password_hash = $1 where account_id = $2", older, ilse)
    kept = "select password_hash from account where account_id = $1"
    async with house.visitor() as visitor:
        await visitor.post("/signin", data={**ILSE, "password": "a wrong password"})
        assert await look(house, kept, ilse) == older
        assert (await visitor.post("/signin", data=ILSE)).status_code == 303
        fresh = await look(house, kept, ilse)
        assert fresh != older
        assert extract_parameters(fresh) == extract_parameters(HASH)
        assert (await visitor.post("/signin", data=ILSE)).status_code == 303
    assert await look(house, kept, ilse) == fresh


async def test_a_password_that_was_changed_meanwhile_stays(house: Running) -> None:
    ilse = house.cast.people["ilse"]
    pool = house.service.house.pool
    await accounts.renew_hash(pool, ilse, "another hash than there is", "of an older password")
    assert (
        await look(house, "select password_hash from account where account_id = $1", ilse) == HASH
    )


# Mistakes


async def test_mistakes_are_counted_without_saying_whose(house: Running) -> None:
    async with house.visitor() as visitor:
        for email in "ilse@example.org", "else@example.org":
            await visitor.post("/signin", data={"email": email, "password": "a wrong password"})
    assert await look(house, "select count(*) from mistake") == 2
    kept = await look(house, "select string_agg(who, '') from mistake")
    assert b"ilse" not in kept
    assert len(kept) == 64


async def test_time_does_not_tell_who_has_an_account(house: Running) -> None:
    """Of an address without one a password is looked at as well."""
    took: dict[str, list[float]] = {"ilse@example.org": [], "nobody@example.org": []}
    async with house.visitor() as visitor:
        for _ in range(6):
            for email, times in took.items():
                began = perf_counter()
                await visitor.post("/signin", data={"email": email, "password": ANOTHER})
                times.append(perf_counter() - began)
    known, unknown = (min(times) for times in took.values())
    assert 0.5 < unknown / known < 2


async def test_they_are_forgotten_after_a_while(house: Running) -> None:
    async with house.visitor() as visitor:
        for _ in range(3):
            await visitor.post("/signin", data={**ILSE, "password": "a wrong password"})
        assert await look(house, "select number from mistake") == 3
        house.clock.go(minutes=15)
        await visitor.post("/signin", data={**ILSE, "password": "a wrong password"})
        assert await look(house, "select number from mistake") == 1
