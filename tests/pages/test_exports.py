"""R9: a file holds what the class page tells and nothing finer, and no spreadsheet runs it."""

import csv
from io import StringIO

import httpx

from surveys import tables
from surveys.instrument import library
from tests.house import Running
from tests.pages.test_answering import GOOD

FORMULA = '=HYPERLINK("https://example.org")'


async def asked(house: Running, teacher: httpx.AsyncClient, survey, answers: int) -> None:
    round_id = await house.open_round(teacher, survey)
    code = await house.code(teacher, round_id)
    for _ in range(answers):
        await house.answer(code, GOOD)
    await house.close(teacher, round_id)


async def rows(teacher: httpx.AsyncClient, survey, separator: str = ";") -> list[list[str]]:
    reply = await teacher.get(f"/surveys/{survey.survey_id}/results.csv")
    assert reply.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in reply.headers["content-disposition"]
    assert reply.content.startswith("\ufeff".encode())
    return list(csv.reader(StringIO(reply.text.lstrip("\ufeff")), delimiter=separator))


async def test_the_file_holds_the_release_and_nothing_finer(house: Running) -> None:
    teacher, survey = await house.staff("ilse"), await house.survey("2B")
    await asked(house, teacher, survey, answers=9)
    columns, *told = await rows(teacher, survey)
    assert len(columns) == 10
    assert len(told) == len(survey.instrument.closed)
    for row in told:
        assert row[:4] == ["1", "2026-09-08", "24", "9"]
        assert sorted([row[5:7], row[7:9]]) == [["0", "2"], ["7", "9"]]


async def test_a_round_with_too_few_answers_is_a_row_without_results(house: Running) -> None:
    teacher, survey = await house.staff("ilse"), await house.survey("2B")
    await asked(house, teacher, survey, answers=3)
    _, row = await rows(teacher, survey)
    assert row == ["1", "2026-09-08", "24", "3", "", "", "", "", "", ""]


async def test_an_open_round_is_not_in_it(house: Running) -> None:
    teacher, survey = await house.staff("ilse"), await house.survey("2B")
    await house.open_round(teacher, survey)
    assert len(await rows(teacher, survey)) == 1


async def test_no_text_of_ours_runs_as_a_formula(house: Running) -> None:
    teacher, survey = await house.staff("ilse"), await house.survey("2B")
    await asked(house, teacher, survey, answers=9)
    await teacher.post(f"/surveys/{survey.survey_id}/discussion", data={"agreement": FORMULA})
    house.clock.go(days=7)
    teacher = await house.staff("ilse")
    await asked(house, teacher, survey, answers=9)
    last = (await rows(teacher, survey))[-1]
    assert last[-1] == f"'{FORMULA}"
    for start in "=+-@\t\r":
        assert tables.defused(f"{start}1") == f"'{start}1"
    assert tables.defused(-1) == -1
    assert tables.defused("1 = 1") == "1 = 1"


async def test_the_agreement_that_was_asked_after_has_rows_too(house: Running) -> None:
    teacher, survey = await house.staff("ilse"), await house.survey("2B")
    await asked(house, teacher, survey, answers=9)
    await teacher.post(f"/surveys/{survey.survey_id}/discussion", data={"agreement": "Rustig"})
    house.clock.go(days=7)
    teacher = await house.staff("ilse")
    await asked(house, teacher, survey, answers=9)
    told = await rows(teacher, survey)
    assert len(told) == 1 + 2 * len(library()["lesfeedback"].closed) + 1
    assert "Rustig" in told[-1][4]


async def test_an_english_file_is_separated_by_commas(house: Running) -> None:
    teacher, survey = await house.staff("ilse", "en"), await house.survey("2B")
    columns = (await rows(teacher, survey, ","))[0]
    assert columns[0] == "Round"
    assert columns[-1] == "Agreement"


async def test_nobody_else_gets_the_file(house: Running) -> None:
    survey = await house.survey("2B")
    for name in ("omar", "wim", "ada", "eva"):
        reply = await (await house.staff(name)).get(f"/surveys/{survey.survey_id}/results.csv")
        assert reply.status_code == 404
