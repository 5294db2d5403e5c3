"""Own questions in other languages: written by their teacher, read by students once whole."""

import asyncio
import re

import httpx
import pytest
from msgspec.structs import replace

from service.storage import schools, surveys, tenancy
from surveys.rounds import Survey
from tests.house import Running
from tests.pages.living import text_of
from tests.pages.test_composing import FORM, compose

QUESTION = "Hata yapmaktan korkmuyorum."
TURKISH = {"name": "Bizim ders", "item.own-1": QUESTION}


def page_of(survey: Survey, language: str = "") -> str:
    return f"/surveys/{survey.survey_id}/translations" + (f"/{language}" if language else "")


async def student(house: Running, code: str, language: str = "tr") -> str:
    """The first page of a student whose phone speaks this language."""
    async with house.visitor(language) as phone:
        return (await phone.get(f"/{code}")).text


async def present(house: Running, survey: Survey) -> Survey:
    async with tenancy.school(house.service.house.pool, house.cast.school) as connection:
        found = await surveys.get(connection, house.cast.school, survey.survey_id)
    assert found
    return found


async def asked(house: Running, teacher: httpx.AsyncClient, survey: Survey, n: int) -> None:
    round_id = await house.open_round(teacher, survey)
    code = await house.code(teacher, round_id)
    for _ in range(n):
        await house.answer(code, {"lesfeedback-clarity": "4", "own-1": "4"})
    await house.close(teacher, round_id)


async def test_a_student_reads_turkish_once_the_teacher_has_written_it(house: Running) -> None:
    teacher = await house.staff("ilse")
    survey = await compose(house, teacher)
    assert (await teacher.post(page_of(survey, "tr"), data=TURKISH)).status_code == 303
    code = await house.code(teacher, await house.open_round(teacher, survey))
    page = await student(house, code)
    assert 'lang="tr"' in page
    said = text_of(page)
    for words in ("Bizim ders", QUESTION, "Konu açık anlatıldı.", "Tamamen katılıyorum"):
        assert words in said
    assert 'lang="nl"' in await student(house, code, "nl")
    async with house.visitor("tr") as phone:
        nonce = re.findall(r'name="nonce"\s+value="([0-9a-f]+)"', page)[0]
        reply = await phone.post(f"/{code}?language=tr", data={"own-1": "4", "nonce": nonce})
    assert reply.status_code == 200
    assert "Teşekkürler" in reply.text


async def test_the_trend_goes_on_in_the_same_survey(house: Running) -> None:
    teacher = await house.staff("ilse")
    survey = await compose(house, teacher)
    await asked(house, teacher, survey, 9)
    await teacher.post(page_of(survey, "tr"), data=TURKISH)
    house.clock.go(days=7)
    teacher = await house.staff("ilse")
    await asked(house, teacher, survey, 10)
    shown = text_of((await teacher.get(f"/surveys/{survey.survey_id}")).text)
    assert "Vorige keer 7 of meer van de 9, nu 8 of meer van de 10." in shown
    assert (await present(house, survey)).instrument.version == survey.instrument.version


async def test_a_half_translation_is_kept_named_and_asked_of_nobody(house: Running) -> None:
    teacher = await house.staff("ilse")
    second = {"own.2.text": "Ik werk graag samen.", "own.2.kind": "faces"}
    survey = await compose(house, teacher, **second)
    saved = await teacher.post(page_of(survey, "tr"), data=TURKISH)
    listed = text_of((await teacher.get(saved.headers["location"])).text)
    assert "Bewaard." in listed
    assert "Nog niemand krijgt de vragen in deze taal. Dit mist nog: Ik werk graag samen." in listed
    assert QUESTION in (await teacher.get(page_of(survey, "tr"))).text
    code = await house.code(teacher, await house.open_round(teacher, survey))
    page = await student(house, code)
    assert 'lang="nl"' in page
    assert QUESTION not in page
    assert "Türkçe" not in page


async def test_students_of_the_open_round_find_a_language_that_is_new(house: Running) -> None:
    teacher = await house.staff("ilse")
    survey = await compose(house, teacher)
    code = await house.code(teacher, await house.open_round(teacher, survey))
    assert QUESTION not in await student(house, code)
    await teacher.post(page_of(survey, "tr"), data=TURKISH)
    async with asyncio.timeout(5):  # until word of it has come round
        while QUESTION not in await student(house, code):
            await asyncio.sleep(0.02)


async def test_what_is_being_asked_in_a_language_does_not_change_meanwhile(house: Running) -> None:
    teacher = await house.staff("ilse")
    survey = await compose(house, teacher)
    await teacher.post(page_of(survey, "tr"), data=TURKISH)
    round_id = await house.open_round(teacher, survey)
    form = (await teacher.get(page_of(survey, "tr"))).text
    assert "readonly" in form
    assert "Je mag de woorden veranderen als de ronde gesloten is." in form
    other = TURKISH | {"item.own-1": "Başka bir soru."}
    refused = await teacher.post(page_of(survey, "tr"), data=other)
    assert "Je mag de woorden veranderen als de ronde gesloten is." in refused.text
    code = await house.code(teacher, round_id)
    assert QUESTION in await student(house, code)
    await house.close(teacher, round_id)
    assert (await teacher.post(page_of(survey, "tr"), data=other)).status_code == 303
    assert (await present(house, survey)).instrument.items[1].text["tr"] == "Başka bir soru."


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ("x" * 121, "Hoogstens 120 tekens."),
        ("Okulda kendimi evimde gibi hissediyorum.", "een van onze vragen over welbevinden"),
    ],
)
async def test_a_mistake_comes_back_beside_its_field(
    house: Running, words: str, complaint: str
) -> None:
    teacher = await house.staff("ilse")
    survey = await compose(house, teacher)
    reply = await teacher.post(page_of(survey, "tr"), data={**TURKISH, "item.own-1": words})
    assert reply.status_code == 422
    assert 'id="problem-item.own-1"' in reply.text
    assert complaint in reply.text
    assert words in reply.text
    assert "Bizim ders" in reply.text
    assert await present(house, survey) == survey


