"""The settings of a school: changed by the administrator, and never beyond the promise."""

import pytest

from tests.house import Running
from tests.pages.living import look, statuses

SETTINGS = {
    "school": "Het Kompas",
    "school_language": "nl",
    "results_years": "9",
    "words_days": "",
}


async def test_settings_are_the_administrators(house: Running) -> None:
    expected = {"ada": 200, "wim": 404, "ilse": 404, "eva": 404, "nobody": 303}
    assert await statuses(house, "/school/settings", *expected) == expected


async def test_the_administrator_changes_the_settings(house: Running) -> None:
    administrator = await house.staff("ada")
    changed = {
        "school": "De Koers",
        "school_language": "en",
        "small_classes": "yes",
        "results_years": "3",
        "words_days": "30",
    }
    assert (await administrator.post("/school/settings", data=changed)).status_code == 303
    shown = (await administrator.get("/school/settings?saved=yes")).text
    assert 'value="De Koers"' in shown
    assert '<option value="3" selected>' in shown
    assert '<option value="30" selected>' in shown
    row = "select (small_classes, results_years, words_days)::text from school where name = $1"
    assert await look(house, row, "De Koers") == "(t,3,30)"


@pytest.mark.parametrize(
    "wrong",
    [
        {"school": " "},
        {"school_language": "xx"},
        {"results_years": "10"},
        {"results_years": "0"},
        {"results_years": "nine"},
        {"words_days": "400"},
        {"words_days": "-1"},
    ],
)
async def test_nothing_is_kept_longer_than_promised(house: Running, wrong: dict[str, str]) -> None:
    administrator = await house.staff("ada")
    reply = await administrator.post("/school/settings", data={**SETTINGS, **wrong})
    assert reply.status_code == 422
    assert await look(house, "select max(results_years) from school") == 9
    assert await look(house, "select count(words_days) from school") == 0


async def test_choosing_a_language_loses_nothing_of_what_was_filled_in(house: Running) -> None:
    administrator = await house.staff("ada")
    typed = {
        "school": "Half getypt",
        "school_language": "en",
        "all_languages": "yes",
        "results_years": "2",
        "words_days": "90",
        "language": "en",
    }
    reply = await administrator.post("/school/settings", data=typed)
    assert reply.status_code == 200
    for kept in (
        'value="Half getypt"',
        'value="en" checked',
        'name="all_languages" value="yes" checked',
        '<option value="2" selected>',
        '<option value="90" selected>',
    ):
        assert kept in reply.text
    assert 'name="small_classes" value="yes" checked' not in reply.text
    assert await look(house, "select count(*) from school where name = 'Het Kompas'") == 1


async def test_an_empty_name_stays_empty_and_is_asked_for(house: Running) -> None:
    administrator = await house.staff("ada")
    reply = await administrator.post("/school/settings", data={**SETTINGS, "school": " "})
    assert 'value="Het Kompas"' not in reply.text


async def test_nobody_else_changes_the_settings(house: Running) -> None:
    for name in "ilse", "wim", "eva", "nobody":
        visitor = house.visitor() if name == "nobody" else await house.staff(name)
        reply = await visitor.post("/school/settings", data={**SETTINGS, "small_classes": "yes"})
        assert reply.status_code == (303 if name == "nobody" else 404)
    assert await look(house, "select count(*) from school where small_classes") == 0


async def test_a_round_keeps_the_rule_that_its_students_were_promised(house: Running) -> None:
    """Declaring small classes while a class answers would tell what was promised to be hidden."""
    teacher, administrator = await house.staff("ilse"), await house.staff("ada")
    survey = await house.survey("2B")
    round_id = await house.open_round(teacher, survey)
    code = await house.code(teacher, round_id)
    for _ in range(6):
        await house.answer(code, {"clarity": "4"})
    await administrator.post("/school/settings", data={**SETTINGS, "small_classes": "yes"})
    await house.close(teacher, round_id)
    assert await look(house, "select told ->> 'type' from release") == "too few"
