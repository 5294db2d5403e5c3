"""Signing in by a school's provider: who comes in, who does not, and with what words."""

import asyncio
import re

import httpx
import pytest

from tests.house import PASSWORD, Running
from tests.pages.living import look, text_of
from tests.providers import (
    Certified,
    Liar,
    added,
    come,
    switched_on,
    told,
    tried_and_on,
    trusting,
)


async def invited(house: Running, administrator: httpx.AsyncClient, **form: str) -> None:
    noor = {"name": "Noor", "email": "noor@example.org", "role": "teacher", **form}
    assert (await administrator.post("/school/invitations", data=noor)).status_code == 200


async def proven(visitor: httpx.AsyncClient, shown: httpx.Response, password: str = PASSWORD):
    """Shows once that the account is theirs."""
    proof = re.search(r'name="proof" value="([0-9a-f]+)"', shown.text)
    assert proof, shown.text
    form = {"proof": proof[1], "password": password}
    return await visitor.post("/signin/proof", data=form)


# There and back


async def test_who_was_invited_comes_in_without_a_password(
    school: Running, provider: Certified
) -> None:
    administrator = await school.staff("ada")
    way = await switched_on(school, provider, administrator)
    await invited(school, administrator)
    noor = school.visitor()
    assert way in (await noor.get("/signin")).text
    arrived = await come(provider, noor, f"{way}?next=/boards", "noor")
    assert (arrived.status_code, arrived.headers["location"]) == (303, "/boards")
    assert (await noor.get("/classes")).status_code == 200
    roles = (
        "select array_agg(role) from membership join account using (account_id) where email = $1"
    )
    assert await look(school, roles, "noor@example.org") == ["teacher"]
    assert await look(school, "select count(*) from invitation") == 0


async def test_who_comes_again_is_known_by_the_subject_whatever_the_address(
    school: Running, liar: Liar
) -> None:
    administrator = await school.staff("ada")
    way = await trusting(school, liar, administrator)
    liar.told = {"email": "ada.new@example.org", "email_verified": False, "amr": ["mfa"]}
    again = school.visitor()
    arrived = await told(school, liar, again, way)
    assert arrived.headers["location"] == "/classes"
    assert "ada@example.org" in (await again.get("/account")).text


async def test_who_has_an_account_already_shows_once_that_it_is_theirs(
    school: Running, provider: Certified
) -> None:
    """Otherwise whoever sets up a provider would see the results of everybody at the school."""
    way = await switched_on(school, provider, await school.staff("ada"))
    ilse = school.visitor("en")
    shown = await come(provider, ilse, way, "ilse")
    assert "Is this you?" in shown.text
    assert (await ilse.get("/classes")).status_code == 303
    wrong = await proven(ilse, shown, "not her password")
    assert (wrong.status_code, "not the password" in wrong.text) == (422, True)
    assert (await ilse.get("/classes")).status_code == 303
    right = await proven(ilse, wrong)
    assert right.headers["location"] == "/classes"
    assert "2B" in (await ilse.get("/classes")).text
    again = school.visitor()
    assert (await come(provider, again, way, "ilse")).headers["location"] == "/classes"
    assert (await again.get("/classes")).status_code == 200


async def test_that_a_provider_is_believed_for_the_first_time_is_noted(
    school: Running, provider: Certified
) -> None:
    way = await switched_on(school, provider, await school.staff("ada"))
    ilse = school.visitor()
    await proven(ilse, await come(provider, ilse, way, "ilse"))
    await come(provider, school.visitor(), way, "ilse")
    noted = "select count(*) from audit where verb = 'identity tied' and subject = $1"
    assert await look(school, noted, school.cast.people["ilse"]) == 1


async def test_the_password_is_shown_in_the_browser_that_was_with_the_provider(
    school: Running, provider: Certified
) -> None:
    way = await switched_on(school, provider, await school.staff("ada"))
    shown = await come(provider, school.visitor(), way, "ilse")
    thief = school.visitor()
    await thief.get(way)
    assert (await proven(thief, shown)).headers["location"] == "/signin/over"
    assert await look(school, "select count(*) from identity") == 1


async def test_to_show_it_takes_minutes_at_most(school: Running, provider: Certified) -> None:
    way = await switched_on(school, provider, await school.staff("ada"))
    ilse = school.visitor("en")
    shown = await come(provider, ilse, way, "ilse")
    school.clock.go(minutes=11)
    late = await proven(ilse, shown)
    told = text_of((await ilse.get(late.headers["location"])).text)
    assert "it took longer than 10 minutes" in told


