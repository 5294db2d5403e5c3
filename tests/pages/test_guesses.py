"""What the teacher expected and what a visiting colleague saw: beside the result, for one alone."""

import re
from uuid import UUID

import httpx

from service.storage import guesses, tenancy, visits
from surveys.rounds import Survey
from tests.house import Running
from tests.pages.test_answering import GOOD, envelopes

SEEN = {"name": "Nour de Wit", **GOOD}


async def opened(house: Running, **form: str) -> tuple[httpx.AsyncClient, Survey, str]:
    teacher, survey = await house.staff("ilse"), await house.survey("2B")
    return teacher, survey, await house.open_round(teacher, survey, **form)


async def visit_link(teacher: httpx.AsyncClient, round_id: str) -> str:
    await teacher.post(f"/rounds/{round_id}/visit")
    page = (await teacher.get(f"/rounds/{round_id}/guess")).text
    found = re.search(r"/visit/[0-9a-f]{32}", page)
    assert found, page
    return found[0]


async def answered(house: Running, teacher: httpx.AsyncClient, round_id: str, n: int) -> None:
    code = await house.code(teacher, round_id)
    for _ in range(n):
        await house.answer(code, GOOD)


async def test_the_guess_stands_beside_the_result_afterwards(house: Running) -> None:
    teacher, survey, round_id = await opened(house)
    await teacher.post(f"/rounds/{round_id}/guess", data={"clarity": "7", "order": ""})
    assert 'value="7"' in (await teacher.get(f"/rounds/{round_id}/guess")).text
    await answered(house, teacher, round_id, 10)
    await house.close(teacher, round_id)
    page = (await teacher.get(f"/surveys/{survey.survey_id}")).text
    assert page.count("Jij verwachtte 7 van de 10.") == 1


async def test_after_closing_nobody_guesses_any_more(house: Running) -> None:
    teacher, _, round_id = await opened(house)
    await house.close(teacher, round_id)
    page = await teacher.get(f"/rounds/{round_id}/guess")
    assert page.headers["location"].endswith("/thanks")
    await teacher.post(f"/rounds/{round_id}/guess", data={"clarity": "7"})
    async with tenancy.school(house.service.house.pool, house.cast.school) as connection:
        assert await guesses.of_round(connection, house.cast.school, UUID(round_id)) is None


async def test_the_guess_page_shows_no_result_and_not_who_answered(house: Running) -> None:
    teacher, survey, before = await opened(house)
    await answered(house, teacher, before, 10)
    await house.close(teacher, before)
    house.clock.go(days=7)
    teacher = await house.staff("ilse")
    round_id = await house.open_round(teacher, survey)
    untouched = (await teacher.get(f"/rounds/{round_id}/guess")).text
    await answered(house, teacher, round_id, 9)
    assert (await teacher.get(f"/rounds/{round_id}/guess")).text == untouched
    assert "van de 10" not in untouched


async def test_a_guess_out_of_ten_comes_back_filled(house: Running) -> None:
    teacher, _, round_id = await opened(house)
    reply = await teacher.post(f"/rounds/{round_id}/guess", data={"clarity": "11", "order": "3"})
    assert reply.status_code == 422
    assert 'value="11"' in reply.text
    assert 'value="3"' in reply.text


async def test_a_visiting_colleague_needs_only_the_link(house: Running) -> None:
    teacher, survey, round_id = await opened(house)
    link = await visit_link(teacher, round_id)
    async with house.visitor() as colleague:
        assert "2B" in (await colleague.get(link)).text
        assert (await colleague.post(link, data=SEEN)).status_code == 200
    assert await envelopes(house) == 0
    assert "Nour de Wit" in (await teacher.get(f"/rounds/{round_id}/guess")).text
    await answered(house, teacher, round_id, 10)
    await house.close(teacher, round_id)
    page = (await teacher.get(f"/surveys/{survey.survey_id}")).text
    assert "De kijk van één collega, Nour de Wit" in page


async def test_a_colleague_fills_it_in_once(house: Running) -> None:
    teacher, _, round_id = await opened(house)
    link = await visit_link(teacher, round_id)
    async with house.visitor() as colleague:
        await colleague.post(link, data=SEEN)
        await colleague.post(link, data={**SEEN, "name": "Somebody else"})
        assert "<form" not in (await colleague.get(link)).text
    async with tenancy.school(house.service.house.pool, house.cast.school) as connection:
        found = await visits.of_round(connection, house.cast.school, UUID(round_id))
    assert found
    assert found.name == "Nour de Wit"


async def test_the_colleague_sees_nothing_of_what_students_answer(house: Running) -> None:
    teacher, _, round_id = await opened(house)
    link = await visit_link(teacher, round_id)
    async with house.visitor() as colleague:
        untouched = (await colleague.get(link)).text
        await answered(house, teacher, round_id, 10)
        assert (await colleague.get(link)).text == untouched
        await house.close(teacher, round_id)
        assert (await colleague.get(link)).status_code == 404
        assert (await colleague.post(link, data=SEEN)).status_code == 404


async def test_the_link_of_a_visit_is_no_way_in_for_students(house: Running) -> None:
    teacher, _, round_id = await opened(house)
    token = (await visit_link(teacher, round_id)).removeprefix("/visit/")
    for path in (f"/{token}", f"/screen/{token}"):
        async with house.visitor() as somebody:
            assert (await somebody.get(path)).status_code == 404
            assert (await somebody.post(path, data=GOOD)).status_code in (404, 405)
    code = await house.code(teacher, round_id)
    async with house.visitor() as somebody:
        assert (await somebody.get(f"/visit/{code}")).status_code == 404
    assert await envelopes(house) == 0


async def test_how_somebody_is_doing_is_not_looked_at_from_outside(house: Running) -> None:
    teacher = await house.staff("ilse")
    survey = await house.survey("Groep 6", "hoe-zit-je-erbij")
    round_id = await house.open_round(teacher, survey)
    assert (await teacher.post(f"/rounds/{round_id}/visit")).status_code == 404
    assert "/visit" not in (await teacher.get(f"/rounds/{round_id}/guess")).text


async def test_a_visit_without_a_name_comes_back_filled(house: Running) -> None:
    teacher, _, round_id = await opened(house)
    link = await visit_link(teacher, round_id)
    async with house.visitor() as colleague:
        for form in ({**GOOD, "name": " "}, {"name": "Nour"}, {**SEEN, "clarity": "9"}):
            reply = await colleague.post(link, data=form)
            assert reply.status_code == 422
        in_english = await colleague.post(link, data={**GOOD, "language": "en"})
        assert in_english.status_code == 200
        assert "I did not see that" in in_english.text
        assert "checked" in in_english.text


async def test_nobody_else_guesses_or_reads_along(house: Running) -> None:
    teacher, survey, round_id = await opened(house)
    link = await visit_link(teacher, round_id)
    async with house.visitor() as colleague:
        await colleague.post(link, data=SEEN)
    for name in ("omar", "wim", "ada", "eva"):
        other = await house.staff(name)
        assert (await other.get(f"/rounds/{round_id}/guess")).status_code == 404
        assert (await other.post(f"/rounds/{round_id}/guess", data={})).status_code == 404
        assert (await other.post(f"/rounds/{round_id}/visit")).status_code == 404
    await answered(house, teacher, round_id, 10)
    await house.close(teacher, round_id)
    await teacher.post(
        f"/surveys/{survey.survey_id}/sharing", data={str(house.cast.people["omar"]): "yes"}
    )
    shared = (await (await house.staff("omar")).get(f"/shared/{survey.survey_id}")).text
    assert "2B" in shared
    assert "Nour" not in shared
