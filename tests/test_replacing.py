"""Another pepper in the place of one that leaked: every answer counts, whoever works here comes in
as before, and soon nothing is left that the former one opens."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest
from msgspec import structs
from nacl.public import PrivateKey

from service import client_secrets, pepper_file, replacing, second_factor, starting, vault
from service.replacing import NotNow, Replaced
from service.sealing import Pepper
from service.storage import codes, peppers, providers, second_factors, tenancy
from service.storage import replacing as stored
from service.storage.codes import Door, Lead
from surveys.release import Release
from tests.house import NONCE, PASSWORD, PEPPER, SECRET, Running, served, settle
from tests.pages.living import look
from tests.pages.test_answering import GOOD, envelopes
from tests.pages.test_cards import cards
from tests.pages.test_guesses import visit_link
from tests.pages.test_screens import screen_of
from tests.pages.test_waves import (
    UNWELL,
    WELL,
    end,
    filled,
    open_wave,
    rounds_of,
    three_classes,
    told,
)
from tests.phones import recovery_codes
from tests.providers import CLIENT, added

starts = count(1)


@asynccontextmanager
async def before(dsn: str, place: Path) -> AsyncIterator[Running]:
    """A service at work, with its pepper on the disk."""
    pepper_file.make(place / "pepper", PEPPER)
    connection = await asyncpg.connect(dsn)
    await peppers.set_mark(connection, PEPPER.mark())
    await connection.close()
    async with served(dsn, place) as house:
        await settle(house)
        yield house


@asynccontextmanager
async def after(then: Running, place: Path) -> AsyncIterator[Running]:
    """The same service, started again."""
    async with served(then.dsn, place) as house:
        house.clock.present, house.cast = then.clock(), then.cast
        house.service.house.entropy.seed(f"start {next(starts)}")
        yield house


async def replaced(dsn: str, place: Path) -> Replaced:
    connection = await asyncpg.connect(dsn)
    try:
        return await replacing.replace(connection, place / "pepper")
    finally:
        await connection.close()


async def opened(house: Running, name: str = "2B", **form: str) -> tuple[httpx.AsyncClient, str]:
    teacher = await house.staff("ilse")
    return teacher, await house.open_round(teacher, await house.survey(name), **form)


async def result_of(house: Running, round_id: str) -> str:
    """How many it says have answered."""
    told = await look(house, "select told from release where round_id = $1", round_id)
    return re.sub(r'.*"n": ?(\d+).*', r"\1", told)


# A round that is open


async def test_each_answer_from_before_and_after_counts_once(database: str, place: Path) -> None:
    async with before(database, place) as house:
        teacher, round_id = await opened(house)
        code = await house.code(teacher, round_id)
        for _ in range(4):
            assert (await house.answer(code, GOOD)).status_code == 200
        async with house.visitor() as student:
            found = NONCE.search((await student.get(f"/{code}")).text)
            assert found
            sent = {**GOOD, "nonce": found[1]}
            assert (await student.post(f"/{code}", data=sent)).status_code == 200
    assert (await replaced(database, place)).rounds == 1
    async with after(house, place) as again:
        async with again.visitor() as student:  # a phone that did not hear that it was taken
            assert (await student.post(f"/{code}", data=sent)).status_code == 200
        assert await envelopes(again) == 5
        for _ in range(5):
            assert (await again.answer(code, GOOD)).status_code == 200
        await again.close(await again.staff("ilse"), round_id)
        assert await result_of(again, round_id) == "10"
        assert await look(again, "select unopened from round where round_id = $1", round_id) == 0


async def test_a_card_that_was_used_stays_used_and_the_others_work(
    database: str, place: Path
) -> None:
    async with before(database, place) as house:
        teacher, round_id = await opened(house, cards="yes", members="9")
        sheet = await cards(house, teacher, round_id)
        for card in sheet[:5]:
            assert (await house.answer(card, GOOD)).status_code == 200
    await replaced(database, place)
    async with after(house, place) as again:
        assert (await again.answer(sheet[0], GOOD)).status_code == 409
        for card in sheet[5:]:
            assert (await again.answer(card, GOOD)).status_code == 200
        teacher = await again.staff("ilse")
        await teacher.post(f"/rounds/{round_id}/places", data={"more": "1"})
        (late,) = await cards(again, teacher, round_id)
        assert (await again.answer(late, GOOD)).status_code == 200
        await again.close(teacher, round_id)
        assert await result_of(again, round_id) == "10"


async def test_a_wave_goes_on_for_its_weeks(database: str, place: Path) -> None:
    async with before(database, place) as house:
        await three_classes(house)
        leader = await house.staff("wim")
        wave_id = await open_wave(house, leader, filled(house))
        first, *rest = await rounds_of(house, leader, wave_id)
        code = await house.code(leader, first)
        for form in [UNWELL, *[WELL] * 11]:
            await house.answer(code, form)
    assert (await replaced(database, place)).rounds == 3
    async with after(house, place) as again:
        leader = await again.staff("wim")
        for round_id in rest:
            code = await again.code(leader, round_id)
            for form in [UNWELL, *[WELL] * 11]:
                assert (await again.answer(code, form)).status_code == 200
        await end(again, leader, wave_id)
        (pool,) = await told(again, wave_id)
        assert isinstance(pool.told, Release)
        assert pool.told.n == 36


async def test_the_former_one_goes_with_the_last_of_its_rounds(database: str, place: Path) -> None:
    file = place / "pepper"
    async with before(database, place) as house:
        await house.add_class("3A", 24)
        teacher, round_id = await opened(house)
    await replaced(database, place)
    async with after(house, place) as again:
        pepper = again.service.house.pepper
        assert pepper.former == PEPPER
        _, later = await opened(again, "3A")
        assert not await replacing.forget_former(database, pepper, file)
        assert pepper_file.read(file).former
        await again.close(await again.staff("ilse"), round_id)
        assert await replacing.forget_former(database, pepper, file)
        assert file.read_bytes() == pepper.secret  # and nothing behind it
        assert file.stat().st_mode & 0o777 == 0o600
    async with after(again, place) as at_last:  # what began since is under the present one
        assert at_last.service.house.pepper.former is None
        teacher = await at_last.staff("ilse")
        assert (await at_last.answer(await at_last.code(teacher, later), GOOD)).status_code == 200


async def test_who_has_the_former_one_slips_a_key_of_their_own_into_no_round(
    database: str, place: Path
) -> None:
    """As long as a round keeps to it, and with the database at hand."""
    own = bytes(PrivateKey.generate().public_key)
    async with before(database, place) as house:
        await house.add_class("3A", 24)
        await opened(house)
    await replaced(database, place)
    async with after(house, place) as again:
        teacher, later = await opened(again, "3A")
        code = await again.code(teacher, later)
        forged = PEPPER.of_round_key(UUID(later), own)
        slipped_in = (
            "update round set public_key = $2, key_mac = $3 where round_id = $1 returning 1"
        )
        assert await look(again, slipped_in, UUID(later), own, forged) == 1
        again.service.house.doors.forget_all()
        assert (await again.answer(code, GOOD)).status_code == 500
        assert await envelopes(again) == 0


async def test_the_code_of_a_round_that_is_over_still_tells_what_came_of_it(
    database: str, place: Path
) -> None:
    async with before(database, place) as house:
        teacher, round_id = await opened(house)
        code = await house.code(teacher, round_id)
        for _ in range(9):
            await house.answer(code, GOOD)
        await house.close(teacher, round_id)
    assert (await replaced(database, place)).rounds == 0
    async with after(house, place) as again, again.visitor("en") as student:
        assert "The questions are closed." in (await student.get(f"/{code}")).text


async def test_who_starts_meanwhile_waits_and_is_told_that_it_is_another(
    database: str, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another machine, with a copy of the file as it was."""
    async with before(database, place) as house:
        pass
    pepper_file.make(place / "copy", PEPPER)
    elsewhere = structs.replace(house.settings, pepper=place / "copy")
    starts: list[asyncio.Task[Pepper]] = []
    set_mark = stored.set_mark

    async def starting_now(*words: Any) -> None:
        starts.append(asyncio.create_task(starting.pepper_of(elsewhere, database)))
        await asyncio.sleep(0.3)
        assert not starts[0].done()
        await set_mark(*words)

    monkeypatch.setattr(stored, "set_mark", starting_now)
    await replaced(database, place)
    with pytest.raises(starting.Refused, match="not the one of this database"):
        await starts[0]


