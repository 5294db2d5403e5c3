"""A teacher shows a survey to a colleague, by name; the colleague reads, and nothing more."""

from tests.house import Running
from tests.pages.test_answering import GOOD


async def told_survey(house: Running, teacher):
    survey = await house.survey("2B")
    round_id = await house.open_round(teacher, survey)
    code = await house.code(teacher, round_id)
    for n in range(10):
        await house.answer(code, {**GOOD, "tip": f"Meer tijd, zei ik {n} keer"})
    await house.close(teacher, round_id)
    return survey


async def test_only_who_was_named_sees_it_until_it_is_withdrawn(house: Running) -> None:
    ilse, omar = await house.staff("ilse"), await house.staff("omar")
    survey = await told_survey(house, ilse)
    page = f"/shared/{survey.survey_id}"
    assert (await omar.get(page)).status_code == 404
    named = {str(house.cast.people["omar"]): "yes"}
    await ilse.post(f"/surveys/{survey.survey_id}/sharing", data=named)
    assert "10 van de 24" in (await omar.get(page)).text
    assert page in (await omar.get("/shared")).text
    for name in ("wim", "ada", "eva"):
        other = await house.staff(name)
        assert (await other.get(page)).status_code == 404
        assert page not in (await other.get("/shared")).text
    await ilse.post(f"/surveys/{survey.survey_id}/sharing", data={})
    assert (await omar.get(page)).status_code == 404


async def test_a_colleague_reads_no_texts_and_changes_nothing(house: Running) -> None:
    ilse, omar = await house.staff("ilse"), await house.staff("omar")
    survey = await told_survey(house, ilse)
    named = {str(house.cast.people["omar"]): "yes"}
    await ilse.post(f"/surveys/{survey.survey_id}/sharing", data=named)
    assert "Meer tijd, zei ik" in (await ilse.get(f"/surveys/{survey.survey_id}")).text
    assert "Meer tijd, zei ik" not in (await omar.get(f"/shared/{survey.survey_id}")).text
    for path in ("", "/ask", "/discussion", "/sharing"):
        assert (await omar.get(f"/surveys/{survey.survey_id}{path}")).status_code == 404
    for path in ("/ask", "/discussion", "/sharing"):
        reply = await omar.post(f"/surveys/{survey.survey_id}{path}", data={"agreement": "x"})
        assert reply.status_code == 404


async def test_nobody_of_another_school_can_be_named(house: Running) -> None:
    ilse, eva = await house.staff("ilse"), await house.staff("eva")
    survey = await told_survey(house, ilse)
    named = {str(house.cast.people["eva"]): "yes"}
    await ilse.post(f"/surveys/{survey.survey_id}/sharing", data=named)
    assert (await eva.get(f"/shared/{survey.survey_id}")).status_code == 404
