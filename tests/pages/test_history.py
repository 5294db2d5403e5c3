"""From round to round: each question and each scale has a page, for who may read the survey."""

import re

from tests.house import Running
from tests.pages.living import EVERYBODY_ELSE, statuses, text_of, told


async def told_twice(house: Running, teacher):
    survey, _ = await told(house, teacher, good=9, bad=3)
    house.clock.go(days=8)
    teacher = await house.staff("ilse")
    await told(house, teacher, good=6, bad=6, survey=survey)
    return survey, teacher


async def test_a_question_has_a_page_with_all_its_rounds(house: Running) -> None:
    survey, teacher = await told_twice(house, await house.staff("ilse"))
    class_page = (await teacher.get(f"/surveys/{survey.survey_id}")).text
    (link,) = re.findall(r'href="(/surveys/[^"]+/questions/order)"', class_page)
    shown = (await teacher.get(link)).text
    for count in ("9 van de 12", "6 van de 12"):
        assert f"({count})</td>" in shown
    assert '<figure class="chart"' in shown
    assert f'href="/surveys/{survey.survey_id}"' in shown
    assert "overlegden" not in shown  # what students wrote stands on the class page alone


async def test_a_scale_has_a_page_with_the_questions_it_is_made_of(house: Running) -> None:
    survey, teacher = await told_twice(house, await house.staff("ilse"))
    shown = text_of((await teacher.get(f"/surveys/{survey.survey_id}/scales/basis")).text)
    assert "gaat goed bij 50%, vorige keer bij 75%." in shown
    for item in survey.instrument.closed:
        assert (item.text["nl"] in shown) == (item.scale == "basis")


async def test_they_are_for_the_teacher_and_who_was_shown_the_survey(house: Running) -> None:
    ilse = await house.staff("ilse")
    survey, _ = await told(house, ilse, good=9, bad=3)
    pages = [
        f"/surveys/{survey.survey_id}/questions/order",
        f"/surveys/{survey.survey_id}/scales/basis",
    ]
    for page in pages:
        assert await statuses(house, page, *EVERYBODY_ELSE) == EVERYBODY_ELSE
    named = {str(house.cast.people["omar"]): "yes"}
    await ilse.post(f"/surveys/{survey.survey_id}/sharing", data=named)
    for page in pages:
        assert await statuses(house, page, "ilse", "omar") == {"ilse": 200, "omar": 200}
        colleague = await (await house.staff("omar")).get(page)
        assert f'href="/shared/{survey.survey_id}"' in colleague.text


async def test_of_what_was_never_told_there_is_no_page(house: Running) -> None:
    teacher = await house.staff("ilse")
    asked = await house.survey("2B")
    for path in ("questions/order", "scales/basis"):
        assert (await teacher.get(f"/surveys/{asked.survey_id}/{path}")).status_code == 404
    survey, _ = await told(house, teacher, good=9, bad=3, survey=asked)
    for path in ("questions/tip", "questions/nothing", "scales/nothing"):
        assert (await teacher.get(f"/surveys/{survey.survey_id}/{path}")).status_code == 404
