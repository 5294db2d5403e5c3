"""What the staff did stands in the log: all of it, nothing else, and nobody changes it."""

import re
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import httpx
import pytest
from litestar import Litestar

from service import resetting, retention
from service.rendering import TEMPLATES
from service.storage import accounts, audit, tenancy
from surveys.access import Role
from surveys.deeds import Verb, granted, taken
from tests.governors import id_of, seated
from tests.house import PASSWORD, START_TOKEN, Running
from tests.pages.living import look, opened, statuses, text_of, told
from tests.pages.test_rosters import bring, plan_in
from tests.phones import offered, recovery_codes, shows
from tests.rosters import a_school, files

VERBS = "select array_agg(verb order by verb) from audit where school_id = $1"


@pytest.fixture
async def inside(house: Running) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(house.dsn)
    yield connection
    await connection.close()


# Who reads it


async def test_the_log_is_the_administrators(house: Running) -> None:
    expected = {"ada": 200, "wim": 404, "ilse": 404, "omar": 404, "eva": 404, "nobody": 303}
    assert await statuses(house, "/school/audit", *expected) == expected


async def test_it_says_who_did_what_by_name(house: Running) -> None:
    await opened(house, await house.staff("ilse"))
    administrator = await house.staff("ada", language="en")
    shown = text_of((await administrator.get("/school/audit")).text)
    assert "8 September 2026 10:00 Ilse opened a round of 2B" in shown


async def test_it_is_read_of_one_person(house: Running) -> None:
    administrator = await house.staff("ada", language="en")
    omar = house.cast.people["omar"]
    await opened(house, await house.staff("ilse"))
    await administrator.post(f"/school/people/{omar}/roles", data={"role": "leader"})
    shown = text_of((await administrator.get("/school/audit", params={"person": str(omar)})).text)
    assert "Omar became school leader" in shown
    assert "opened a round" not in shown


@pytest.mark.parametrize(
    "asked", [{"person": "x"}, {"before": "x"}, {"before": "2026-01-01"}, {"person": "\x00"}]
)
async def test_what_cannot_be_asked_for_is_left_out(house: Running, asked: dict[str, str]) -> None:
    administrator = await house.staff("ada")
    assert (await administrator.get("/school/audit", params=asked)).status_code in (200, 400)


async def test_there_is_a_page_for_what_was_earlier(house: Running) -> None:
    school_id, ada = house.cast.school, house.cast.people["ada"]
    async with tenancy.school(house.service.house.pool, school_id) as connection:
        for _ in range(101):
            house.clock.go(seconds=1)
            verb, moment = Verb.SETTINGS_CHANGED, house.clock()
            await audit.note_of(connection, school_id, ada, verb, school_id, moment)
    administrator = await house.staff("ada", language="en")
    shown = (await administrator.get("/school/audit")).text
    assert shown.count("changed the settings") == 100
    earlier = re.search(r'href="(/school/audit\?before=[^"]*)"', shown)
    assert earlier
    shown = (await administrator.get(earlier[1].replace("&amp;", "&"))).text
    assert shown.count("changed the settings") == 1


async def test_what_is_gone_has_no_name_and_the_line_stays(house: Running) -> None:
    teacher = await house.staff("ilse")
    await told(house, teacher)
    await teacher.post("/account/deletion", data={"password": PASSWORD})
    administrator = await house.staff("ada", language="en")
    shown = text_of((await administrator.get("/school/audit")).text)
    assert "somebody who is gone opened a round of somebody or something that is gone" in shown
    assert "Ilse" not in shown


def test_every_verb_is_said_in_words() -> None:
    words = (TEMPLATES / "school" / "deeds.html").read_text()
    assert set(re.findall(r'^  "([a-z -]+)": _\(', words, re.MULTILINE)) == set(Verb)


# That it stays as it was


async def test_the_services_roles_add_to_it_and_change_nothing(inside) -> None:
    for role in "stemlokaal_pages", "stemlokaal_keeper":
        for statement in (
            "update audit set verb = 'invited'",
            "truncate audit",
            *(["delete from audit"] if role == "stemlokaal_pages" else []),
        ):
            await inside.execute(f"set role {role}")
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await inside.execute(statement)
            await inside.execute("reset role")


async def test_a_line_lives_a_year(house: Running) -> None:
    await opened(house, await house.staff("ilse"))
    keeper = house.service.keeper
    for days, left in ((364, 1), (2, 0)):
        house.clock.go(days=days)
        await retention.end_lives(keeper.pool, house.clock(), keeper.keys.destroy)
        assert await look(house, "select count(*) from audit") == left


