"""The second factor: who needs one, setting it up, signing in with it, and losing the phone."""

import re

import httpx
import pytest

from service import retention
from tests import phones
from tests.governors import invited, seated
from tests.house import PASSWORD, SECRET, START_TOKEN, Running
from tests.pages.living import look, told
from tests.phones import offered, recovery_codes, set_up, shows

WIM = {"email": "wim@example.org", "password": PASSWORD}
ILSE = {"email": "ilse@example.org", "password": PASSWORD}
LATER = 31  # seconds: the phone shows another code


async def with_phone(
    house: Running, person: str = "ilse"
) -> tuple[httpx.AsyncClient, str, list[str]]:
    """A teacher who wanted one: signed in, the secret, and the recovery codes."""
    teacher = await house.staff(person, language="en")
    secret, codes = await set_up(teacher, house.clock())
    house.clock.go(seconds=LATER)
    return teacher, secret, codes


async def half_signed_in(house: Running, form: dict[str, str] = ILSE) -> httpx.AsyncClient:
    visitor = house.visitor("en")
    reply = await visitor.post("/signin", data=form)
    assert reply.headers["location"] == "/signin/code?next=/classes", reply.text
    return visitor


async def new_leader(house: Running) -> httpx.AsyncClient:
    """Omar, who becomes a leader while he is signed in, and has no second factor yet."""
    omar = await house.staff("omar", language="en")
    ada = await house.staff("ada")
    await ada.post(f"/school/people/{house.cast.people['omar']}/roles", data={"role": "leader"})
    return omar


# Who needs one


async def test_a_leader_without_one_sets_it_up_before_anything_else(house: Running) -> None:
    omar = await new_leader(house)
    for page in "/classes", "/school", "/wellbeing", "/account", "/account/password":
        assert (await omar.get(page)).headers["location"] == "/account/second-factor", page
    assert (await omar.get("/help")).status_code == 200
    shown = await omar.get("/account/second-factor")
    assert "You see more of the school" in shown.text
    assert 'href="/school"' not in shown.text
    await set_up(omar, house.clock())
    assert (await omar.get("/school")).status_code == 200


async def test_who_does_not_want_to_signs_out(house: Running) -> None:
    omar = await new_leader(house)
    assert 'action="/signout"' in (await omar.get("/account/second-factor")).text
    assert (await omar.post("/signout")).headers["location"] == "/signin"
    assert (await omar.get("/account/second-factor")).headers["location"].startswith("/signin?")


async def test_the_first_administrator_sets_it_up(empty_house: Running) -> None:
    first = {"school": "Het Kompas", "name": "Ada", "email": "ada@example.org"}
    visitor = empty_house.visitor()
    await visitor.post("/start", data={**first, "password": PASSWORD, "token": START_TOKEN})
    assert (await visitor.get("/school")).headers["location"] == "/account/second-factor"
    await set_up(visitor, empty_house.clock())
    assert "Het Kompas" in (await visitor.get("/school")).text


async def test_who_sits_on_a_board_sets_it_up(house: Running) -> None:
    visitor = house.visitor("en")
    await visitor.post(await invited(house, "bea"), data={"password": PASSWORD})
    assert (await visitor.get("/schools")).headers["location"] == "/account/second-factor"
    await set_up(visitor, house.clock())
    assert (await visitor.get("/schools")).status_code == 200
    assert "recovery codes left" in (await visitor.get("/account")).text


async def test_a_teacher_does_without_and_is_offered_one(house: Running) -> None:
    teacher = await house.staff("ilse", language="en")
    assert (await teacher.get("/classes")).status_code == 200
    assert 'href="/account/second-factor"' in (await teacher.get("/account")).text
    assert "still does not come in" in (await teacher.get("/account/second-factor")).text


async def test_nobody_sets_one_up_without_signing_in(house: Running) -> None:
    async with house.visitor() as nobody:
        for page in "/account/second-factor", "/account":
            assert (await nobody.get(page)).headers["location"].startswith("/signin")
        for page in "another", "codes", "removal":
            reply = await nobody.post(f"/account/second-factor/{page}")
            assert reply.headers["location"].startswith("/signin")


