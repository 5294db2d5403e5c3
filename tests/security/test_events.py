"""What a security officer looks for is a line of the log, with the number of the account and never
a name or an address: who came in and how, who was kept out of what, and what was sent that no page
of ours sends. What students do is none."""

import json
import subprocess
import sys

import httpx
import pytest

from service import logs, mistakes, resetting
from service.logs import Event, Way
from service.storage import accounts
from tests.house import PASSWORD, SECRET, START_TOKEN, Running
from tests.kept import Entry, Kept
from tests.pages.living import GOOD
from tests.pages.test_rosters import bring
from tests.pages.test_second_factor import LATER, half_signed_in, with_phone
from tests.phones import shows
from tests.providers import Liar, told, trusting

WRONG = "a wrong password"
ELSEWHERE = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}


def came(kept: Kept) -> list[tuple[str, str, str | None]]:
    """What happened, by which way and of which account, since this was asked last."""
    found = [(one["event"], one["way"], one.get("account")) for one in kept.entrances()]
    kept.lines.clear()
    return found


def kept_out(kept: Kept) -> list[Entry]:
    found = [entry for entry in kept.entrances() if "way" not in entry]
    kept.lines.clear()
    return found


async def sign_in(house: Running, name: str, password: str) -> httpx.Response:
    form = {"email": f"{name}@example.org", "password": password}
    return await house.visitor().post("/signin", data=form)


# Who comes in, and how


async def test_each_password_is_a_line_right_or_wrong(
    house: Running, kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mistakes, "PAUSE", 0.0)
    ilse = str(house.cast.people["ilse"])
    await sign_in(house, "ilse", PASSWORD)
    assert came(kept) == [(Event.RIGHT, Way.PASSWORD, ilse)]
    await sign_in(house, "nobody", WRONG)
    assert came(kept) == [(Event.WRONG, Way.PASSWORD, None)]
    for _ in range(mistakes.OFTEN + 1):
        await sign_in(house, "ilse", WRONG)
    wrong, slowed = (Event.WRONG, Way.PASSWORD, ilse), (Event.SLOWED, Way.PASSWORD, ilse)
    assert came(kept) == [wrong] * mistakes.OFTEN + [slowed]


async def test_each_code_is_a_line_right_or_wrong(house: Running, kept: Kept) -> None:
    _, secret, codes = await with_phone(house)
    ilse = str(house.cast.people["ilse"])
    visitor = await half_signed_in(house)
    came(kept)
    await visitor.post("/signin/code", data={"code": "000000"})
    await visitor.post("/signin/code", data={"code": shows(secret, house.clock())})
    assert came(kept) == [(Event.WRONG, Way.CODE, ilse), (Event.RIGHT, Way.CODE, ilse)]
    house.clock.go(seconds=LATER)
    visitor = await half_signed_in(house)
    came(kept)
    await visitor.post("/signin/code", data={"recovery": codes[0]})
    assert came(kept) == [(Event.RIGHT, Way.RECOVERY_CODE, ilse)]
    visitor = await half_signed_in(house)
    came(kept)
    for _ in range(mistakes.MOST_CODES + 1):
        await visitor.post("/signin/code", data={"code": "000000"})
    wrong, slowed = (Event.WRONG, Way.CODE, ilse), (Event.SLOWED, Way.CODE, ilse)
    assert came(kept) == [wrong] * mistakes.MOST_CODES + [slowed]


async def test_who_shows_once_more_who_it_is_is_a_line_too(house: Running, kept: Kept) -> None:
    teacher, ilse = await house.staff("ilse", dawdles=True), str(house.cast.people["ilse"])
    house.clock.go(minutes=31)
    came(kept)
    await teacher.post("/lock", data={"password": WRONG, "next": "/classes"})
    await teacher.post("/lock", data={"password": PASSWORD, "next": "/classes"})
    assert came(kept) == [(Event.WRONG, Way.PASSWORD, ilse), (Event.RIGHT, Way.PASSWORD, ilse)]


