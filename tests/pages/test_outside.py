"""Who outside the school sees something of it: nobody, until a leader says yes."""

from collections.abc import Sequence
from datetime import timedelta

import asyncpg
import pytest

from service.storage import consents, tenancy
from tests.governors import BOARD, id_of, invited, says_yes, seated, withdraws, words
from tests.house import Running
from tests.pages.test_waves import CLASSES, filled, open_wave, rounds_of, three_classes


async def shown(house: Running, board: str = BOARD) -> int:
    """How many waves of Het Kompas a board is shown."""
    async with tenancy.school(house.service.house.pool, house.cast.school) as connection:
        return len(await consents.shown(connection, house.cast.school, await id_of(house, board)))


async def told_to_students(house: Running, board: str = BOARD, language: str = "en") -> str:
    """What the students of a new wave of the whole school read first."""
    leader = await house.staff("wim", "en")
    until = (house.clock() + timedelta(days=14)).date().isoformat()
    wave_id = await open_wave(house, leader, filled(house, ("2B", *CLASSES), until=until))
    first, *_ = await rounds_of(house, leader, wave_id)
    async with house.visitor(language) as student:
        return words((await student.get(f"/{await house.code(leader, first)}")).text)


async def audited(house: Running) -> Sequence[str]:
    look = await asyncpg.connect(house.dsn)
    rows = await look.fetch(
        "select verb from audit where school_id = $1 order by at", house.cast.school
    )
    await look.close()
    return [row["verb"] for row in rows if row["verb"].split()[0] in ("governing", "research")]


async def test_a_leader_reads_exactly_what_a_board_will_see_and_says_yes(house: Running) -> None:
    await seated(house)
    leader = await house.staff("wim", "en")
    assert "Nobody sees your school." in (await leader.get("/school/outside")).text
    page = words((await leader.get(f"/school/outside/{await id_of(house)}")).text)
    assert f"May {BOARD} see your school?" in page
    assert "all students together say" in page
    assert "A class, a team, a year or a teacher." in page
    assert "from 3 classes or teams and 30 answers on" in page
    assert f"Shown outside the school, to {BOARD} : only what the whole school" in page
    assert f"Who looks for {BOARD} now: Bea." in page
    await says_yes(house, leader)
    page = words((await leader.get("/school/outside")).text)
    assert (
        f"{BOARD} Sees the whole school together since 8 September 2026, with the yes of Wim."
        in page
    )
    assert await audited(house) == ["governing joined"]


async def test_only_waves_that_open_after_the_yes_are_shown(house: Running) -> None:
    await three_classes(house)
    await seated(house)
    assert "Shown outside" not in await told_to_students(house)
    assert await shown(house) == 0
    await says_yes(house, await house.staff("wim"))
    assert await shown(house) == 0
    house.clock.go(days=60)
    await house.service.keeper.work()
    await told_to_students(house)
    assert await shown(house) == 1


async def test_students_read_to_whom_it_is_shown(house: Running) -> None:
    await three_classes(house)
    await seated(house)
    await says_yes(house, await house.staff("wim"))
    page = await told_to_students(house)
    assert f"Shown outside the school, to {BOARD} : only what the whole school says" in page
    assert "For research" not in page
    assert await shown(house) == 1


@pytest.mark.parametrize("language", ["nl", "de", "fr", "ar", "tr", "uk", "pl"])
async def test_they_read_it_in_their_own_language(house: Running, language: str) -> None:
    await three_classes(house)
    look = await asyncpg.connect(house.dsn)
    await look.execute("update school set all_languages = true")
    await look.close()
    await seated(house)
    leader = await house.staff("wim")
    await says_yes(house, leader)
    await leader.post("/school/outside/research", data={"research": "yes"})
    page = await told_to_students(house, language=language)
    assert BOARD in page
    assert "Shown outside" not in page
    assert "For research" not in page


async def test_a_wave_of_a_part_of_the_school_is_shown_to_no_board(house: Running) -> None:
    """Its total would be that of a year or of some classes."""
    await three_classes(house)
    await seated(house)
    leader = await house.staff("wim", "en")
    await says_yes(house, leader)
    form = filled(house, CLASSES[:2])
    assert "Shown outside" not in (await leader.post("/waves/new/schoolpuls", data=form)).text
    await open_wave(house, leader, form)
    assert await shown(house) == 0


async def test_a_leader_sees_before_opening_who_else_is_told(house: Running) -> None:
    await three_classes(house)
    await seated(house)
    leader = await house.staff("wim", "en")
    await says_yes(house, leader)
    form = filled(house, ("2B", *CLASSES))
    page = words((await leader.post("/waves/new/schoolpuls", data=form)).text)
    assert f"Shown outside the school, to {BOARD} : only what" in page
    await withdraws(house, leader)
    page = words((await leader.post("/waves/new/schoolpuls", data=form)).text)
    assert "Shown outside" not in page


async def test_a_yes_that_was_taken_back_shows_nothing_and_comes_back_empty(
    house: Running,
) -> None:
    await three_classes(house)
    await seated(house)
    leader = await house.staff("wim", "en")
    await says_yes(house, leader)
    await told_to_students(house)
    await withdraws(house, leader)
    assert await shown(house) == 0
    assert "Nobody sees your school." in (await leader.get("/school/outside")).text
    await says_yes(house, leader)
    assert await shown(house) == 0
    assert await audited(house) == ["governing joined", "governing left", "governing joined"]


async def test_saying_it_twice_changes_nothing(house: Running) -> None:
    await seated(house)
    leader = await house.staff("wim")
    for _ in range(2):
        await says_yes(house, leader)
    for _ in range(2):
        await withdraws(house, leader)
    for _ in range(2):
        await leader.post("/school/outside/research", data={"research": "yes"})
    assert await audited(house) == ["governing joined", "governing left", "research allowed"]


async def test_a_board_that_is_not_there_cannot_be_joined(house: Running) -> None:
    leader = await house.staff("wim")
    for path in (f"/school/outside/{house.cast.school}", "/school/outside/nobody"):
        assert (await leader.get(path)).status_code == 404
        assert (await leader.post(path)).status_code == 404


@pytest.mark.parametrize("name", ["ilse", "omar", "ada", "eva"])
async def test_only_a_leader_says_yes_to_a_board(house: Running, name: str) -> None:
    await invited(house, "bea")
    staff, path = await house.staff(name), f"/school/outside/{await id_of(house)}"
    assert (await staff.get(path)).status_code == 404
    for order in ("", "/withdrawal"):
        assert (await staff.post(f"{path}{order}")).status_code == 404
    assert (await staff.get("/school/outside")).status_code == (200 if name == "ada" else 404)
    assert await audited(house) == []


@pytest.mark.parametrize("name", ["wim", "ada"])
async def test_a_leader_or_an_administrator_lets_the_school_be_in_research(
    house: Running, name: str
) -> None:
    staff = await house.staff(name, "en")
    assert "Your school does not take part." in (await staff.get("/school/outside")).text
    await staff.post("/school/outside/research", data={"research": "yes"})
    assert "Your school takes part." in (await staff.get("/school/outside")).text
    await three_classes(house)
    assert "For research: what large groups say together" in await told_to_students(house)
    await staff.post("/school/outside/research", data={"research": "no"})
    assert await audited(house) == ["research allowed", "research ended"]


@pytest.mark.parametrize("name", ["ilse", "eva"])
async def test_a_teacher_does_not(house: Running, name: str) -> None:
    staff = await house.staff(name)
    reply = await staff.post("/school/outside/research", data={"research": "yes"})
    assert reply.status_code == 404
    assert await audited(house) == []
