"""Half an hour without use: results, people and settings ask who is there; a lesson goes on."""

import re
from html import unescape
from uuid import uuid4

import httpx
import pytest
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler

from service import gates
from tests.house import PASSWORD, Running
from tests.pages.living import look, opened, told

HIDDEN = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)">')
HALF_AN_HOUR = 30  # minutes


def hidden(page: httpx.Response) -> dict[str, str]:
    return {unescape(name): unescape(value) for name, value in HIDDEN.findall(page.text)}


def is_locked(reply: httpx.Response) -> bool:
    asks = reply.headers.get("location", "").startswith("/lock?")
    return asks or (reply.status_code == 403 and 'name="kept"' in reply.text)


# Which pages


def of_staff(app: Litestar) -> set[tuple[str, str]]:
    """Every method and route that is for who is signed in."""
    found = set()
    for route in app.routes:
        for method, kept in getattr(route, "route_handler_map", {}).items():
            handler = kept[0] if isinstance(kept, tuple) else kept
            if isinstance(handler, HTTPRouteHandler) and asks_who(handler):
                found.add((method, re.sub(r":[a-z]+}", "}", route.path)))
    return found


def asks_who(handler: HTTPRouteHandler) -> bool:
    names = handler.parsed_fn_signature.parameters
    return not {"viewer", "governor", "standing"}.isdisjoint(names)


async def test_every_page_of_staff_is_open_while_idle_or_asks_who_is_there(
    house: Running,
) -> None:
    """Whatever is not named in `gates` asks: also what is added tomorrow."""
    staff = await house.staff("wim", dawdles=True)
    house.clock.go(minutes=HALF_AN_HOUR)
    routes = of_staff(house.app)
    assert len(routes) > 100
    for method, route in sorted(routes):
        if route.endswith("/participation"):
            continue  # a stream: below
        address = re.sub(r"{\w+}", str(uuid4()), route)
        reply = await staff.request(method, address)
        assert is_locked(reply) == (route not in gates.OPEN_WHILE_IDLE), (method, route)


async def test_what_stays_open_is_asking_and_the_running_round(house: Running) -> None:
    """These and no others: each of them shows no result, nobody's name and no setting."""
    there_are = {route for _, route in of_staff(house.app)} | {"/demo/answers"}
    assert there_are >= gates.OPEN_WHILE_IDLE
    parts = {route.split("/")[1] for route in gates.OPEN_WHILE_IDLE}
    assert parts == {"classes", "surveys", "rounds", "demo", "example"}
    of_surveys = {route for route in gates.OPEN_WHILE_IDLE if route.startswith("/surveys/")}
    assert of_surveys == {"/surveys/{survey_id}/ask", "/surveys/{survey_id}/preview"}


async def test_a_teacher_at_the_end_of_a_lesson_asks_shows_and_closes(house: Running) -> None:
    teacher = await house.staff("ilse", dawdles=True)
    survey = await house.survey("2B")
    house.clock.go(minutes=50)
    round_id = await house.open_round(teacher, survey)
    code = await house.code(teacher, round_id)
    screen = re.search(r"/screen/\w{32}", (await teacher.get(f"/rounds/{round_id}")).text)
    assert screen
    assert (await teacher.get(screen[0])).status_code == 200
    assert (await house.answer(code, {"clarity": "4"})).status_code == 200
    await house.close(teacher, round_id)
    assert (await teacher.get(f"/rounds/{round_id}/thanks")).status_code == 200
    assert is_locked(await teacher.get(f"/surveys/{survey.survey_id}"))


# Going on


async def test_after_the_password_one_is_where_one_was_going(house: Running) -> None:
    teacher = await house.staff("ilse", language="en", dawdles=True)
    survey, _ = await told(house, teacher)
    page = f"/surveys/{survey.survey_id}"
    house.clock.go(minutes=HALF_AN_HOUR)
    locked = await teacher.get(f"{page}?all=yes", follow_redirects=True)
    assert "Is it still you?" in locked.text
    form = {**hidden(locked), "password": PASSWORD}
    reply = await teacher.post("/lock", data=form)
    assert (reply.status_code, reply.headers["location"]) == (303, f"{page}?all=yes")
    assert (await teacher.get(page)).status_code == 200


async def test_a_wrong_password_opens_nothing(house: Running) -> None:
    teacher = await house.staff("ilse", language="en", dawdles=True)
    house.clock.go(minutes=HALF_AN_HOUR)
    for password in "", "a wrong password", "123456":
        reply = await teacher.post("/lock", data={"next": "/account", "password": password})
        assert reply.status_code == 422
        assert "This is not the password of this account." in reply.text
        assert is_locked(await teacher.get("/account"))


async def test_a_colleagues_password_opens_nothing(house: Running) -> None:
    newcomer = "een heel ander lang wachtwoord"
    omar, teacher = await house.staff("omar", dawdles=True), await house.staff("ilse", dawdles=True)
    await omar.post("/account/password", data={"present": PASSWORD, "password": newcomer})
    house.clock.go(minutes=HALF_AN_HOUR)
    assert (await teacher.post("/lock", data={"password": newcomer})).status_code == 422


