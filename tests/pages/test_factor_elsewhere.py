"""A leader or an administrator who comes by a provider: it says that it asked for a second factor,
the school says that it always does, or we ask for ours."""

import re
from typing import Any

import httpx
import pytest

from tests.house import PASSWORD, Running
from tests.pages.living import look, text_of
from tests.pages.test_openid import invited
from tests.phones import set_up
from tests.providers import Certified, Liar, come, switched_on, told, trusting

LATER = 31  # seconds: the phone shows another code
ASKED = "/signin/code?next=/classes"
IN = "/classes"


async def known(school: Running, provider: Certified, way: str, name: str) -> None:
    """Came by it once, and showed that the account is theirs."""
    visitor = school.visitor()
    shown = await come(provider, visitor, way, name)
    proof = re.search(r'name="proof" value="([0-9a-f]+)"', shown.text)
    assert proof, shown.text
    school.clock.go(seconds=LATER)
    form = {"proof": proof[1], "password": PASSWORD, "code": school.code_now()}
    assert (await visitor.post("/signin/proof", data=form)).headers["location"] == IN
    assert (await visitor.get("/school")).status_code == 200  # the code was just shown
    school.clock.go(seconds=LATER)


async def of_wim(school: Running, provider: Certified, **form: str) -> str:
    """The way in of a leader whom the provider knows."""
    way = await switched_on(school, provider, await school.staff("ada"), **form)
    await known(school, provider, way, "wim")
    return way


async def newcomer(
    school: Running, provider: Certified, **form: str
) -> tuple[str, httpx.AsyncClient]:
    """The way in, and Noor, who was invited and has not come by it yet."""
    administrator = await school.staff("ada")
    way = await switched_on(school, provider, administrator)
    await invited(school, administrator, **form)
    return way, school.visitor("en")


async def arrives(provider: Certified, visitor: httpx.AsyncClient, way: str, name: str) -> str:
    return str((await come(provider, visitor, way, name)).headers["location"])


def settings(way: str) -> str:
    return way.replace("/signin/with", "/school/signin")


async def save(school: Running, way: str, **changed: str) -> None:
    """What the administrator fills in again, but for the secret."""
    kept = "select name, issuer, client_id from provider where school_id = $1"
    async with school.service.house.pool.acquire() as connection, connection.transaction():
        await connection.execute(
            "select set_config('app.school', $1, true)", str(school.cast.school)
        )
        form = dict(await connection.fetchrow(kept, school.cast.school))
    administrator = await school.staff("ada")
    reply = await administrator.post(settings(way), data={**form, "secret": "", **changed})
    assert reply.status_code == 303, reply.text


# What the provider says


async def test_a_leader_of_whom_it_says_so_is_asked_for_nothing_more(
    school: Running, provider: Certified
) -> None:
    way, wim = await of_wim(school, provider), school.visitor()
    assert await arrives(provider, wim, way, "wim+pwd+mfa") == IN
    assert (await wim.get("/school")).status_code == 200


@pytest.mark.parametrize("name", ["wim", "wim+pwd", "wim+pwd+otp", "wim+hwk"])
async def test_where_it_does_not_say_mfa_our_code_is_asked(
    school: Running, provider: Certified, name: str
) -> None:
    way, wim = await of_wim(school, provider), school.visitor("en")
    assert await arrives(provider, wim, way, name) == ASKED
    for page in "/classes", "/school", "/account/second-factor":
        assert (await wim.get(page)).headers["location"].startswith("/signin"), page
    asked = text_of((await wim.get(ASKED)).text)
    assert "Het Kompas did not tell us that it asked you for more than a password." in asked
    wrong = await wim.post("/signin/code", data={"code": "000000"})
    assert (wrong.status_code, "Het Kompas did not tell us" in wrong.text) == (422, True)
    right = await wim.post("/signin/code", data={"code": school.code_now()})
    assert right.headers["location"] == IN
    assert (await wim.get("/school")).status_code == 200


OF_A_WRONG_KIND: list[Any] = [
    "mfa",
    {"mfa": True},
    [["mfa"]],
    [{"mfa": True}],
    ["MFA"],
    ["pwd mfa"],
    1,
    [1, None],
]


