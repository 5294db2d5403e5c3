"""What has lived long enough is gone within the hour, and nothing else is."""

import asyncio
from contextlib import suppress
from datetime import date, datetime

import asyncpg
import pytest

from service import retention
from service.storage import codes, schools, talks, tenancy
from service.storage.codes import Door, Lead
from service.storage.talks import TalkRequest
from surveys.access import Role
from surveys.instrument import library
from surveys.rounds import school_year_began
from tests.house import ZONE, Running
from tests.pages.test_rosters import import_
from tests.pages.test_waves import filled, open_wave, three_classes
from tests.rosters import a_school, files

GOOD = {item.id: "4" for item in library()["lesfeedback"].closed}
A_MOMENT = 1  # seconds


@pytest.fixture
async def inside(house: Running):
    """What is really in the database."""
    connection = await asyncpg.connect(house.dsn)
    yield connection
    await connection.close()


async def an_hour_passes(house: Running) -> None:
    keeper = house.service.keeper
    await retention.end_lives(keeper.pool, house.clock(), keeper.keys.destroy)


async def closed_round(house: Running, answered: int, tip: str = "") -> tuple[str, str]:
    """The id and the code of a round of 2B that so many answered."""
    teacher = await house.staff("ilse")
    round_id = await house.open_round(teacher, await house.survey("2B"))
    code = await house.code(teacher, round_id)
    for _ in range(answered):
        assert (await house.answer(code, {**GOOD, "tip": tip})).status_code == 200
    await house.close(teacher, round_id)
    return round_id, code


# People


async def test_a_session_leaves_nothing_behind_when_it_ended(house: Running, inside) -> None:
    await house.staff("ilse")
    house.clock.go(hours=11, minutes=59)
    await an_hour_passes(house)
    assert await inside.fetchval("select count(*) from session") == 1
    house.clock.go(minutes=1)
    await an_hour_passes(house)
    assert await inside.fetchval("select count(*) from session") == 0


async def test_a_teacher_of_an_import_who_does_not_come_is_forgotten(house: Running, inside):
    administrator = await house.staff("ada")
    await import_(administrator, files(a_school(classes=1, teachers=2)))
    expected = "select count(*) from roster_person where email is not null"
    house.clock.go(days=180)
    await an_hour_passes(house)
    assert await inside.fetchval(expected) == 2
    house.clock.go(days=1)
    await an_hour_passes(house)
    assert await inside.fetchval(expected) == 0
    assert await inside.fetchval("select count(*) from roster_teaching") == 0
    assert await inside.fetchval("select count(*) from grp where sourced_id is not null") == 1


async def test_an_invitation_that_nobody_took_is_gone_after_two_weeks(house: Running, inside):
    administrator = await house.staff("ada")
    await administrator.post(
        "/school/invitations",
        data={"name": "Noor", "email": "noor@example.org", "role": Role.TEACHER},
    )
    house.clock.go(days=14)
    await an_hour_passes(house)
    assert await inside.fetchval("select count(*) from invitation") == 1
    house.clock.go(days=1)
    await an_hour_passes(house)
    assert await inside.fetchval("select count(*) from invitation") == 0


async def test_a_talk_request_is_gone_a_month_after_it_was_handled(house: Running, inside) -> None:
    asked, waiting = house.service.house.new_id(), house.service.house.new_id()
    async with tenancy.school(house.service.house.pool, house.cast.school) as connection:
        for request_id in (asked, waiting):
            wish = TalkRequest(house.cast.school, request_id, "Robin", "2B", house.clock().date())
            await talks.add(connection, wish)
        await talks.handle(connection, house.cast.school, asked, house.clock().date())
    house.clock.go(days=30)
    await an_hour_passes(house)
    assert await inside.fetchval("select count(*) from talk_request") == 2
    house.clock.go(days=1)
    await an_hour_passes(house)
    assert await inside.fetchval("select array_agg(request_id) from talk_request") == [waiting]


# Rounds


async def test_the_code_says_what_came_of_it_until_the_school_year_ends(house: Running) -> None:
    _, code = await closed_round(house, 8)
    student = house.visitor()
    for present, status in (
        (datetime(2027, 7, 31, 23, tzinfo=ZONE), 200),
        (datetime(2027, 8, 1, 0, tzinfo=ZONE), 404),
    ):
        house.clock.present = present
        await an_hour_passes(house)
        assert (await student.get(f"/{code}")).status_code == status