async def test_a_line_is_there_only_with_what_it_tells_of(house: Running, monkeypatch) -> None:
    """In one transaction: what could not be noted is not done."""

    async def broken(*_: Any) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(audit, "note_of", broken)
    administrator = await house.staff("ada")
    address = f"/school/people/{house.cast.people['omar']}/access"
    assert (await administrator.post(address, data={"access": "off"})).status_code >= 500
    assert await look(house, "select count(*) from membership where ended_on is not null") == 0


async def test_nothing_that_a_student_does_is_in_it(house: Running) -> None:
    teacher = await house.staff("ilse")
    _, code = await opened(house, teacher)
    before = await look(house, "select count(*) from audit")
    for _ in range(3):
        await house.answer(code, {"clarity": "4"})
    student = house.visitor()
    await student.get("/00000000")
    await student.post("/", data={"code": "00000000"})
    await student.post(f"/talk/{house.cast.school}", data={"name": "Robin"})
    assert await look(house, "select count(*) from audit") == before


async def test_a_password_that_is_wrong_too_often_is_noted_once(house: Running) -> None:
    visitor = house.visitor()
    wrong = {"email": "ilse@example.org", "password": "a wrong password"}
    for _ in range(11):
        await visitor.post("/signin", data=wrong)
    assert await look(house, VERBS, house.cast.school) == ["sign-in failed"]
    subject = await look(house, "select subject from audit")
    assert subject == house.cast.people["ilse"]


# Each route


NOT_NOTED = {
    "/boards": "a team's own board",
    "/boards/{board_id}/actions": "a team's own board",
    "/boards/{board_id}/actions/{action_id}/completion": "a team's own board",
    "/boards/{board_id}/members": "who joins later waits for each teacher's yes, which is noted",
    "/boards/{board_id}/screen": "a team's own board",
    "/classes/{group_id}/compose": "a teacher's own questions",
    "/classes/{group_id}/instrument": "a teacher's own questions",
    "/surveys/{survey_id}/compose": "a teacher's own questions",
    "/surveys/{survey_id}/instrument": "a teacher's own questions",
    "/surveys/{survey_id}/translations/{into}": "a teacher's own questions",
    "/surveys/{survey_id}/discussion": "what a class agrees on with its teacher",
    "/surveys/{survey_id}/practice": "what a class agrees on with its teacher",
    "/surveys/{survey_id}/plan": "a teacher's own plan",
    "/rounds/{round_id}/cards": "the round that they belong to is noted",
    "/rounds/{round_id}/comments/{comment_id}/removal": "what the teacher alone could read",
    "/rounds/{round_id}/extension": "students read when it closes",
    "/rounds/{round_id}/guess": "for the teacher alone",
    "/rounds/{round_id}/places": "students read that places were added",
    "/rounds/{round_id}/screen": "a link to the code",
    "/rounds/{round_id}/visit": "for the teacher alone",
    "/visit/{token}": "for the teacher alone",
    "/school/roster/preview": "it shows and writes nothing",
    "/signout": "coming and going is nobody's business",
    "/account/school": "coming and going is nobody's business",
    "/account/sessions/end": "coming and going is nobody's business",
    "/account/sessions/others": "coming and going is nobody's business",
    "/account/sessions/{session_id}/ending": "coming and going is nobody's business",
    "/account/second-factor/another": "it is noted once the new phone has shown a code",
    "/lock": "coming and going is nobody's business",
    "/forgotten": "whoever asks is not known; what becomes of it is noted after the answer",
    "/schools/invitations/{token}": "a seat at a governing board is no business of a school's",
    "/talks/{request_id}/handling": "the adviser's work is the adviser's alone",
    "/waves/{wave_id}/cards": "the wave that they belong to is noted",
    "/waves/{wave_id}/decision": "everybody of the wave reads it",
    "/waves/{wave_id}/extension": "students read when it closes",
    "/waves/{wave_id}/reminders": "mails to who teaches the classes",
}


def posts(app: Litestar) -> set[str]:
    """Every route by which something is changed, but for students' own."""
    return {
        re.sub(r":[a-z]+}", "}", route.path)
        for route in app.routes
        for method, found in getattr(route, "route_handler_map", {}).items()
        if method == "POST"
        and not (found[0] if isinstance(found, tuple) else found).opt.get("student")
    }


