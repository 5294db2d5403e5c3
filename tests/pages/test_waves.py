"""A wave from its leader's first look to what students read of it; and who sees nothing of it."""

import asyncio
import re
from collections.abc import Mapping
from uuid import UUID

import httpx
import pytest

from service.storage import tenancy, waves
from surveys.instrument import Stage
from surveys.release import Interval
from surveys.rounds import GroupKind
from surveys.waves import Pool
from tests.house import Running
from tests.pages.living import text_of

WELL = {"ladder": "8", "belonging": "5", "support": "5", "joy": "5"}
UNWELL = {"ladder": "2", "belonging": "1", "support": "1", "joy": "1"}
CLASSES = ("2C", "2D", "2E")


async def three_classes(house: Running, members: int = 12) -> None:
    for name in CLASSES:
        await house.add_class(name, members, teacher="omar")


def filled(house: Running, names: tuple[str, ...] = CLASSES, **more: str) -> dict[str, str]:
    chosen = {f"group.{house.cast.classes[name].group_id}": "yes" for name in names}
    return {"view": "year", "until": "2026-09-22", **chosen, **more}


async def open_wave(house: Running, leader: httpx.AsyncClient, form: Mapping[str, str]) -> str:
    await house.service.keeper.fill_stock()
    reply = await leader.post("/waves/new/schoolpuls", data={**form, "step": "open"})
    assert reply.status_code == 303, reply.text
    return reply.headers["location"].removeprefix("/waves/")


async def rounds_of(house: Running, leader: httpx.AsyncClient, wave_id: str) -> list[str]:
    page = (await leader.get(f"/waves/{wave_id}")).text
    return re.findall(r'href="/rounds/([0-9a-f-]{36})"', page)


async def everybody_answers(house: Running, leader: httpx.AsyncClient, wave_id: str) -> str:
    """Twelve in each class, of whom one is not well; returns the code of a class."""
    for round_id in await rounds_of(house, leader, wave_id):
        code = await house.code(leader, round_id)
        for form in [UNWELL, *[WELL] * 11]:
            assert (await house.answer(code, form)).status_code == 200
    return code


async def end(house: Running, leader: httpx.AsyncClient, wave_id: str) -> None:
    assert (await leader.post(f"/waves/{wave_id}/closure")).status_code == 303
    await house.service.keeper.work()


async def told(house: Running, wave_id: str) -> list[Pool]:
    async with tenancy.school(house.service.house.pool, house.cast.school) as connection:
        return (await waves.pools(connection, house.cast.school)).get(UUID(wave_id), [])


async def student_reads(house: Running, code: str, words: str) -> str:
    """As soon as the doors have heard that something changed: within moments."""
    async with house.visitor("en") as student, asyncio.timeout(5):
        while words not in (page := (await student.get(f"/{code}")).text):
            await asyncio.sleep(0.05)
    return page


# Opening


async def test_a_leader_sees_beforehand_what_a_wave_will_tell(house: Running) -> None:
    await three_classes(house)
    leader = await house.staff("wim", "en")
    form = (await leader.get("/waves/new/schoolpuls")).text
    assert all(f"group.{house.cast.classes[name].group_id}" in form for name in CLASSES)
    page = (await leader.post("/waves/new/schoolpuls", data=filled(house))).text
    assert "one result of 3 classes together, 36 students" in page
    assert "You see no class by itself." in page
    assert "of at least 3 classes and 30 students" in re.sub(r"\s+", " ", page)
    page = (await leader.post("/waves/new/schoolpuls", data=filled(house, view="class"))).text
    assert "each a result of its own for 2C, 2D, 2E." in page
    assert "per class as well" in page
    assert await house.service.house.pool.fetchval("select count(*) from code") == 0


async def test_a_wave_that_would_tell_nothing_is_not_opened_by_a_tap(house: Running) -> None:
    await three_classes(house)
    leader = await house.staff("wim", "en")
    page = (await leader.post("/waves/new/schoolpuls", data=filled(house, CLASSES[:2]))).text
    assert "too few to tell anything" in page
    assert re.search(r'value="open" disabled', page)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"until": "2026-12-01"}, "at most four weeks away"),
        ({"until": "tomorrow"}, "at most four weeks away"),
        ({"until": "2026-09-07"}, "at most four weeks away"),
        ({"view": "student"}, "Choose one."),
    ],
)
async def test_what_cannot_be_is_said_and_the_form_stays_filled(
    house: Running, wrong: dict[str, str], said: str
) -> None:
    await three_classes(house)
    leader = await house.staff("wim", "en")
    form = filled(house, CLASSES[:1]) | wrong
    reply = await leader.post("/waves/new/schoolpuls", data={**form, "step": "open"})
    assert reply.status_code == 422
    assert said in reply.text
    checked = re.findall(r'name="group\.([0-9a-f-]+)" value="yes" checked', reply.text)
    assert checked == [str(house.cast.classes["2C"].group_id)]