async def test_the_language_is_chosen_without_losing_the_way(
    school: Running, provider: Certified
) -> None:
    way = await switched_on(school, provider, await school.staff("ada"))
    ilse = school.visitor("nl")
    shown = await come(provider, ilse, way, "ilse")
    proof = re.search(r'name="proof" value="([0-9a-f]+)"', shown.text)
    assert proof
    form = {"proof": proof[1], "password": "x", "language": "en"}
    reply = await ilse.post("/signin/proof", data=form)
    assert (reply.status_code, "Is this you?" in reply.text) == (200, True)
    assert "not the password" not in reply.text
    assert (await proven(ilse, reply)).status_code == 303


async def test_signing_out_goes_on_to_the_provider(school: Running, provider: Certified) -> None:
    administrator = await school.staff("ada")
    way = await switched_on(school, provider, administrator)
    await invited(school, administrator)
    noor = school.visitor("en")
    await come(provider, noor, way, "noor")
    out = await noor.post("/signout")
    page = (await noor.get(out.headers["location"])).text
    assert (await noor.get("/classes")).status_code == 303
    onward = re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', page)
    assert onward
    asked = await noor.get(onward[1].replace("&amp;", "&"))
    assert (asked.status_code, "sign-out" in asked.text) == (200, True)
    form = re.search(r'action="([^"]+)".*?value="([\w-]+)"', asked.text)
    assert form
    done = await noor.post(form[1], data={"xsrf": form[2], "logout": "yes"})
    assert done.headers["location"] == f"{school.url}/signin"


async def test_where_the_provider_has_no_sign_out_the_page_says_so(
    school: Running, liar: Liar
) -> None:
    way = await trusting(school, liar, await school.staff("ada"))
    ada = school.visitor("en")
    await told(school, liar, ada, way)
    out = await ada.post("/signout")
    page = text_of((await ada.get(out.headers["location"])).text)
    assert "you may still be signed in" in page


async def test_who_came_with_a_password_is_signed_out_as_before(
    school: Running, provider: Certified
) -> None:
    await switched_on(school, provider, await school.staff("ada"))
    ilse = await school.staff("ilse")
    assert (await ilse.post("/signout")).headers["location"] == "/signin"


# Roles


MAPPING = {"role_claim": "eduperson_affiliation", "role_value": "employee"}


async def test_whom_nobody_invited_reads_whom_to_ask(school: Running, provider: Certified) -> None:
    way = await switched_on(school, provider, await school.staff("ada"))
    nobody = school.visitor("en")
    reply = await come(provider, nobody, way, "piet")
    assert reply.status_code == 403
    assert "to invite piet@example.org" in text_of(reply.text)
    assert "Are you a student? You do not need to sign in." in text_of(reply.text)
    assert "set-cookie" not in reply.headers
    assert await look(school, "select count(*) from account where email like 'piet%'") == 0


async def test_the_school_makes_teachers_of_whom_the_provider_says_so(
    school: Running, provider: Certified
) -> None:
    way = await switched_on(school, provider, await school.staff("ada"), **MAPPING)
    piet, pupil = school.visitor(), school.visitor()
    assert (await come(provider, piet, way, "piet")).headers["location"] == "/classes"
    assert (await come(provider, pupil, way, "pupil-jan")).status_code == 403
    roles = (
        "select array_agg(role) from membership join account using (account_id) where email = $1"
    )
    assert await look(school, roles, "piet@example.org") == ["teacher"]
    assert await look(school, roles, "pupil-jan@example.org") is None
    lines = (await (await school.staff("ada", "en")).get("/school/audit")).text
    assert "Piet became teacher" in text_of(lines)


async def test_no_claim_makes_a_leader_or_an_administrator(
    school: Running, provider: Certified
) -> None:
    way = await switched_on(school, provider, await school.staff("ada"), **MAPPING)
    piet = school.visitor()
    await come(provider, piet, way, "piet")
    for address in "/school", "/school/people", "/wellbeing", "/school/signin":
        assert (await piet.get(address)).status_code == 404


async def test_who_was_made_a_teacher_and_is_no_longer_stays_out(
    school: Running, provider: Certified
) -> None:
    administrator = await school.staff("ada")
    way = await switched_on(school, provider, administrator, **MAPPING)
    piet = school.visitor("en")
    await come(provider, piet, way, "piet")
    account = await look(school, "select account_id from account where email like 'piet%'")
    await administrator.post(f"/school/people/{account}/access", data={"access": "off"})
    assert (await piet.get("/classes")).status_code == 303
    reply = await come(provider, piet, way, "piet")
    assert (reply.status_code, "Your access to this school has ended" in reply.text) == (403, True)
    assert (await piet.get("/classes")).status_code == 303


# Who does not come in


async def test_an_address_that_the_provider_does_not_vouch_for_opens_nothing(
    school: Running, provider: Certified
) -> None:
    administrator = await school.staff("ada")
    way = await switched_on(school, provider, administrator, **MAPPING)
    await invited(school, administrator)
    thief = school.visitor("en")
    reply = await come(provider, thief, way, "unverified-noor")
    assert reply.status_code == 403
    assert "does not say that noor@example.org is really yours" in text_of(reply.text)
    assert (await thief.get("/classes")).status_code == 303
    assert await look(school, "select count(*) from invitation") == 1


