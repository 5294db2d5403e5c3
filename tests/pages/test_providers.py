"""The settings of sign-in: the administrator's, tried before anybody depends on them, and never
so that nobody comes in."""

import re

import pytest

from service import vault
from service.sealing import Pepper
from tests.house import PASSWORD, PEPPER, Running
from tests.pages.living import look, statuses, text_of
from tests.providers import CLIENT, Certified, Liar, added, come, switched_on, told, trusting

MAPPING = {"role_claim": "eduperson_affiliation", "role_value": "employee"}
FORM = {
    "name": "Het Kompas",
    "issuer": "https://login.example.org",
    "client_id": "stemlokaal",
    "secret": "a secret that nobody reads",
}


# Who sees them


async def test_they_are_the_administrators(house: Running) -> None:
    administrator = await house.staff("ada")
    address = await added(house, administrator, "https://login.example.org")
    expected = {"ada": 200, "wim": 404, "ilse": 404, "eva": 404, "nobody": 303}
    for page in "/school/signin", "/school/signin/new/other", address:
        assert await statuses(house, page, *expected) == expected, page
    assert await statuses(house, f"{address}/trial", *expected) == expected  # in words


async def test_nobody_else_changes_them(house: Running) -> None:
    address = await added(house, await house.staff("ada"), "https://login.example.org")
    before = await look(house, "select p::text from provider p")
    for name in "wim", "ilse", "eva", "nobody":
        visitor = house.visitor() if name == "nobody" else await house.staff(name)
        for path, form in {
            "/school/signin/new/other": FORM,
            address: {**FORM, "name": "Van een ander"},
            f"{address}/entrance": {"entrance": "on"},
            f"{address}/removal": {},
            "/school/signin/local": {"local": "off"},
        }.items():
            reply = await visitor.post(path, data=form)
            assert reply.status_code == (303 if name == "nobody" else 404), path
    assert await look(house, "select p::text from provider p") == before
    assert await look(house, "select bool_and(local_sign_in) from school")


async def test_the_page_links_each_kind_and_says_what_to_register(house: Running) -> None:
    administrator = await house.staff("ada", "en")
    page = (await administrator.get("/school/signin")).text
    for kind in "Entree Federatie", "SURFconext", "Microsoft Entra", "Google", "Another provider":
        assert kind in page
    for key in re.findall(r'href="(/school/signin/new/\w+)"', page):
        form = (await administrator.get(key)).text
        assert f'value="{house.url}/signin/return/{house.cast.school}"' in form
        assert f'value="{house.url}/signin"' in form
    assert (await administrator.get("/school/signin/new/nothing")).status_code == 404


# The form


async def test_the_secret_is_never_shown_again_and_is_locked_in_the_database(
    house: Running,
) -> None:
    administrator = await house.staff("ada")
    address = await added(house, administrator, "https://login.example.org")
    secret = CLIENT["client_secret"]
    for page in "/school/signin", address, "/school/audit":
        assert secret not in (await administrator.get(page)).text
    kept = await look(house, "select string_agg(p::text, ' ') from provider p")
    assert secret not in kept
    assert secret.encode().hex() not in kept


async def test_a_form_that_comes_back_holds_all_but_the_secret(house: Running) -> None:
    administrator = await house.staff("ada", "en")
    reply = await administrator.post("/school/signin/new/other", data={**FORM, "name": ""})
    assert (reply.status_code, "Fill in a name." in reply.text) == (422, True)
    assert 'value="https://login.example.org"' in reply.text
    assert FORM["secret"] not in reply.text
    other = {**FORM, "name": "Half", "language": "nl"}
    reply = await administrator.post("/school/signin/new/other", data=other)
    assert (reply.status_code, 'value="Half"' in reply.text) == (200, True)
    assert await look(house, "select count(*) from provider") == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": " "},
        {"name": "x" * 61},
        {"client_id": ""},
        {"client_id": "x" * 256},
        {"secret": ""},
        {"issuer": ""},
        {"issuer": "login.example.org"},
        {"issuer": "http://login.example.org"},
        {"issuer": "https://login.example.org/?x=1"},
        {"issuer": "https://user:password@login.example.org"},
        {"issuer": "https://login.example.org:port"},
        {"issuer": "https://[::1"},
        {"issuer": "javascript:alert(1)"},
        {"domains": "school"},
        {"domains": "school.nl, not a domain!"},
        {"role_claim": "affiliation"},
        {"role_value": "employee"},
        {"role_claim": "affiliation", "role_value": "student"},
        {"role_claim": "affiliation", "role_value": "Leerlingen"},
    ],
)
async def test_what_is_wrong_is_said_and_nothing_is_kept(
    house: Running, wrong: dict[str, str]
) -> None:
    administrator = await house.staff("ada")
    reply = await administrator.post("/school/signin/new/other", data={**FORM, **wrong})
    assert reply.status_code == 422
    assert 'class="problem"' in reply.text
    assert await look(house, "select count(*) from provider") == 0