async def test_choosing_a_language_keeps_what_was_filled_in(house: Running) -> None:
    await three_classes(house)
    leader = await house.staff("wim", "en")
    form = filled(house, CLASSES[1:], view="class", language="nl")
    page = (await leader.post("/waves/new/schoolpuls", data=form)).text
    assert "Welke klassen?" in page
    assert len(re.findall(r'value="yes" checked', page)) == 2
    assert re.search(r'value="class" checked', page)


async def test_a_class_that_is_being_asked_cannot_be_chosen(house: Running) -> None:
    await three_classes(house)
    leader = await house.staff("wim", "en")
    await open_wave(house, leader, filled(house))
    page = (await leader.get("/waves/new/schoolpuls")).text
    assert page.count("is being asked now") == 3
    reply = await leader.post("/waves/new/schoolpuls", data={**filled(house), "step": "open"})
    assert reply.status_code == 422
    assert "is being asked now, or was asked" in reply.text


# While it runs


async def test_teachers_find_it_above_their_classes_and_show_it(house: Running) -> None:
    await three_classes(house)
    leader, teacher = await house.staff("wim"), await house.staff("omar", "en")
    wave_id = await open_wave(house, leader, filled(house))
    mine = (await teacher.get("/classes")).text
    assert "The school asks your classes" in mine
    assert len(re.findall(r'href="/rounds/[0-9a-f-]{36}"', mine)) == 3
    (first, *_) = await rounds_of(house, leader, wave_id)
    page = (await teacher.get(f"/rounds/{first}")).text
    assert "you do not get to see it" in page
    assert "What do you expect?" not in page
    assert (await teacher.post(f"/rounds/{first}/closure")).status_code == 303
    assert (
        "the school tells you what it does" in (await teacher.get(f"/rounds/{first}/thanks")).text
    )


async def test_the_leader_finds_the_code_of_each_class_in_one_list(house: Running) -> None:
    await three_classes(house)
    leader = await house.staff("wim", "en")
    wave_id = await open_wave(house, leader, filled(house))
    page = (await leader.get(f"/waves/{wave_id}")).text
    codes = re.findall(r"<code>([0-9A-Z]{4} [0-9A-Z]{4})</code>", page)
    assert len(set(codes)) == 3
    for code in codes:
        assert (await house.answer(code.replace(" ", ""), WELL)).status_code == 200
    (first, *_) = await rounds_of(house, leader, wave_id)
    await leader.post(f"/rounds/{first}/closure")
    after = (await leader.get(f"/waves/{wave_id}")).text
    assert after.count("<code>") == 2  # it has stopped
    assert f"/rounds/{first}" not in after


async def test_a_team_is_not_called_a_class(house: Running) -> None:
    teams = ("Team A", "Team B", "Team C")
    for name in teams:
        await house.add_class(name, 12, kind=GroupKind.TEAM, stage=Stage.STAFF)
    leader = await house.staff("wim", "en")
    form = filled(house, teams, step="open")
    await house.service.keeper.fill_stock()
    opened = await leader.post("/waves/new/teamthermometer", data=form)
    (first, *_) = await rounds_of(house, leader, opened.headers["location"].rpartition("/")[2])
    said = {"": "This team is ready", "/closure": "This team is ready", "/thanks": "To all teams"}
    for page, words in said.items():
        if page == "/thanks":
            await leader.post(f"/rounds/{first}/closure")
        told = text_of((await leader.get(f"/rounds/{first}{page}")).text)
        assert words in told
        assert not re.search(r"\b(class|student)", told.replace("My classes", "")), told


async def test_a_leader_who_opens_one_class_is_not_spoken_to_as_its_teacher(house: Running) -> None:
    await three_classes(house)
    leader = await house.staff("wim", "en")
    wave_id = await open_wave(house, leader, filled(house))
    (first, *_) = await rounds_of(house, leader, wave_id)
    for page in (f"/rounds/{first}", f"/rounds/{first}/closure"):
        told = (await leader.get(page)).text
        assert "This class is ready" in told
        assert "you do not get to see it" not in told
        assert "Our class" not in told
    await leader.post(f"/rounds/{first}/closure")
    assert f'href="/waves/{wave_id}"' in (await leader.get(f"/rounds/{first}/thanks")).text


