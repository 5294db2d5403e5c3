"""Classes and teachers from files: shown first, done as shown or not at all. No student stays."""

import asyncio
import io
import re
import tempfile
import zipfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from html import unescape
from typing import Any

import asyncpg
import httpx
import msgspec
import pytest
from litestar.datastructures import upload_file

from service import rostering
from service.archives import packed
from service.storage import people, tenancy
from surveys.access import Role, Viewer
from surveys.tables import Problem, Wrong
from tests import rosters
from tests.house import PASSWORD, Running
from tests.pages.living import look, statuses, text_of, told
from tests.rosters import a_school, files

PREVIEW = "/school/roster/preview"
OF_THE_KEEPER = re.compile(r"key_stock|pg_advisory|\bfrom code\b")
OTHERS = {"ilse": 404, "omar": 404, "wim": 404, "eva": 404, "nobody": 303}


async def bring(
    visitor: httpx.AsyncClient, contents: Mapping[str, bytes], **form: str
) -> httpx.Response:
    posted = [("files", (name, content)) for name, content in contents.items()]
    return await visitor.post(PREVIEW, data={"stage": "secondary", **form}, files=posted)


def plan_in(reply: httpx.Response) -> dict[str, str]:
    """What the form of a preview sends."""
    found = re.search(r'name="plan" value="([^"]+)"', reply.text)
    assert found, text_of(reply.text)
    return {"plan": unescape(found[1])}


async def import_(visitor: httpx.AsyncClient, contents: Mapping[str, bytes]) -> httpx.Response:
    shown = await bring(visitor, contents)
    assert shown.status_code == 200, text_of(shown.text)
    done = await visitor.post("/school/roster", data=plan_in(shown))
    assert done.status_code == 200, text_of(done.text)
    return done


async def everything(house: Running) -> str:
    """All that lies in the database, as text, but for the keys that the keeper lays in stock."""
    connection = await asyncpg.connect(house.dsn)
    tables = await connection.fetch(
        """
        select relname
        from pg_class
        where relnamespace = 'public'::regnamespace and relkind = 'r' and relname <> 'key_stock'
        """
    )
    held = [
        await connection.fetchval(f"select string_agg(t::text, ' ' order by t::text) from {name} t")
        for (name,) in tables
    ]
    await connection.close()
    return " ".join(filter(None, held))


def without_students(words: str) -> bool:
    """Names and numbers of students all hold one of these."""
    return not re.search(r"leerling|\bs\d+-\d+\b", words, re.IGNORECASE)


async def viewer_of(house: Running, name: str) -> Viewer:
    cast = house.cast
    email = f"{name}@example.org"
    return Viewer(cast.people[name], cast.school, name, email, "nl", frozenset())


@asynccontextmanager
async def watched(monkeypatch: pytest.MonkeyPatch, sent: list[str]) -> AsyncIterator[None]:
    """Every statement that is sent to the database meanwhile."""
    with monkeypatch.context() as patched:
        for name in "execute", "fetch", "fetchrow", "fetchval":
            ordinary = getattr(asyncpg.Connection, name)

            async def noted(
                self: Any, query: str, *args: Any, ordinary: Any = ordinary, **kwargs: Any
            ) -> Any:
                sent.append(query)
                return await ordinary(self, query, *args, **kwargs)

            patched.setattr(asyncpg.Connection, name, noted)
        yield


# Who


async def test_only_an_administrator_brings_files(house: Running) -> None:
    for address in "/school/roster", "/school/roster/example.zip", "/school/roster/present.zip":
        assert await statuses(house, address, "ada", *OTHERS) == {"ada": 200, **OTHERS}
    for name, status in OTHERS.items():
        visitor = house.visitor() if name == "nobody" else await house.staff(name)
        assert (await bring(visitor, files(a_school()))).status_code == status
        reply = await visitor.post("/school/roster", data={"plan": "x"})
        assert reply.status_code == status


