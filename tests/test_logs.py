"""The log: a line for each request of staff, none for what a student does, and in no line more
than the fields that are allowed."""

import json
import logging
import re
from pathlib import Path
from types import SimpleNamespace

import asyncpg
import pytest

from service import logs
from tests.house import PASSWORD, Running
from tests.kept import Kept
from tests.pages.living import GOOD, look
from tests.test_commands import FIRST_START, Place, answering

ALLOWED = set(logs.Line.__struct_fields__)
SECRET = "ik ben bang voor mijn docent"

# Requests


async def test_a_request_of_staff_is_one_line_with_its_pattern(house: Running, kept: Kept) -> None:
    teacher = await house.staff("ilse")
    survey = await house.survey("2B")
    kept.lines.clear()
    await teacher.get(f"/surveys/{survey.survey_id}?secret=yes")
    (line,) = kept.requests()
    assert (line["method"], line["route"], line["status"]) == ("GET", "/surveys/{survey_id}", 200)
    assert line["ms"] >= 0
    assert re.fullmatch("[0-9a-f]{8}", line["request"])


async def test_each_request_has_a_number_of_its_own(house: Running, kept: Kept) -> None:
    teacher = await house.staff("ilse")
    for _ in range(5):
        await teacher.get("/classes")
    numbers = {line["request"] for line in kept.requests()}
    assert len(numbers) == len(kept.requests()) == 6


async def test_what_students_open_and_send_leaves_no_line(house: Running, kept: Kept) -> None:
    teacher = await house.staff("ilse")
    code = await house.code(teacher, await house.open_round(teacher, await house.survey("2B")))
    kept.lines.clear()
    assert (await house.answer(code, GOOD)).status_code == 200
    async with house.visitor() as student:
        for path in ("/", f"/{code}", f"/{code}/x", "/ZZZZ9999", "/nowhere/at/all", "/%ff"):
            await student.get(path)
        page = (await student.get(f"/{code}")).text
        for file in re.findall(r'"(/static/[^"]+)"', page):
            assert (await student.get(file)).status_code == 200
        await student.get(f"/talk/{house.cast.school}")
        await student.post(f"/talk/{house.cast.school}", data={"name": "Robin", "class": "2B"})
        await student.request("PURGE", f"/{code}")
        await student.request(SECRET.replace(" ", "-").upper(), "/classes")
    assert kept.requests() == []


async def test_a_method_that_somebody_makes_up_is_not_repeated(house: Running, kept: Kept) -> None:
    scope = {
        "method": SECRET,
        "path_template": "/classes",
        "route_handler": SimpleNamespace(opt={}),
    }
    logs.tell(scope, 405, 0.1)
    assert SECRET not in kept.lines[-1]
    assert json.loads(kept.lines[-1])["method"] == "other"


# Troubles


async def test_the_page_of_an_error_shows_the_number_that_the_log_has_with_its_trace(
    house: Running, kept: Kept
) -> None:
    teacher = await house.staff("ilse", "en")
    survey = await house.survey("2B")
    await look(house, "alter table agreement rename to agreement_away")
    reply = await teacher.get(f"/surveys/{survey.survey_id}")
    await look(house, "alter table agreement_away rename to agreement")
    assert reply.status_code == 500
    found = re.search(r"Give them this number: ([0-9a-f]{8})<", reply.text)
    assert found
    lines = [entry for entry in kept.entries if entry.get("request") == found[1]]
    trouble, request = (entry for entry in lines if entry["event"] != "request"), lines[-1]
    told = next(entry for entry in trouble if entry["event"] == "a page failed")
    assert told["error"] == "UndefinedTableError"
    assert " < " in told["where"]
    assert (request["route"], request["status"]) == ("/surveys/{survey_id}", 500)
    assert not any(str(survey.survey_id) in line for line in kept.lines)


async def test_a_page_without_an_error_of_ours_shows_no_number(house: Running) -> None:
    teacher = await house.staff("ilse", "en")
    reply = await teacher.get(f"/surveys/{house.cast.school}")
    assert reply.status_code == 404
    assert "this number" not in reply.text


async def test_a_refused_row_is_not_repeated_by_whoever_logs_it(database: str, kept: Kept) -> None:
    """PostgreSQL's message quotes it; ours and any library's line do not."""
    connection = await asyncpg.connect(database)
    await connection.execute("create table said (words text check (length(words) < 9))")
    with pytest.raises(asyncpg.CheckViolationError) as refused:
        await connection.execute("insert into said values ($1)", SECRET)
    await connection.close()
    error = refused.value
    quoting = f"Failing row: {error.detail}"
    assert SECRET in quoting
    ours, theirs = logging.getLogger("service.pages"), logging.getLogger("some.library")
    kept.lines.clear()
    logs.trouble(ours, "a page failed", error)
    ours.error("it failed: %s", error, exc_info=error)
    theirs.error(quoting, exc_info=error)
    theirs.error("it said %s", quoting)
    assert len(kept.lines) == 4
    assert [line for line in kept.lines if SECRET in line] == []
    assert [entry.get("error") for entry in kept.entries] == ["CheckViolationError"] * 3 + [None]


# The fields


async def test_no_field_but_the_allowed_ones_is_ever_written(house: Running, kept: Kept) -> None:
    teacher = await house.staff("ilse")
    code = await house.code(teacher, await house.open_round(teacher, await house.survey("2B")))
    await house.answer(code, {**GOOD, "top": SECRET})
    for path in ("/classes", "/account", "/school", "/nothing", "/help"):
        await teacher.get(path)
    for name in ("service.pages", "uvicorn.error", "httpx"):
        logging.getLogger(name).error("said", extra={"words": SECRET, "code": code})
    assert len(kept.entries) > 5
    assert {field for entry in kept.entries for field in entry} <= ALLOWED
    secrets = (code, SECRET, "ilse", "2B", "Kompas", "127.0.0.1", PASSWORD, str(house.cast.school))
    assert [line for line in kept.lines if any(secret in line for secret in secrets)] == []


def test_a_field_that_is_not_allowed_cannot_be_added(kept: Kept) -> None:
    log = logging.getLogger("service.pages")
    with pytest.raises(TypeError):
        kept.format(log.makeRecord(log.name, 20, "", 0, "", (), None, None, {"told": {"code": 1}}))


async def test_the_service_itself_writes_such_lines(place: Path) -> None:
    own = Place(place)
    async with own.started("serve") as command:
        await command.says("Stemlokaal is at", FIRST_START)
        await answering(f"{own.url}/signin")
        line = await command.says('"event":"request"')
        entry = json.loads(line)
        assert entry.keys() <= ALLOWED
        assert "127.0.0.1" not in line