async def test_where_schools_share_a_provider_the_own_school_is_filled_in(house: Running) -> None:
    administrator = await house.staff("ada")
    for preset in "entree", "surfconext", "google":
        address = f"/school/signin/new/{preset}"
        assert (await administrator.post(address, data=FORM)).status_code == 422
        form = {**FORM, "organisation": "kompas.nl"}
        assert (await administrator.post(address, data=form)).status_code == 303
    issuers = await look(house, "select array_agg(issuer) from provider")
    assert FORM["issuer"] not in issuers


# Trying


async def test_a_trial_says_step_by_step_what_worked(school: Running, provider: Certified) -> None:
    administrator = await school.staff("ada", "en")
    client = await provider.register(school, school.cast.school)
    address = await added(school, administrator, provider.issuer, client, **MAPPING)
    departing = await administrator.get(f"{address}/trial")
    back = await provider.sign_in(administrator, departing.headers["location"], "ada")
    told_ = text_of((await administrator.get(back)).text)
    assert "It works" in told_
    assert told_.count("Yes") == 8
    assert "It tells an e-mail address: ada@example.org" in told_
    assert "Of you it says “employee”" in told_
    assert await look(school, "select count(*) from entrance") == 0
    assert await look(school, "select count(*) from identity") == 1


async def test_nothing_is_switched_on_that_was_not_tried(
    school: Running, provider: Certified
) -> None:
    administrator = await school.staff("ada")
    address = await added(school, administrator, provider.issuer)
    await administrator.post(f"{address}/entrance", data={"entrance": "on"})
    assert await look(school, "select bool_or(active) from provider") is False
    assert await look(school, "select count(*) from entrance") == 0


TRIALS = {
    "client": ({"client_secret": "a secret that is wrong"}, "ada", "does not take the client"),
    "email": ({}, "omar", "It says that you are omar@example.org. Your account here is ada@"),
    "verified": ({}, "unverified-ada", "It does not vouch for the address"),
}


@pytest.mark.parametrize(("client", "name", "words"), TRIALS.values(), ids=TRIALS)
async def test_a_trial_says_what_did_not_work(
    school: Running, provider: Certified, client: dict[str, str], name: str, words: str
) -> None:
    administrator = await school.staff("ada", "en")
    registered = await provider.register(school, school.cast.school)
    address = await added(school, administrator, provider.issuer, {**registered, **client})
    departing = await administrator.get(f"{address}/trial")
    back = await provider.sign_in(administrator, departing.headers["location"], name)
    told_ = text_of((await administrator.get(back)).text)
    assert words in told_
    assert "Not yet" in told_
    await administrator.post(f"{address}/entrance", data={"entrance": "on"})
    assert await look(school, "select count(*) from entrance") == 0
    assert await look(school, "select count(*) from identity") == 0


async def test_a_trial_is_ended_by_who_began_it(school: Running, liar: Liar) -> None:
    administrator = await school.staff("ada")
    address = await added(school, administrator, liar.issuer)
    ilse = await school.staff("ilse")
    departing = await administrator.get(f"{address}/trial")
    ilse.cookies.set("stemlokaal-way", administrator.cookies["stemlokaal-way"])
    state = re.search(r"state=(\w+)", departing.headers["location"])
    assert state
    back = f"/signin/return/{school.cast.school}?code=x&state={state[1]}"
    assert (await ilse.get(back)).status_code == 404
    assert await look(school, "select count(*) from identity") == 0