# Setting it up


async def test_the_page_shows_a_key_to_scan_and_to_type(house: Running) -> None:
    teacher = await house.staff("ilse")
    shown = await teacher.get("/account/second-factor")
    assert '<svg class="qr"' in shown.text
    assert re.fullmatch("[A-Z2-7]{32}", offered(shown)["secret"])
    assert 'autocomplete="one-time-code"' in shown.text
    assert 'inputmode="numeric"' in shown.text


async def test_a_wrong_first_code_and_another_language_keep_the_key(house: Running) -> None:
    teacher = await house.staff("ilse", language="en")
    form = offered(await teacher.get("/account/second-factor"))
    secret = form.pop("secret")
    wrong = await teacher.post("/account/second-factor", data={**form, "code": "000000"})
    assert wrong.status_code == 422
    assert "This is not the code of now." in wrong.text
    assert offered(wrong)["secret"] == secret
    again = {"offered": offered(wrong)["offered"], "language": "nl"}
    dutch = await teacher.post("/account/second-factor", data=again)
    assert (dutch.status_code, offered(dutch)["secret"]) == (200, secret)
    assert await look(house, "select count(*) from second_factor") == 2  # those of the cast
    right = {"offered": offered(dutch)["offered"], "code": shows(secret, house.clock())}
    assert (await teacher.post("/account/second-factor", data=right)).status_code == 200
    assert await look(house, "select count(*) from second_factor") == 3


@pytest.mark.parametrize("sealed", ["", "x", "00", "00" * 80, "é"])
async def test_a_key_that_we_did_not_offer_is_not_taken(house: Running, sealed: str) -> None:
    teacher = await house.staff("ilse")
    posted = {"offered": sealed, "code": "000000"}
    reply = await teacher.post("/account/second-factor", data=posted)
    assert reply.headers["location"] == "/account/second-factor"


async def test_a_key_is_offered_to_one_person_alone(house: Running) -> None:
    """Otherwise whoever made somebody post a form would know the secret."""
    thief, victim = await house.staff("omar"), await house.staff("ilse")
    form = offered(await thief.get("/account/second-factor"))
    posted = {"offered": form["offered"], "code": shows(form["secret"], house.clock())}
    assert (await victim.post("/account/second-factor", data=posted)).status_code == 303
    assert (await thief.post("/account/second-factor", data=posted)).status_code == 200


async def test_an_earlier_offer_takes_no_later_ones_place(house: Running) -> None:
    teacher = await house.staff("ilse")
    early = offered(await teacher.get("/account/second-factor"))
    await set_up(teacher, house.clock())
    posted = {"offered": early["offered"], "code": shows(early["secret"], house.clock())}
    assert (await teacher.post("/account/second-factor", data=posted)).status_code == 303


async def test_the_secret_is_stored_sealed_and_recovery_codes_as_hashes(house: Running) -> None:
    _, secret, codes = await with_phone(house)
    kept = await look(house, "select string_agg(sealed, '') from second_factor") + await look(
        house, "select string_agg(code_hash, '') from recovery_code"
    )
    assert secret.encode() not in kept
    assert all(code.replace(" ", "").encode() not in kept for code in codes)


async def test_other_sessions_end_when_it_is_set_up(house: Running) -> None:
    elsewhere = await house.staff("ilse")
    await with_phone(house)
    assert (await elsewhere.get("/classes")).status_code == 303


# Signing in with it


async def test_after_the_password_comes_the_code(house: Running) -> None:
    _, secret, _ = await with_phone(house)
    visitor = await half_signed_in(house)
    assert "Code of six digits" in (await visitor.get("/signin/code")).text
    code = shows(secret, house.clock())
    reply = await visitor.post("/signin/code", data={"code": f"{code[:3]} {code[3:]}"})
    assert (reply.status_code, reply.headers["location"]) == (303, "/classes")
    assert (await visitor.get("/classes")).status_code == 200


