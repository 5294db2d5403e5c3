"""My classes: adding one, changing it, asking it; and that nobody else finds it."""

import re

import httpx
import pytest
from msgspec.structs import replace

from surveys.instrument import Instrument, library
from tests.house import Running
from tests.pages.living import EVERYBODY_ELSE, GOOD, look, opened, statuses, text_of, told

CLASS = {
    "name": "4H",
    "members": "27",
    "kind": "lesson",
    "stage": "secondary",
    "school_year": "2026",
    "year_group": "4",
    "subject": "wiskunde",
}


def page_of(house: Running, class_: str, rest: str) -> str:
    return f"/classes/{house.cast.classes[class_].group_id}/{rest}"


async def test_a_teacher_finds_the_own_classes_and_no_others(house: Running) -> None:
    for name, own, others in [
        ("ilse", ["2B", "Groep 6"], ["1A"]),
        ("omar", [], ["2B", "Groep 6", "1A"]),
        ("wim", [], ["2B", "Groep 6", "1A"]),
        ("eva", ["1A"], ["2B", "Groep 6"]),
    ]:
        visitor = await house.staff(name)
        shown = text_of((await visitor.get("/classes")).text)
        assert all(class_ in shown for class_ in own), name
        assert not any(class_ in shown for class_ in others), name
    assert await statuses(house, "/classes", "nobody") == {"nobody": 303}


async def red(teacher: httpx.AsyncClient) -> list[str]:
    """The first class on the list, and what its red button says; there is no other one."""
    shown = (await teacher.get("/classes")).text
    buttons = [
        text_of(each) for each in re.findall(r'<(?:a|button) class="[^"]*main".*?(?=</)', shown)
    ]
    assert len(buttons) <= 1, buttons
    (first, *_) = re.findall(r"<h2>(.*?)</h2>", shown)
    assert not buttons or buttons[0].endswith(f": {first}")
    return [first, *(each.partition(" :")[0] for each in buttons)]


async def test_one_class_has_its_turn_and_stands_first(house: Running) -> None:
    teacher = await house.staff("ilse")
    assert await red(teacher) == ["2B", "Kies wat je vraagt"]
    survey = await house.survey("Groep 6", "les-flits")
    assert await red(teacher) == ["Groep 6", "Nu vragen"]
    round_id = await house.open_round(teacher, survey)
    await house.survey("2B")
    assert await red(teacher) == ["Groep 6", "Naar de open ronde"]
    code = await house.code(teacher, round_id)
    for _ in range(9):
        await house.answer(code, {"clarity": "3"})
    await house.close(teacher, round_id)
    assert await red(teacher) == ["Groep 6", "Resultaat"]
    agreed = {"agreement": "Eerst overleggen", "about": "clarity"}
    await teacher.post(f"/surveys/{survey.survey_id}/discussion", data=agreed)
    assert await red(teacher) == ["2B", "Nu vragen"]


async def test_nobody_else_may_change_or_ask_a_class(house: Running) -> None:
    for rest in "edit", "ask", "compose":
        assert await statuses(house, page_of(house, "2B", rest), *EVERYBODY_ELSE) == EVERYBODY_ELSE
        assert await statuses(house, page_of(house, "2B", rest), "ilse") == {"ilse": 200}


async def test_a_teacher_adds_a_class_and_goes_on_to_ask_it(house: Running) -> None:
    teacher = await house.staff("ilse")
    reply = await teacher.post("/classes/new", data=CLASS)
    assert reply.status_code == 303
    assert re.fullmatch(r"/classes/[0-9a-f-]{36}/ask", reply.headers["location"])
    assert "4H" in (await teacher.get(reply.headers["location"])).text
    assert "4H" in (await teacher.get("/classes")).text


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "x" * 41),
        ("members", "0"),
        ("members", "61"),
        ("members", "veel"),
        ("members", "9" * 5000),
        ("kind", "club"),
        ("kind", ""),
        ("stage", "university"),
        ("year_group", "9"),
        ("year_group", "9" * 5000),
        ("year_group", "²"),
        ("school_year", "1999"),
        ("school_year", "9" * 5000),
        ("school_year", ""),
    ],
)
async def test_a_mistake_comes_back_beside_its_field_with_the_rest_filled_in(
    house: Running, field: str, value: str
) -> None:
    teacher = await house.staff("ilse")
    for page in "/classes/new", page_of(house, "2B", "edit"):
        reply = await teacher.post(page, data={**CLASS, field: value})
        assert reply.status_code == 422
        assert f'id="problem-{field}"' in reply.text
        assert 'value="wiskunde"' in reply.text
    assert await look(house, "select count(*) from grp where subject = 'wiskunde'") == 0


async def test_signs_that_nobody_can_type_are_refused_without_harm(house: Running) -> None:
    teacher = await house.staff("ilse")
    reply = await teacher.post("/classes/new", data={**CLASS, "name": "4H\x00"})
    assert reply.status_code == 400
    assert 'lang="nl"' in reply.text


async def test_only_teachers_have_classes(house: Running) -> None:
    for name, status in (("wim", 404), ("ada", 404), ("nobody", 303)):
        visitor = house.visitor() if name == "nobody" else await house.staff(name)
        assert (await visitor.post("/classes/new", data=CLASS)).status_code == status
    assert await look(house, "select count(*) from grp where name = '4H'") == 0


async def test_a_class_is_changed_and_keeps_its_rounds(house: Running) -> None:
    teacher = await house.staff("ilse")
    survey, _ = await told(house, teacher)
    reply = await teacher.post(page_of(house, "2B", "edit"), data={**CLASS, "name": "3B"})
    assert (reply.status_code, reply.headers["location"]) == (303, "/classes")
    assert "3B" in (await teacher.get(f"/surveys/{survey.survey_id}")).text


