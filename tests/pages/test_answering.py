"""A student answers: every way in, and everything that may go wrong on it."""

import asyncio
import re

import asyncpg

from surveys.instrument import library
from tests.house import NONCE, Running

GOOD = {item.id: "4" for item in library()["lesfeedback"].closed}


def nonce_in(page: str) -> str:
    found = NONCE.search(page)
    assert found, page
    return found[1]


async def envelopes(house: Running) -> int:
    connection = await asyncpg.connect(house.dsn)
    try:
        return int(await connection.fetchval("select count(*) from envelope"))
    finally:
        await connection.close()


async def test_an_answer_is_counted_and_thanked_for(house: Running) -> None:
    teacher = await house.staff("ilse")
    round_id = await house.open_round(teacher, await house.survey("2B"))
    code = await house.code(teacher, round_id)
    reply = await house.answer(code, GOOD)
    assert reply.status_code == 200
    assert "Dank je wel" in reply.text
    assert await envelopes(house) == 1


async def test_an_answer_about_wellbeing_is_thanked_for_with_help_lines(house: Running) -> None:
    teacher = await house.staff("ilse")
    asked = library()["schoolpuls"]
    code = await house.code(
        teacher, await house.open_round(teacher, await house.survey("2B", asked))
    )
    reply = await house.answer(code, {item.id: "4" for item in asked.closed})
    assert reply.status_code == 200
    assert "Dank je wel" in reply.text
    assert "Wil je met iemand praten?" in reply.text


async def test_a_student_gets_no_cookie_before_answering(house: Running) -> None:
    teacher = await house.staff("ilse")
    code = await house.code(teacher, await house.open_round(teacher, await house.survey("2B")))
    async with house.visitor() as student:
        page = await student.get(f"/{code}")
        assert "set-cookie" not in page.headers
        assert page.headers["cache-control"] == "no-store"


async def test_the_same_form_sent_twice_counts_once(house: Running) -> None:
    teacher = await house.staff("ilse")
    code = await house.code(teacher, await house.open_round(teacher, await house.survey("2B")))
    async with house.visitor() as student:
        nonce = nonce_in((await student.get(f"/{code}")).text)
        replies = await asyncio.gather(
            *(student.post(f"/{code}", data={**GOOD, "nonce": nonce}) for _ in range(5))
        )
    assert [reply.status_code for reply in replies] == [200] * 5
    assert await envelopes(house) == 1


async def test_an_empty_form_comes_back_and_is_not_counted(house: Running) -> None:
    teacher = await house.staff("ilse")
    code = await house.code(teacher, await house.open_round(teacher, await house.survey("2B")))
    reply = await house.answer(code, {})
    assert reply.status_code == 422
    assert await envelopes(house) == 0


async def test_an_option_that_does_not_exist_comes_back_with_the_rest_filled_in(
    house: Running,
) -> None:
    teacher = await house.staff("ilse")
    code = await house.code(teacher, await house.open_round(teacher, await house.survey("2B")))
    reply = await house.answer(code, {**GOOD, "clarity": "99", "tip": "Meer tijd"})
    assert reply.status_code == 422
    assert "Meer tijd" in reply.text
    assert len(re.findall(r"<input[^>]* checked", reply.text)) == len(GOOD) - 1
    assert await envelopes(house) == 0


async def test_a_body_of_a_megabyte_is_refused_in_the_students_language(house: Running) -> None:
    teacher = await house.staff("ilse")
    code = await house.code(teacher, await house.open_round(teacher, await house.survey("2B")))
    reply = await house.answer(code, {**GOOD, "tip": "x" * 1_000_000})
    assert reply.status_code == 413
    assert 'lang="nl"' in reply.text
    assert await envelopes(house) == 0


async def test_a_wrong_code_gets_a_kind_page(house: Running) -> None:
    async with house.visitor() as student:
        reply = await student.get("/ZZZZ9999")
        assert reply.status_code == 404
        assert 'name="code"' in reply.text


