"""The drill: a backup is made while the service runs, and restored elsewhere.

Results are the same to the byte, nothing in it opens an answer, and a round that was open says
kindly what became of it.
"""

import hashlib
import time
from pathlib import Path

import asyncpg
import pytest

from service import backing, embedded
from service.storage import migrate, peppers
from tests.ballots import POSITIVE, Ballots
from tests.conftest import of_database
from tests.house import PASSWORD, PEPPER, Running, served
from tests.pages.test_answering import GOOD

WORD = "een woord dat in geen back-up hoort"


@pytest.fixture
async def empty(cluster: str, administrator: asyncpg.Connection):
    await administrator.execute("create database restored")
    yield of_database(cluster, "restored")
    await administrator.execute("drop database restored with (force)")


async def saved(dsn: str, place: Path) -> tuple[Path, list[str]]:
    said: list[str] = []
    await backing.backup(dsn, place / "backup", embedded.program("pg_dump"), said.append)
    return place / "backup", said


async def restored(dsn: str, file: Path, house: Running, mark: bytes | None) -> list[str]:
    program = embedded.program("pg_restore")
    return await backing.restore(dsn, file, program, mark, house.clock(), lambda line: None)


async def fingerprint(dsn: str, table: str) -> str:
    connection = await asyncpg.connect(dsn)
    rows = await connection.fetch(f"select t::text as row from {table} t order by 1")
    await connection.close()
    assert rows
    return hashlib.sha256("\n".join(row["row"] for row in rows).encode()).hexdigest()


async def a_past(house: Running) -> tuple[str, str]:
    """A class with a result, and a round that is open: the survey, and its code."""
    connection = await asyncpg.connect(house.dsn)
    await peppers.set_mark(connection, PEPPER.mark())
    await connection.close()
    teacher, survey = await house.staff("ilse"), await house.survey("2B")
    told = await house.open_round(teacher, survey)
    code = await house.code(teacher, told)
    for _ in range(10):
        await house.answer(code, GOOD)
    await house.close(teacher, told)
    house.clock.go(days=8)
    teacher = await house.staff("ilse")
    opened = await house.open_round(teacher, survey)
    code = await house.code(teacher, opened)
    await house.answer(code, {**GOOD, "top": WORD})
    return str(survey.survey_id), code


async def test_results_are_the_same_to_the_byte(
    house: Running, place: Path, empty: str, table: dict[str, str]
) -> None:
    await a_past(house)
    began = time.monotonic()
    file, _ = await saved(house.dsn, place)
    made = time.monotonic()
    assert await restored(empty, file, house, PEPPER.mark()) != []
    took = f"{made - began:.1f} s, {time.monotonic() - made:.1f} s"
    for name in ("release", "survey", "grp", "account", "school"):
        assert await fingerprint(empty, name) == await fingerprint(house.dsn, name), name
    same = (await fingerprint(empty, "release"))[:12]
    table["drill: saved, restored; releases' hash"] = f"{took}; {same}, the same"


async def test_no_answer_and_no_key_is_in_a_backup(house: Running, place: Path, empty: str) -> None:
    await a_past(house)
    file, _ = await saved(house.dsn, place)
    assert WORD.encode() not in file.read_bytes()
    assert file.stat().st_mode & 0o777 == 0o600
    await restored(empty, file, house, PEPPER.mark())
    connection = await asyncpg.connect(empty)
    for table in ("envelope", "key_stock", "session"):
        assert await connection.fetchval(f"select count(*) from {table}") == 0, table
    assert await connection.fetchval("select count(*) from round where public_key notnull") == 0
    owners = await connection.fetch(
        "select distinct proowner::regrole::text from pg_proc "
        "where prosecdef and pronamespace = 'public'::regnamespace"
    )
    assert [row[0] for row in owners] == ["stemlokaal_ballots"]
    await connection.close()


