"""Own surveys: seen beforehand, handed over, taken in, and changed without mixing two trends."""

import re
from datetime import UTC
from typing import Any

import httpx
import pytest

from service import languages, rendering
from service.storage import surveys, tenancy
from surveys import exchanging
from surveys.instrument import LIBRARY
from surveys.problems import Wrong
from surveys.rounds import Survey
from tests.house import Running
from tests.pages.living import text_of

FORM = {
    "name": "Onze les",
    "lesfeedback.clarity": "1",
    "own.1.text": "Ik durf fouten te maken.",
    "own.1.kind": "agreement",
    "purpose": "lesson",
}
ANSWER = {"lesfeedback-clarity": "4", "own-1": "4"}
LESSON = (LIBRARY / "lesfeedback.toml").read_text()


async def owned(house: Running) -> list[Survey]:
    async with tenancy.school(house.service.house.pool, house.cast.school) as connection:
        return await surveys.owned_by(connection, house.cast.school, house.cast.people["ilse"])


async def compose(house: Running, teacher: httpx.AsyncClient, **changed: str) -> Survey:
    group = house.cast.classes["2B"].group_id
    reply = await teacher.post(f"/classes/{group}/compose", data={**FORM, **changed})
    assert reply.status_code == 303, reply.text
    (made,) = [
        each for each in await owned(house) if str(each.survey_id) in reply.headers["location"]
    ]
    return made


async def asked(house: Running, teacher: httpx.AsyncClient, survey: Survey) -> None:
    round_id = await house.open_round(teacher, survey)
    code = await house.code(teacher, round_id)
    for _ in range(9):
        await house.answer(code, ANSWER)
    await house.close(teacher, round_id)


async def test_the_preview_is_the_students_page_and_cannot_send(house: Running) -> None:
    teacher = await house.staff("ilse")
    group = house.cast.classes["2B"].group_id
    drafted = await teacher.post(f"/classes/{group}/compose", data={**FORM, "preview": "1"})
    assert await owned(house) == []
    kept = await teacher.get(f"/surveys/{(await compose(house, teacher)).survey_id}/preview")
    for page in (drafted, kept):
        assert "Ik durf fouten te maken." in page.text
        assert "als 8 of meer leerlingen meedoen" in page.text
        assert "Voorbeeld" in page.text
        assert re.search(r'<button id="send"[^>]* disabled>', page.text)
        policy = page.headers["content-security-policy"]
        assert "form-action 'none'" in policy
        assert "connect-src 'none'" in policy


async def test_a_draft_with_a_mistake_comes_back_instead_of_a_preview(house: Running) -> None:
    teacher = await house.staff("ilse")
    group = house.cast.classes["2B"].group_id
    form = {**FORM, "name": "", "preview": "1"}
    reply = await teacher.post(f"/classes/{group}/compose", data=form)
    assert reply.status_code == 422
    assert "Ik durf fouten te maken." in reply.text


async def test_a_survey_that_was_handed_over_is_taken_in_by_a_colleague(house: Running) -> None:
    teacher = await house.staff("ilse")
    survey = await compose(house, teacher)
    file = await teacher.get(f"/surveys/{survey.survey_id}/instrument.toml")
    assert "attachment" in file.headers["content-disposition"]
    group = house.cast.classes["1A"].group_id
    colleague = await house.staff("eva")
    reply = await colleague.post(
        f"/classes/{group}/instrument", files={"file": ("onze les.toml", file.content)}
    )
    assert reply.status_code == 303
    page = (await colleague.get(reply.headers["location"])).text
    assert "Ik durf fouten te maken." in page


async def test_what_was_pasted_comes_back_with_its_mistakes(house: Running) -> None:
    teacher = await house.staff("ilse")
    path = f"/classes/{house.cast.classes['2B'].group_id}/instrument"
    wrong = LESSON.replace('id = "clarity"', 'id = "climate"')
    in_field: dict[str, Any] = {"toml": (None, wrong), "file": ("", b"")}
    in_file: dict[str, Any] = {"toml": (None, ""), "file": ("les.toml", wrong.encode())}
    for posted in (in_field, in_file):
        reply = await teacher.post(path, files=posted)
        assert reply.status_code == 422
        assert "De uitleg was duidelijk" in reply.text
        line = LESSON.splitlines().index('id = "clarity"') + 1
        place = f"Regel {line}, vraag “climate”:"
        assert f"{place} Een andere vraag heeft deze id al." in text_of(reply.text)
    broken = await teacher.post(path, files={"toml": (None, "key =\nversion = 1")})
    assert "Regel 1: Hier klopt de schrijfwijze niet." in text_of(broken.text)
    english = await house.staff("ilse", "en")
    broken = await english.post(path, files={"toml": (None, "key =\nversion = 1")})
    assert "Line 1: This is not written as it should be." in text_of(broken.text)
    in_english = await teacher.post(path, files={"toml": (None, wrong), "language": (None, "en")})
    assert in_english.status_code == 200
    assert "De uitleg was duidelijk" in in_english.text
    assert await owned(house) == []