async def test_who_comes_by_a_link_is_a_line(house: Running, kept: Kept) -> None:
    inside = house.service.house
    account = await accounts.by_email(inside.pool, "ilse@example.org")
    assert account
    link = (await resetting.link_for(inside, account)).removeprefix(house.url)
    await house.visitor().post(link, data={"password": "four words that differ"})
    assert came(kept) == [(Event.RIGHT, Way.LINK, str(account.account_id))]
    await house.visitor().get(link)
    (again,) = kept_out(kept)
    assert (again["event"], again["route"]) == (Event.REFUSED, "/passwords/{token}")


async def test_who_comes_by_a_provider_is_a_line_right_or_wrong(
    school: Running, liar: Liar, kept: Kept
) -> None:
    way = await trusting(school, liar, await school.staff("ada"))
    came(kept)
    await told(school, liar, school.visitor(), way)
    assert came(kept) == [(Event.RIGHT, Way.PROVIDER, str(school.cast.people["ada"]))]
    liar.claims = {"aud": "another"}
    await told(school, liar, school.visitor(), way)
    assert came(kept) == [(Event.WRONG, Way.PROVIDER, None)]
    liar.claims = {"sub": "a stranger", "email": "stranger@example.org"}
    await told(school, liar, school.visitor(), way)
    assert came(kept) == [(Event.WRONG, Way.PROVIDER, None)]
    await school.visitor().get(f"/signin/return/{school.cast.school}?state=guessed&code=a")
    assert came(kept) == [(Event.WRONG, Way.PROVIDER, None)]


async def test_the_token_of_the_first_run_is_a_line_right_or_wrong(
    empty_house: Running, kept: Kept
) -> None:
    form = {"school": "Het Kompas", "name": "Ada", "email": "ada@example.org", "password": PASSWORD}
    visitor = empty_house.visitor()
    await visitor.post("/start", data={**form, "token": "guessed"})
    assert came(kept) == [(Event.WRONG, Way.TOKEN, None)]
    await visitor.post("/start", data={**form, "token": START_TOKEN})
    ((event, by, account),) = came(kept)
    assert (event, by, bool(account)) == (Event.RIGHT, Way.TOKEN, True)


# Who is kept out, and of what


async def test_what_is_not_theirs_is_a_line_with_the_account(house: Running, kept: Kept) -> None:
    survey = await house.survey("2B")
    omar, eva = await house.staff("omar"), await house.staff("eva")
    people = house.cast.people
    for visitor, name in (omar, "omar"), (eva, "eva"):
        kept.lines.clear()
        await visitor.get(f"/surveys/{survey.survey_id}")
        (line,) = kept_out(kept)
        assert line["event"] == Event.REFUSED
        assert line["account"] == str(people[name])
        assert (line["method"], line["route"]) == ("GET", "/surveys/{survey_id}")
        assert (line["status"], line["level"]) == (404, "warning")
    await omar.post("/school/deletion", data={"school": "Het Kompas"})
    (line,) = kept_out(kept)
    assert (line["account"], line["route"]) == (str(people["omar"]), "/school/deletion")


async def test_a_page_of_another_role_is_a_line_with_the_account(
    house: Running, kept: Kept
) -> None:
    teacher = await house.staff("ilse")
    ilse = str(house.cast.people["ilse"])
    for page in "/school/people", "/school/roster", "/schools", "/talks", "/school/signin":
        kept.lines.clear()
        reply = await teacher.get(page)
        assert [(one["account"], one["route"]) for one in kept_out(kept)] == [(ilse, page)]
        assert reply.status_code == 404
    ada = await house.staff("ada")
    await ada.post(f"/school/people/{ilse}/roles", data={"role": "leader"})
    kept.lines.clear()
    assert (await teacher.get("/wellbeing")).status_code == 303  # a phone comes first
    assert [(one["account"], one["route"]) for one in kept_out(kept)] == [(ilse, "/wellbeing")]


async def test_what_is_theirs_is_no_such_line(house: Running, kept: Kept) -> None:
    teacher = await house.staff("ilse")
    survey = await house.survey("2B")
    kept.lines.clear()
    for page in "/classes", f"/surveys/{survey.survey_id}", "/account", "/help":
        assert (await teacher.get(page)).status_code == 200
    assert (await house.visitor().get("/classes")).status_code == 303
    assert kept.entrances() == []
    assert len(kept.requests()) == 5


