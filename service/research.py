"""The file for research: a table and its codebook in one archive, of all schools that take part."""

from collections.abc import Sequence
from pathlib import Path
from random import Random
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile

from asyncpg import Pool
from jinja2 import Environment

from service import overview
from service.storage import consents, schools, tenancy, waves
from surveys import research, tables
from surveys.cells import Past
from surveys.instrument import Instrument
from surveys.release import WELLBEING
from surveys.research import Cell
from surveys.waves import LEAST_ANSWERS, LEAST_GROUPS

FEWEST_DIGITS, MOST_DIGITS = 10_000, 99_999


async def gathered(keepers: Pool, pages: Pool, entropy: Random) -> list[Cell]:
    """What may be in it. A school has another number in each file.

    `keepers` may list the schools, `pages` looks into each of them as that school.
    """
    every = await schools.every(keepers)
    told = [found for school_id in every if (found := await told_by(pages, school_id))]
    numbers = entropy.sample(range(FEWEST_DIGITS, MOST_DIGITS), len(told))
    return research.recorded(dict(zip(numbers, told, strict=True)))


async def told_by(pages: Pool, school_id: UUID) -> list[Past]:
    """The waves of a school that opened while it took part, if it still does."""
    async with tenancy.school(pages, school_id) as connection:
        agreed = await consents.for_research(connection, school_id)
        asked = await waves.of_school(connection, school_id)
        found = [wave for wave in asked if wave.wave_id in agreed and wave.released_on]
        return await overview.told_of(connection, found) if found else []


def write(file: Path, found: Sequence[Cell], templates: Environment) -> None:
    """Raises FileExistsError: a file that was handed on is not written over."""
    asked = {(each.instrument.key, each.instrument.version): each.instrument for each in found}
    with ZipFile(file, "x", ZIP_DEFLATED) as archive:
        archive.writestr("cells.csv", tables.written([*research.rows(found)], ","))
        archive.writestr("codebook.md", codebook(found, [*asked.values()], templates))


def codebook(
    found: Sequence[Cell], instruments: Sequence[Instrument], templates: Environment
) -> str:
    return templates.get_template("exports/codebook.md").render(
        language="en",
        schools=len({each.school for each in found}),
        columns=research.COLUMNS,
        instruments=instruments,
        least_schools=research.LEAST_SCHOOLS,
        least_groups=LEAST_GROUPS,
        least_answers=LEAST_ANSWERS,
        d=WELLBEING.d,
    )