async def test_own_words_are_gone_with_the_school_year_and_the_result_stays(house, inside) -> None:
    await closed_round(house, 10, tip="Meer tijd")
    house.clock.present = datetime(2027, 7, 31, 23, tzinfo=ZONE)
    await an_hour_passes(house)
    assert await inside.fetchval("select count(*) from comment") == 10
    house.clock.go(hours=1)
    await an_hour_passes(house)
    assert await inside.fetchval("select count(*) from comment") == 0
    assert await inside.fetchval("select count(*) from release") == 1


async def test_a_round_with_too_few_answers_is_gone_with_the_school_year(house, inside) -> None:
    await closed_round(house, 3)
    house.clock.present = datetime(2027, 7, 31, 23, tzinfo=ZONE)
    await an_hour_passes(house)
    assert await inside.fetchval("select count(*) from round") == 1
    house.clock.go(hours=1)
    await an_hour_passes(house)
    for table in ("round", "release", "code"):
        assert await inside.fetchval(f"select count(*) from {table}") == 0


async def test_a_school_may_let_own_words_go_sooner(house: Running, inside) -> None:
    await closed_round(house, 10, tip="Meer tijd")
    await inside.execute("update school set words_days = 30 where name = 'Het Kompas'")
    house.clock.go(days=30)
    await an_hour_passes(house)
    assert await inside.fetchval("select count(*) from comment") == 10
    house.clock.go(days=1)
    await an_hour_passes(house)
    assert await inside.fetchval("select count(*) from comment") == 0
    assert await inside.fetchval("select count(*) from release") == 1


@pytest.mark.parametrize(("years", "until"), [(9, 2035), (1, 2027)])
async def test_a_result_lives_as_many_school_years_as_its_school_chose(
    house: Running, inside, years: int, until: int
) -> None:
    await closed_round(house, 8)
    await inside.execute("update school set results_years = $1", years)
    house.clock.present = datetime(until, 7, 31, 23, tzinfo=ZONE)
    await an_hour_passes(house)
    assert await inside.fetchval("select count(*) from release") == 1
    house.clock.go(hours=1)
    await an_hour_passes(house)
    for table in ("release", "round", "code"):
        assert await inside.fetchval(f"select count(*) from {table}") == 0
    assert await inside.fetchval("select count(*) from survey") == 1


async def test_the_database_itself_lets_no_school_keep_results_longer(house, inside) -> None:
    for longer in ("results_years = 10", "words_days = 367"):
        with pytest.raises(asyncpg.CheckViolationError):
            await inside.execute(f"update school set {longer}")


async def test_a_wave_lives_as_long_as_the_results_of_its_school(house: Running, inside) -> None:
    await three_classes(house)
    leader = await house.staff("wim")
    wave_id = await open_wave(house, leader, filled(house))
    await leader.post(f"/waves/{wave_id}/closure")
    await house.service.keeper.work()
    assert await inside.fetchval("select count(*) from wave where released_on is not null") == 1
    house.clock.present = datetime(2035, 7, 31, 23, tzinfo=ZONE)
    await an_hour_passes(house)
    assert await inside.fetchval("select count(*) from wave") == 1
    house.clock.go(hours=1)
    await an_hour_passes(house)
    for table in ("wave", "wave_group", "pool", "round"):
        assert await inside.fetchval(f"select count(*) from {table}") == 0


async def test_a_group_that_ended_goes_with_its_last_results(house: Running, inside) -> None:
    await closed_round(house, 8)
    await inside.execute("update grp set ended_on = '2027-07-05' where name = '2B'")
    house.clock.present = datetime(2035, 7, 31, 23, tzinfo=ZONE)
    await an_hour_passes(house)
    assert await inside.fetchval("select count(*) from grp where name = '2B'") == 1
    house.clock.go(hours=1)
    await an_hour_passes(house)
    assert await inside.fetchval("select count(*) from grp where name = '2B'") == 0
    assert await inside.fetchval("select count(*) from survey") == 0


