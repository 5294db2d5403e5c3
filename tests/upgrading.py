"""The small dump that each released version leaves behind, for `tests/test_upgrades.py`.

`python -m tests.upgrading` makes the one of the version at hand: once, at its release.
"""

import asyncio
import hashlib
import json
import tempfile
from datetime import date
from pathlib import Path
from random import Random

import asyncpg
import httpx
import msgspec

from service import backing, embedded
from service.starting import say
from service.storage import peppers
from service.storage.migrate import migrate
from surveys.instrument import Instrument, Stage, library
from surveys.release import Release, TooFew
from surveys.rounds import Survey
from tests import past_waves
from tests.house import PEPPER, Running, in_process, settle

DATA = Path(__file__).with_name("data")
VERSION = Path(__file__).parent.parent / "pyproject.toml"
AGREEMENT = "Eerst overleggen in tweetallen"
DECISION = "Elke klas kiest een mentor"
WAVES = [date(2025, 11, 7), date(2026, 3, 13), date(2026, 6, 5)]


async def fingerprint(connection: asyncpg.Connection) -> str:
    """Of all that was ever told, as the present code reads it."""
    rows = await connection.fetch(
        """
        select told from release
        union all
        select told from pool
        """
    )
    told = sorted(map(canonical, rows))
    return hashlib.sha256("\n".join(told).encode()).hexdigest()


def canonical(row: asyncpg.Record) -> str:
    """The counts of one release, item by item, whatever they are stored as."""
    told = msgspec.json.decode(row["told"], type=Release | TooFew)
    items = told.items if isinstance(told, Release) else ()
    counts = (
        f"{each.item} {each.positive.low}-{each.positive.high} "
        f"{each.negative.low}-{each.negative.high}"
        for each in items
    )
    return f"{told.n}: " + ", ".join(counts)


async def live(house: Running) -> None:
    """A school's past: a class with an agreement that helped, one with too few, three waves."""
    connection = await asyncpg.connect(house.dsn)
    await peppers.set_mark(connection, PEPPER.mark())
    await connection.close()
    survey = await house.survey("2B")
    for good, bad in (9, 11), (15, 6), (22, 0):
        teacher = await house.staff("ilse")
        await ask(house, teacher, survey, good, bad)
        if good == 9:
            agreement = {"agreement": AGREEMENT}
            await teacher.post(f"/surveys/{survey.survey_id}/discussion", data=agreement)
        house.clock.go(days=14)
    teacher = await house.staff("ilse")
    await ask(house, teacher, await house.survey("Groep 6", "les-flits"), 3, 0)
    sizes = {1: [25, 24, 26], 2: [27, 22, 25]}
    groups = past_waves.classes(house.cast.school, Random(1), sizes, Stage.SECONDARY)
    await past_waves.live(
        house.dsn,
        house.cast.school,
        library()["schoolpuls"],
        WAVES,
        groups,
        lambda member: (0.8, 0.06),
        decision=DECISION,
    )
    await house.open_round(await house.staff("ilse"), survey)  # open when the dump is made


async def ask(
    house: Running, teacher: httpx.AsyncClient, survey: Survey, good: int, bad: int
) -> None:
    round_id = await house.open_round(teacher, survey)
    code = await house.code(teacher, round_id)
    for number in range(good + bad):
        form = alike(survey.instrument, positive=number < good)
        assert (await house.answer(code, form)).status_code == 200
    await house.close(teacher, round_id)


def alike(asked: Instrument, *, positive: bool) -> dict[str, str]:
    """The same to every item."""
    chosen = asked.positive if positive else asked.negative
    return {item.id: str(max(chosen(item))) for item in asked.closed}


async def make(dump: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="stemlokaal-dump-") as folder:
        place = Path(folder)
        place.chmod(0o711)
        async with embedded.running(place) as dsn:
            connection = await asyncpg.connect(dsn)
            await migrate(connection)
            async with in_process(dsn, place) as house:
                await settle(house)
                await live(house)
                told = {
                    "told": await fingerprint(connection),
                    "made": house.clock().isoformat(),
                    "migrations": await connection.fetchval("select max(name) from migration"),
                }
            await backing.backup(dsn, dump, embedded.program("pg_dump"), lambda line: None)
            await connection.close()
    dump.with_suffix(".json").write_text(json.dumps(told, indent=2) + "\n")


def main() -> None:
    version = next(
        line.split('"')[1]
        for line in VERSION.read_text().splitlines()
        if line.startswith("version = ")
    )
    dump = DATA / f"stemlokaal-{version}.dump"
    if dump.exists():
        raise SystemExit(f"{dump.name} is there already; a released version never changes")
    asyncio.run(make(dump))
    say(f"{dump}: {dump.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