async def test_at_a_shared_provider_people_of_other_schools_stay_out(
    school: Running, provider: Certified
) -> None:
    """At SURFconext an institution says itself what addresses its people have."""
    administrator = await school.staff("ada")
    client = await provider.register(school, school.cast.school)
    address = await added(
        school, administrator, "", client, "surfconext", organisation="Kompas.nl", **MAPPING
    )
    # SURFconext itself is not on this machine.
    await look(school, "update provider set issuer = $1", provider.issuer)
    way = await tried_and_on(provider, administrator, address)
    piet, stranger = school.visitor(), school.visitor("en")
    assert (await come(provider, piet, way, "piet")).headers["location"] == "/classes"
    reply = await come(provider, stranger, way, "stranger-ilse")
    assert (reply.status_code, "belongs to another school" in reply.text) == (403, True)
    assert (await stranger.get("/classes")).status_code == 303


async def test_another_schools_provider_opens_no_door_here(school: Running, liar: Liar) -> None:
    """Ada's provider may say that somebody is Eva, of De Brug: Eva's classes stay shut."""
    way = await trusting(school, liar, await school.staff("ada"), **MAPPING)
    liar.told = {"email": "eva@example.org", "email_verified": True}
    liar.told["eduperson_affiliation"] = "employee"
    liar.claims = {"sub": "somebody else"}
    ada = school.visitor("en")
    shown = await told(school, liar, ada, way)
    assert "Is this you?" in shown.text
    assert (await proven(ada, shown, "a guess of a password")).status_code == 422
    assert (await ada.get("/classes")).status_code == 303


async def test_who_works_at_two_schools_comes_by_a_provider_to_its_own_school_alone(
    school: Running, liar: Liar
) -> None:
    administrator = await school.staff("ada")
    way = await trusting(school, liar, administrator)
    await invited(school, administrator, email="eva@example.org", name="Eva")
    liar.told, liar.claims = {"email": "eva@example.org", "email_verified": True}, {"sub": "eva"}
    eva = school.visitor("en")
    assert (await proven(eva, await told(school, liar, eva, way))).status_code == 303
    assert "1A" not in (await eva.get("/classes")).text
    other = {"school": str(school.cast.other_school)}
    moved = await eva.post("/account/school", data=other)
    shown = await eva.get(moved.headers["location"])
    assert "counts for one school" in text_of(shown.text)
    assert "1A" not in (await eva.get("/classes")).text
    by_password = await school.staff("eva")
    assert (await by_password.post("/account/school", data=other)).status_code == 303
    assert "1A" in (await by_password.get("/classes")).text


async def test_a_school_that_is_not_there_or_a_provider_that_is_off_has_no_door(
    school: Running, provider: Certified
) -> None:
    administrator = await school.staff("ada")
    way = await switched_on(school, provider, administrator)
    visitor = school.visitor()
    off = way.replace("/signin/with", "/school/signin") + "/entrance"
    await administrator.post(off, data={"entrance": "off"})
    assert (await visitor.get(way)).status_code == 404
    assert way not in (await visitor.get("/signin")).text
    nowhere = "/signin/with/00000000-0000-4000-8000-000000000000"
    assert (await visitor.get(nowhere)).status_code == 404


@pytest.mark.parametrize("change", ["entrance", "removal"])
async def test_who_is_on_the_way_when_it_is_switched_off_does_not_come_in(
    school: Running, liar: Liar, change: str
) -> None:
    """The provider takes a while to answer, and meanwhile the administrator is quicker."""
    administrator = await school.staff("ada")
    way = await trusting(school, liar, administrator)
    liar.told["amr"], liar.slow = ["mfa"], 1
    asked, ada = liar.asked.count("/token"), school.visitor()
    arriving = asyncio.create_task(told(school, liar, ada, way))
    while liar.asked.count("/token") == asked:
        await asyncio.sleep(0.01)
    settings = way.replace("/signin/with", "/school/signin")
    await administrator.post(f"{settings}/{change}", data={"entrance": "off"})
    assert (await arriving).headers["location"] == "/signin/over"
    assert (await ada.get("/classes")).status_code == 303
    assert await look(school, "select count(*) from session where came_by is not null") == 0


async def test_whoever_came_by_a_provider_is_out_when_it_is_switched_off(
    school: Running, provider: Certified
) -> None:
    administrator = await school.staff("ada")
    way = await switched_on(school, provider, administrator, **MAPPING)
    piet = school.visitor()
    await come(provider, piet, way, "piet")
    off = way.replace("/signin/with", "/school/signin") + "/entrance"
    await administrator.post(off, data={"entrance": "off"})
    assert (await piet.get("/classes")).status_code == 303