async def test_what_one_administrator_was_shown_another_does_not_do(house: Running) -> None:
    """Nor does who was shown it, of another school: the seal is of one person at one school."""
    shown = await bring(await house.staff("ada"), files(a_school()))
    house_ = house.service.house
    async with tenancy.school(house_.pool, house.cast.other_school) as connection:
        await people.grant(
            connection, house.cast.other_school, house.cast.people["eva"], Role.ADMINISTRATOR
        )
    async with tenancy.school(house_.pool, house.cast.school) as connection:
        await people.grant(
            connection, house.cast.school, house.cast.people["omar"], Role.ADMINISTRATOR
        )
    for name in "eva", "omar":
        reply = await (await house.staff(name)).post("/school/roster", data=plan_in(shown))
        assert reply.status_code == 422
    assert await look(house, "select count(*) from grp where sourced_id is not null") == 0


# Shown, then done


async def test_files_are_shown_first_and_then_done(house: Running) -> None:
    administrator = await house.staff("ada", "en")
    before = await everything(house)
    shown = await bring(administrator, files(a_school(classes=12, students=3, teachers=5)))
    words = text_of(shown.text)
    for count in ("12 new classes", "0 classes change", "0 classes end", "5 teachers are invited"):
        assert count in words
    assert "36 students counted and dropped" in words
    assert await everything(house) == before
    done = await administrator.post("/school/roster", data=plan_in(shown))
    assert done.status_code == 200
    assert await look(house, "select count(*) from grp where sourced_id is not null") == 12
    assert len(set(re.findall(r"/invitations/(\w{32})", done.text))) == 5


async def test_a_zip_does_as_well_as_its_files(house: Running) -> None:
    administrator = await house.staff("ada", "en")
    contents = files(a_school())
    apart = await bring(administrator, contents)
    zipped = await bring(administrator, {"school.zip": packed(contents)})
    assert text_of(apart.text) == text_of(zipped.text)
    assert plan_in(apart) == plan_in(zipped)


async def test_four_thousand_lines_with_twenty_faults_write_nothing_and_each_is_named(
    house: Running,
) -> None:
    administrator = await house.staff("ada", "en")
    before = await everything(house)
    contents, places = rosters.with_faults(rosters.a_large_school())
    reply = await bring(administrator, contents)
    assert reply.status_code == 422
    sections = re.split(r"<h3>([a-z]+\.csv)</h3>", reply.text)
    told = dict(zip(sections[1::2], map(text_of, sections[2::2]), strict=True))
    for file, line, column in places:
        named = rf"Line {line}(, column [A-Z]+ \({re.escape(column)}\))?:"
        assert re.search(named, told[file]), (file, line, column, told[file])
    assert sum(section.count("Line ") for section in told.values()) == 20
    assert await everything(house) == before
    assert not re.search(r"Leerling\d", reply.text), (
        "numbers of students where they are wrong, no names"
    )


async def test_the_mended_set_is_imported_and_changed_by_the_next(house: Running) -> None:
    administrator = await house.staff("ada", "en")
    await import_(administrator, files(rosters.a_large_school()))
    count = "select count(*) from grp where sourced_id is not null and ended_on is null"
    assert await look(house, count) == 48
    assert await look(house, "select members from grp where sourced_id = 'c7'") == 28
    assert await look(house, "select count(*) from invitation") == 60
    tables = rosters.a_large_school()
    tables["classes.csv"][7]["title"] = "2Z"
    for name, column in ("classes.csv", "sourcedId"), ("enrollments.csv", "classSourcedId"):
        tables[name] = [row for row in tables[name] if row[column] != "c9"]
    rosters.enroll(tables, "c7", "s7-new", "student")
    rosters.add_person(tables, "t60", "Docent60", "teacher", "docent60@example.org")
    shown = text_of((await bring(administrator, files(tables))).text)
    for words in "0 new classes", "1 class changes", "1 class ends", "1 teacher is invited":
        assert words in shown
    assert "is called 2Z" in shown
    assert "28 students become 29" in shown
    await import_(administrator, files(tables))
    assert await look(house, count) == 47
    assert await look(house, "select name from grp where sourced_id = 'c7'") == "2Z"
    assert await look(house, "select count(*) from invitation") == 61
    again = await bring(administrator, files(tables))
    assert "Nothing changes" in again.text


