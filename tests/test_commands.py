"""The command line for real: each command in a process of its own, with folders of its own."""

import asyncio
import json
import os
import re
import resource
import signal
import socket
import stat
import sys
import tempfile
import time
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import httpx
import psutil
import pytest

from service import embedded
from service.starting import ENOUGH_FILES
from service.storage import migrate
from tests.letting_in import let_in
from tests.phones import fresh_code, set_up

FIRST_START = 90.0  # seconds on two cores, at most
LATER_START = 15.0
LINE = re.compile(r"(student|teacher|leader|projector): (\S+)(?: (\S+) (\S+))?(?: (\d{6}))?")
SHOWN = re.compile(r'<b class="six">(\d{3} \d{3})</b>')
PASSWORD = "een lang wachtwoord"

Link = tuple[str, str, str]
"""An address, and the e-mail and password to sign in with."""


class Command:
    """A command that runs, and what it has said."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.lines: list[str] = []

    async def says(self, words: str, within: float = LATER_START) -> str:
        """The first line that holds these words, as soon as it is said."""
        async with asyncio.timeout(within):
            while not (found := [line for line in self.lines if words in line]):
                assert await self.line(), f"never said {words!r}:\n" + "\n".join(self.lines)
        return found[0]

    async def line(self) -> str:
        assert self.process.stdout
        line = (await self.process.stdout.readline()).decode()
        if line:
            self.lines.append(line.rstrip("\n"))
        return line

    async def ends(self, within: float = 15) -> int:
        async with asyncio.timeout(within):
            while await self.line():
                pass
            return await self.process.wait()

    @property
    def said(self) -> str:
        return "\n".join(self.lines)

    def family(self) -> list[psutil.Process]:
        """It, its database, and all that these started."""
        process = psutil.Process(self.process.pid)
        return [process, *process.children(recursive=True)]


class Place:
    """Folders for one installation, and commands that use them."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.data = path / "data"

    @asynccontextmanager
    async def started(self, *arguments: str, **changed: str) -> AsyncIterator[Command]:
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("STEMLOKAAL_")}
        own = {
            "STEMLOKAAL_DATA": str(self.data),
            "STEMLOKAAL_KEYS": str(self.path / "keys"),
            "STEMLOKAAL_PEPPER": str(self.path / "pepper"),
            "STEMLOKAAL_PORT": str(self.port),
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "service",
            *arguments,
            env={**inherited, **own, **changed},
            stdout=PIPE,
            stderr=STDOUT,
        )
        command = Command(process)
        try:
            yield command
        finally:
            with suppress(ProcessLookupError):
                process.kill()
            await command.ends()

    async def refused(self, *arguments: str, **changed: str) -> str:
        """What a command says that cannot be carried out, without a traceback."""
        async with self.started(*arguments, **changed) as command:
            assert await command.ends() == 1
        assert "Traceback" not in command.said
        return command.said

    def in_use(self) -> bool:
        """Whether a process has this place on its command line: its database does."""
        return any(
            str(self.path) in " ".join(process.info["cmdline"] or ())
            for process in psutil.process_iter(["cmdline"])
        )


class Demo(Place):
    @asynccontextmanager
    async def shown(
        self, within: float = LATER_START
    ) -> AsyncIterator[tuple[Command, dict[str, Link]]]:
        async with self.started("demo", "--port", str(self.port)) as command:
            await command.says("Ctrl-C", within)
            await answering(self.url)
            yield command, links_in(command.said)


def links_in(said: str) -> dict[str, Link]:
    """What the demo printed, by the first word of the line."""
    return {found[1]: (found[2], found[3], found[4]) for found in LINE.finditer(said)}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listens(port: int) -> bool:
    with socket.socket() as visitor:
        return visitor.connect_ex(("127.0.0.1", port)) == 0


async def answering(url: str) -> None:
    async with httpx.AsyncClient() as visitor, asyncio.timeout(LATER_START):
        while True:
            with suppress(httpx.TransportError):
                await visitor.get(url)
                return
            await asyncio.sleep(0.02)


async def until(condition: Callable[[], object], seconds: float = 15) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        await asyncio.sleep(0.02)


def gone(processes: list[psutil.Process]) -> Callable[[], bool]:
    def check() -> bool:
        return not any(
            process.is_running() and process.status() != psutil.STATUS_ZOMBIE
            for process in processes
        )

    return check


