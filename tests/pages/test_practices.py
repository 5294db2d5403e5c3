"""An agreement that worked is handed on as good practice, without class, figures or name."""

from tests.house import Running
from tests.pages.test_sharing import told_survey

AGREED = "Eerst overleggen in tweetallen"


async def test_a_colleague_reads_what_worked_and_not_where(house: Running) -> None:
    ilse, omar = await house.staff("ilse"), await house.staff("omar")
    survey = await told_survey(house, ilse)
    agreement = {"agreement": AGREED, "about": "climate"}
    await ilse.post(f"/surveys/{survey.survey_id}/discussion", data=agreement)
    for _ in range(2):
        done = await ilse.post(f"/surveys/{survey.survey_id}/practice")
    assert done.headers["location"] == f"/surveys/{survey.survey_id}?handed_on=yes"
    await house.add_class("3F", 24, "omar")
    others = await house.survey("3F", owner="omar")
    round_id = await house.open_round(omar, others)
    code = await house.code(omar, round_id)
    for _ in range(9):
        await house.answer(code, {"climate": "1", "order": "4"})
    await house.close(omar, round_id)
    page = (await omar.get(f"/surveys/{others.survey_id}")).text
    assert page.count(AGREED) == 1
    assert "2B" not in page
    assert "Ilse" not in page


async def test_only_its_teacher_hands_it_on(house: Running) -> None:
    ilse = await house.staff("ilse")
    survey = await told_survey(house, ilse)
    for name in ("omar", "wim", "ada", "eva"):
        other = await house.staff(name)
        assert (await other.post(f"/surveys/{survey.survey_id}/practice")).status_code == 404
