"""Leaving for good: what goes with an account, what stays, and that a school leaves no row."""

from datetime import date

import asyncpg
import httpx
import pytest

from service import reminding, retention
from service.storage import people, tenancy
from surveys.access import Role
from tests.house import PASSWORD, Running
from tests.pages.living import look, opened, statuses, text_of, told
from tests.pages.test_school import grant
from tests.providers import added

GRACE = 7  # days


async def ended(house: Running, name: str) -> httpx.AsyncClient:
    """The administrator, who has ended somebody's access."""
    administrator = await house.staff("ada", language="en")
    address = f"/school/people/{house.cast.people[name]}/access"
    await administrator.post(address, data={"access": "off"})
    return administrator


async def an_hour_passes(house: Running) -> None:
    keeper = house.service.keeper
    await retention.end_lives(keeper.pool, house.clock(), keeper.keys.destroy)


def deletion_of(house: Running, name: str) -> str:
    return f"/school/people/{house.cast.people[name]}/deletion"


async def rows_about(house: Running, account_id: object) -> dict[str, int]:
    """How many rows of each table hold this number, in whatever column; the audit keeps it."""
    connection = await asyncpg.connect(house.dsn)
    try:
        tables = await connection.fetch(
            "select relname from pg_class where relnamespace = 'public'::regnamespace"
            " and relkind = 'r' and relname <> 'audit'"
        )
        return {
            row["relname"]: found
            for row in tables
            if (
                found := await connection.fetchval(
                    f"select count(*) from {row['relname']} t where strpos(t::text, $1) > 0",
                    str(account_id),
                )
            )
        }
    finally:
        await connection.close()


# One's own account


async def test_who_leaves_reads_first_what_goes(house: Running) -> None:
    teacher = await house.staff("ilse", language="en")
    await told(house, teacher)
    shown = text_of((await teacher.get("/account/deletion")).text)
    assert "1 survey with all its results is deleted. Nobody gets it." in shown
    assert "Het Kompas" in shown


async def test_with_the_account_goes_all_that_was_its_own(house: Running) -> None:
    teacher, ilse = await house.staff("ilse"), house.cast.people["ilse"]
    await told(house, teacher)
    await house.add_class("3C", 20)
    page, code = await opened(house, teacher, "3C")
    await house.close(teacher, page.removeprefix("/rounds/"))
    reply = await teacher.post("/account/deletion", data={"password": PASSWORD})
    assert (reply.status_code, reply.headers["location"]) == (303, "/signin")
    assert await rows_about(house, ilse) == {}
    assert await look(house, "select count(*) from release") == 0
    assert await look(house, "select count(*) from code") == 0
    assert await look(house, "select count(*) from grp where name = '2B'") == 1
    async with house.visitor() as visitor:
        again = {"email": "ilse@example.org", "password": PASSWORD}
        assert (await visitor.post("/signin", data=again)).status_code == 422
        assert (await visitor.get(f"/{code}")).status_code == 404


@pytest.mark.parametrize("password", ["", "a wrong password"])
async def test_it_takes_the_password_for_a_computer_may_stand_open_in_class(
    house: Running, password: str
) -> None:
    teacher = await house.staff("ilse")
    reply = await teacher.post("/account/deletion", data={"password": password})
    assert reply.status_code == 422
    assert await look(house, "select count(*) from account where name = 'Ilse'") == 1


async def test_a_round_that_runs_is_counted_first(house: Running) -> None:
    teacher = await house.staff("ilse", language="en")
    page, _ = await opened(house, teacher)
    shown = (await teacher.post("/account/deletion", data={"password": PASSWORD})).text
    assert "A round is still open." in shown
    assert 'type="password"' not in shown
    await house.close(teacher, page.removeprefix("/rounds/"))
    await teacher.post("/account/deletion", data={"password": PASSWORD})
    assert await look(house, "select count(*) from account where name = 'Ilse'") == 0


@pytest.mark.parametrize("name", ["ada", "wim"])
async def test_the_last_administrator_and_the_last_leader_stay(house: Running, name: str) -> None:
    last = await house.staff(name, language="en")
    shown = await last.post("/account/deletion", data={"password": PASSWORD})
    assert "The only" in shown.text
    assert await look(house, "select count(*) from account where name = $1", name.title()) == 1


async def test_an_account_of_two_schools_goes_from_both(house: Running) -> None:
    omar, other = house.cast.people["omar"], house.cast.other_school
    async with tenancy.school(house.service.house.pool, other) as connection:
        await people.grant(connection, other, omar, Role.TEACHER)
    teacher = await house.staff("omar", language="en")
    shown = text_of((await teacher.get("/account/deletion")).text)
    assert "Het Kompas" in shown
    assert "De Brug" in shown
    await teacher.post("/account/deletion", data={"password": PASSWORD})
    assert await rows_about(house, omar) == {}
    noted = "select count(*) from audit where verb = 'account deleted' and subject = $1"
    assert await look(house, noted, omar) == 2


# What was shared


