"""Into the PostgreSQL that comes along leads one way, for those whom the machine itself knows: no
password is asked, kept or taken."""

import asyncio
import os
import pwd
import signal
import subprocess
import sys
from urllib.parse import urlsplit

import asyncpg
import pytest

from service import peers
from service.embedded import address_if_running, reachable_programs, running
from tests.letting_in import followed
from tests.test_embedded import connected, only_root

ANOTHER_USER = """
import asyncio, os, sys
import asyncpg
import pytest

async def come_in():
    connection = await asyncpg.connect(sys.argv[1])
    await connection.close()
    print("came in")

os.setgroups([])
os.setuid(int(sys.argv[2]))
asyncio.run(come_in())
"""

ANOTHER_SERVICE = """
import asyncio, os, sys
from pathlib import Path
import asyncpg
from service.embedded import running

async def serve():
    async with running(Path(sys.argv[1])):
        print("ready", flush=True)
        await asyncio.sleep(60)

os.setgroups([])
os.setgid(int(sys.argv[3]))
os.setuid(int(sys.argv[2]))
asyncio.run(serve())
"""


async def test_there_is_one_way_in_and_it_takes_no_password(place):
    async with running(place) as address:
        assert urlsplit(address).password is None
        connection = await asyncpg.connect(address)
        rules = await connection.fetch(
            "select type, user_name, auth_method, error from pg_hba_file_rules"
        )
        assert [tuple(rule) for rule in rules] == [("local", ["postgres"], "peer", None)]
        assert await connection.fetchval("select count(rolpassword) from pg_authid") == 0
        await connection.close()


async def test_who_is_not_known_here_gets_in_by_no_name(place):
    """Neither by that of another role, nor as an account that is not in the list."""
    async with running(place) as address:
        connection = await asyncpg.connect(address)
        await connection.execute("create role pages login superuser")
        with pytest.raises(asyncpg.InvalidAuthorizationSpecificationError):
            await asyncpg.connect(address.replace("postgres@", "pages@"))
        accounts = place / "postgresql/pg_ident.conf"
        ours = accounts.read_text()
        for content, comes in (f"{peers.MAP} somebody postgres\n", False), (ours, True):
            await followed(connection, accounts, content)
            assert await gets_in(address) is comes
        await connection.close()


async def gets_in(address: str) -> bool:
    try:
        connection = await asyncpg.connect(address)
    except asyncpg.InvalidAuthorizationSpecificationError:
        return False
    await connection.close()
    return True


@only_root
async def test_another_user_of_the_machine_gets_in_by_no_socket_that_is_left_open(place):
    """And would, if the rule asked for nothing: so it is the rule that keeps the door."""
    async with running(place) as address:
        connection = await asyncpg.connect(address)
        (place / "postgresql/socket").chmod(0o755)
        (place / "postgresql/socket/.s.PGSQL.5432").chmod(0o777)
        assert "InvalidAuthorizationSpecificationError" in await as_another(address)
        rules = place / "postgresql/pg_hba.conf"
        await followed(connection, rules, "local all all trust\n")
        assert await as_another(address) == "came in\n"
        await connection.close()


async def as_another(address: str) -> str:
    other = pwd.getpwnam("daemon")
    attempt = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-c", ANOTHER_USER, address, str(other.pw_uid)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await attempt.communicate()
    return said.decode()


@only_root
async def test_root_looks_after_a_database_that_another_account_runs(place):
    """As `doctor` and `backup` do, and as it says where a file is closed to whoever looks."""
    owner = pwd.getpwnam("nobody")
    owned, programs = place / "owned", reachable_programs(place, owner)
    owned.mkdir()
    os.chown(owned, owner.pw_uid, owner.pw_gid)
    with subprocess.Popen(
        [sys.executable, "-c", ANOTHER_SERVICE, owned, str(owner.pw_uid), str(owner.pw_gid)],
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(programs.parents[2]), *sys.path])},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as service:
        assert service.stdout
        assert service.stdout.readline() == b"ready\n"
        assert await gets_in(str(address_if_running(owned)))
        service.send_signal(signal.SIGINT)


async def test_a_cluster_that_asked_for_a_password_goes_on_without_it(place):
    """As version 0.2.0 made them: rules of their own, and a file with the password."""
    async with connected(place) as connection:
        await connection.execute("alter role postgres password 'kept'")
        await connection.execute("create table pupil as select 'Ada' as name")
    home = place / "postgresql"
    (home / "pg_hba.conf").unlink()
    (home / "pg_ident.conf").unlink()
    (home / "data/pg_hba.conf").write_text("local all all scram-sha-256\n")
    (home / "password").write_text("kept")
    async with connected(place) as connection:
        assert await connection.fetchval("select name from pupil") == "Ada"
        kept = "select rolpassword from pg_authid where rolname = 'postgres'"
        assert await connection.fetchval(kept) is None
    assert not (home / "password").exists()