class Doing:
    """Each noted route in the order of a school's life; what each wrote, by its route."""

    def __init__(self, house: Running, visitors: dict[str, httpx.AsyncClient]) -> None:
        self.house = house
        self.visitors = visitors
        self.wrote: dict[str, list[str]] = {}

    async def does(self, name: str, route: str, form: dict[str, str], **ids: Any) -> httpx.Response:
        known = await look(self.house, "select coalesce(array_agg(line_id), '{}') from audit")
        reply = await self.visitors[name].post(route.format(**ids), data=form)
        lines = await look(
            self.house,
            "select coalesce(array_agg(verb order by verb), '{}') from audit"
            " where line_id <> all($1)",
            known,
        )
        self.wrote.setdefault(route, []).extend(lines)
        assert lines, f"{name}: {route} -> {reply.status_code}"
        return reply


async def test_every_route_that_changes_people_groups_or_settings_writes_a_line(
    house: Running,
) -> None:
    """A new route is done here too, or says in NOT_NOTED why nobody has to know of it."""
    cast = house.cast
    names = "ada", "wim", "ilse", "omar"
    doing = Doing(house, {name: await house.staff(name) for name in names})
    doing.visitors["newcomer"] = house.visitor()
    does, omar, ilse = doing.does, cast.people["omar"], cast.people["ilse"]
    class_ = cast.classes["2B"].group_id
    group = {"name": "3C", "kind": "class", "stage": "secondary", "members": "27"}
    group["school_year"] = "2026"

    # People
    noor = {"name": "Noor", "email": "noor@example.org", "role": "teacher"}
    await does("ada", "/school/invitations", noor)
    invited = await look(house, "select invitation_id from invitation")
    again = "/school/invitations/{invitation_id}/repetition"
    reply = await does("ada", again, {}, invitation_id=invited)
    token = re.search(r"/invitations/(\w{32})", reply.text)
    assert token
    await does("newcomer", "/invitations/{token}", {"password": PASSWORD}, token=token[1])
    await does("ada", "/school/invitations", {**noor, "email": "x@example.org"})
    other = await look(house, "select invitation_id from invitation")
    await does("ada", "/school/invitations/{invitation_id}/withdrawal", {}, invitation_id=other)
    for given in "yes", "no":
        form = {"role": "adviser", "given": given}
        await does("wim", "/school/people/{account_id}/roles", form, account_id=omar)
    await does("wim", "/school/people/{account_id}/roles", {"role": "adviser"}, account_id=omar)
    await does("wim", "/school/people/{account_id}/confirmation", {}, account_id=omar)

    # Groups
    await does("wim", "/school/groups/new", group)
    await does("wim", "/school/groups/{group_id}/edit", {**group, "name": "2B"}, group_id=class_)
    form = {"teacher": str(omar), "given": "yes"}
    await does("wim", "/school/groups/{group_id}/teachers", form, group_id=class_)
    for over in "yes", "no":
        await does("wim", "/school/groups/{group_id}/ending", {"ended": over}, group_id=class_)
    await does("ilse", "/classes/new", group)
    await does("ilse", "/classes/{group_id}/edit", {**group, "name": "2B"}, group_id=class_)
    shown = await bring(doing.visitors["ada"], files(a_school(classes=1)))
    await does("ada", "/school/roster", plan_in(shown))

    # Asking and showing
    await house.service.keeper.fill_stock()
    ask = {"members": "24", "instrument": "lesfeedback"}
    await does("ilse", "/classes/{group_id}/ask", ask, group_id=class_)
    round_id = await look(house, "select round_id from round")
    await does("ilse", "/rounds/{round_id}/closure", {}, round_id=round_id)
    await house.service.keeper.work()
    survey_id = await look(house, "select survey_id from survey")
    await does("ilse", "/surveys/{survey_id}/ask", {}, survey_id=survey_id)
    for form in {str(omar): "yes"}, {}:
        await does("ilse", "/surveys/{survey_id}/sharing", form, survey_id=survey_id)
    made = await doing.visitors["ilse"].post("/boards", data={"name": "Team"})
    board_id = made.headers["location"].removeprefix("/boards/")
    for form in {"survey": str(survey_id)}, {"survey": str(survey_id), "off": "yes"}:
        await does("ilse", "/boards/{board_id}/lines", form, board_id=board_id)
    wave = {f"group.{class_}": "yes", "view": "year", "until": "2026-09-22", "step": "open"}
    opened_ = await does("wim", "/waves/new/{key}", wave, key="schoolpuls")
    wave_id = opened_.headers["location"].removeprefix("/waves/")
    await does("wim", "/waves/{wave_id}/closure", {}, wave_id=wave_id)

    # Outside the school
    await seated(house)
    board = {"governing_id": await id_of(house)}
    await does("wim", "/school/outside/{governing_id}", {}, **board)
    await does("wim", "/school/outside/{governing_id}/withdrawal", {}, **board)
    for allowed in "yes", "no":
        await does("wim", "/school/outside/research", {"research": allowed})

    # The school
    settings = {
        "school": "Het Kompas",
        "school_language": "nl",
        "results_years": "9",
        "words_days": "",
        "small_classes": "yes",
    }
    await does("ada", "/school/settings", settings)
    await signing_in_by_a_provider(doing)
    await does("ada", "/school/deletion", {"school": "Het Kompas"})
    await does("wim", "/school/deletion/stopping", {})
    house.clock.go(days=330)
    await house.service.keeper.work()
    for name in names:
        doing.visitors[name] = await house.staff(name)
    await does("wim", "/school/groups/turnover", {"sure": "yes"})
    await does("wim", "/school/groups/turnover/undoing", {})

    # Signing in
    teacher = doing.visitors["omar"]
    form = offered(await teacher.get("/account/second-factor"))
    secret = form.pop("secret")
    form["code"] = shows(secret, house.clock())
    set_up = await does("omar", "/account/second-factor", form)
    paper = {"recovery": recovery_codes(set_up)[0]}
    mine = {"password": PASSWORD}
    await doing.visitors["newcomer"].post("/signin", data={"email": "omar@example.org", **mine})
    await does("newcomer", "/signin/code", paper)
    await does("omar", "/account/second-factor/codes", mine)
    await does("omar", "/account/second-factor/removal", mine)
    another = {"present": PASSWORD, "password": "een ander lang wachtwoord"}
    await does("omar", "/account/password", another)
    account = await accounts.by_email(house.service.house.pool, "omar@example.org")
    assert account
    link = await resetting.link_for(house.service.house, account)
    await does("newcomer", "/passwords/{token}", mine, token=link[-32:])
    doing.visitors["omar"] = await house.staff("omar")

    # Leaving
    await does("ada", "/school/people/{account_id}/access", {"access": "off"}, account_id=ilse)
    await does("ada", "/school/people/{account_id}/deletion", {}, account_id=ilse)
    for _ in range(9):
        wrong = {"email": "omar@example.org", "password": "a wrong password"}
        await doing.visitors["newcomer"].post("/signin", data=wrong)
    await does("newcomer", "/signin", wrong)
    await does("omar", "/account/deletion", {"password": PASSWORD})

    written = {verb for verbs in doing.wrote.values() for verb in verbs}
    assert posts(house.app) == doing.wrote.keys() | NOT_NOTED.keys() | {"/start", "/signin/proof"}
    assert written >= set(Verb) - ELSEWHERE