async def test_what_colleagues_were_shown_stays_theirs_without_students_own_words(
    house: Running,
) -> None:
    teacher, ilse = await house.staff("ilse"), house.cast.people["ilse"]
    survey, _ = await told(house, teacher)
    page = f"/surveys/{survey.survey_id}"
    omar = {str(house.cast.people["omar"]): "yes"}
    await teacher.post(f"{page}/sharing", data=omar)
    assert await look(house, "select count(*) from comment") > 0
    english = await house.staff("ilse", language="en")
    shown = text_of((await english.get("/account/deletion")).text)
    assert "1 survey is shown to colleagues. They go on reading it." in shown
    await teacher.post("/account/deletion", data={"password": PASSWORD})
    assert await look(house, "select count(*) from comment") == 0
    assert await rows_about(house, ilse) == {"survey": 1}  # a number that nobody has
    colleague = await house.staff("omar")
    assert (await colleague.get(f"/shared/{survey.survey_id}")).status_code == 200
    assert await statuses(house, page, "omar", "wim", "ada") == {
        "omar": 404,
        "wim": 404,
        "ada": 404,
    }


async def test_what_stays_follows_nothing_that_went(house: Running) -> None:
    teacher = await house.staff("ilse")
    earlier, _ = await told(house, teacher)
    changed = await house.survey("2B")
    await look(
        house,
        "update survey set follows = $1 where survey_id = $2",
        earlier.survey_id,
        changed.survey_id,
    )
    omar = {str(house.cast.people["omar"]): "yes"}
    await teacher.post(f"/surveys/{changed.survey_id}/sharing", data=omar)
    await teacher.post("/account/deletion", data={"password": PASSWORD})
    assert await look(house, "select count(*) from survey") == 1
    assert await look(house, "select follows from survey") is None


async def test_a_board_at_which_nobody_sits_goes_and_so_does_its_screen(house: Running) -> None:
    teacher = await house.staff("ilse")
    await teacher.post("/boards", data={"name": "Team"})
    await teacher.post("/account/deletion", data={"password": PASSWORD})
    assert await look(house, "select count(*) from board") == 0
    assert await look(house, "select count(*) from code") == 0


# By the administrator


async def test_an_administrator_deletes_only_whose_access_was_ended(house: Running) -> None:
    administrator = await house.staff("ada")
    assert (await administrator.get(deletion_of(house, "ilse"))).status_code == 404
    assert (await administrator.post(deletion_of(house, "ilse"))).status_code == 404
    administrator = await ended(house, "ilse")
    assert (await administrator.get(deletion_of(house, "ilse"))).status_code == 200
    await administrator.post(deletion_of(house, "ilse"))
    assert await rows_about(house, house.cast.people["ilse"]) == {}


async def test_nobody_else_deletes_an_account(house: Running) -> None:
    await ended(house, "ilse")
    for name in "omar", "wim", "eva", "nobody":
        visitor = house.visitor() if name == "nobody" else await house.staff(name)
        reply = await visitor.post(deletion_of(house, "ilse"))
        assert reply.status_code == (303 if name == "nobody" else 404)
    assert await look(house, "select count(*) from account where name = 'Ilse'") == 1


async def test_an_account_that_works_elsewhere_stays_there(house: Running) -> None:
    omar, other = house.cast.people["omar"], house.cast.other_school
    async with tenancy.school(house.service.house.pool, other) as connection:
        await people.grant(connection, other, omar, Role.TEACHER)
    administrator = await ended(house, "omar")
    await administrator.post(deletion_of(house, "omar"))
    assert await look(house, "select count(*) from membership where account_id = $1", omar) == 1
    assert (await (await house.staff("omar")).get("/classes")).status_code == 200


async def test_a_round_of_somebody_who_left_closes_by_itself_before_the_account_goes(
    house: Running,
) -> None:
    await opened(house, await house.staff("ilse"))
    administrator = await ended(house, "ilse")
    await administrator.post(deletion_of(house, "ilse"))
    assert await look(house, "select count(*) from account where name = 'Ilse'") == 1
    house.clock.go(hours=2)
    await house.service.keeper.work()
    administrator = await house.staff("ada")
    await administrator.post(deletion_of(house, "ilse"))
    assert await look(house, "select count(*) from account where name = 'Ilse'") == 0


# A school


async def ask_to_delete(house: Running, by: str = "ada", name: str = "Het Kompas") -> int:
    visitor = house.visitor() if by == "nobody" else await house.staff(by)
    return (await visitor.post("/school/deletion", data={"school": name})).status_code


async def test_a_school_is_deleted_by_its_administrator_who_types_its_name(house: Running) -> None:
    assert await ask_to_delete(house, name="De Brug") == 422
    for name, status in {"wim": 404, "ilse": 404, "eva": 404, "nobody": 303}.items():
        assert await ask_to_delete(house, by=name) == status
    assert await look(house, "select count(deletion_on) from school") == 0
    assert await ask_to_delete(house) == 303
    assert await look(house, "select max(deletion_on) from school") == date(2026, 9, 16)