async def test_owner_and_mode_of_the_file_and_where_it_lies_stay(
    database: str, place: Path
) -> None:
    async with before(database, place):
        pass
    (place / "disk").mkdir()
    real = (place / "pepper").rename(place / "disk/pepper")
    (place / "pepper").symlink_to(real)
    real.chmod(0o440)
    await replaced(database, place)
    assert real.read_bytes() != PEPPER.secret
    assert (place / "pepper").is_symlink()
    assert real.stat().st_mode & 0o777 == 0o440
    assert [file.name for file in real.parent.iterdir()] == ["pepper"]


async def test_a_code_that_somebody_still_has_is_given_to_nobody_else(
    database: str, place: Path
) -> None:
    async with before(database, place) as house:
        teacher, round_id = await opened(house)
        code = await house.code(teacher, round_id)
    await replaced(database, place)
    pepper = pepper_file.read(place / "pepper")
    connection = await asyncpg.connect(database)
    lead = Lead(Door.CLASS, house.cast.school, house.service.house.new_id())
    assert not await codes.add(connection, pepper.codes_of(code), lead)
    assert await codes.add(connection, pepper.codes_of("ANOTHER1"), lead)
    await connection.close()


# Who works here


async def test_who_signs_in_with_a_phone_does_so_and_makes_new_codes_for_paper(
    database: str, place: Path
) -> None:
    mine = {"email": "wim@example.org", "password": PASSWORD}
    async with before(database, place) as house:
        leader = await house.staff("wim")
        made = await leader.post("/account/second-factor/codes", data={"password": PASSWORD})
        on_paper = recovery_codes(made)
        assert len(on_paper) == 10
    house.clock.go(minutes=2)
    assert (await replaced(database, place)).recovery_codes == 1
    async with after(house, place) as again:
        leader = again.visitor("en")
        await leader.post("/signin", data=mine)
        refused = await leader.post("/signin/code", data={"recovery": on_paper[0]})
        assert refused.status_code == 422
        assert (await leader.post("/signin/code", data={"code": again.code_now()})).is_redirect
        assert "0 recovery codes left" in (await leader.get("/account")).text


