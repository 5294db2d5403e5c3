"""A team that asks itself: from choosing the questions to talking, nothing speaks of a class."""

import re

import httpx

from surveys.instrument import Stage, library
from surveys.rounds import GroupKind, Survey
from tests.house import Running
from tests.pages.living import EVERYBODY_ELSE, statuses, text_of

NAME = "Sectie wiskunde"
SCHOOLISH = re.compile(r"\b(class|classes|students?|teachers?|lessons?)\b", re.IGNORECASE)
ITEMS = [item.id for item in library()["teamthermometer"].closed]


async def a_team(house: Running) -> Survey:
    await house.add_class(NAME, 16, kind=GroupKind.TEAM, stage=Stage.STAFF)
    return await house.survey(NAME, "teamthermometer")


async def asked(house: Running, teacher: httpx.AsyncClient, survey: Survey, n: int) -> str:
    round_id = await house.open_round(teacher, survey)
    code = await house.code(teacher, round_id)
    for number in range(n):
        await house.answer(code, dict.fromkeys(ITEMS, "5" if number % 3 else "2"))
    return round_id


async def speaks_of_a_team(teacher: httpx.AsyncClient, *addresses: str) -> None:
    for address in addresses:
        reply = await teacher.get(address)
        assert reply.status_code == 200, address
        shown = text_of(reply.text[reply.text.index("<main") :])
        assert not SCHOOLISH.findall(re.sub("[Mm]y classes", "", shown)), address


async def test_every_page_of_its_round_speaks_of_a_team(house: Running) -> None:
    survey = await a_team(house)
    page, group = f"/surveys/{survey.survey_id}", f"/classes/{survey.group_id}"
    teacher = await house.staff("ilse", "en")
    await speaks_of_a_team(teacher, page, f"{page}/ask", f"{page}/preview", f"{group}/ask")
    few = await asked(house, teacher, survey, 4)
    round = f"/rounds/{few}"
    await speaks_of_a_team(teacher, round, f"{round}/closure", f"{round}/guess")
    await house.close(teacher, few)
    await speaks_of_a_team(teacher, page)
    enough = await asked(house, teacher, survey, 12)
    await speaks_of_a_team(teacher, f"/rounds/{enough}/closure")
    await house.close(teacher, enough)
    talk = f"{page}/discussion"
    result = [f"/rounds/{enough}/thanks", page, f"{page}/questions/{ITEMS[0]}", f"{page}/sharing"]
    await speaks_of_a_team(teacher, *result, talk)
    await teacher.post(talk, data={"agreement": "Elke maandag samen", "about": ITEMS[0]})
    await speaks_of_a_team(teacher, page, f"{talk}?agreed=yes")


async def test_its_members_are_counted_as_colleagues(house: Running) -> None:
    await a_team(house)
    teacher = await house.staff("ilse", "en")
    cards = (await teacher.get("/classes")).text.split('<li class="sheet card">')
    (card,) = [text_of(each) for each in cards if NAME in each]
    assert "16 colleagues" in card
    assert not SCHOOLISH.findall(card.replace("16 colleagues", ""))


async def test_nobody_visits_a_lesson_of_a_team(house: Running) -> None:
    await house.add_class(NAME, 16, kind=GroupKind.TEAM, stage=Stage.STAFF)
    teacher = await house.staff("ilse", "en")
    own = {
        "name": "Our meetings",
        "own.1.text": "I am heard.",
        "own.1.kind": "agreement",
        "purpose": "lesson",
    }
    group = f"/classes/{house.cast.classes[NAME].group_id}"
    await house.service.keeper.fill_stock()
    made = (await teacher.post(f"{group}/compose", data=own)).headers["location"]
    opened = (await teacher.post(made)).headers["location"]
    assert "colleague visit" not in (await teacher.get(f"{opened}/guess")).text


async def test_its_result_is_of_whoever_asked(house: Running) -> None:
    survey = await a_team(house)
    teacher = await house.staff("ilse")
    await house.close(teacher, await asked(house, teacher, survey, 12))
    page = f"/surveys/{survey.survey_id}"
    assert await statuses(house, page, *EVERYBODY_ELSE) == EVERYBODY_ELSE