@pytest.mark.parametrize("language", languages.STAFF)
def test_whatever_is_wrong_is_said_in_the_readers_language(language: str) -> None:
    words: Any = (
        rendering.environment(UTC)
        .get_template("classes/problems.html")
        .make_module({"language": language})
    )
    assert len({str(words.said_of(wrong.name, "7")) for wrong in Wrong}) == len(Wrong)


async def test_changed_questions_are_a_series_of_their_own(house: Running) -> None:
    teacher = await house.staff("ilse")
    before = await compose(house, teacher)
    await asked(house, teacher, before)
    path = f"/surveys/{before.survey_id}/compose"
    assert "Ik durf fouten te maken." in (await teacher.get(path)).text
    reply = await teacher.post(path, data={**FORM, "own.1.text": "Ik durf vragen te stellen."})
    (after,) = [each for each in await owned(house) if each.follows]
    assert reply.headers["location"] == f"/surveys/{after.survey_id}/ask"
    assert after.follows == before.survey_id
    assert after.instrument.version == 2
    mine = (await teacher.get("/classes")).text
    assert str(after.survey_id) in mine
    assert str(before.survey_id) not in mine
    old = (await teacher.get(f"/surveys/{before.survey_id}")).text
    assert "9 van de 24 deden mee" in old
    assert f"/surveys/{after.survey_id}" in old
    assert f"/surveys/{before.survey_id}" in (await teacher.get(f"/surveys/{after.survey_id}")).text
    assert (await teacher.get(path)).status_code == 404


async def test_a_survey_that_was_never_asked_is_changed_in_its_place(house: Running) -> None:
    teacher = await house.staff("ilse")
    before = await compose(house, teacher)
    await teacher.post(f"/surveys/{before.survey_id}/compose", data={**FORM, "name": "Anders"})
    (after,) = await owned(house)
    assert after.instrument.name["nl"] == "Anders"
    assert (after.instrument.version, after.follows) == (1, None)


async def test_a_survey_in_which_nothing_changed_goes_on(house: Running) -> None:
    teacher = await house.staff("ilse")
    before = await compose(house, teacher)
    await asked(house, teacher, before)
    reply = await teacher.post(f"/surveys/{before.survey_id}/compose", data=FORM)
    assert reply.headers["location"] == f"/surveys/{before.survey_id}/ask"
    assert await owned(house) == [before]


async def test_a_survey_from_a_file_is_changed_as_a_file(house: Running) -> None:
    teacher = await house.staff("ilse")
    path = f"/classes/{house.cast.classes['2B'].group_id}/instrument"
    await teacher.post(path, files={"toml": (None, LESSON)})
    (before,) = await owned(house)
    away = await teacher.get(f"/surveys/{before.survey_id}/compose")
    page = await teacher.get(away.headers["location"])
    assert "De uitleg was duidelijk" in page.text
    changed = exchanging.write(before.instrument).replace(
        "De uitleg was duidelijk", "Ik snapte het"
    )
    reply = await teacher.post(away.headers["location"], files={"toml": (None, changed)})
    assert reply.status_code == 303
    (after,) = await owned(house)
    assert "Ik snapte het" in exchanging.write(after.instrument)


async def test_no_survey_is_changed_while_it_is_asked_nor_one_of_ours_at_all(
    house: Running,
) -> None:
    teacher = await house.staff("ilse")
    survey = await compose(house, teacher)
    await house.open_round(teacher, survey)
    ours = await house.survey("2B", "doelmeting")
    for each in (survey, ours):
        for path in ("compose", "instrument"):
            address = f"/surveys/{each.survey_id}/{path}"
            assert (await teacher.get(address)).status_code == 404
            assert (await teacher.post(address, files={"toml": (None, LESSON)})).status_code == 404


async def test_nobody_else_sees_takes_or_changes_the_questions(house: Running) -> None:
    survey = await compose(house, await house.staff("ilse"))
    group = house.cast.classes["2B"].group_id
    for name in ("omar", "wim", "ada", "eva"):
        other = await house.staff(name)
        for path in ("preview", "instrument.toml", "compose", "instrument"):
            assert (await other.get(f"/surveys/{survey.survey_id}/{path}")).status_code == 404
        for path in (f"surveys/{survey.survey_id}", f"classes/{group}"):
            assert (await other.post(f"/{path}/compose", data=FORM)).status_code == 404
            taken = await other.post(f"/{path}/instrument", files={"toml": (None, LESSON)})
            assert taken.status_code == 404