async def test_client_secrets_are_locked_anew_and_the_former_pepper_opens_nothing(
    database: str, place: Path
) -> None:
    async with before(database, place) as house:
        await added(house, await house.staff("ada"), "https://login.example.org")
        ada = await look(house, "select account_id from account where email = 'ada@example.org'")
    copy = place / "copy"
    copy.hardlink_to(place / "pepper")  # where the file lay
    await replaced(database, place)
    new = pepper_file.read(place / "pepper")
    assert new.former is None  # no round was open
    assert copy.read_bytes() == bytes(32)
    async with after(house, place) as again:
        pool = again.service.house.pool
        async with tenancy.school(pool, house.cast.school) as connection:
            (provider,) = await providers.of_school(connection, house.cast.school)
            factor = await second_factors.get(connection, ada)
        assert client_secrets.unlock(new, provider) == CLIENT["client_secret"]
        assert client_secrets.unlock(PEPPER, provider) is None
        assert factor
        assert second_factor.opened(new, ada, factor.sealed) == SECRET
        assert second_factor.opened(PEPPER, ada, factor.sealed) is None


async def test_links_that_were_handed_out_end_and_the_pages_show_others(
    database: str, place: Path
) -> None:
    async with before(database, place) as house:
        teacher, round_id = await opened(house)
        old = [
            await screen_of(house, teacher, f"/rounds/{round_id}"),
            await visit_link(teacher, round_id),
        ]
    await replaced(database, place)
    async with after(house, place) as again:
        teacher, somebody = await again.staff("ilse"), again.visitor()
        new = [
            await screen_of(again, teacher, f"/rounds/{round_id}"),
            re.findall(
                r"/visit/[0-9a-f]{32}", (await teacher.get(f"/rounds/{round_id}/guess")).text
            )[0],
        ]
        assert [(await somebody.get(link)).status_code for link in old] == [404, 404]
        assert [(await somebody.get(link)).status_code for link in new] == [200, 200]