async def test_a_round_that_was_open_says_what_became_of_it(
    house: Running, place: Path, empty: str
) -> None:
    survey_id, code = await a_past(house)
    file, _ = await saved(house.dsn, place)
    notes = await restored(empty, file, house, PEPPER.mark())
    assert notes == ["Open when the backup was made, and lost with their answers: 1 rounds."]
    (place / "elsewhere").mkdir()
    async with served(empty, place / "elsewhere") as again:
        again.clock.present, again.cast = house.clock(), house.cast
        teacher = await again.staff("ilse", "en")
        page = (await teacher.get(f"/surveys/{survey_id}")).text
        assert "could not be counted: its key is not here" in page
        async with again.visitor("en") as student:
            reply = await student.get(f"/{code}")
            assert "The questions are closed." in reply.text
        assert (await again.answer(code, GOOD)).status_code in (200, 410)
        connection = await asyncpg.connect(empty)
        assert await connection.fetchval("select count(*) from envelope") == 0
        await connection.close()
        await again.service.keeper.work()
        assert "could not be counted" in (await teacher.get(f"/surveys/{survey_id}")).text


async def test_with_another_pepper_no_code_leads_anywhere(
    house: Running, place: Path, empty: str
) -> None:
    await a_past(house)
    file, _ = await saved(house.dsn, place)
    notes = await restored(empty, file, house, None)
    assert backing.OTHER_PEPPER in notes
    connection = await asyncpg.connect(empty)
    assert await connection.fetchval("select count(*) from code") == 0
    assert await connection.fetchval("select count(*) from pepper_mark") == 0
    assert await connection.fetchval("select count(*) from second_factor") == 0
    await connection.close()


async def test_who_signs_in_with_a_phone_does_so_with_a_restored_service_too(
    house: Running, place: Path, empty: str
) -> None:
    await a_past(house)
    file, _ = await saved(house.dsn, place)
    assert backing.OTHER_PEPPER not in await restored(empty, file, house, PEPPER.mark())
    (place / "elsewhere").mkdir()
    async with served(empty, place / "elsewhere") as again:
        again.clock.present = house.clock()
        leader = again.visitor()
        mine = {"email": "wim@example.org", "password": PASSWORD}
        await leader.post("/signin", data=mine)
        reply = await leader.post("/signin/code", data={"code": again.code_now()})
        assert reply.status_code == 303
        assert (await leader.get("/school")).status_code == 200


async def test_a_database_that_is_in_use_is_left_alone(house: Running, place: Path) -> None:
    file, _ = await saved(house.dsn, place)
    with pytest.raises(backing.NotEmpty):
        await restored(house.dsn, file, house, None)


async def test_a_backup_of_an_older_version_is_brought_up_to_date(
    cluster: str, administrator: asyncpg.Connection, house: Running, place: Path, empty: str
) -> None:
    """As the first migration left it, with a school in it."""
    older = place / "migrations"
    older.mkdir()
    first = min(migrate.FOLDER.glob("*.sql"))
    (older / first.name).write_bytes(first.read_bytes())
    await administrator.execute("create database older")
    try:
        dsn = of_database(cluster, "older")
        connection = await asyncpg.connect(dsn)
        await migrate.migrate(connection, folder=older)
        await connection.execute(
            "insert into school (school_id, name, language) values (gen_random_uuid(), 'Oud', 'nl')"
        )
        await connection.close()
        file, _ = await saved(dsn, place)
        await restored(empty, file, house, None)
    finally:
        await administrator.execute("drop database older with (force)")
    connection = await asyncpg.connect(empty)
    assert await connection.fetchval("select name from school") == "Oud"
    applied = await connection.fetch("select name from migration order by name")
    assert [row[0] for row in applied] == [p.stem for p in sorted(migrate.FOLDER.glob("*.sql"))]
    await connection.close()


async def test_a_backup_that_fails_leaves_no_half_a_file(place: Path) -> None:
    nowhere = "postgresql://nobody:secret@127.0.0.1:1/nothing"
    with pytest.raises((OSError, backing.NotBackedUp)):
        await saved(nowhere, place)
    assert list(place.iterdir()) == []


async def test_the_password_is_on_no_command_line() -> None:
    address, password = backing.without_password("postgresql://stem:s%40fe@db.school.nl/stem")
    assert (address, password) == ("postgresql://stem@db.school.nl/stem", "s@fe")


async def test_a_backup_holds_no_sealed_answer(ballots: Ballots, place: Path) -> None:
    round = await ballots.open_round()
    await ballots.hand_in(round, [POSITIVE] * 9)
    sealed = await ballots.look.fetchval("select sealed from envelope limit 1")
    file, _ = await saved(ballots.dsn, place)
    assert sealed[:64] not in file.read_bytes()
