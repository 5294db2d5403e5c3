"""The class page: what was told, what was agreed, what was written; its owner's alone."""

import re

from msgspec.structs import replace

from surveys.instrument import library
from tests.house import Running
from tests.pages.living import EVERYBODY_ELSE, look, statuses, text_of, told
from tests.pages.test_talks import appoint


async def test_a_result_is_its_teachers_alone(house: Running) -> None:
    teacher = await house.staff("ilse")
    survey, _ = await told(house, teacher)
    page = f"/surveys/{survey.survey_id}"
    assert await statuses(house, page, *EVERYBODY_ELSE) == EVERYBODY_ELSE
    assert await statuses(house, page, "ilse") == {"ilse": 200}


async def test_no_page_of_anybody_else_shows_what_the_class_said(house: Running) -> None:
    teacher = await house.staff("ilse")
    await told(house, teacher, good=9, bad=3)
    for name in "omar", "wim", "ada", "eva":
        visitor = await house.staff(name)
        for page in "/classes", "/school", "/account", "/shared", "/talks":
            shown = (await visitor.get(page)).text
            assert "9 van de 12" not in shown
            assert "overlegden" not in shown


async def test_the_page_tells_the_intervals_of_the_release(house: Running) -> None:
    teacher = await house.staff("ilse")
    survey, _ = await told(house, teacher, good=9, bad=3)
    shown = (await teacher.get(f"/surveys/{survey.survey_id}")).text
    assert shown.count("9 van de 12") >= len(survey.instrument.closed)
    assert ": 3 van de 12. Overig: " in shown
    assert "12 van de 24" in shown
    assert "misschien" not in shown  # nothing is left open, so no box has to be explained
    assert len(set(re.findall(r"nummer \d+", shown))) == 12


async def test_nearly_everybody_is_told_as_a_range(house: Running) -> None:
    teacher = await house.staff("ilse")
    survey, _ = await told(house, teacher, good=12, bad=0)
    shown = (await teacher.get(f"/surveys/{survey.survey_id}")).text
    assert "10 of meer van de 12" in shown
    assert "12 van de 12" not in shown
    assert "gaat misschien goed" in shown


async def test_questions_that_belong_together_are_told_together_in_one_line(
    house: Running,
) -> None:
    teacher = await house.staff("ilse")
    survey, _ = await told(house, teacher, good=9, bad=3)
    shown = text_of((await teacher.get(f"/surveys/{survey.survey_id}")).text)
    for scale in survey.instrument.scales.values():
        assert f"{scale.name['nl']} : gaat goed bij 75%." in shown
    list_of_all = shown[shown.index("Alle vragen") :]
    assert list_of_all.index("gaat goed bij") < list_of_all.index("Meer dan de helft")


async def test_a_survey_without_scales_has_no_such_line(house: Running) -> None:
    teacher = await house.staff("ilse")
    asked = library()["lesfeedback"]
    items = tuple(replace(item, scale=None) for item in asked.items)
    survey = await house.survey("2B", replace(asked, key="own", scales={}, items=items))
    round_id = await house.open_round(teacher, survey)
    code = await house.code(teacher, round_id)
    for _ in range(10):
        await house.answer(code, {"clarity": "4"})
    await house.close(teacher, round_id)
    assert "gaat goed bij" not in (await teacher.get(f"/surveys/{survey.survey_id}")).text


async def test_of_too_few_nothing_is_told(house: Running) -> None:
    teacher = await house.staff("ilse")
    survey, _ = await told(house, teacher, good=4, bad=3)
    shown = (await teacher.get(f"/surveys/{survey.survey_id}")).text
    assert "7 antwoorden" in shown
    assert 'class="boxes"' not in shown
    assert "overlegden" not in shown


async def test_while_a_round_is_open_nothing_of_it_is_told(house: Running) -> None:
    teacher = await house.staff("ilse")
    survey, _ = await told(house, teacher, good=9, bad=3)
    page = f"/surveys/{survey.survey_id}"
    before = re.findall(r"\d+ van de \d+", (await teacher.get(page)).text)
    house.clock.go(days=8)
    teacher = await house.staff("ilse")
    round_id = await house.open_round(teacher, survey)
    code = await house.code(teacher, round_id)
    for _ in range(10):
        await house.answer(code, {"clarity": "1"})
    assert re.findall(r"\d+ van de \d+", (await teacher.get(page)).text) == before


# Agreements


