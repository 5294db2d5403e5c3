"""What students were promised when they answered holds, whatever the school changes meanwhile."""

import asyncpg
import httpx

from tests.house import Running
from tests.pages.test_answering import GOOD

SETTINGS = {
    "school": "Het Kompas",
    "school_language": "nl",
    "results_years": "9",
    "words_days": "",
}


async def told(house: Running) -> str:
    connection = await asyncpg.connect(house.dsn)
    kind: str = await connection.fetchval("select told ->> 'type' from release")
    await connection.close()
    return kind


async def set_(administrator: httpx.AsyncClient, **choices: str) -> None:
    reply = await administrator.post("/school/settings", data={**SETTINGS, **choices})
    assert reply.status_code == 303, reply.text


async def test_small_classes_declared_later_change_no_open_round(house: Running) -> None:
    teacher, administrator = await house.staff("ilse"), await house.staff("ada")
    round_id = await house.open_round(teacher, await house.survey("2B"))
    code = await house.code(teacher, round_id)
    for _ in range(6):
        await house.answer(code, GOOD)
    await set_(administrator, small_classes="1")
    await house.close(teacher, round_id)
    assert await told(house) == "too few"


async def test_a_round_opened_in_small_classes_says_so_and_is_told_from_five(
    house: Running,
) -> None:
    teacher, administrator = await house.staff("ilse"), await house.staff("ada")
    await set_(administrator, small_classes="1")
    round_id = await house.open_round(teacher, await house.survey("2B"))
    code = await house.code(teacher, round_id)
    async with house.visitor("en") as student:
        assert "5 or more" in (await student.get(f"/{code}")).text
    for _ in range(5):
        await house.answer(code, GOOD)
    await house.close(teacher, round_id)
    assert await told(house) == "release"


async def test_wellbeing_is_asked_in_reviewed_languages_alone_unless_the_school_wants_more(
    house: Running,
) -> None:
    teacher, administrator = await house.staff("ilse"), await house.staff("ada")
    survey = await house.survey("Groep 6", "hoe-zit-je-erbij")
    code = await house.code(teacher, await house.open_round(teacher, survey))
    async with house.visitor("ar") as student:
        assert 'lang="ar"' not in (await student.get(f"/{code}?language=ar")).text
        await set_(administrator, all_languages="1")
        house.clock.go(seconds=90)
        assert 'lang="ar" dir="rtl"' in (await student.get(f"/{code}?language=ar")).text