async def test_a_series_goes_on_after_one_of_its_rounds_is_gone(house: Running, inside) -> None:
    teacher = await house.staff("ilse")
    survey = await house.survey("2B")
    for answered in (8, 3, 8):
        round_id = await house.open_round(teacher, survey)
        code = await house.code(teacher, round_id)
        for _ in range(answered):
            await house.answer(code, GOOD)
        await house.close(teacher, round_id)
        house.clock.go(days=7)
        teacher = await house.staff("ilse")
    house.clock.present = datetime(2027, 9, 1, 10, tzinfo=ZONE)
    await an_hour_passes(house)
    await house.open_round(await house.staff("ilse"), survey)
    numbers = "select array_agg(number order by number) from round"
    assert await inside.fetchval(numbers) == [1, 3, 4]


async def test_answers_that_nobody_can_open_any_more_do_not_lie_sealed_for_ever(house, inside):
    """Their key was lost with its disk. Two weeks are left to bring it back."""
    teacher = await house.staff("ilse")
    survey = await house.survey("2B")
    code = await house.code(teacher, await house.open_round(teacher, survey))
    await house.answer(code, GOOD)
    for folder in house.settings.keys:
        for key in folder.iterdir():
            key.unlink()
    house.clock.go(hours=1 + 14 * 24)
    await house.service.keeper.work()
    await an_hour_passes(house)
    assert await inside.fetchval("select count(*) from envelope") == 1
    house.clock.go(seconds=A_MOMENT)
    await an_hour_passes(house)
    for table in ("round", "envelope", "code"):
        assert await inside.fetchval(f"select count(*) from {table}") == 0


async def test_what_is_still_of_use_is_left_alone(house: Running, inside) -> None:
    await closed_round(house, 8)
    teacher = await house.staff("ilse")
    await house.open_round(teacher, await house.survey("Groep 6", "les-flits"))
    counted = """
        select (select count(*) from round), (select count(*) from release),
               (select count(*) from code), (select count(*) from session),
               (select count(*) from survey), (select count(*) from grp)
    """
    before = await inside.fetchrow(counted)
    await an_hour_passes(house)
    assert await inside.fetchrow(counted) == before


async def test_the_link_of_a_board_stays_from_year_to_year(house: Running) -> None:
    lead = Lead(Door.BOARD, house.cast.school, house.service.house.new_id())
    async with tenancy.school(house.service.house.pool, house.cast.school) as connection:
        await codes.add(connection, [b"the hash of a link"], lead)
    house.clock.go(days=366)
    await an_hour_passes(house)
    assert await codes.find(house.service.house.pool, [b"the hash of a link"]) == lead


# The job


async def test_it_goes_on_after_trouble(house: Running, inside, monkeypatch) -> None:
    await house.staff("ilse")
    house.clock.go(days=1)
    tries = []

    def clock() -> datetime:
        tries.append(1)
        if len(tries) == 1:
            raise OSError("the database is away")
        return house.clock()

    monkeypatch.setattr(retention, "EVERY", 0.01)
    keeper = house.service.keeper
    job = asyncio.create_task(retention.run(keeper.pool, clock, keeper.keys.destroy))
    async with asyncio.timeout(10):
        while await inside.fetchval("select count(*) from session"):
            await asyncio.sleep(0.01)
    job.cancel()
    with suppress(asyncio.CancelledError):
        await job


async def test_the_pages_cannot_list_schools_and_the_keeper_reads_no_name(house: Running) -> None:
    assert await schools.every(house.service.house.pool) == []
    assert len(await schools.every(house.service.keeper.pool)) == 2
    for column in ("session.token_hash", "invitation.email", "talk_request.name"):
        table = column.split(".")[0]
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await house.service.keeper.pool.fetch(f"select {column} from {table}")


@pytest.mark.parametrize(
    ("day", "began"),
    [
        (date(2026, 8, 1), date(2026, 8, 1)),
        (date(2026, 12, 31), date(2026, 8, 1)),
        (date(2027, 7, 31), date(2026, 8, 1)),
    ],
)
def test_a_school_year_begins_on_the_first_of_august(day: date, began: date) -> None:
    assert school_year_began(day) == began