@pytest.mark.parametrize("amr", OF_A_WRONG_KIND, ids=str)
async def test_what_is_said_in_another_form_counts_as_nothing(
    school: Running, liar: Liar, amr: Any
) -> None:
    way = await trusting(school, liar, await school.staff("ada"))
    liar.told["amr"] = amr
    ada = school.visitor()
    assert (await told(school, liar, ada, way)).headers["location"] == ASKED


async def test_it_counts_in_the_signed_token_alone(school: Running, liar: Liar) -> None:
    way = await trusting(school, liar, await school.staff("ada"))
    liar.metadata = {"userinfo_endpoint": f"{liar.issuer}/userinfo"}
    more = '{"sub": "subject of a liar", "amr": ["mfa"], "acr": "https://refeds.org/profile/mfa"}'
    liar.replies = {"/userinfo": (200, "", more)}
    school.clock.go(hours=2)  # what it says of itself is asked again
    arrived = await told(school, liar, school.visitor(), way)
    assert arrived.headers["location"] == ASKED
    assert "/userinfo" in liar.asked


async def test_a_trial_says_whether_it_tells(school: Running, provider: Certified) -> None:
    trial = f"{settings(await of_wim(school, provider))}/trial"
    for name, words in {
        "ada": "It does not say that it asked you for a second factor. So we ask leaders",
        "ada+mfa": "It says that it asked you for a second factor this time.",
    }.items():
        administrator = await school.staff("ada", "en")
        departing = await administrator.get(trial)
        back = await provider.sign_in(administrator, departing.headers["location"], name)
        assert words in text_of((await administrator.get(back)).text)


# Who has none of ours yet, and who wants one


async def test_who_has_none_yet_sets_it_up_before_anything_else(
    school: Running, provider: Certified
) -> None:
    way, noor = await newcomer(school, provider, role="leader")
    assert await arrives(provider, noor, way, "noor") == IN
    for page in "/classes", "/school", "/account":
        assert (await noor.get(page)).headers["location"] == "/account/second-factor", page
    shown = text_of((await noor.get("/account/second-factor")).text)
    assert "Het Kompas did not tell us that it asked you for more than a password" in shown
    await set_up(noor, school.clock())
    assert (await noor.get("/school")).status_code == 200
    assert await arrives(provider, school.visitor(), way, "noor") == ASKED
    assert await arrives(provider, school.visitor(), way, "noor+mfa") == IN


async def test_of_a_teacher_none_is_asked_but_by_own_wish(
    school: Running, provider: Certified
) -> None:
    way, noor = await newcomer(school, provider)
    assert await arrives(provider, noor, way, "noor") == IN
    assert (await noor.get(IN)).status_code == 200
    await set_up(noor, school.clock())
    assert await arrives(provider, school.visitor(), way, "noor") == ASKED


async def test_a_teacher_who_becomes_a_leader_meanwhile_is_asked_at_once(
    school: Running, provider: Certified
) -> None:
    way, noor = await newcomer(school, provider)
    await come(provider, noor, way, "noor")
    account = await look(school, "select account_id from account where email like 'noor%'")
    administrator = await school.staff("ada")
    await administrator.post(f"/school/people/{account}/roles", data={"role": "leader"})
    assert (await noor.get("/school")).headers["location"] == "/account/second-factor"


async def test_who_lost_phone_and_codes_is_invited_anew_and_comes_by_the_provider(
    school: Running, provider: Certified
) -> None:
    way = await of_wim(school, provider)
    administrator = await school.staff("ada")
    people = school.cast.people
    role = {"role": "leader"}  # one stays
    await administrator.post(f"/school/people/{people['omar']}/roles", data=role)
    await administrator.post(f"/school/people/{people['wim']}/access", data={"access": "off"})
    ended = await come(provider, school.visitor("en"), way, "wim+mfa")
    assert (ended.status_code, "access to this school has ended" in ended.text) == (403, True)
    again = {"name": "Wim", "email": "wim@example.org", "role": "leader"}
    await invited(school, administrator, **again)
    unverified = await come(provider, school.visitor("en"), way, "unverified-wim")
    assert unverified.status_code == 403
    wim = school.visitor("en")
    assert await arrives(provider, wim, way, "wim") == IN
    assert (await wim.get("/school")).headers["location"] == "/account/second-factor"
    await set_up(wim, school.clock())
    assert (await wim.get("/school")).status_code == 200
    told_of = "select count(*) from audit where verb = $1 and subject = $2"
    assert await look(school, told_of, "second factor removed", people["wim"]) == 1
    assert await look(school, told_of, "identity tied", people["wim"]) == 1