async def test_an_agreement_is_kept_and_students_read_it_the_next_time(house: Running) -> None:
    teacher = await house.staff("ilse")
    survey, _ = await told(house, teacher)
    page = f"/surveys/{survey.survey_id}"
    agreed = {"agreement": "Eerst overleggen in tweetallen", "about": "clarity"}
    assert (await teacher.post(f"{page}/discussion", data=agreed)).status_code == 303
    for wrong in "", " ", "x" * 141:
        reply = await teacher.post(f"{page}/discussion", data={**agreed, "agreement": wrong})
        assert reply.status_code == 422
    assert agreed["agreement"] in (await teacher.get(page)).text
    house.clock.go(days=8)
    teacher = await house.staff("ilse")
    code = await house.code(teacher, await house.open_round(teacher, survey))
    async with house.visitor() as student:
        assert agreed["agreement"] in (await student.get(f"/{code}")).text


async def test_an_agreement_is_about_a_question_of_its_survey(house: Running) -> None:
    teacher = await house.staff("ilse")
    survey, _ = await told(house, teacher)
    for about, kept in ("clarity", "clarity"), ("a question of nobody", ""):
        agreed = {"agreement": f"Overleggen over {about}", "about": about}
        await teacher.post(f"/surveys/{survey.survey_id}/discussion", data=agreed)
        found = "select item from agreement where text = $1"
        assert await look(house, found, agreed["agreement"]) == kept


# Own words


async def test_words_that_are_put_away_are_gone_for_good(house: Running) -> None:
    teacher = await house.staff("ilse")
    survey, page = await told(house, teacher)
    comment_id = await look(house, "select comment_id from comment where text like '%nummer 3'")
    assert "nummer 3" in (await teacher.get(f"/surveys/{survey.survey_id}")).text
    for name in "omar", "wim", "ada", "eva":
        other = await house.staff(name)
        assert (await other.post(f"{page}/comments/{comment_id}/removal")).status_code == 404
    assert (await teacher.post(f"{page}/comments/{comment_id}/removal")).status_code == 303
    assert "nummer 3" not in (await teacher.get(f"/surveys/{survey.survey_id}")).text
    assert await look(house, "select count(*) from comment") == 11


async def test_beside_the_words_stands_where_to_go_when_one_of_them_worries(
    house: Running,
) -> None:
    teacher = await house.staff("ilse")
    survey, _ = await told(house, teacher)
    page = f"/surveys/{survey.survey_id}"
    shown = text_of((await teacher.get(page)).text)
    assert "mentor van de klas" in shown
    assert "Veilig Thuis 0800-2000" in shown
    assert "Nu in gevaar: 112" in shown
    assert "Je vertrouwenspersoon is" not in shown  # nobody took that on yet
    await appoint(house, "wim")
    assert "Je vertrouwenspersoon is Wim." in text_of((await teacher.get(page)).text)


async def test_where_nothing_was_written_nothing_is_said_about_words(house: Running) -> None:
    teacher = await house.staff("ilse")
    survey, _ = await told(house, teacher, good=4, bad=3)
    assert "0800-2000" not in (await teacher.get(f"/surveys/{survey.survey_id}")).text


async def test_tops_come_first_and_nothing_else_is_unfolded(house: Running) -> None:
    teacher = await house.staff("ilse")
    asked = library()["lesfeedback"]
    tip_first = replace(asked, key="own", items=(*asked.closed, *reversed(asked.open)))
    survey = await house.survey("2B", tip_first)
    round_id = await house.open_round(teacher, survey)
    code = await house.code(teacher, round_id)
    for n in range(10):
        await house.answer(code, {"top": f"zo houden {n}", "tip": f"kan anders {n}"})
    await house.close(teacher, round_id)
    shown = (await teacher.get(f"/surveys/{survey.survey_id}")).text
    folded = re.findall(r'<details class="comments"( open)?>\s*<summary>(\w+)', shown)
    assert folded == [(" open", "Top"), ("", "Tip")]


async def test_what_a_student_writes_is_shown_as_words_never_as_a_page(house: Running) -> None:
    teacher = await house.staff("ilse")
    survey = await house.survey("2B")
    round_id = await house.open_round(teacher, survey)
    code = await house.code(teacher, round_id)
    for n in range(10):
        await house.answer(code, {"clarity": "4", "top": f"<script>alert({n})</script>"})
    await house.close(teacher, round_id)
    shown = (await teacher.get(f"/surveys/{survey.survey_id}")).text
    assert "<script>alert" not in shown
    assert "&lt;script&gt;alert" in shown


async def test_a_survey_that_was_never_asked_has_a_page_too(house: Running) -> None:
    teacher = await house.staff("ilse")
    survey = await house.survey("2B")
    assert (await teacher.get(f"/surveys/{survey.survey_id}")).status_code == 200