async def test_an_address_in_a_private_network_is_not_gone_to(house: Running) -> None:
    administrator = await house.staff("ada", "en")
    for issuer in "https://127.0.0.1", "https://10.0.0.1", "https://169.254.169.254":
        address = await added(house, administrator, issuer)
        told_ = text_of((await administrator.get(f"{address}/trial")).text)
        assert "lies in a private network" in told_


# Changing


async def test_a_new_secret_keeps_it_switched_on_and_another_client_does_not(
    school: Running, provider: Certified
) -> None:
    administrator = await school.staff("ada")
    way = await switched_on(school, provider, administrator, **MAPPING)
    address = way.replace("/signin/with", "/school/signin")
    client = await look(school, "select client_id from provider")
    form = {**FORM, **MAPPING, "issuer": provider.issuer, "client_id": client}
    kept = {**form, "secret": "", "name": "Het Grote Kompas"}
    assert (await administrator.post(address, data=kept)).status_code == 303
    assert "Het Grote Kompas" in (await school.visitor().get("/signin")).text
    piet = school.visitor()
    assert (await come(provider, piet, way, "piet")).headers["location"] == "/classes"
    await administrator.post(address, data={**kept, "client_id": "another"})
    assert (await school.visitor().get(way)).status_code == 404
    assert (await piet.get("/classes")).status_code == 303
    assert await look(school, "select tried_on from provider") is None


async def test_what_is_removed_takes_its_identities_along(school: Running, liar: Liar) -> None:
    administrator = await school.staff("ada")
    way = await trusting(school, liar, administrator)
    liar.told["amr"] = ["mfa"]
    ada = school.visitor()
    assert (await told(school, liar, ada, way)).headers["location"] == "/classes"
    await administrator.post(f"{way.replace('/signin/with', '/school/signin')}/removal")
    assert (await ada.get("/classes")).status_code == 303
    for table in "provider", "identity", "entrance":
        assert await look(school, f"select count(*) from {table}") == 0


# Passwords


async def test_passwords_are_ended_once_an_administrator_came_in_without(
    school: Running, provider: Certified
) -> None:
    administrator = await school.staff("ada")
    await administrator.post("/school/signin/local", data={"local": "off"})
    assert await look(school, "select bool_and(local_sign_in) from school")
    await switched_on(school, provider, administrator)
    ilse = await school.staff("ilse")
    await administrator.post("/school/signin/local", data={"local": "off"})
    assert (await ilse.get("/classes")).status_code == 303
    assert (await administrator.get("/school/signin")).status_code == 200
    again = school.visitor("en")
    form = {"email": "ilse@example.org", "password": PASSWORD}
    shown = await again.post("/signin", data=form)
    assert "Your school takes no password here" in shown.text
    assert (await again.get("/classes")).status_code == 303
    wrong = await again.post("/signin", data={**form, "password": "a wrong password"})
    assert "takes no password" not in wrong.text


async def test_without_passwords_an_invitation_is_taken_by_the_provider(
    school: Running, provider: Certified
) -> None:
    administrator = await school.staff("ada")
    way = await switched_on(school, provider, administrator)
    await administrator.post("/school/signin/local", data={"local": "off"})
    noor = {"name": "Noor", "email": "noor@example.org", "role": "teacher"}
    page = (await administrator.post("/school/invitations", data=noor)).text
    link = re.search(r"/invitations/\w{32}", page)
    assert link
    newcomer = school.visitor()
    shown = (await newcomer.get(link[0])).text
    assert way in shown
    assert 'name="password"' not in shown
    await newcomer.post(link[0], data={"password": PASSWORD})
    assert (await newcomer.get("/classes")).status_code == 303
    assert (await come(provider, newcomer, way, "noor")).headers["location"] == "/classes"