async def test_who_would_end_it_before_anything_is_told_is_asked_to_wait(house: Running) -> None:
    await three_classes(house)
    leader = await house.staff("wim", "en")
    wave_id = await open_wave(house, leader, filled(house))
    assert "there is no result" in (await leader.get(f"/waves/{wave_id}/closure")).text
    await everybody_answers(house, leader, wave_id)
    assert "there is no result" not in (await leader.get(f"/waves/{wave_id}/closure")).text
    await end(house, leader, wave_id)
    assert await told(house, wave_id)


async def test_a_teacher_of_other_classes_sees_nothing_of_it(house: Running) -> None:
    await three_classes(house)
    leader, other = await house.staff("wim"), await house.staff("ilse")
    wave_id = await open_wave(house, leader, filled(house))
    (first, *_) = await rounds_of(house, leader, wave_id)
    for path in (f"/rounds/{first}", f"/rounds/{first}/closure", f"/rounds/{first}/thanks"):
        assert (await other.get(path)).status_code == 404
    assert (await other.post(f"/rounds/{first}/cards")).status_code == 404


async def test_who_teaches_the_class_gets_no_result_of_it(house: Running) -> None:
    await three_classes(house)
    leader, teacher = await house.staff("wim"), await house.staff("omar")
    wave_id = await open_wave(house, leader, filled(house, view="class"))
    (first, *_) = await rounds_of(house, leader, wave_id)
    await everybody_answers(house, leader, wave_id)
    await end(house, leader, wave_id)
    async with tenancy.school(house.service.house.pool, house.cast.school) as connection:
        survey_id = await connection.fetchval(
            "select survey_id from round where round_id = $1", UUID(first)
        )
    for path in ("", "/discussion", "/results.csv", "/ask", "/sharing"):
        assert (await teacher.get(f"/surveys/{survey_id}{path}")).status_code == 404
        assert (await leader.get(f"/surveys/{survey_id}{path}")).status_code == 404
    for path in ("guess", "extension"):
        assert (await teacher.post(f"/rounds/{first}/{path}")).status_code == 404


@pytest.mark.parametrize("name", ["ilse", "ada", "eva"])
async def test_only_a_leader_of_the_school_opens_and_runs_waves(house: Running, name: str) -> None:
    await three_classes(house)
    leader, other = await house.staff("wim"), await house.staff(name)
    wave_id = await open_wave(house, leader, filled(house))
    for path in ("new", "new/schoolpuls", wave_id, f"{wave_id}/closure"):
        assert (await other.get(f"/waves/{path}")).status_code == 404, path
    for path in ("closure", "extension", "reminders", "cards", "decision"):
        reply = await other.post(f"/waves/{wave_id}/{path}", data={"decision": "Niets."})
        assert reply.status_code == 404, path
    reply = await other.post("/waves/new/schoolpuls", data={**filled(house), "step": "open"})
    assert reply.status_code == 404


async def test_a_wave_is_prolonged_by_a_week_and_never_beyond_four(house: Running) -> None:
    await three_classes(house)
    leader = await house.staff("wim", "en")
    wave_id = await open_wave(house, leader, filled(house))
    assert "22 September" in (await leader.get(f"/waves/{wave_id}")).text
    for _ in range(3):
        await leader.post(f"/waves/{wave_id}/extension")
    page = (await leader.get(f"/waves/{wave_id}")).text
    assert "6 October" in page
    assert "A week longer" not in page


async def test_all_cards_come_in_one_page_and_each_works_once(house: Running) -> None:
    await three_classes(house, members=11)
    leader = await house.staff("wim", "en")
    wave_id = await open_wave(house, leader, filled(house, cards="yes"))
    page = (await leader.post(f"/waves/{wave_id}/cards")).text
    cards = [
        each.replace(" ", "") for each in re.findall(r"<b>([0-9A-Z]{5} [0-9A-Z]{5})</b>", page)
    ]
    assert len(set(cards)) == 33
    assert "<code>" not in (await leader.get(f"/waves/{wave_id}")).text
    assert page.count('class="cards-of"') == 3
    assert page.rstrip().endswith("</html>")
    for card in (cards[0], cards[-1]):
        assert (await house.answer(card, WELL)).status_code == 200
        assert (await house.answer(card, WELL)).status_code == 409
    again = (await leader.post(f"/waves/{wave_id}/cards")).text
    assert len(re.findall(r"<b>[0-9A-Z]{5} [0-9A-Z]{5}</b>", again)) == 11  # the untouched class


