"""Every released version's dump, restored with the present code: nothing told has changed, and
pages of class and school still show it."""

import json
import re
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import asyncpg
import pytest

from service import backing, embedded
from service.storage.migrate import FOLDER
from tests import upgrading
from tests.house import PEPPER, Running, served
from tests.pages.living import text_of

CHANGES = Path(__file__).parent.parent / "CHANGELOG.md"
DUMPS = sorted(upgrading.DATA.glob("stemlokaal-*.dump"))


@pytest.fixture(scope="module", params=DUMPS, ids=lambda dump: dump.stem)
async def upgraded(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[Running, dict[str, str]]]:
    """A service of the present code on what that version left behind, in a cluster of its own."""
    dump: Path = request.param
    left = json.loads(dump.with_suffix(".json").read_text())
    place = tmp_path_factory.mktemp("upgraded")
    for folder in (place, *place.parents[:2]):
        folder.chmod(0o711)
    moment = datetime.fromisoformat(left["made"])
    async with embedded.running(place, say=lambda _: None) as dsn:
        program = embedded.program("pg_restore")
        await backing.restore(dsn, dump, program, PEPPER.mark(), moment, lambda _: None)
        async with served(dsn, place) as house:
            house.clock.present = moment
            yield house, left


@pytest.fixture
async def look(upgraded: tuple[Running, dict[str, str]]) -> AsyncIterator[asyncpg.Connection]:
    house, _ = upgraded
    connection = await asyncpg.connect(house.dsn)
    yield connection
    await connection.close()


def test_every_released_version_has_left_a_dump() -> None:
    released = re.findall(r"^## ([\d.]+)$", CHANGES.read_text(), re.MULTILINE)
    assert released[-1] == "0.1.0"
    assert {dump.stem for dump in DUMPS} == {f"stemlokaal-{version}" for version in released}
    assert all(dump.stat().st_size < 200_000 for dump in DUMPS)


async def test_what_was_told_is_told_the_same(
    upgraded: tuple[Running, dict[str, str]], look: asyncpg.Connection
) -> None:
    _, left = upgraded
    assert await upgrading.fingerprint(look) == left["told"]


async def test_the_database_is_that_of_the_present_version(
    upgraded: tuple[Running, dict[str, str]], look: asyncpg.Connection
) -> None:
    _, left = upgraded
    applied = [row["name"] for row in await look.fetch("select name from migration order by name")]
    assert applied == sorted(file.stem for file in FOLDER.glob("*.sql"))
    assert left["migrations"] in applied


async def test_a_teacher_reads_the_class_as_before(
    upgraded: tuple[Running, dict[str, str]], look: asyncpg.Connection
) -> None:
    house, _ = upgraded
    teacher = await house.staff("ilse", "en")
    assert "2B" in (await teacher.get("/classes")).text
    survey = await look.fetchval(
        "select survey_id from survey join round using (school_id, survey_id) "
        "where state = 'released' limit 1"
    )
    page = text_of((await teacher.get(f"/surveys/{survey}")).text)
    assert upgrading.AGREEMENT in page
    assert "22 of 24 took part" in page
    assert "20 or more of 22" in page


async def test_a_leader_reads_the_school_as_before(
    upgraded: tuple[Running, dict[str, str]],
) -> None:
    house, _ = upgraded
    leader = await house.staff("wim", "en")
    page = text_of((await leader.get("/wellbeing")).text)
    assert upgrading.DECISION in page
    assert "131 of 149 took part (88%), 6 classes." in page
    assert "82% chose “Often” or “Always”: 107 of 131" in page


async def test_a_class_goes_on_after_the_upgrade(
    upgraded: tuple[Running, dict[str, str]], look: asyncpg.Connection
) -> None:
    """Asked, answered, counted: in a group, and by a teacher, of the older version."""
    house, _ = upgraded
    school = await look.fetchrow("select school_id from school where name = 'Het Kompas'")
    house.cast.school = school["school_id"]
    person = await look.fetchval("select account_id from account where name = 'Ilse'")
    house.cast.people, house.cast.classes = {"ilse": person}, {}
    house.service.house.entropy.seed("not the one that the dump was made with")
    await house.add_class("4C", 20)
    teacher = await house.staff("ilse")
    survey = await house.survey("4C")
    await upgrading.ask(house, teacher, survey, 6, 3)
    assert "9 van de 20" in text_of((await teacher.get(f"/surveys/{survey.survey_id}")).text)