@pytest.fixture
async def own(place: Path) -> AsyncIterator[Place]:
    own = Place(place)
    yield own
    await until(lambda: not own.in_use())


@pytest.fixture(scope="module")
async def demo() -> AsyncIterator[Demo]:
    """A demo that was started once, and stopped."""
    with tempfile.TemporaryDirectory(prefix="stemlokaal-test-") as path:
        Path(path).chmod(0o711)
        demo = Demo(Path(path))
        async with demo.shown(within=FIRST_START) as (command, links):
            assert len(links) == 4
            command.process.send_signal(signal.SIGINT)
            await command.ends()
        yield demo
        await until(lambda: not demo.in_use())


@asynccontextmanager
async def signed_in(link: Link, secret: str = "") -> AsyncIterator[httpx.AsyncClient]:
    """With the second factor: of a demo the page shows the code, elsewhere the phone does."""
    address, email, password = link
    url = address.removesuffix("/signin")
    headers = {"Accept-Language": "en"}
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=30) as visitor:
        reply = await visitor.post("/signin", data={"email": email, "password": password})
        assert reply.status_code == 303, reply.text
        if reply.headers["location"].startswith("/signin/code"):
            code = await fresh_code(secret) if secret else await demo_code(visitor)
            reply = await visitor.post("/signin/code", data={"code": code})
            assert reply.status_code == 303, reply.text
        yield visitor


async def demo_code(visitor: httpx.AsyncClient) -> str:
    """As the page shows it; to who signs in a third time in a minute it says to wait."""
    async with asyncio.timeout(60):
        while not (shown := SHOWN.search((await visitor.get("/signin/code")).text)):
            await asyncio.sleep(1)
    return shown[1]


# The demo


async def test_the_leaders_code_is_printed_and_the_page_shows_the_next(demo: Demo) -> None:
    async with demo.shown() as (command, links), httpx.AsyncClient() as leader:
        printed = re.search(r"leader: \S+ \S+ \S+ (\d{6})$", command.said, re.MULTILINE)
        assert printed
        address, email, password = links["leader"]
        reply = await leader.post(address, data={"email": email, "password": password})
        assert reply.headers["location"] == "/signin/code?next=/classes"
        reply = await leader.post(f"{address}/code", data={"code": printed[1]})
        assert reply.status_code == 303, reply.text
    async with demo.shown() as (_, links), signed_in(links["leader"]) as leader:
        assert (await leader.get("/school")).status_code == 200


async def test_the_demo_prints_a_line_for_each_of_four_and_every_link_works(demo: Demo) -> None:
    async with demo.shown() as (_, links):
        assert set(links) == {"student", "teacher", "leader", "projector"}
        async with httpx.AsyncClient() as visitor:
            student = await visitor.get(links["student"][0])
            assert (student.status_code, "set-cookie" in student.headers) == (200, False)
            assert 'name="nonce"' in student.text
            screen = await visitor.get(links["projector"][0])
            assert screen.status_code == 200
            code = links["student"][0].rsplit("/", 1)[1]
            assert code[:4] in screen.text
        async with signed_in(links["teacher"]) as teacher:
            classes = (await teacher.get("/classes")).text
            assert all(name in classes for name in ("2B", "3A", "1C", "Groep 6", "3D"))
        async with signed_in(links["leader"]) as leader:
            assert (await leader.get("/school")).status_code == 200
            assert called(await leader.get("/wellbeing")) == {
                ("I feel at home at school.", "clearly fewer do well"),
                ("I have somebody to turn to at school.", "clearly more do well"),
            }
            year_3 = called(await leader.get("/wellbeing?cell=secondary-3"))
            assert ("I feel at home at school.", "clearly fewer do well") in year_3
            year_1 = called(await leader.get("/wellbeing?cell=secondary-1"))
            assert "clearly fewer do well" not in {what for _, what in year_1}


def called(page: httpx.Response) -> set[tuple[str, str]]:
    """What a cell's page says has clearly changed, and of which question."""
    found = re.findall(r"<li><b>(clearly .*?)</b>: “(.*?)”</li>", page.text)
    return {(question, what) for what, question in found}


async def test_a_second_start_is_fast_and_keeps_what_there_was(demo: Demo) -> None:
    async with demo.shown() as (_, before):
        pass
    since = time.monotonic()
    async with demo.shown() as (command, after):
        assert time.monotonic() - since < LATER_START
        assert after == before
        assert "Making the demo school" not in command.said