# What comes of it


async def test_all_is_told_at_once_after_the_end(house: Running) -> None:
    await three_classes(house)
    leader = await house.staff("wim", "en")
    wave_id = await open_wave(house, leader, filled(house))
    await everybody_answers(house, leader, wave_id)
    assert "36" in (await leader.get(f"/waves/{wave_id}")).text
    assert await told(house, wave_id) == []
    await end(house, leader, wave_id)
    (pool,) = await told(house, wave_id)
    assert len(pool.groups) == 3
    assert (pool.told.n, pool.told.of("ladder").negative) == (36, Interval(0, 3))
    assert "It has been counted." in (await leader.get(f"/waves/{wave_id}")).text


async def test_students_read_what_the_school_does(house: Running) -> None:
    await three_classes(house)
    leader = await house.staff("wim", "en")
    wave_id = await open_wave(house, leader, filled(house))
    code = await everybody_answers(house, leader, wave_id)
    await end(house, leader, wave_id)
    await student_reads(house, code, "Soon you read here what the school does")
    long = await leader.post(f"/waves/{wave_id}/decision", data={"decision": "x" * 141})
    assert long.status_code == 422
    assert "x" * 141 in long.text
    sent = await leader.post(f"/waves/{wave_id}/decision", data={"decision": "A quiet room."})
    assert sent.status_code == 303
    page = await student_reads(house, code, "You said it, so the school does this:")
    assert "A quiet room." in page


async def test_nothing_is_decided_before_it_is_told(house: Running) -> None:
    await three_classes(house)
    leader = await house.staff("wim")
    wave_id = await open_wave(house, leader, filled(house))
    reply = await leader.post(f"/waves/{wave_id}/decision", data={"decision": "A quiet room."})
    assert reply.status_code == 404


async def test_a_wave_that_ended_takes_no_order_any_more(house: Running) -> None:
    await three_classes(house)
    leader = await house.staff("wim")
    wave_id = await open_wave(house, leader, filled(house, cards="yes"))
    await end(house, leader, wave_id)
    for path in ("closure", "extension", "reminders", "cards"):
        assert (await leader.post(f"/waves/{wave_id}/{path}")).status_code == 404, path


async def test_a_wave_whose_key_is_lost_says_so(house: Running) -> None:
    await three_classes(house)
    leader = await house.staff("wim", "en")
    wave_id = await open_wave(house, leader, filled(house))
    for path in house.settings.keys[0].glob("*.key"):
        path.unlink()
    await end(house, leader, wave_id)
    assert "Being counted" in (await leader.get(f"/waves/{wave_id}")).text
    house.clock.go(hours=2)
    page = (await leader.get(f"/waves/{wave_id}")).text
    assert "could not be counted: its key is not here" in page


async def test_teachers_and_the_class_read_what_the_school_does_too(house: Running) -> None:
    await three_classes(house)
    leader, teacher = await house.staff("wim", "en"), await house.staff("omar", "en")
    wave_id = await open_wave(house, leader, filled(house))
    (first, *_) = await rounds_of(house, leader, wave_id)
    page = (await teacher.get(f"/rounds/{first}")).text
    screen = re.search(r"/screen/[0-9a-f]{32}", page)
    assert screen
    await everybody_answers(house, leader, wave_id)
    await end(house, leader, wave_id)
    told = await leader.post(f"/waves/{wave_id}/decision", data={"decision": "A quiet room."})
    assert "Students read this now" in (await leader.get(told.headers["location"])).text
    assert "A quiet room." in (await teacher.get(f"/rounds/{first}/thanks")).text
    async with house.visitor("en") as classroom:
        assert "A quiet room." in (await classroom.get(screen[0])).text


async def test_what_may_not_be_asked_yet_says_from_when(house: Running) -> None:
    await three_classes(house)
    leader = await house.staff("wim", "en")
    everybody = (*CLASSES, "2B")
    wave_id = await open_wave(house, leader, filled(house, everybody))
    assert "This is being asked now." in (await leader.get("/waves/new/schoolpuls")).text
    await everybody_answers(house, leader, wave_id)
    await end(house, leader, wave_id)
    page = (await leader.get("/waves/new/schoolpuls")).text
    assert "You may ask it again from Tuesday 6 October" in page
    assert 'name="view"' not in page