@pytest.mark.parametrize(("name", "may"), [("wim", True), ("ada", True), ("ilse", False)])
async def test_every_leader_and_administrator_can_stop_it(
    house: Running, name: str, may: bool
) -> None:
    await ask_to_delete(house)
    visitor = await house.staff(name)
    await visitor.post("/school/deletion/stopping")
    house.clock.go(days=GRACE + 1)
    await an_hour_passes(house)
    assert await look(house, "select count(*) from school") == (2 if may else 1)


async def test_the_page_of_the_school_says_that_it_goes_and_who_asked(house: Running) -> None:
    await ask_to_delete(house)
    shown = text_of((await (await house.staff("wim", language="en")).get("/school")).text)
    assert "This school is deleted on Wednesday 16 September" in shown
    assert "Ada asked for it" in shown


async def test_after_its_days_of_grace_no_row_in_any_table_names_the_school(
    house: Running,
) -> None:
    teacher = await house.staff("ilse")
    await told(house, teacher)
    await house.add_class("3C", 20)
    await opened(house, teacher, "3C")
    await teacher.post("/boards", data={"name": "Team"})
    administrator = await house.staff("ada")
    noor = {"name": "Noor", "email": "noor@example.org", "role": "teacher"}
    await administrator.post("/school/invitations", data=noor)
    await grant(house, "omar", Role.ADVISER)
    student = house.visitor()
    await student.post(f"/talk/{house.cast.school}", data={"name": "Robin"})
    await administrator.post("/school/groups/turnover", data={"sure": "yes"})
    await with_a_provider(house, administrator)
    await ask_to_delete(house)
    before = await rows_about(house, house.cast.school)
    assert len(before) >= 15
    house.clock.go(days=GRACE)
    await an_hour_passes(house)
    assert await rows_about(house, house.cast.school)
    house.clock.go(days=1)
    await an_hour_passes(house)
    assert await rows_about(house, house.cast.school) == {}
    assert await look(house, "select count(*) from audit") == 0
    assert await look(house, "select array_agg(name) from account") == ["Eva"]


async def with_a_provider(house: Running, administrator: httpx.AsyncClient) -> None:
    """By which Ilse signs in, and to which somebody is on the way."""
    await added(house, administrator, "https://login.example.org")
    await look(
        house,
        """
        with open as (
            insert into entrance (provider_id, school_id, name, domains)
            select provider_id, school_id, name, domains from provider
        ),
        away as (
            insert into signing_in (state_hash, browser_hash, school_id, provider_id, next,
                                    expires_at)
            select 'a', 'b', school_id, provider_id, '/classes', '2027-01-01' from provider
        )
        insert into identity (school_id, issuer, subject, account_id, tied_on)
        select school_id, issuer, 'ilse', $1, '2026-09-08' from provider
        """,
        house.cast.people["ilse"],
    )


async def test_by_whom_a_provider_is_believed_goes_with_the_account(house: Running) -> None:
    """At this school; Ilse works at another one, too."""
    other, administrator = house.cast.other_school, await house.staff("ada")
    await with_a_provider(house, administrator)
    async with tenancy.school(house.service.house.pool, other) as connection:
        await people.grant(connection, other, house.cast.people["ilse"], Role.TEACHER)
    await ended(house, "ilse")
    await administrator.post(deletion_of(house, "ilse"))
    assert await look(house, "select count(*) from account where name = 'Ilse'") == 1
    assert await look(house, "select count(*) from identity") == 0


async def test_its_keys_go_with_it(house: Running) -> None:
    await opened(house, await house.staff("ilse"), open_for="week")
    key = await look(house, "select public_key from round")
    assert house.service.keeper.keys.holds(key)
    await ask_to_delete(house)
    async with tenancy.school(house.service.keeper.pool, house.cast.school) as connection:
        keys = await retention.end_school(connection, house.cast.school)
    assert keys == [key]
    assert await look(house, "select count(*) from round") == 0


async def test_a_key_whose_school_is_gone_is_destroyed(house: Running) -> None:
    await opened(house, await house.staff("ilse"), open_for="week")
    key = await look(house, "select public_key from round")
    await look(house, "update school set deletion_on = '2026-09-08' where name = 'Het Kompas'")
    await an_hour_passes(house)
    assert not house.service.keeper.keys.holds(key)


async def test_who_works_at_another_school_keeps_the_account(house: Running) -> None:
    other = house.cast.other_school
    async with tenancy.school(house.service.house.pool, other) as connection:
        await people.grant(connection, other, house.cast.people["omar"], Role.TEACHER)
    await ask_to_delete(house)
    house.clock.go(days=GRACE + 1)
    await an_hour_passes(house)
    assert await look(house, "select array_agg(name order by name) from account") == ["Eva", "Omar"]
    assert (await (await house.staff("omar")).get("/classes")).status_code == 200


async def test_leaders_and_administrators_are_told_by_mail(house: Running) -> None:
    await ask_to_delete(house)
    about = "select array_agg(about) from reminder"
    assert await look(house, about) == ["deletion"]
    await reminding.remind(house.service.house)
    assert await look(house, about) is None
