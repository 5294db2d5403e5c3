"""The file for research: which schools are in it, and that nobody is named there."""

import csv
from io import StringIO
from pathlib import Path
from random import Random
from uuid import UUID
from zipfile import ZipFile

import asyncpg
import pytest

from service import rendering, research
from service.app import pool_as
from service.storage import consents, tenancy
from surveys.research import COLUMNS, Cell
from tests.governors import a_school
from tests.house import ZONE, Running
from tests.pages.test_waves import CLASSES, end, everybody_answers, filled, open_wave, three_classes

SCHOOLS = ("Anker", "Brug", "Cirkel", "Delta", "Eik")


async def gathered(house: Running, seed: int = 1) -> list[Cell]:
    async with (
        pool_as("stemlokaal_keeper", house.dsn) as keepers,
        pool_as("stemlokaal_pages", house.dsn) as pages,
    ):
        return await research.gathered(keepers, pages, Random(seed))


async def five_schools(house: Running) -> list[UUID]:
    return [await a_school(house, name, 0.8, 0.7, board=None, research=True) for name in SCHOOLS]


async def says(house: Running, school_id: UUID, *, research: bool) -> None:
    async with tenancy.school(house.service.house.pool, school_id) as connection:
        await consents.set_research(connection, school_id, research=research)


def unpacked(file: Path) -> tuple[list[dict[str, str]], str]:
    with ZipFile(file) as archive:
        assert archive.namelist() == ["cells.csv", "codebook.md"]
        table = archive.read("cells.csv").decode("utf-8-sig")
        return list(csv.DictReader(StringIO(table))), archive.read("codebook.md").decode()


async def test_schools_that_take_part_are_in_it_and_no_other(house: Running) -> None:
    await five_schools(house)
    await a_school(house, "Zonder ja", 0.8, board=None)
    found = await gathered(house)
    assert len({each.school for each in found}) == 5
    assert {each.year_group for each in found} == {None, 1, 2, 3}
    assert {each.wave for each in found} == {1, 2}


async def test_who_stops_is_in_no_new_file_and_may_leave_too_few(house: Running) -> None:
    first, *_ = await five_schools(house)
    await says(house, first, research=False)
    assert await gathered(house) == []


async def test_a_yes_says_nothing_of_waves_before_it(house: Running) -> None:
    await five_schools(house)
    before = await a_school(house, "Later", 0.8, 0.8, board=None)
    await says(house, before, research=True)
    assert len({each.school for each in await gathered(house)}) == 5


async def test_a_wave_that_opens_after_the_yes_is_marked_and_no_other(house: Running) -> None:
    await three_classes(house)
    leader = await house.staff("wim")
    await leader.post("/school/outside/research", data={"research": "yes"})
    wave_id = await open_wave(house, leader, filled(house, ("2B", *CLASSES)))
    await everybody_answers(house, leader, wave_id)
    await end(house, leader, wave_id)
    async with tenancy.school(house.service.house.pool, house.cast.school) as connection:
        assert await consents.for_research(connection, house.cast.school) == {UUID(wave_id)}
    await leader.post("/school/outside/research", data={"research": "no"})
    async with tenancy.school(house.service.house.pool, house.cast.school) as connection:
        assert await consents.for_research(connection, house.cast.school) == frozenset()


async def test_a_school_has_another_number_in_each_file(house: Running) -> None:
    await five_schools(house)
    first, second = [{each.school for each in await gathered(house, seed)} for seed in (1, 2)]
    assert len(first) == len(second) == 5
    assert not first & second


async def test_the_file_is_a_table_and_its_codebook_without_a_name_or_a_class(
    house: Running, place: Path
) -> None:
    ids = await five_schools(house)
    found = await gathered(house)
    research.write(place / "file.zip", found, rendering.environment(ZONE))
    lines, codebook = unpacked(place / "file.zip")
    assert len(lines) == 4 * len(found)
    assert set(lines[0]) == set(COLUMNS)
    look = await asyncpg.connect(house.dsn)
    names = [row["name"] for row in await look.fetch("select distinct name from wave_group")]
    await look.close()
    whole = (place / "file.zip").read_bytes().decode("latin-1") + str(lines) + codebook
    for secret in (*SCHOOLS, *map(str, ids), *(f"'{name}'" for name in names)):
        assert secret not in whole, secret
    for column in COLUMNS:
        assert f"`{column}`" in codebook
    assert "It holds 5 schools." in codebook
    assert "5 schools or more" in codebook
    assert "I feel at home at school." in codebook


async def test_a_file_that_is_there_is_left_alone(house: Running, place: Path) -> None:
    await five_schools(house)
    (place / "file.zip").write_text("handed on")
    with pytest.raises(FileExistsError):
        research.write(place / "file.zip", await gathered(house), rendering.environment(ZONE))
    assert (place / "file.zip").read_text() == "handed on"