# What no page of ours sends


async def test_a_form_of_another_site_is_a_line(house: Running, kept: Kept) -> None:
    teacher = await house.staff("ilse")
    kept.lines.clear()
    await teacher.post("/account/password", headers=ELSEWHERE, data={"present": PASSWORD})
    (line,) = kept_out(kept)
    assert (line["event"], line["route"]) == (Event.OTHER_SITE, "/account/password")


@pytest.mark.parametrize(("typed", "status"), [("x" * 2_000_000, 413), ("a\x00b", 400)])
async def test_what_no_keyboard_types_is_a_line(
    house: Running, kept: Kept, typed: str, status: int
) -> None:
    reply = await sign_in(house, typed, PASSWORD)
    assert reply.status_code == status
    (line,) = kept_out(kept)
    assert (line["event"], line["route"], line["status"]) == (Event.MALFORMED, "/signin", status)


async def test_a_file_that_is_refused_is_a_line_with_the_account(
    house: Running, kept: Kept
) -> None:
    administrator, teacher = await house.staff("ada"), await house.staff("ilse")
    people = house.cast.people
    kept.lines.clear()
    await bring(administrator, {"set.zip": b"PK no zip"})
    (line,) = kept_out(kept)
    assert (line["event"], line["account"]) == (Event.FILE, str(people["ada"]))
    survey = await house.survey("2B")
    address = f"/classes/{survey.group_id}/instrument"
    await teacher.post(address, files={"file": ("list.toml", b"no toml at all")})
    (line,) = kept_out(kept)
    assert (line["event"], line["account"]) == (Event.FILE, str(people["ilse"]))


# What no line holds


async def test_no_line_holds_a_name_an_address_or_a_secret(house: Running, kept: Kept) -> None:
    teacher, secret, codes = await with_phone(house)
    await sign_in(house, "ilse", WRONG)
    visitor = await half_signed_in(house)
    await visitor.post("/signin/code", data={"recovery": codes[0]})
    await teacher.get("/school/people?name=Robin")
    await teacher.post("/account/password", headers=ELSEWHERE, data={"present": PASSWORD})
    assert len(kept.entrances()) >= 5
    session = teacher.cookies["stemlokaal"]
    told = (PASSWORD, WRONG, secret, SECRET, session, codes[0], "ilse", "Ilse", "example", "Robin")
    assert [line for line in kept.lines for word in (*told, "127.0.0.1") if word in line] == []


async def test_nothing_that_students_do_is_a_line(house: Running, kept: Kept) -> None:
    teacher = await house.staff("ilse")
    code = await house.code(teacher, await house.open_round(teacher, await house.survey("2B")))
    kept.lines.clear()
    await house.answer(code, GOOD)
    # Also on the device of a teacher who is signed in, and by a form of another site.
    await teacher.post(f"/{code}", data=GOOD, headers=ELSEWHERE)
    for _ in range(3):
        await teacher.get("/ZZZZ9999")
    await teacher.get(f"/talk/{house.cast.other_school}")
    await teacher.post(f"/talk/{house.cast.school}", data={"name": "x" * 2_000_000})
    assert kept.entrances() == []


@pytest.mark.parametrize(
    ("each_request", "written"),
    [(True, [Event.RIGHT, Event.WRONG]), (False, [Event.WRONG])],
    ids=["a service", "a demo in a terminal"],
)
def test_a_service_writes_them_all_and_a_demo_what_went_wrong(
    each_request: bool, written: list[Event]
) -> None:
    program = (
        f"from service import logs; logs.write(each_request={each_request}); "
        "logs.came(logs.Event.RIGHT, logs.Way.PASSWORD); "
        "logs.came(logs.Event.WRONG, logs.Way.PASSWORD)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, text=True
    )
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert [line["event"] for line in lines] == written
    assert {line["way"] for line in lines} == {logs.Way.PASSWORD}
