"""Migrations run in order, once, unchanged, and whole."""

import asyncio
from pathlib import Path
from shutil import copy
from urllib.parse import urlsplit

import asyncpg
import pytest

from service.storage.migrate import FOLDER, MigrationRefused, migrate


@pytest.fixture
async def connection(database):
    connection = await asyncpg.connect(database)
    await connection.execute("drop table migration")  # as if new; the school's tables don't matter
    yield connection
    await connection.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, "0001_pupils", "create table pupil (name text); create table seat (n int);")
    write(tmp_path, "0002_names", "insert into pupil values ('Ada');")
    return tmp_path


def write(folder: Path, name: str, script: str) -> None:
    (folder / f"{name}.sql").write_text(script)


async def test_every_file_is_applied_once_in_order(connection, folder):
    assert await migrate(connection, folder=folder) == ["0001_pupils", "0002_names"]
    assert await migrate(connection, folder=folder) == []
    assert await connection.fetchval("select count(*) from pupil") == 1


async def test_a_new_file_is_applied_after_the_old_ones(connection, folder):
    await migrate(connection, folder=folder)
    write(folder, "0003_more", "insert into pupil values ('Grace');")
    assert await migrate(connection, folder=folder) == ["0003_more"]


async def test_each_applied_file_is_told(connection, folder):
    said: list[str] = []
    await migrate(connection, said.append, folder)
    assert said == ["Migration 0001_pupils applied.", "Migration 0002_names applied."]


async def test_a_failing_file_leaves_nothing_behind_and_is_named(connection, folder):
    write(folder, "0003_broken", "insert into pupil values ('Grace'); select 1/0;")
    with pytest.raises(asyncpg.DivisionByZeroError) as failure:
        await migrate(connection, folder=folder)
    assert failure.value.__notes__ == ["in migration 0003_broken"]
    assert await connection.fetchval("select count(*) from pupil") == 1
    write(folder, "0003_broken", "insert into pupil values ('Grace');")
    assert await migrate(connection, folder=folder) == ["0003_broken"]


async def test_an_applied_file_may_not_change(connection, folder):
    await migrate(connection, folder=folder)
    write(folder, "0001_pupils", "create table pupil (name text, surname text);")
    with pytest.raises(MigrationRefused, match="0001_pupils was changed"):
        await migrate(connection, folder=folder)


async def test_an_older_version_refuses_a_newer_database(connection, folder):
    write(folder, "0003_later", "insert into pupil values ('Grace');")
    await migrate(connection, folder=folder)
    (folder / "0003_later.sql").unlink()
    with pytest.raises(MigrationRefused, match=r"0003_later.*newer version"):
        await migrate(connection, folder=folder)


async def test_a_file_may_not_be_slipped_in_before_an_applied_one(connection, folder):
    await migrate(connection, folder=folder)
    write(folder, "0001_zeal", "insert into pupil values ('Grace');")
    with pytest.raises(MigrationRefused, match="0001_zeal comes too late"):
        await migrate(connection, folder=folder)


async def test_two_services_that_start_together_do_not_race(database, connection, folder):
    write(folder, "0000_slow", "select pg_sleep(0.2);")
    other = await asyncpg.connect(database)
    said: list[str] = []
    names = await asyncio.gather(
        migrate(connection, said.append, folder), migrate(other, said.append, folder)
    )
    await other.close()
    assert sorted(names) == [[], ["0000_slow", "0001_pupils", "0002_names"]]
    assert said[0] == "Another process is bringing the database up to date; waiting for it ..."


async def test_who_migrates_alone_waits_for_nobody(connection, folder):
    said: list[str] = []
    await migrate(connection, said.append, folder)
    assert not any("waiting" in line for line in said)


def test_our_own_files_are_numbered_without_gaps_and_open_with_why():
    files = sorted(FOLDER.glob("*.sql"))
    assert [file.name[:5] for file in files] == [f"{n:04}_" for n in range(1, len(files) + 1)]
    assert all(file.read_text().startswith("-- ") for file in files)


async def test_whoever_was_shut_out_before_access_ended_by_school_stays_out(
    cluster: str, administrator: asyncpg.Connection, template: str, tmp_path: Path
) -> None:
    """As an owner who is no superuser, whom the policies would show nothing."""
    await administrator.execute("create role an_owner login createrole password 'owner'")
    await administrator.execute("create database of_an_owner owner an_owner")
    parts = urlsplit(cluster)
    await administrator.execute(
        "grant stemlokaal_pages, stemlokaal_keeper, stemlokaal_ballots to an_owner "
        "with admin option"
    )
    dsn = parts._replace(path="/of_an_owner").geturl()
    connection = await asyncpg.connect(dsn)
    await connection.execute("set session authorization an_owner")
    for file in sorted(FOLDER.glob("000[12]_*.sql")):
        copy(file, tmp_path)
    await migrate(connection, folder=tmp_path)
    await connection.execute(
        """
        reset session authorization;
        insert into school values (gen_random_uuid(), 'Het Kompas', 'nl');
        insert into account
        select gen_random_uuid(), name || '@example.org', name, '', 'nl', name = 'omar'
        from unnest(array['ilse', 'omar']) name;
        insert into membership select school_id, account_id, 'teacher' from school, account;
        set session authorization an_owner
        """
    )
    copy(FOLDER / "0003_people.sql", tmp_path)
    await migrate(connection, folder=tmp_path)
    await connection.execute("reset session authorization")
    assert await connection.fetch(
        """
        select name, ended_on is null as comes_in
        from membership
        join account using (account_id)
        order by name
        """
    ) == [("ilse", True), ("omar", False)]
    await connection.close()
    await administrator.execute("drop database of_an_owner")
    await administrator.execute("drop owned by an_owner; drop role an_owner")