async def test_half_signed_in_opens_nothing_else(house: Running) -> None:
    visitor = await half_signed_in(house, WIM)
    for page in "/classes", "/school", "/account", "/account/second-factor", "/wellbeing", "/lock":
        assert (await visitor.get(page)).headers["location"].startswith("/signin?"), page
    (half,) = (value for name, value in visitor.cookies.items() if name.endswith("-code"))
    async with house.visitor() as thief:
        thief.cookies.set("stemlokaal", half)
        assert (await thief.get("/classes")).status_code == 303


async def test_half_signed_in_lasts_ten_minutes(house: Running) -> None:
    visitor = await half_signed_in(house, WIM)
    house.clock.go(minutes=11)
    reply = await visitor.post("/signin/code", data={"code": house.code_now()})
    assert reply.headers["location"] == "/signin"
    keeper = house.service.keeper
    await retention.end_lives(keeper.pool, house.clock(), keeper.keys.destroy)
    assert await look(house, "select count(*) from half_sign_in") == 0


async def test_a_code_is_taken_once(house: Running) -> None:
    _, secret, _ = await with_phone(house)
    code = shows(secret, house.clock())
    first, second = await half_signed_in(house), await half_signed_in(house)
    assert (await first.post("/signin/code", data={"code": code})).status_code == 303
    again = await second.post("/signin/code", data={"code": code})
    assert again.status_code in (303, 422)
    assert (await second.get("/classes")).status_code == 303
    fresh = await half_signed_in(house)
    used = await fresh.post("/signin/code", data={"code": code})
    assert "This code was used already." in used.text
    house.clock.go(seconds=LATER)
    reply = await fresh.post("/signin/code", data={"code": shows(secret, house.clock())})
    assert reply.status_code == 303


@pytest.mark.parametrize(("seconds", "status"), [(-60, 422), (-30, 303), (30, 303), (60, 422)])
async def test_a_phones_clock_may_be_one_step_off(
    house: Running, seconds: int, status: int
) -> None:
    _, secret, _ = await with_phone(house)
    house.clock.go(minutes=5)
    visitor = await half_signed_in(house)
    code = shows(secret, house.clock() + phones.seconds(seconds))
    assert (await visitor.post("/signin/code", data={"code": code})).status_code == status


async def test_wrong_codes_are_looked_at_five_times_and_then_not_even_a_right_one(
    house: Running,
) -> None:
    _, secret, _ = await with_phone(house)
    visitor = await half_signed_in(house)
    for _ in range(5):
        reply = await visitor.post("/signin/code", data={"code": "000000"})
        assert reply.status_code == 422
        assert "This is not the code of now." in reply.text
    right = {"code": shows(secret, house.clock())}
    reply = await visitor.post("/signin/code", data=right)
    assert (reply.status_code, "Wrong too often." in reply.text) == (422, True)
    verbs = "select array_agg(verb order by at) from audit where subject = $1"
    noted = await look(house, verbs, house.cast.people["ilse"])
    assert noted == ["second factor set up", "sign-in failed"]
    house.clock.go(minutes=16)
    visitor = await half_signed_in(house)
    reply = await visitor.post("/signin/code", data={"code": shows(secret, house.clock())})
    assert reply.status_code == 303


@pytest.mark.parametrize("code", ["", "1", "１２３４５６", "0" * 500, "\x00", "a'b"])
async def test_what_is_no_code_comes_back(house: Running, code: str) -> None:
    visitor = await half_signed_in(house, WIM)
    reply = await visitor.post("/signin/code", data={"code": code})
    assert reply.status_code in (400, 422)


async def test_another_language_is_no_wrong_code(house: Running) -> None:
    visitor = await half_signed_in(house, WIM)
    shown = await visitor.post("/signin/code", data={"code": "123", "language": "nl"})
    assert shown.status_code == 200
    assert "En nu je code" in shown.text
    assert 'value="123"' in shown.text
    assert await look(house, "select count(*) from mistake") == 0