async def test_a_typed_code_forgives_case_spaces_and_look_alikes(house: Running) -> None:
    teacher = await house.staff("ilse")
    code = await house.code(teacher, await house.open_round(teacher, await house.survey("2B")))
    typed = f" {code[:4].lower().replace('0', 'o').replace('1', 'l')} - {code[4:]} "
    async with house.visitor() as student:
        reply = await student.post("/", data={"code": typed})
    assert (reply.status_code, reply.headers["location"]) == (303, f"/{code}")


async def test_an_answer_after_closing_is_told_so_and_not_counted(house: Running) -> None:
    teacher = await house.staff("ilse")
    round_id = await house.open_round(teacher, await house.survey("2B"))
    code = await house.code(teacher, round_id)
    async with house.visitor() as student:
        nonce = nonce_in((await student.get(f"/{code}")).text)
        await house.close(teacher, round_id)
        reply = await student.post(f"/{code}", data={**GOOD, "nonce": nonce})
    assert reply.status_code == 410
    assert await envelopes(house) == 0


async def test_a_full_round_keeps_what_was_filled_in_until_there_is_a_place(
    house: Running,
) -> None:
    teacher = await house.staff("ilse")
    round_id = await house.open_round(teacher, await house.survey("2B"), members="2")
    code = await house.code(teacher, round_id)
    for _ in range(2):
        assert (await house.answer(code, GOOD)).status_code == 200
    async with house.visitor() as student:
        nonce = nonce_in((await student.get(f"/{code}")).text)
        form = {**GOOD, "tip": "Meer tijd", "nonce": nonce}
        full = await student.post(f"/{code}", data=form)
        assert full.status_code == 409
        assert "Meer tijd" in full.text
        assert nonce in full.text
        await teacher.post(f"/rounds/{round_id}/places", data={"more": "1"})
        assert (await student.post(f"/{code}", data=form)).status_code == 200
    assert await envelopes(house) == 3


async def test_places_are_raised_by_two_at_most(house: Running) -> None:
    teacher = await house.staff("ilse")
    round_id = await house.open_round(teacher, await house.survey("2B"), members="2")
    code = await house.code(teacher, round_id)
    for _ in range(3):
        await teacher.post(f"/rounds/{round_id}/places", data={"more": "2"})
    replies = [await house.answer(code, GOOD) for _ in range(5)]
    assert [reply.status_code for reply in replies] == [200] * 4 + [409]


async def test_choosing_a_language_brings_the_form_back_filled_and_stores_nothing(
    house: Running,
) -> None:
    teacher = await house.staff("ilse")
    code = await house.code(teacher, await house.open_round(teacher, await house.survey("2B")))
    reply = await house.answer(code, {**GOOD, "tip": "Meer tijd", "language": "en"})
    assert reply.status_code == 200
    assert 'lang="en"' in reply.text
    assert "Meer tijd" in reply.text
    assert await envelopes(house) == 0


async def test_answers_racing_the_closing_are_acknowledged_only_when_counted(
    house: Running,
) -> None:
    teacher = await house.staff("ilse")
    round_id = await house.open_round(teacher, await house.survey("2B"), members="60")
    code = await house.code(teacher, round_id)

    async def late(pause: float) -> int:
        await asyncio.sleep(pause)
        return (await house.answer(code, GOOD)).status_code

    async def closing() -> None:
        await asyncio.sleep(0.25)
        await house.close(teacher, round_id)

    *statuses, _ = await asyncio.gather(*(late(n * 0.01) for n in range(50)), closing())
    connection = await asyncpg.connect(house.dsn)
    told = await connection.fetchval("select told ->> 'n' from release")
    await connection.close()
    assert int(told) == statuses.count(200)
    assert statuses.count(410) + statuses.count(200) == 50


async def test_a_closed_page_speaks_every_language_that_it_offers(house: Running) -> None:
    teacher = await house.staff("ilse")
    round_id = await house.open_round(teacher, await house.survey("2B"))
    code = await house.code(teacher, round_id)
    await house.close(teacher, round_id)
    async with house.visitor("nl") as student:
        await asyncio.sleep(0.2)
        for language in ("de", "ar", "pl", "en"):
            page = (await student.get(f"/{code}?language={language}")).text
            assert f'<html lang="{language}"' in page