async def test_the_class_answers_within_twenty_seconds_and_the_round_has_a_result(
    demo: Demo,
) -> None:
    async with demo.shown() as (_, links), signed_in(links["teacher"]) as teacher:
        classes = (await teacher.get("/classes")).text
        open_round = re.search(r"/rounds/([0-9a-f-]{36})", classes)
        assert open_round
        page = f"/rounds/{open_round[1]}"
        assert await taking_part(teacher, page) == (17, 28)
        since = time.monotonic()
        reply = await teacher.post("/demo/answers", data={"round": open_round[1]})
        assert (reply.status_code, reply.headers["location"]) == (303, page)
        while await taking_part(teacher, page) != (28, 28):
            assert time.monotonic() - since < 20
            await asyncio.sleep(0.2)
        await teacher.post(f"{page}/closure")
        survey = re.search(r"/surveys/[0-9a-f-]{36}", (await teacher.get(f"{page}/thanks")).text)
        assert survey
        async with asyncio.timeout(5):
            while "28 of 28 took part" not in (await teacher.get(survey[0])).text:
                await asyncio.sleep(0.1)


async def test_the_demos_leader_asks_the_school_and_reads_what_it_says(demo: Demo) -> None:
    async with demo.shown() as (_, links), signed_in(links["leader"]) as leader:
        plan = (await leader.get("/waves/new/teamthermometer")).text
        form = dict.fromkeys(re.findall(r'name="(group\.[0-9a-f-]+)"', plan), "yes")
        form |= {"cards": "yes", "view": "year", "step": "open"}
        form |= dict(re.findall(r'name="(until)" type="date" value="([\d-]+)"', plan))
        opened = await leader.post("/waves/new/teamthermometer", data=form)
        assert opened.status_code == 303, opened.text
        wave = opened.headers["location"]
        wave_id = wave.removeprefix("/waves/")
        since = time.monotonic()
        reply = await leader.post("/demo/waves", data={"wave": wave_id})
        assert (reply.status_code, reply.headers["location"]) == (303, wave)
        while "<output>42</output>" not in (await leader.get(wave)).text:
            assert time.monotonic() - since < 30
            await asyncio.sleep(0.2)
        await leader.post(f"{wave}/closure")
        async with asyncio.timeout(5):
            while "It has been counted." not in (await leader.get(wave)).text:
                await asyncio.sleep(0.1)
        assert "42 of 42 took part" in (await leader.get("/wellbeing?of=teamthermometer")).text
    async with demo.shown() as (_, links), signed_in(links["teacher"]) as teacher:
        assert (await teacher.post("/demo/waves", data={"wave": wave_id})).status_code == 404


async def taking_part(teacher: httpx.AsyncClient, page: str) -> tuple[int, int]:
    shown = re.search(
        r"data-n>(\d+)<.*?data-places>(\d+)<", (await teacher.get(page)).text, re.DOTALL
    )
    assert shown
    return int(shown[1]), int(shown[2])


async def test_the_password_of_the_demo_is_for_its_owners_eyes(demo: Demo) -> None:
    kept = demo.data / "demo.json"
    assert json.loads(kept.read_text())["password"]
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


@pytest.mark.faults
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
async def test_nothing_is_left_running_however_it_ends(demo: Demo, sent: signal.Signals) -> None:
    async with demo.shown() as (command, _):
        family = command.family()
        assert any("postgres" in process.name() for process in family)
        command.process.send_signal(sent)
        await until(gone(family))
        assert not listens(demo.port)
        assert not demo.in_use()
        status = await command.ends()
    assert "Traceback" not in command.said
    assert status == (0 if sent != signal.SIGKILL else -signal.SIGKILL)


@pytest.mark.faults
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
async def test_a_demo_that_was_stopped_while_it_was_made_is_made_anew(
    place: Path, sent: signal.Signals
) -> None:
    demo = Demo(place)
    async with demo.started("demo", "--port", str(demo.port)) as command:
        await command.says("class 3A", FIRST_START)
        family = command.family()
        command.process.send_signal(sent)
        await until(gone(family))
    async with demo.shown(within=FIRST_START) as (_, links):
        assert len(links) == 4


async def test_a_taken_port_is_told_before_anything_is_made(own: Place) -> None:
    with closing(socket.create_server(("127.0.0.1", own.port))):
        for command in (["demo", "--port", str(own.port)], ["serve"]):
            said = await own.refused(*command)
            assert f"port {own.port} is in use" in said
    assert not own.data.exists()