async def test_no_code_is_shown_but_in_a_demo(house: Running) -> None:
    visitor = await half_signed_in(house, WIM)
    assert "demo" not in (await visitor.get("/signin/code")).text


# Recovery codes


async def test_ten_recovery_codes_are_shown_once_and_each_opens_once(house: Running) -> None:
    _, _, codes = await with_phone(house)
    assert len(set(codes)) == 10
    visitor = await half_signed_in(house)
    typed = {"recovery": codes[3].lower().replace(" ", "-")}
    assert (await visitor.post("/signin/code", data=typed)).status_code == 303
    assert "9 recovery codes left" in (await visitor.get("/account")).text
    again = await half_signed_in(house)
    assert (await again.post("/signin/code", data=typed)).status_code == 422
    page = (await visitor.get("/account/second-factor")).text
    assert not any(code in page for code in codes)


async def test_new_ones_end_those_from_before(house: Running) -> None:
    teacher, _, codes = await with_phone(house)
    refused = await teacher.post("/account/second-factor/codes", data={"password": "guess"})
    assert refused.status_code == 422
    made = await teacher.post("/account/second-factor/codes", data={"password": PASSWORD})
    fresh = recovery_codes(made)
    assert len(fresh) == 10
    visitor = await half_signed_in(house)
    reply = await visitor.post("/signin/code", data={"recovery": codes[0]})
    assert reply.status_code == 422
    reply = await visitor.post("/signin/code", data={"recovery": fresh[0]})
    assert reply.status_code == 303


async def test_a_recovery_code_is_its_owners(house: Running) -> None:
    _, _, codes = await with_phone(house)
    visitor = await half_signed_in(house, WIM)
    assert (await visitor.post("/signin/code", data={"recovery": codes[0]})).status_code == 422


# Another phone, and none


async def test_another_phone_takes_the_place_of_the_one_before(house: Running) -> None:
    teacher, old, _ = await with_phone(house)
    page = "/account/second-factor/another"
    assert (await teacher.post(page, data={"password": "x" * 20})).status_code == 422
    form = offered(await teacher.post(page, data={"password": PASSWORD}))
    new = form.pop("secret")
    posted = {**form, "code": shows(new, house.clock())}
    assert (await teacher.post("/account/second-factor", data=posted)).status_code == 200
    house.clock.go(seconds=LATER)
    visitor = await half_signed_in(house)
    reply = await visitor.post("/signin/code", data={"code": shows(old, house.clock())})
    assert reply.status_code == 422
    reply = await visitor.post("/signin/code", data={"code": shows(new, house.clock())})
    assert reply.status_code == 303


async def test_a_teacher_may_do_without_again(house: Running) -> None:
    teacher, _, _ = await with_phone(house)
    page = "/account/second-factor/removal"
    assert (await teacher.post(page, data={"password": "x" * 20})).status_code == 422
    reply = await teacher.post(page, data={"password": PASSWORD})
    assert (reply.status_code, reply.headers["location"]) == (303, "/account")
    reply = await house.visitor().post("/signin", data=ILSE)
    assert reply.headers["location"] == "/classes"
    assert (await teacher.post(page, data={"password": PASSWORD})).status_code == 404


@pytest.mark.parametrize("name", ["wim", "ada"])
async def test_who_needs_one_does_not_remove_it(house: Running, name: str) -> None:
    staff = await house.staff(name)
    assert "/account/second-factor/removal" not in (await staff.get("/account/second-factor")).text
    reply = await staff.post("/account/second-factor/removal", data={"password": PASSWORD})
    assert reply.status_code == 404
    reply = await house.visitor().post("/signin", data={**WIM, "email": f"{name}@example.org"})
    assert reply.headers["location"].startswith("/signin/code")


async def test_nor_does_who_sits_on_a_board(house: Running) -> None:
    bea = await seated(house)
    reply = await bea.post("/account/second-factor/removal", data={"password": PASSWORD})
    assert reply.status_code == 404


# A phone that is lost, and the recovery codes too