async def test_the_language_of_the_page_changes_and_what_was_typed_stays(house: Running) -> None:
    teacher = await house.staff("ilse")
    survey = await compose(house, teacher)
    reply = await teacher.post(page_of(survey, "tr"), data={**TURKISH, "language": "en"})
    assert reply.status_code == 200
    assert 'lang="en"' in reply.text
    assert QUESTION in reply.text
    assert await present(house, survey) == survey


async def test_arabic_is_written_from_right_to_left(house: Running) -> None:
    teacher = await house.staff("ilse")
    survey = await compose(house, teacher)
    form = (await teacher.get(page_of(survey, "ar"))).text
    fields = re.findall(r"<textarea[^>]*>", form)
    assert len(fields) == 2
    assert all('lang="ar" dir="rtl"' in field for field in fields)


async def test_wellbeing_is_asked_in_it_only_where_the_school_asks_in_such_languages(
    house: Running,
) -> None:
    teacher = await house.staff("ilse")
    survey = await compose(house, teacher, purpose="wellbeing")
    await teacher.post(page_of(survey, "tr"), data=TURKISH)
    assert (
        "Maar je school vraagt alleen naar welbevinden" in (await teacher.get(page_of(survey))).text
    )
    assert QUESTION not in (await teacher.get(f"/surveys/{survey.survey_id}/preview")).text
    async with tenancy.school(house.service.house.pool, house.cast.school) as connection:
        school = await schools.get(connection, house.cast.school)
        await schools.change(connection, replace(school, all_languages=True))
    assert (
        "Je leerlingen vinden deze taal op hun pagina." in (await teacher.get(page_of(survey))).text
    )


async def test_the_preview_is_there_in_each_language_of_the_survey(house: Running) -> None:
    teacher = await house.staff("ilse")
    survey = await compose(house, teacher)
    await teacher.post(page_of(survey, "tr"), data=TURKISH)
    preview = f"/surveys/{survey.survey_id}/preview"
    dutch = (await teacher.get(preview)).text
    assert 'lang="nl"' in dutch
    (link,) = re.findall(r'<a [^>]*href="(\?language=\w+)"', dutch)
    turkish = (await teacher.get(preview + link)).text
    assert '<html lang="tr"' in turkish
    assert QUESTION in turkish
    assert "Voorbeeld: dit zien je leerlingen." in turkish  # the teacher reads Dutch
    assert re.findall(r'<a [^>]*href="(\?language=\w+)"', turkish) == ["?language=nl"]
    assert '<html lang="nl"' in (await teacher.get(f"{preview}?language=ar")).text


async def test_a_question_that_stays_keeps_its_translation(house: Running) -> None:
    teacher = await house.staff("ilse")
    survey = await compose(house, teacher)
    await teacher.post(page_of(survey, "tr"), data=TURKISH)
    form = {**FORM, "name": "Nieuwe naam", "lesfeedback.order": "1"}
    reply = await teacher.post(f"/surveys/{survey.survey_id}/compose", data=form)
    changed = reply.headers["location"].split("/")[2]
    assert QUESTION in (await teacher.get(f"/surveys/{changed}/translations/tr")).text


async def test_only_own_questions_in_their_newest_version_are_translated(house: Running) -> None:
    teacher = await house.staff("ilse")
    ours = await house.survey("2B", "doelmeting")
    before = await compose(house, teacher)
    await asked(house, teacher, before, 9)
    await teacher.post(f"/surveys/{before.survey_id}/compose", data={**FORM, "name": "Anders"})
    for survey in ours, before:
        for language in "", "tr":
            assert (await teacher.get(page_of(survey, language))).status_code == 404
        assert (await teacher.post(page_of(survey, "tr"), data=TURKISH)).status_code == 404


async def test_there_is_no_page_for_the_original_or_for_a_language_that_is_not_ours(
    house: Running,
) -> None:
    teacher = await house.staff("ilse")
    survey = await compose(house, teacher)
    for language in "nl", "tlh", "TR":
        assert (await teacher.get(page_of(survey, language))).status_code == 404
        assert (await teacher.post(page_of(survey, language), data=TURKISH)).status_code == 404


async def test_nobody_else_reads_or_writes_it(house: Running) -> None:
    survey = await compose(house, await house.staff("ilse"))
    for name in ("omar", "wim", "ada", "eva"):
        other = await house.staff(name)
        for language in "", "tr":
            assert (await other.get(page_of(survey, language))).status_code == 404
        assert (await other.post(page_of(survey, "tr"), data=TURKISH)).status_code == 404
    assert await present(house, survey) == survey