async def test_a_demo_is_never_made_among_a_schools_own_data(own: Place) -> None:
    (own.data / "postgresql").mkdir(parents=True)
    assert "holds no demo" in await own.refused("demo", "--port", str(own.port))
    assert [path.name for path in own.data.iterdir()] == ["postgresql"]


async def test_serve_refuses_a_demos_data(demo: Demo) -> None:
    said = await demo.refused("serve")
    assert str(demo.data) in said
    assert "demo" in said


# A school's own service


async def test_the_first_run_makes_a_school_whose_administrator_signs_in(own: Place) -> None:
    async with own.started("serve") as command:
        line = await command.says("First run", FIRST_START)
        await answering(own.url)
        token = line.rsplit(": ", 1)[1]
        form = {
            "school": "Het Kompas",
            "name": "Ada",
            "email": "ada@example.org",
            "password": PASSWORD,
        }
        async with httpx.AsyncClient(base_url=own.url) as stranger:
            assert (await stranger.get("/signin")).headers["location"] == "/start"
            reply = await stranger.post("/start", data={**form, "token": "guess"})
            assert reply.status_code == 422
            reply = await stranger.post("/start", data={**form, "token": token})
            assert (reply.status_code, reply.headers["location"]) == (303, "/school")
            secret, _ = await set_up(stranger, datetime.now(UTC))
        link = (f"{own.url}/signin", "ada@example.org", PASSWORD)
        async with signed_in(link, secret) as administrator:
            assert "Het Kompas" in (await administrator.get("/school")).text
    async with own.started("serve") as command:
        await command.says("Stemlokaal is at")
        await answering(own.url)
        assert "First run" not in command.said
        async with signed_in(link, secret), httpx.AsyncClient(base_url=own.url) as stranger:
            reply = await stranger.post("/start", data={**form, "token": token})
            assert reply.headers["location"] == "/signin"


async def test_a_school_is_added_also_while_the_service_runs(own: Place) -> None:
    words = ["school", "add", "De Brug", "--email", "Eva@example.org", "--administrator", "Eva"]
    async with own.started(*words) as adding:
        await adding.says("/invitations/", FIRST_START)
        assert await adding.ends() == 0
    assert not own.in_use()
    words[2:5] = ["Het Kompas", "--email", "ada@example.org"]
    async with own.started("serve") as command:
        await command.says("Stemlokaal is at")
        await answering(own.url)
        async with own.started(*words) as adding_meanwhile:
            line = await adding_meanwhile.says("/invitations/")
            assert await adding_meanwhile.ends() == 0
        for link in (line, adding.said):
            invitation = re.search(r"http\S+/invitations/\w+", link)
            assert invitation
            async with httpx.AsyncClient() as newcomer:
                assert (await newcomer.get(invitation[0])).status_code == 200
                accepted = await newcomer.post(invitation[0], data={"password": PASSWORD})
                assert accepted.status_code == 303
                newcomer.base_url = own.url
                secret, _ = await set_up(newcomer, datetime.now(UTC))
                assert (await newcomer.get("/school")).status_code == 200
        eve = (f"{own.url}/signin", "eva@example.org", PASSWORD)
        async with signed_in(eve, secret) as eva:
            school = (await eva.get("/school")).text
            assert "De Brug" in school
            assert "Het Kompas" not in school


async def test_a_school_whose_provider_is_gone_signs_in_with_passwords_again(
    own: Place, database: str
) -> None:
    words = ["school", "add", "De Brug", "--email", "eva@example.org", "--administrator", "Eva"]
    async with own.started(*words, STEMLOKAAL_DATABASE=database) as adding:
        assert await adding.ends() == 0
    connection = await asyncpg.connect(database)
    await connection.execute("update school set local_sign_in = false")
    again = ["school", "local-sign-in"]
    said = await own.refused(*again, "Het Kompas", STEMLOKAAL_DATABASE=database)
    assert "there is no school called Het Kompas" in said
    assert not await connection.fetchval("select local_sign_in from school")
    async with own.started(*again, "De Brug", STEMLOKAAL_DATABASE=database) as allowing:
        assert await allowing.ends() == 0, allowing.said
    assert await connection.fetchval("select local_sign_in from school")
    assert await connection.fetchval("select verb from audit") == "local sign-in restored"
    await connection.close()