async def test_who_lost_it_all_is_invited_anew_and_results_stay(house: Running) -> None:
    teacher, _, _ = await with_phone(house)
    survey, _ = await told(house, teacher)
    ada, ilse = await house.staff("ada", language="en"), house.cast.people["ilse"]
    await ada.post(f"/school/people/{ilse}/access", data={"access": "off"})
    filled = (await ada.get(f"/school/invitations?person={ilse}")).text
    assert 'value="ilse@example.org"' in filled
    again = {"name": "Ilse", "email": "ilse@example.org", "role": "teacher"}
    link = re.search(
        r"/invitations/\w{32}", (await ada.post("/school/invitations", data=again)).text
    )
    assert link
    back = house.visitor("en")
    assert (await back.post(link[0], data={"password": "not the password"})).status_code == 422
    reply = await back.post(link[0], data={"password": PASSWORD})
    assert (reply.status_code, reply.headers["location"]) == (303, "/classes")
    assert "took part" in (await back.get(f"/surveys/{survey.survey_id}")).text
    assert (await ada.get(f"/surveys/{survey.survey_id}")).status_code == 404
    verbs = "select count(*) from audit where verb = 'second factor removed' and subject = $1"
    assert await look(house, verbs, ilse) == 1


async def test_a_leader_who_comes_back_sets_up_a_new_phone(house: Running) -> None:
    ada, omar = await house.staff("ada"), house.cast.people["omar"]
    leader = await new_leader(house)
    await set_up(leader, house.clock())
    await ada.post(f"/school/people/{omar}/access", data={"access": "off"})
    again = {"name": "Omar", "email": "omar@example.org", "role": "leader"}
    link = re.search(
        r"/invitations/\w{32}", (await ada.post("/school/invitations", data=again)).text
    )
    assert link
    back = house.visitor()
    await back.post(link[0], data={"password": PASSWORD})
    assert (await back.get("/school")).headers["location"] == "/account/second-factor"
    await set_up(back, house.clock())
    assert (await back.get("/school")).status_code == 200


async def test_who_comes_back_has_only_the_role_of_the_invitation(house: Running) -> None:
    ada = await house.staff("ada")
    omar = house.cast.people["omar"]
    await ada.post(f"/school/people/{omar}/roles", data={"role": "administrator"})
    await ada.post(f"/school/people/{omar}/access", data={"access": "off"})
    again = {"name": "Omar", "email": "omar@example.org", "role": "teacher"}
    link = re.search(
        r"/invitations/\w{32}", (await ada.post("/school/invitations", data=again)).text
    )
    assert link
    back = house.visitor()
    await back.post(link[0], data={"password": PASSWORD})
    assert (await back.get("/classes")).status_code == 200
    assert (await back.get("/school/people")).status_code == 404


async def test_an_invitation_alone_ends_no_second_factor(house: Running) -> None:
    """Of somebody who can still come in: at another school, or on a board."""
    eva = await house.staff("eva")
    secret, _ = await set_up(eva, house.clock())
    house.clock.go(seconds=LATER)
    ada = await house.staff("ada")
    form = {"name": "Eva", "email": "eva@example.org", "role": "teacher"}
    link = re.search(
        r"/invitations/\w{32}", (await ada.post("/school/invitations", data=form)).text
    )
    assert link
    thief = house.visitor()
    reply = await thief.post(link[0], data={"password": PASSWORD})
    assert reply.headers["location"] == "/signin/code?next=/classes"
    assert (await thief.get("/classes")).status_code == 303
    reply = await thief.post("/signin/code", data={"code": shows(secret, house.clock())})
    assert reply.status_code == 303
    works_at = await look(house, "select school_id from session order by began_at desc limit 1")
    assert works_at == house.cast.school


async def test_no_administrator_sees_or_changes_anybodys_second_factor(house: Running) -> None:
    _, secret, codes = await with_phone(house)
    ada = await house.staff("ada")
    page = (await ada.get(f"/school/people/{house.cast.people['ilse']}")).text
    assert secret not in page
    assert not any(code in page for code in codes)
    assert SECRET not in (await ada.get("/account/second-factor")).text