# Asking


async def test_a_chosen_instrument_opens_a_round(house: Running) -> None:
    teacher = await house.staff("ilse")
    await house.service.keeper.fill_stock()
    form = {"instrument": "lesfeedback", "members": "22", "open_for": "tomorrow", "focus": "stilte"}
    reply = await teacher.post(page_of(house, "2B", "ask"), data=form)
    assert reply.status_code == 303
    code = await house.code(teacher, reply.headers["location"].removeprefix("/rounds/"))
    async with house.visitor() as student:
        assert "stilte" in (await student.get(f"/{code}")).text
    assert await look(house, "select members from round") == 22
    closes_at = await look(house, "select closes_at from round")
    assert closes_at.astimezone(house.settings.zone).strftime("%d %H:%M") == "09 17:00"


async def test_a_class_of_another_stage_is_not_asked(house: Running) -> None:
    teacher = await house.staff("ilse")
    await house.service.keeper.fill_stock()
    for instrument in "les-flits", "no-such-thing", "":
        form = {"instrument": instrument, "members": "22"}
        reply = await teacher.post(page_of(house, "2B", "ask"), data=form)
        assert reply.status_code == 422
    assert await look(house, "select count(*) from round") == 0


async def test_the_same_questions_wait_a_week_and_the_day_is_told(house: Running) -> None:
    """R5: two releases a day apart would differ by those who were absent in one of them."""
    teacher = await house.staff("ilse")
    survey, _ = await told(house, teacher)
    again = f"/surveys/{survey.survey_id}/ask"
    house.clock.go(days=1)
    teacher = await house.staff("ilse")
    for reply in (
        await teacher.get(again),
        await teacher.post(again),
        await teacher.get("/classes"),
        await teacher.get(f"/surveys/{survey.survey_id}"),
        await teacher.post(
            page_of(house, "2B", "ask"), data={"instrument": "lesfeedback", "members": "24"}
        ),
    ):
        assert "dinsdag 15 september" in reply.text
    assert await look(house, "select count(*) from round") == 1
    house.clock.go(days=5, hours=23)
    await house.service.keeper.fill_stock()
    assert (await (await house.staff("ilse")).post(again)).status_code == 303


async def test_two_surveys_do_not_ask_after_one_agreement_within_a_week(house: Running) -> None:
    """R5: its question joins each survey that has the agreement, and is the same question."""
    teacher = await house.staff("ilse")
    first, second = await house.survey("2B"), await house.survey("2B", own_survey())
    for survey in first, second:
        agreed = {"agreement": "Eerst overleggen in tweetallen"}
        await teacher.post(f"/surveys/{survey.survey_id}/discussion", data=agreed)
    round_id = await house.open_round(teacher, first)
    code = await house.code(teacher, round_id)
    for _ in range(8):
        await house.answer(code, {**GOOD, "agreement": "3"})
    again = f"/surveys/{second.survey_id}/ask"
    assert (await teacher.post(again)).status_code == 200
    await house.close(teacher, round_id)
    assert "dinsdag 15 september" in (await teacher.post(again)).text
    house.clock.go(days=7)
    assert (await (await house.staff("ilse")).post(again)).status_code == 303


def own_survey() -> Instrument:
    """Lesson feedback under other words, which shares no question with it."""
    same = library()["lesfeedback"]
    items = [
        replace(item, text={language: f"{text} Echt?" for language, text in item.text.items()})
        for item in same.items
    ]
    return replace(same, key="own", items=tuple(items))


async def test_what_is_being_asked_is_not_asked_twice(house: Running) -> None:
    teacher = await house.staff("ilse")
    await opened(house, teacher)
    form = {"instrument": "lesfeedback", "members": "24"}
    reply = await teacher.post(page_of(house, "2B", "ask"), data=form)
    assert reply.status_code == 422
    assert await look(house, "select count(*) from round") == 1


async def test_what_was_refused_leaves_nothing_behind(house: Running) -> None:
    teacher = await house.staff("ilse")
    own = {"name": "Eigen", "lesfeedback.clarity": "on"}
    composed = await teacher.post(page_of(house, "2B", "compose"), data=own)
    await house.service.keeper.fill_stock()
    await teacher.post(composed.headers["location"])
    form = {"instrument": "lesfeedback", "members": "24"}  # which has the same question
    assert (await teacher.post(page_of(house, "2B", "ask"), data=form)).status_code == 422
    assert await look(house, "select count(*) from survey") == 1


async def test_a_round_of_too_few_starts_no_wait(house: Running) -> None:
    teacher = await house.staff("ilse")
    survey, _ = await told(house, teacher, good=3, bad=0)
    assert (await teacher.post(f"/surveys/{survey.survey_id}/ask")).status_code == 303


async def test_a_short_survey_of_ones_own_is_composed_and_asked(house: Running) -> None:
    teacher = await house.staff("ilse")
    form = {
        "name": "Eigen vragen",
        "lesfeedback.clarity": "on",
        "own.1.text": "Durf je iets te vragen?",
        "own.1.kind": "agreement",
        "purpose": "lesson",
    }
    compose = page_of(house, "2B", "compose")
    assert (await teacher.post(compose, data={**form, "name": ""})).status_code == 422
    reply = await teacher.post(compose, data=form)
    assert reply.status_code == 303
    await house.service.keeper.fill_stock()
    opened_round = await teacher.post(reply.headers["location"])
    code = await house.code(teacher, opened_round.headers["location"].removeprefix("/rounds/"))
    async with house.visitor() as student:
        assert "Durf je iets te vragen?" in (await student.get(f"/{code}")).text