async def test_a_board_is_added_beside_the_service_and_its_people_sign_in(own: Place) -> None:
    seat = ["--name", "Stichting Samen", "--email", "Bea@example.org"]
    async with own.started("serve") as command:
        await command.says("Stemlokaal is at", FIRST_START)
        await answering(own.url)
        async with own.started("board", "add", *seat, "--person", "Bea") as adding:
            line = await adding.says("/schools/invitations/")
            assert await adding.ends() == 0
        link = re.search(r"http\S+/schools/invitations/\w+", line)
        assert link
        async with httpx.AsyncClient(base_url=own.url) as newcomer:
            assert (await newcomer.post(link[0], data={"password": PASSWORD})).status_code == 303
            secret, _ = await set_up(newcomer, datetime.now(UTC))
        sits = (f"{own.url}/signin", "bea@example.org", PASSWORD)
        async with signed_in(sits, secret) as bea:
            assert "Stichting Samen" in (await bea.get("/schools")).text
            async with own.started("board", "remove", *seat) as removing:
                await removing.says("no longer sees")
                assert await removing.ends() == 0
            assert (await bea.get("/schools")).status_code == 303
        assert "nobody with" in await own.refused("board", "remove", *seat)
        file = own.path / "research.zip"
        assert "fewer than 5 schools" in await own.refused("research", str(file))
        assert not file.exists()


async def test_who_lost_it_all_gets_back_in_by_the_command_line(own: Place) -> None:
    words = ["school", "add", "De Brug", "--email", "eva@example.org", "--administrator", "Eva"]
    lost, eva = ["account"], ["--email", " Eva@example.org"]
    async with own.started("serve") as command:
        await command.says("Stemlokaal is at", FIRST_START)
        await answering(own.url)
        async with own.started(*words) as adding:
            invited = (await adding.says("/invitations/")).rsplit(" ", 1)[1]
        async with httpx.AsyncClient(base_url=own.url) as first:
            await first.post(invited, data={"password": PASSWORD})
            await set_up(first, datetime.now(UTC))
            async with own.started(*lost, "second-factor", *eva) as ending:
                assert await ending.ends() == 0
            assert (await first.get("/school")).headers["location"].startswith("/signin")
        async with own.started(*lost, "password", *eva) as forgetting:
            link = (await forgetting.says("/passwords/")).rsplit(" ", 1)[1]
        async with httpx.AsyncClient(base_url=own.url) as second:
            another = {"password": "een heel ander wachtwoord"}
            assert (await second.post(link, data=another)).status_code == 200
            assert (await second.get(link)).status_code == 404
            await second.post("/signin", data={"email": "eva@example.org", **another})
            await set_up(second, datetime.now(UTC))
            assert "De Brug" in (await second.get("/school")).text
        nobody = ["--email", "nobody@example.org"]
        for what in "password", "second-factor":
            assert "nobody@example.org" in await own.refused(*lost, what, *nobody)


async def test_two_services_never_share_a_folder(own: Place) -> None:
    async with own.started("serve") as command:
        await command.says("Stemlokaal is at", FIRST_START)
        refusal = await own.refused("serve", STEMLOKAAL_PORT=str(free_port()))
        assert str(own.data) in refusal
        await answering(own.url)


async def test_a_service_may_hold_as_many_screens_as_the_system_lets_it(own: Place) -> None:
    async with own.started("serve") as command:
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        few = min(512, most)
        resource.prlimit(command.process.pid, resource.RLIMIT_NOFILE, (few, most))
        await command.says("Stemlokaal is at", FIRST_START)
        await answering(own.url)
        now, _ = resource.prlimit(command.process.pid, resource.RLIMIT_NOFILE)
        assert now == min(most, ENOUGH_FILES)


async def test_a_service_that_was_killed_starts_again_at_once(own: Place) -> None:
    for _ in range(4):
        async with own.started("serve") as command:
            await command.says("Stemlokaal is at", FIRST_START)
            command.process.kill()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("STEMLOKAAL_PORT", "zero"),
        ("STEMLOKAAL_DATA", "not/whole"),
        ("STEMLOKAAL_KEYS", "keys"),
        ("STEMLOKAAL_URL", "stem.school.nl"),
        ("STEMLOKAAL_DATABASE", "sqlite://"),
        ("STEMLOKAAL_TIMEZONE", "Mars/Olympus"),
    ],
)
async def test_a_wrong_setting_stops_the_start_and_is_named(
    own: Place, name: str, value: str
) -> None:
    assert name in await own.refused("serve", **{name: value})
    assert not own.data.exists()