# On the way to the code


async def test_with_the_code_one_is_at_the_providers_school_and_no_other(
    school: Running, provider: Certified
) -> None:
    way, wim = await of_wim(school, provider), school.visitor("en")
    other = {"school": str(school.cast.other_school)}
    works = "insert into membership (school_id, account_id, role) values ($1, $2, 'leader')"
    await look(school, works, school.cast.other_school, school.cast.people["wim"])
    await come(provider, wim, way, "wim")
    await wim.post("/signin/code", data={"code": school.code_now()})
    moved = await wim.post("/account/school", data=other)
    assert "counts for one school" in text_of((await wim.get(moved.headers["location"])).text)
    out = await wim.post("/signout")
    assert out.headers["location"] == way.replace("/signin/with", "/signout")


async def test_whoever_gives_up_before_the_code_is_led_out_by_the_provider(
    school: Running, provider: Certified
) -> None:
    way, wim = await of_wim(school, provider), school.visitor()
    await come(provider, wim, way, "wim")
    out = await wim.post("/signout")
    assert out.headers["location"] == way.replace("/signin/with", "/signout")
    assert (await wim.get("/signin/code")).headers["location"] == "/signin"


async def test_a_provider_that_is_switched_off_leaves_nobody_half_way(
    school: Running, provider: Certified
) -> None:
    way, wim = await of_wim(school, provider), school.visitor()
    await come(provider, wim, way, "wim")
    administrator = await school.staff("ada")
    await administrator.post(f"{settings(way)}/entrance", data={"entrance": "off"})
    late = await wim.post("/signin/code", data={"code": school.code_now()})
    assert late.headers["location"] == "/signin"
    assert (await wim.get("/school")).status_code == 303


# What the school says


async def test_the_school_says_that_it_always_asks_and_is_believed(
    school: Running, provider: Certified
) -> None:
    way = await of_wim(school, provider)
    assert await arrives(provider, school.visitor(), way, "wim") == ASKED
    await save(school, way, second_factor="yes")
    administrator = await school.staff("ada", "en")
    filled = (await administrator.get(settings(way))).text
    assert 'name="second_factor" value="yes" checked' in filled
    wim = school.visitor()
    assert await arrives(provider, wim, way, "wim") == IN
    assert (await wim.get("/school")).status_code == 200
    noted = "select count(*) from audit where verb = 'provider changed'"
    assert await look(school, noted) == 1


async def test_once_it_says_so_no_more_who_came_on_its_word_comes_again(
    school: Running, provider: Certified
) -> None:
    way = await of_wim(school, provider, second_factor="yes")
    wim = school.visitor()
    assert await arrives(provider, wim, way, "wim") == IN
    with_password = await school.staff("ilse")
    await save(school, way)
    assert (await wim.get("/school")).headers["location"].startswith("/signin?")
    assert (await with_password.get(IN)).status_code == 200
    assert await arrives(provider, wim, way, "wim") == ASKED
    noted = "select count(*) from audit where verb = 'provider changed'"
    assert await look(school, noted) == 1


async def test_what_the_school_says_is_asked_for_and_not_taken_for_granted(
    school: Running, provider: Certified
) -> None:
    administrator = await school.staff("ada", "en")
    form = (await administrator.get("/school/signin/new/other")).text
    assert re.search(r'name="second_factor" value="yes"(?! checked)', form)
    await switched_on(school, provider, administrator)
    assert await look(school, "select bool_or(second_factor) from provider") is False