async def test_students_are_counted_and_are_nowhere(
    house: Running, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level("DEBUG")
    administrator = await house.staff("ada", "en")
    tables = rosters.a_large_school()
    shown = await bring(administrator, files(tables))
    assert "1,344 students counted and dropped" in text_of(shown.text)
    assert "You need not bring them" in text_of(shown.text)
    held = rostering.unsealed(
        house.service.house,
        await viewer_of(house, "ada"),
        plan_in(shown)["plan"],
    )
    assert held
    assert without_students(msgspec.json.encode(held).decode())
    done = await administrator.post("/school/roster", data=plan_in(shown))
    faulty, _ = rosters.with_faults(rosters.a_large_school())
    await bring(administrator, faulty)
    await bring(administrator, {"users.csv": files(tables)["users.csv"] * 40})  # too large
    assert without_students(text_of(shown.text) + text_of(done.text))
    assert without_students(await everything(house))
    assert "Docent3" in await everything(house)
    assert without_students(caplog.text + "".join(capfd.readouterr()))


async def test_no_file_of_a_school_is_ever_on_disk(
    house: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The framework would put what is larger than a megabyte into a temporary file."""

    def fail(*_: Any, **__: Any) -> None:
        raise AssertionError("a temporary file was made")

    for name in "TemporaryFile", "SpooledTemporaryFile", "NamedTemporaryFile", "mkstemp":
        monkeypatch.setattr(tempfile, name, fail)
    monkeypatch.setattr(upload_file, "SpooledTemporaryFile", fail)
    administrator = await house.staff("ada", "en")
    large = files(a_school(classes=100, students=50, teachers=10))
    assert max(map(len, large.values())) > 300_000
    await import_(administrator, large)
    assert await look(house, "select count(*) from grp where sourced_id is not null") == 100


async def test_an_import_takes_as_many_statements_for_many_classes_as_for_few(
    house: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    administrator = await house.staff("ada", "en")
    counts = []
    for size in (2, 48):
        shown = await bring(administrator, files(a_school(size, students=28, teachers=size)))
        sent: list[str] = []
        async with watched(monkeypatch, sent):
            await administrator.post("/school/roster", data=plan_in(shown))
        counts.append(len([query for query in sent if not OF_THE_KEEPER.search(query)]))
    assert counts[0] == counts[1] <= 30


# What it says of the school


async def test_what_a_teacher_made_is_left_alone_and_results_stay(house: Running) -> None:
    administrator, teacher = await house.staff("ada", "en"), await house.staff("ilse")
    survey, _ = await told(house, teacher)
    before = await look(
        house, "select g::text from grp g where name = '2B' and school_id = $1", house.cast.school
    )
    await import_(administrator, files(a_school(classes=12)))
    assert (
        await look(
            house,
            "select g::text from grp g where name = '2B' and sourced_id is null and school_id = $1",
            house.cast.school,
        )
        == before
    )
    again = await bring(administrator, files(a_school(classes=1)))
    assert "11 classes end" in text_of(again.text)
    assert (await teacher.get(f"/surveys/{survey.survey_id}")).status_code == 200


async def test_a_class_that_ended_keeps_its_results_and_may_begin_again(house: Running) -> None:
    administrator, teacher = await house.staff("ada", "en"), await house.staff("ilse")
    tables = a_school(classes=2, students=24, teachers=1)
    tables["users.csv"][0]["email"] = "ilse@example.org"
    await import_(administrator, files(tables))
    group_id = await look(house, "select group_id from grp where sourced_id = 'c0'")
    asked = await teacher.get(f"/classes/{group_id}/ask")
    assert asked.status_code == 200
    gone = a_school(classes=2, students=24, teachers=1)
    gone["users.csv"][0]["email"] = "ilse@example.org"
    gone["classes.csv"].pop(0)
    gone["enrollments.csv"] = [
        row for row in gone["enrollments.csv"] if row["classSourcedId"] != "c0"
    ]
    await import_(administrator, files(gone))
    assert (await teacher.get(f"/classes/{group_id}/ask")).status_code == 404
    await import_(administrator, files(tables))
    assert (await teacher.get(f"/classes/{group_id}/ask")).status_code == 200


async def test_who_takes_the_invitation_finds_the_classes(house: Running) -> None:
    administrator = await house.staff("ada", "en")
    done = await import_(administrator, files(a_school(classes=3, teachers=2)))
    lines = [line.split("\t") for line in unescape(done.text).splitlines() if "\t" in line]
    link = next(link for _, email, link in lines if email == "docent1@example.org")
    assert "docent1@example.org" in await everything(house)
    async with house.visitor("en") as newcomer:
        reply = await newcomer.post(link, data={"password": PASSWORD})
        assert reply.status_code == 303, reply.text
        mine = text_of((await newcomer.get("/classes")).text)
    assert all(name in mine for name in ("1A", "1B", "1C"))
    waiting = "select count(*) from roster_person where email = 'docent1@example.org'"
    assert await look(house, waiting) == 0, "name and address are with the account now"


async def test_a_teacher_who_is_here_already_has_the_classes_at_once(house: Running) -> None:
    administrator = await house.staff("ada", "en")
    tables = a_school(classes=1, teachers=1)
    tables["users.csv"][0]["email"] = "Omar@example.org"
    shown = await bring(administrator, files(tables))
    assert "0 teachers are invited" in text_of(shown.text)
    await administrator.post("/school/roster", data=plan_in(shown))
    assert "1A" in (await (await house.staff("omar")).get("/classes")).text
    tables["enrollments.csv"] = [
        row for row in tables["enrollments.csv"] if row["role"] != "teacher"
    ]
    rosters.add_person(tables, "t9", "Docent9", "teacher", "docent9@example.org")
    rosters.enroll(tables, "c0", "t9", "teacher")
    await import_(administrator, files(tables))
    assert "1A" not in (await (await house.staff("omar")).get("/classes")).text


async def test_nobody_becomes_a_teacher_by_a_file_of_their_own(house: Running) -> None:
    administrator = await house.staff("ada", "en")
    tables = a_school(classes=1, teachers=1)
    tables["users.csv"][0]["email"] = "ada@example.org"
    shown = await bring(administrator, files(tables))
    assert "They work here and are no teachers yet" in text_of(shown.text)
    await administrator.post("/school/roster", data=plan_in(shown))
    assert await look(house, "select count(*) from invitation") == 0
    roles = "select count(*) from membership where account_id = $1"
    assert await look(house, roles, house.cast.people["ada"]) == 1


# The school changed meanwhile


async def test_what_was_shown_is_done_or_nothing_when_the_school_changed(house: Running) -> None:
    administrator = await house.staff("ada", "en")
    shown = await bring(administrator, files(a_school(classes=2)))
    await import_(administrator, files(a_school(classes=1)))
    before = await everything(house)
    reply = await administrator.post("/school/roster", data=plan_in(shown))
    assert reply.status_code == 409
    assert "The school changed while you were looking" in reply.text
    assert "1 new class" in text_of(reply.text)
    assert await everything(house) == before
    again = await administrator.post("/school/roster", data=plan_in(reply))
    assert again.status_code == 200
    assert await look(house, "select count(*) from grp where sourced_id is not null") == 2


async def test_twice_pressed_is_done_once(house: Running) -> None:
    administrator = await house.staff("ada", "en")
    shown = await bring(administrator, files(a_school()))
    first, second = await asyncio.gather(
        *(administrator.post("/school/roster", data=plan_in(shown)) for _ in range(2))
    )
    assert {first.status_code, second.status_code} == {200, 409}
    assert await look(house, "select count(*) from grp where sourced_id is not null") == 2
    assert await look(house, "select count(*) from invitation") == 2


async def test_a_preview_holds_for_an_hour_and_cannot_be_made_up(house: Running) -> None:
    administrator = await house.staff("ada", "en")
    plan = plan_in(await bring(administrator, files(a_school())))["plan"]
    for forged in "", "x", "é", plan[:-8], "A" + plan[1:], plan[:60] + "AAAA" + plan[64:]:
        reply = await administrator.post("/school/roster", data={"plan": forged})
        assert reply.status_code == 422
    house.clock.go(minutes=61)
    reply = await administrator.post("/school/roster", data={"plan": plan})
    assert reply.status_code == 422
    assert "more than an hour ago" in reply.text
    assert await look(house, "select count(*) from grp where sourced_id is not null") == 0


async def test_an_import_stands_in_the_log(house: Running) -> None:
    administrator = await house.staff("ada", "en")
    await import_(administrator, files(a_school(classes=2, teachers=3)))
    verbs = await look(house, "select string_agg(verb, ' ' order by verb) from audit")
    assert verbs.count("group made") == 2
    assert verbs.count("invited") == 3
    assert verbs.count("imported") == 1


# Forms


@pytest.mark.parametrize(
    ("contents", "words"),
    [
        ({}, "Choose the files."),
        ({"a.zip": b"PK nonsense"}, "This zip does not open"),
        ({"a/users.csv": b"a", "b/users.csv": b"a"}, "Two files have the same name"),
        ({"users.csv": b"0" * 9_000_000}, "That is too much"),
        ({"a.zip": packed({"users.csv": b"0" * 40_000_000})}, "That is too much"),
    ],
)
async def test_what_is_no_set_of_files_is_refused_with_a_reason(
    house: Running, contents: dict[str, bytes], words: str
) -> None:
    administrator = await house.staff("ada", "en")
    reply = await bring(administrator, contents or {"": b""}, stage="primary")
    assert reply.status_code == 422
    assert words in reply.text


async def test_choosing_a_language_keeps_what_was_chosen(house: Running) -> None:
    administrator = await house.staff("ada", "nl")
    reply = await bring(administrator, {"": b""}, stage="vocational", language="en")
    assert reply.status_code == 200
    assert re.search(r'value="vocational" checked', reply.text)
    assert "Choose the files." not in reply.text
    shown = await bring(administrator, files(a_school()))
    reply = await administrator.post("/school/roster", data={**plan_in(shown), "language": "en"})
    assert "What would change" in reply.text
    done = await administrator.post("/school/roster", data=plan_in(reply))
    assert done.status_code == 200


async def test_the_kind_of_education_is_chosen_as_the_school_has_it(house: Running) -> None:
    administrator = await house.staff("ada")
    await house.add_class("3C", 20)
    assert re.search(r'value="secondary" checked', (await administrator.get("/school/roster")).text)
    await import_(administrator, files(a_school(classes=1)))
    assert await look(house, "select stage from grp where sourced_id = 'c0'") == "secondary"


async def test_every_fault_is_told_in_both_languages(house: Running) -> None:
    """In words, of all that can be wrong."""
    said = house.service.house.templates.from_string(
        '{% from "rosters/faults.html" import fault with context %}{{ fault(one) }}'
    )
    for language in "nl", "en":
        words = {
            wrong: said.render(
                language=language, one=Problem("users.csv", 4, wrong, "email", "G", "this", "that")
            ).strip()
            for wrong in Wrong
        }
        assert all(words.values())
        assert len(set(words.values())) == len(Wrong) - 1  # a file or a column: "It is missing."


# Files of what there is


async def test_what_is_here_now_comes_back_as_it_is(house: Running) -> None:
    administrator = await house.staff("ada", "en")
    await import_(administrator, files(a_school(classes=3, teachers=2)))
    reply = await administrator.get("/school/roster/present.zip")
    assert reply.headers["content-type"] == "application/zip"
    shown = await bring(administrator, {"present.zip": reply.content})
    words = text_of(shown.text)
    for count in "0 new classes", "0 classes end", "0 teachers are invited":
        assert count in words
    assert "2 classes change" in words, "what Ilse made follows the files now"
    await administrator.post("/school/roster", data=plan_in(shown))
    again = await bring(administrator, {"present.zip": reply.content})
    assert "Nothing changes" in again.text
    assert (
        await look(house, "select count(*) from grp where school_id = $1", house.cast.school) == 5
    )
    taught = (await (await house.staff("ilse")).get("/classes")).text
    assert "2B" in taught
    assert "Groep 6" in taught


async def test_what_is_written_holds_no_other_school_and_no_result(house: Running) -> None:
    administrator, teacher = await house.staff("ada", "en"), await house.staff("ilse")
    await told(house, teacher)
    reply = await administrator.get("/school/roster/present.zip")
    with zipfile.ZipFile(io.BytesIO(reply.content)) as archive:
        words = " ".join(archive.read(name).decode() for name in archive.namelist())
    assert "ilse@example.org" in words
    assert "eva@example.org" not in words
    assert "De Brug" not in words
    assert "overlegden" not in words


async def test_the_example_can_be_imported_as_it_is(house: Running) -> None:
    for language in "nl", "en":
        administrator = await house.staff("ada", language)
        example = (await administrator.get("/school/roster/example.zip")).content
        shown = await bring(administrator, {"example.zip": example}, stage="primary")
        assert shown.status_code == 200, text_of(shown.text)
        assert plan_in(shown)