async def test_a_database_that_is_not_there_stops_the_start_and_is_named(own: Place) -> None:
    address = f"postgresql://somebody:secret@127.0.0.1:{free_port()}/stemlokaal"
    said = await own.refused("serve", STEMLOKAAL_DATABASE=address)
    assert "STEMLOKAAL_DATABASE" in said
    assert "secret" not in said


async def test_a_pepper_of_another_length_stops_the_start_and_is_named(own: Place) -> None:
    (own.path / "pepper").write_bytes(b"short")
    assert "STEMLOKAAL_PEPPER" in await own.refused("serve")


async def test_a_pepper_that_went_missing_or_is_another_stops_the_start(own: Place) -> None:
    async with own.started("serve") as command:
        await command.says("Stemlokaal is at", FIRST_START)
    pepper = own.path / "pepper"
    right = pepper.read_bytes()
    pepper.unlink()
    assert "Put it back" in await own.refused("serve")
    assert not pepper.exists()
    pepper.write_bytes(bytes(32))
    assert "not the one of this database" in await own.refused("serve")
    pepper.write_bytes(right)
    async with own.started("serve") as command:
        await command.says("Stemlokaal is at", FIRST_START)


async def test_serve_runs_on_an_own_postgresql_whose_owner_is_no_superuser(
    own: Place, place: Path
) -> None:
    async with embedded.running(place) as server:
        administrator = await asyncpg.connect(server)
        await administrator.execute("create role stem login createrole password 'stem'")
        await administrator.execute("create database stem owner stem")
        await let_in(administrator, "local all stem scram-sha-256")
        await administrator.close()
        address = urlsplit(server)._replace(netloc="stem:stem@", path="/stem").geturl()
        async with own.started("serve", STEMLOKAAL_DATABASE=address) as command:
            line = await command.says("First run", FIRST_START)
            await answering(own.url)
            form = {
                "school": "Het Kompas",
                "name": "Ada",
                "email": "ada@example.org",
                "password": PASSWORD,
                "token": line.rsplit(": ", 1)[1],
            }
            async with httpx.AsyncClient(base_url=own.url) as ada:
                assert (await ada.post("/start", data=form)).status_code == 303
                await set_up(ada, datetime.now(UTC))
                assert "Het Kompas" in (await ada.get("/school")).text


async def test_a_service_waits_while_another_process_migrates_and_says_so(
    own: Place, database: str
) -> None:
    migrating = await asyncpg.connect(database)
    await migrating.execute("select pg_advisory_lock($1)", migrate.LOCK)
    async with own.started("serve", STEMLOKAAL_DATABASE=database) as command:
        await command.says("Another process is bringing the database up to date")
        assert not listens(own.port)
        await migrating.close()  # it is done, or it died: either lets the next one go on
        await command.says("Stemlokaal is at")
        await answering(own.url)


async def test_a_database_of_a_changed_migration_stops_the_start(own: Place, database: str) -> None:
    connection = await asyncpg.connect(database)
    await connection.execute("update migration set checksum = 'another' where name like '0002%'")
    await connection.close()
    said = await own.refused("serve", STEMLOKAAL_DATABASE=database)
    assert "Migration 0002_waves was changed after it was applied" in said


async def test_what_was_saved_is_restored_elsewhere_and_served(demo: Demo, own: Place) -> None:
    """The drill by the commands, while the service runs: a demo's past in a school's own place."""
    file = own.path / "saved"
    async with demo.shown(FIRST_START):
        saving = {"STEMLOKAAL_DATA": str(demo.data), "STEMLOKAAL_PEPPER": str(demo.path / "pepper")}
        async with demo.started("backup", str(file), **saving) as command:
            assert await command.ends(60) == 0
            assert "nobody can open an answer" in command.said
    async with own.started("restore", str(file)) as command:
        assert await command.ends(60) == 0, command.said
        assert "Restored." in command.said
        assert "codes and links that were handed out lead nowhere" in command.said
    assert "not empty" in await own.refused("restore", str(file))
    async with own.started("serve") as command:
        await command.says("Stemlokaal is at")
        await answering(own.url)
        assert "First run" not in command.said