async def signing_in_by_a_provider(doing: Doing) -> None:
    does, house = doing.does, doing.house
    form = {"name": "Het Kompas", "issuer": "https://login.example.org", "client_id": "x"}
    await does("ada", "/school/signin/new/{preset}", {**form, "secret": "y"}, preset="other")
    provider_id = await look(house, "select provider_id from provider")
    of = "/school/signin/{provider_id}"
    await does("ada", of, form, provider_id=provider_id)
    # That it was tried: see tests/pages/test_providers.py.
    await look(house, "update provider set tried_on = '2026-09-08'")
    await look(
        house,
        """
        insert into identity (school_id, issuer, subject, account_id, tied_on)
        values ($1, 'https://login.example.org', 'ada', $2, '2026-09-08')
        """,
        house.cast.school,
        house.cast.people["ada"],
    )
    await does("ada", f"{of}/entrance", {"entrance": "on"}, provider_id=provider_id)
    for local in "off", "on":
        await does("ada", "/school/signin/local", {"local": local})
    for name in "wim", "ilse", "omar":
        doing.visitors[name] = await house.staff(name)
    await does("ada", f"{of}/entrance", {"entrance": "off"}, provider_id=provider_id)
    await does("ada", f"{of}/removal", {}, provider_id=provider_id)


ELSEWHERE = {
    Verb.IDENTITY_TIED,  # see tests/pages/test_openid.py
    *(granted(role) for role in Role),
    *(taken(role) for role in Role),
    Verb.SMALL_CLASSES_ENDED,
    Verb.ACCESS_RESTORED,
    Verb.PASSWORD_RESET_ASKED,
}


async def test_the_first_run_is_noted(empty_house: Running) -> None:
    first = {
        "school": "Het Kompas",
        "name": "Ada",
        "email": "ada@example.org",
        "password": PASSWORD,
        "token": START_TOKEN,
    }
    await empty_house.visitor().post("/start", data=first)
    verbs = await look(empty_house, "select array_agg(verb order by verb) from audit")
    assert verbs == ["administrator granted", "teacher granted"]