async def test_the_last_way_in_stays(school: Running, provider: Certified) -> None:
    administrator = await school.staff("ada", "en")
    way = await switched_on(school, provider, administrator)
    address = way.replace("/signin/with", "/school/signin")
    await administrator.post("/school/signin/local", data={"local": "off"})
    await administrator.post(f"{address}/entrance", data={"entrance": "off"})
    await administrator.post(f"{address}/removal")
    changed = {**FORM, "issuer": provider.issuer, "client_id": "another"}
    reply = await administrator.post(address, data=changed)
    assert (reply.status_code, "Allow passwords first" in reply.text) == (422, True)
    assert await look(school, "select count(*) from entrance") == 1
    await administrator.post("/school/signin/local", data={"local": "on"})
    await administrator.post(f"{address}/removal")
    assert await look(school, "select count(*) from entrance") == 0


async def test_who_works_at_two_schools_comes_to_the_other_with_a_password(
    school: Running, provider: Certified
) -> None:
    """Het Kompas takes no passwords, De Brug does."""
    administrator = await school.staff("ada")
    way = await switched_on(school, provider, administrator)
    await look(
        school,
        "insert into membership (school_id, account_id, role) values ($1, $2, 'teacher')",
        school.cast.school,
        school.cast.people["eva"],
    )
    await administrator.post("/school/signin/local", data={"local": "off"})
    eva = await school.staff("eva", "en")
    assert "1A" in (await eva.get("/classes")).text
    moved = await eva.post("/account/school", data={"school": str(school.cast.school)})
    shown = (await eva.get(moved.headers["location"])).text
    assert way in shown
    assert "1A" in (await eva.get("/classes")).text


# Finding the way


async def test_where_there_is_no_provider_the_page_is_as_it_was(house: Running) -> None:
    page = (await house.visitor("en").get("/signin")).text
    assert "/signin/with/" not in page
    assert "/signin/school" not in page
    assert '<button class="main">Sign in</button>' in page


async def test_among_several_the_domain_of_an_address_finds_the_school(
    house: Running,
) -> None:
    for name, domain in ("Het Kompas", "kompas.nl"), ("De Brug", "brug.nl"):
        await look(
            house,
            "insert into entrance values (gen_random_uuid(), gen_random_uuid(), $1, $2)",
            name,
            [domain],
        )
    visitor = house.visitor("en")
    page = (await visitor.get("/signin?next=/boards")).text
    assert "Het Kompas" not in page
    assert "/signin/school?next=%2Fboards" in page or "/signin/school?next=/boards" in page
    found = (await visitor.get("/signin/school?email=ilse@Kompas.nl&next=/boards")).text
    assert "Sign in with Het Kompas" in found
    assert "De Brug" not in found
    unknown = (await visitor.get("/signin/school?email=x@elders.nl")).text
    assert "No school here signs in with this kind of address" in unknown
    same = [
        re.sub(r"(ilse|nobody)@", "", (await visitor.get(f"/signin/school?email={who}")).text)
        for who in ("ilse@kompas.nl", "nobody@kompas.nl")
    ]
    assert same[0] == same[1]


# Another pepper


async def test_a_secret_of_another_pepper_is_asked_for_again(house: Running) -> None:
    administrator = await house.staff("ada", "en")
    address = await added(house, administrator, "https://login.example.org")
    await look(house, "update provider set secret = $1", b"sealed under another pepper" * 3)
    page = text_of((await administrator.get("/school/signin")).text)
    assert "The client secret cannot be opened any more" in page
    shown = text_of((await administrator.get(f"{address}/trial")).text)
    assert "Fill it in again" in shown
    form = {**FORM, "client_id": CLIENT["client_id"]}
    await administrator.post(address, data=form)
    page = text_of((await administrator.get("/school/signin")).text)
    assert "cannot be opened" not in page


def test_what_was_locked_for_one_thing_opens_nothing_else() -> None:
    locked = vault.lock(PEPPER, b"a secret", b"client secret", b"1")
    assert vault.unlock(PEPPER, locked, b"client secret", b"1") == b"a secret"
    assert vault.unlock(PEPPER, locked, b"client secret", b"2") is None
    assert vault.unlock(PEPPER, locked, b"proof") is None
    assert vault.unlock(Pepper(bytes(32)), locked, b"client secret", b"1") is None
    assert vault.unlock(PEPPER, b"", b"proof") is None