async def test_a_code_of_the_phone_opens_as_well(house: Running) -> None:
    leader = await house.staff("wim", language="en", dawdles=True)
    house.clock.go(minutes=HALF_AN_HOUR)
    shown = await leader.get("/lock?next=/school")
    assert "Your password, or a code of the app" in shown.text
    reply = await leader.post("/lock", data={"next": "/school", "password": house.code_now()})
    assert reply.headers["location"] == "/school"
    assert (await leader.get("/school")).status_code == 200


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example.org", "//evil.example.org", "/classes?x=//evil.example.org"]
)
async def test_nobody_is_sent_to_another_site(house: Running, elsewhere: str) -> None:
    teacher = await house.staff("ilse", dawdles=True)
    house.clock.go(minutes=HALF_AN_HOUR)
    shown = await teacher.get("/lock", params={"next": elsewhere})
    assert hidden(shown)["next"] == "/classes"
    reply = await teacher.post("/lock", data={"next": elsewhere, "password": PASSWORD})
    assert reply.headers["location"] == "/classes"
    posted = {"next": elsewhere, "kept": "a=b", "password": PASSWORD}
    assert 'action="/classes"' in (await teacher.post("/lock", data=posted)).text


# A form that was half filled in


SETTINGS = {"school": "Het <b>Kompas</b> & co", "school_language": "nl", "results_years": "9"}
WHOLE = {**SETTINGS, "words_days": "", "small_classes": "yes"}


async def test_what_was_filled_in_goes_on_after_the_password(house: Running) -> None:
    administrator = await house.staff("ada", language="en", dawdles=True)
    house.clock.go(minutes=HALF_AN_HOUR)
    locked = await administrator.post("/school/settings", data=WHOLE)
    assert locked.status_code == 403
    assert "What you filled in is not lost." in locked.text
    wrong = await administrator.post("/lock", data={**hidden(locked), "password": "x" * 12})
    assert wrong.status_code == 422
    dutch = await administrator.post("/lock", data={**hidden(wrong), "language": "nl"})
    assert "Ben jij het nog?" in dutch.text
    unlocked = await administrator.post("/lock", data={**hidden(dutch), "password": PASSWORD})
    assert 'action="/school/settings"' in unlocked.text
    assert hidden(unlocked) == WHOLE
    saved = await administrator.post("/school/settings", data=hidden(unlocked))
    assert saved.status_code == 303
    assert await look(house, "select name from school where small_classes") == WHOLE["school"]


async def test_a_form_that_was_locked_has_done_nothing_yet(house: Running) -> None:
    administrator = await house.staff("ada", dawdles=True)
    house.clock.go(minutes=HALF_AN_HOUR)
    await administrator.post("/school/settings", data=WHOLE)
    assert await look(house, "select count(*) from school where small_classes") == 0


async def test_the_password_is_in_no_form_that_goes_on(house: Running) -> None:
    administrator = await house.staff("ada", dawdles=True)
    house.clock.go(minutes=HALF_AN_HOUR)
    locked = await administrator.post("/school/settings", data=WHOLE)
    unlocked = await administrator.post("/lock", data={**hidden(locked), "password": PASSWORD})
    assert PASSWORD not in unlocked.text


# What counts as use


async def test_whoever_goes_on_working_is_not_asked(house: Running) -> None:
    leader = await house.staff("wim", dawdles=True)
    for _ in range(4):
        house.clock.go(minutes=HALF_AN_HOUR - 1)
        assert (await leader.get("/school")).status_code == 200
    assert not is_locked(await leader.get("/lock"))


async def test_use_is_written_down_once_a_minute_at_most(house: Running) -> None:
    leader = await house.staff("wim", dawdles=True)
    used = "select used_at from session"
    before = await look(house, used)
    house.clock.go(seconds=50)
    await leader.get("/school")
    assert await look(house, used) == before
    house.clock.go(seconds=20)
    await leader.get("/school")
    assert await look(house, used) == house.clock()


async def test_what_a_page_asks_by_itself_is_no_use(house: Running) -> None:
    teacher = await house.staff("ilse", dawdles=True)
    page, _ = await opened(house, teacher, open_for="day")
    for _ in range(4):
        house.clock.go(minutes=10)
        async with teacher.stream("GET", f"{page}/participation") as stream:
            assert stream.status_code == 200
    assert is_locked(await teacher.get("/account"))


async def test_a_page_that_stays_open_unlocks_nothing(house: Running) -> None:
    teacher = await house.staff("ilse", dawdles=True)
    house.clock.go(minutes=HALF_AN_HOUR)
    assert (await teacher.get("/classes")).status_code == 200
    assert is_locked(await teacher.get("/account"))


async def test_signing_out_is_always_possible(house: Running) -> None:
    teacher = await house.staff("ilse", dawdles=True)
    house.clock.go(minutes=HALF_AN_HOUR)
    assert (await teacher.post("/signout")).headers["location"] == "/signin"
    async with house.visitor() as nobody:
        assert (await nobody.get("/lock")).headers["location"].startswith("/signin")
        assert (await nobody.post("/lock", data={"password": PASSWORD})).status_code == 303