async def test_keys_in_stock_are_still_a_keepers_and_forged_ones_still_forged(
    database: str, place: Path
) -> None:
    forged = bytes(range(32))
    async with before(database, place) as house:
        await house.service.keeper.fill_stock()
        pool = house.service.keeper.pool
        await pool.execute(
            "insert into key_stock (public_key, mac, keeper) values ($1, $2, $3)",
            forged,
            bytes(32),
            house.service.keeper.number,
        )
    await replaced(database, place)
    new = pepper_file.read(place / "pepper")
    connection = await asyncpg.connect(database)
    rows = await connection.fetch("select public_key, mac from key_stock")
    await connection.close()
    assert len(rows) > 10
    right = {row["public_key"]: row["mac"] == new.of_stock_key(row["public_key"]) for row in rows}
    assert [key for key, fine in right.items() if not fine] == [forged]


# When it is not the moment, or breaks off


async def test_it_waits_until_the_service_is_stopped(
    database: str, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replacing, "PATIENCE", 2)
    async with before(database, place):
        with pytest.raises(NotNow, match="stop the service everywhere first"):
            await replaced(database, place)
    assert pepper_file.read(place / "pepper") == PEPPER


async def test_it_does_not_happen_twice_while_a_round_keeps_to_the_first(
    database: str, place: Path
) -> None:
    async with before(database, place) as house:
        await opened(house)
    await replaced(database, place)
    kept = (place / "pepper").read_bytes()
    with pytest.raises(NotNow, match="1 rounds are open"):
        await replaced(database, place)
    assert (place / "pepper").read_bytes() == kept


async def test_a_pepper_of_another_database_is_not_touched(database: str, place: Path) -> None:
    async with before(database, place):
        pepper_file.replace(place / "pepper", Pepper(bytes(32)))
    with pytest.raises(NotNow, match="not the one of this database"):
        await replaced(database, place)
    assert (place / "pepper").read_bytes() == bytes(32)


async def test_broken_off_before_the_database_heard_of_it_it_is_finished_by_doing_it_again(
    database: str, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with before(database, place) as house:
        teacher, round_id = await opened(house)
        code = await house.code(teacher, round_id)

    async def broken_off(*_: object) -> None:
        raise ConnectionError

    with monkeypatch.context() as patch:
        patch.setattr(stored, "set_mark", broken_off)
        with pytest.raises(ConnectionError):
            await replaced(database, place)
    begun = pepper_file.read(place / "pepper")
    assert begun.former == PEPPER
    with pytest.raises(starting.Refused, match="stemlokaal pepper replace finishes it"):
        await starting.pepper_of(house.settings, database)
    await replaced(database, place)
    assert pepper_file.read(place / "pepper") == begun
    assert await starting.pepper_of(house.settings, database) == begun
    async with after(house, place) as again:
        assert (await again.answer(code, GOOD)).status_code == 200


def test_what_another_pepper_locked_is_left_as_it_is() -> None:
    new = Pepper(bytes(32), PEPPER)
    other = vault.lock(Pepper(b"x" * 32), b"a secret", b"proof")
    assert vault.lock_anew(new, other, b"proof") is None
    anew = vault.lock_anew(new, vault.lock(PEPPER, b"a secret", b"proof"), b"proof")
    assert anew
    assert vault.unlock(new, anew, b"proof") == b"a secret"
    assert vault.unlock(PEPPER, anew, b"proof") is None
