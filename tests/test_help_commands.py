"""Every command of the help pages and the README is run, in a place of its own; what needs a
machine for itself is listed here with its reason, and checked as far as can be."""

import asyncio
import configparser
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import httpx
import pytest
import yaml
from msgspec import Struct

from service import embedded, logs, settings
from service.__main__ import parser
from service.conduit import context_of
from service.languages import STAFF
from service.pages.help import FOLDER, PAGES
from tests.conftest import of_database
from tests.house import PASSWORD, Running
from tests.letting_in import followed, let_in
from tests.phones import set_up
from tests.test_commands import FIRST_START, Command, Place, answering

ROOT = Path(__file__).parent.parent
FENCE = re.compile(r"(?ms)^```(\w*)\n(.*?)^```$")
SOURCES = [ROOT / "README.md", *(FOLDER / f"{name}.en.md" for name in sorted(PAGES))]

# What a test cannot run beside others, and what is looked at instead.
ELSEWHERE = {
    r"python3 -m venv \S+": "run from nothing by tests/test_fresh_machine.py, and by .ci/run",
    r"\S+/pip install( --upgrade)? \.": "the same",
    r"ln -sf \S+ \S+": "the same",
    r"python3 -m venv \.venv && .*": "the same",
    r"useradd .*": "it would make a user of this machine: its options are looked at",
    r"systemctl .*": "it needs systemd as the first process: the unit is checked by systemd's own",
    r"journalctl .*": "the same: the words that it looks for are those that serve says",
    r"docker compose .*": "it needs Docker: the file parses, and has the services named",
    r"chown -R stemlokaal .*": "it needs that user: the page makes it, and the folder before it",
}


class Said(Struct, frozen=True):
    """A command of a page, and the fence that it stands in."""

    source: str
    line: str

    @property
    def elsewhere(self) -> str | None:
        return next((why for form, why in ELSEWHERE.items() if re.fullmatch(form, self.line)), None)


def fences(text: str, kind: str) -> list[str]:
    return [body for found, body in FENCE.findall(text) if found == kind]


def commands(file: Path) -> list[Said]:
    return [
        Said(file.name, line)
        for body in fences(file.read_text(), "sh")
        for line in body.strip().splitlines()
    ]


ALL = [said for file in SOURCES for said in commands(file)]
OPERATOR = (FOLDER / "operator.en.md").read_text()


# Both languages


@pytest.mark.parametrize("name", sorted(PAGES))
def test_both_languages_have_the_same_commands_and_as_many_headings(name: str) -> None:
    english, dutch = ((FOLDER / f"{name}.{language}.md").read_text() for language in ("en", "nl"))
    fenced = [pair for pair in FENCE.findall(english) if pair[0]]
    assert fenced == [pair for pair in FENCE.findall(dutch) if pair[0]]
    headings = [re.findall(r"(?m)^#+ ", text) for text in (english, dutch)]
    assert headings[0] == headings[1]


@pytest.mark.parametrize("name", ["operator", "administrator", "it", "agreement", "index"])
@pytest.mark.parametrize("language", STAFF)
def test_each_says_what_stemlokaal_is_not(name: str, language: str) -> None:
    text = (FOLDER / f"{name}.{language}.md").read_text()
    monitor = {"en": "statutory monitor of social safety", "nl": "wettelijke monitor sociale"}
    assert monitor[language] in text
    skills = {"en": r"skills or knowledge|know or can do", "nl": r"vaardigheden of kennis|kunnen"}
    assert re.search(skills[language], text)


# Every command


@pytest.fixture
def rooms(place: Path) -> Path:
    """A copy of what lies in the folder of a version, and folders for a service."""
    here = place / "here"
    here.mkdir()
    shutil.copytree(ROOT / "docker", here / "docker")
    (place / "srv/stemlokaal").mkdir(parents=True)
    (place / "bin").mkdir()
    launcher = place / "bin/stemlokaal"
    launcher.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m service "$@"\n')
    launcher.chmod(0o755)
    return place


class Machine:
    """Where the page's paths, port and address are those of the test."""

    def __init__(self, rooms: Path, **environment: str) -> None:
        self.rooms = rooms
        self.place = Place(rooms)
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("STEMLOKAAL_")}
        path = f"{rooms / 'bin'}:{os.environ['PATH']}"
        self.environment = {**inherited, "PATH": path, **environment}

    def here(self, text: str) -> str:
        moved = text.replace("/srv/stemlokaal", str(self.rooms / "srv/stemlokaal"))
        moved = moved.replace("/etc/stemlokaal.env", str(self.rooms / "stemlokaal.env"))
        return moved.replace("127.0.0.1:8400", f"127.0.0.1:{self.place.port}")

    async def start(self, line: str) -> Command:
        process = await asyncio.create_subprocess_exec(
            "bash",
            "-ec",
            self.here(line),
            cwd=self.rooms / "here",
            env=self.environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
        )
        return Command(process)

    async def run(self, line: str) -> str:
        if line.startswith("curl") and shutil.which("curl") is None:
            async with httpx.AsyncClient() as visitor:  # the same request by another program
                return (await visitor.get(self.here(line).split()[-1])).raise_for_status().text
        command = await self.start(line)
        assert await command.ends(90) == 0, f"{line}\n{command.said}"
        return command.said

    async def stop(self, command: Command) -> None:
        os.killpg(command.process.pid, signal.SIGINT)
        await command.ends(30)


def settings_of(machine: Machine) -> str:
    """The file that the page shows, for this machine: the address is its own, without TLS."""
    (shown,) = (body for body in fences(OPERATOR, "ini") if body.startswith("STEMLOKAAL_URL"))
    url = f"STEMLOKAAL_URL=http://127.0.0.1:{machine.place.port}"
    return machine.here(re.sub(r"(?m)^STEMLOKAAL_URL=.*$", url, shown)) + (
        f"STEMLOKAAL_PORT={machine.place.port}\n"
    )


@pytest.fixture
async def machine(rooms: Path) -> Machine:
    """As the page leaves it once the service is installed and running."""
    machine = Machine(rooms)
    (rooms / "stemlokaal.env").write_text(settings_of(machine))
    return machine


async def first_administrator(visitor: httpx.AsyncClient, token: str) -> None:
    """Makes the school, and is signed in as its first administrator from then on."""
    form = {
        "school": "Het Kompas",
        "name": "Ada",
        "email": "ada@example.org",
        "password": PASSWORD,
        "token": token,
    }
    assert (await visitor.post("/start", data=form)).status_code == 303
    await set_up(visitor, datetime.now(UTC))
    assert "Het Kompas" in (await visitor.get("/school")).text


TAKE_ALONG = "set -a && . /etc/stemlokaal.env && set +a"
WHILE_IT_RESTS = {"stemlokaal pepper replace"}  # the service is stopped for it
RUN_HERE = [
    said
    for said in ALL
    if said.elsewhere is None and "--role" not in said.line and not said.line.startswith("curl")
]


def named_address() -> str:
    """Of a database on another machine, as the page says it."""
    (named,) = re.findall(r'STEMLOKAAL_DATABASE="(\S+verify-full\S+?)"`', OPERATOR)
    return str(named)


async def test_the_commands_of_the_operator_are_run_in_their_order(
    machine: Machine, openssl: str
) -> None:
    """Each with the settings taken along, beside a service that runs."""
    serving = await machine.start(f"{TAKE_ALONG} && exec stemlokaal serve")
    token = (await serving.says("First run", FIRST_START)).rsplit(" ", 1)[1]
    await answering(machine.place.url)
    async with httpx.AsyncClient(base_url=machine.place.url) as ada:
        await first_administrator(ada, token)
    said: dict[str, str] = {}
    try:
        for each in RUN_HERE:
            if each.source == "operator.en.md" and each.line not in WHILE_IT_RESTS:
                said[each.line] = await machine.run(f"{TAKE_ALONG} && {each.line}")
        for each in ALL:
            if each.line.startswith("curl"):
                said[each.line] = await machine.run(each.line)
    finally:
        await machine.stop(serving)
    for line in WHILE_IT_RESTS:
        said[line] = await machine.run(f"{TAKE_ALONG} && {line}")
    assert "is another one now" in said["stemlokaal pepper replace"]
    assert "/passwords/" in said["stemlokaal account password --email ada@example.org"]
    assert "Nothing is broken." in said["stemlokaal doctor"]
    backup = machine.rooms / "srv/stemlokaal/monday.backup"
    assert backup.stat().st_size > 10_000
    restored = next(line for line in said if " restore " in line)
    assert "Restored." in said[restored]
    assert "stemlokaal_keys_in_stock" in said["curl --fail http://127.0.0.1:8400/metrics"]
    assert "Made in " in said["docker/secrets.sh"]
    assert "Made in " in said["docker/secrets.sh --renew"]
    assert context_of(machine.here(named_address()))  # whose files the page has made


async def test_pages_and_a_keeper_run_apart_as_the_page_says(
    machine: Machine, database: str
) -> None:
    roles = [said.line for said in ALL if "--role" in said.line]
    assert {line.rsplit(" ", 1)[1] for line in roles} == {"pages", "keeper"}
    machine.environment["STEMLOKAAL_DATABASE"] = database
    running = []
    for line in roles:
        running.append(await machine.start(f"{TAKE_ALONG} && {line}"))
        words = "Stemlokaal is at" if "pages" in line else "A keeper is at work"
        await running[-1].says(words, FIRST_START)
    for command in running:
        await machine.stop(command)


async def test_the_commands_of_the_readme_run(machine: Machine) -> None:
    lines = [said.line for said in RUN_HERE if said.source == "README.md"]
    assert lines == [".venv/bin/stemlokaal serve"]
    (machine.rooms / "here/.venv").symlink_to(machine.rooms, target_is_directory=True)
    serving = await machine.start(f"{TAKE_ALONG} && exec {lines[0]}")
    await serving.says("First run", FIRST_START)
    await machine.stop(serving)


def test_every_command_is_run_or_has_a_reason_why_not() -> None:
    run = {said.line for said in RUN_HERE if said.source in ("operator.en.md", "README.md")}
    run |= {said.line for said in ALL if "--role" in said.line or said.line.startswith("curl")}
    left = {said for said in ALL if said.line not in run and said.elsewhere is None}
    assert left == set()
    assert len(run) >= 12
    for form in ELSEWHERE:
        assert any(re.fullmatch(form, said.line) for said in ALL), f"nothing is like {form}"


# What is listed


class AsWritten(configparser.ConfigParser):
    """Systemd tells large letters from small ones."""

    def optionxform(self, optionstr: str) -> str:
        return optionstr


def test_the_unit_is_one_that_systemd_takes(tmp_path: Path, table: dict[str, str]) -> None:
    (shown,) = (body for body in fences(OPERATOR, "ini") if body.startswith("[Unit]"))
    unit = AsWritten(strict=True)
    unit.read_string(shown)
    service = unit["Service"]
    program, *arguments = shlex.split(service["ExecStart"])
    assert program.endswith("/bin/stemlokaal")
    assert parser().parse_args(arguments).role == "all"
    assert service["EnvironmentFile"] == "/etc/stemlokaal.env"
    assert (
        f"useradd --system --create-home --home-dir /srv/stemlokaal {service['User']}" in OPERATOR
    )
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        # Said, not skipped: what the file says was held to this service above.
        table["the unit, by systemd-analyze"] = "not tried: systemd is not on this machine"
        return
    file = tmp_path / "stemlokaal.service"
    file.write_text(shown.replace(program, sys.executable).replace("User=stemlokaal", "User=root"))
    done = subprocess.run(
        [analyze, "verify", "--man=no", file], capture_output=True, text=True, check=False
    )
    assert "stemlokaal.service" not in done.stderr, done.stderr


def test_the_settings_on_the_page_are_settings(rooms: Path) -> None:
    (shown,) = (body for body in fences(OPERATOR, "ini") if body.startswith("STEMLOKAAL_URL"))
    found = settings.read(dict(line.split("=", 1) for line in shown.strip().splitlines()))
    assert found.secure
    assert found.proxies == ("127.0.0.1",)
    named = set(re.findall(r"STEMLOKAAL_[A-Z]+(?:_[A-Z]+)*", OPERATOR))
    known = set(re.findall(r'"(STEMLOKAAL_[A-Z_]+)"', Path(settings.__file__).read_text()))
    assert named <= known | {"STEMLOKAAL_DATABASE_FILE"}


def test_the_compose_file_has_what_the_page_asks_of_it() -> None:
    compose = yaml.safe_load((ROOT / "docker/compose.yaml").read_text())
    for said in ALL:
        if not said.line.startswith("docker compose"):
            continue
        words = shlex.split(said.line)
        assert (ROOT / words[words.index("--file") + 1]).exists()
        for word in ("logs", "exec", "restart"):
            if word in words:
                assert words[words.index(word) + 1] in compose["services"]
    image = (ROOT / "docker/Dockerfile").read_text()
    assert "--uid 10001" in image


def test_the_proxy_of_the_page_is_that_of_the_containers() -> None:
    (shown,) = fences(OPERATOR, "caddy")
    own = (ROOT / "docker/Caddyfile").read_text()
    body = own[own.index("{$STEMLOKAAL_NAME}") :].replace("{$STEMLOKAAL_NAME}", "stem.school.nl")
    assert shown.split() == body.replace("stemlokaal:8400", "127.0.0.1:8400").split()


async def test_the_own_database_of_the_page_is_one_that_the_service_takes(
    machine: Machine,
) -> None:
    (shown,) = fences(OPERATOR, "sql")
    here, elsewhere = re.findall(r'STEMLOKAAL_DATABASE="(\S+?)"`', OPERATOR)
    assert settings.database(elsewhere) == named_address()
    assert settings.database(here)
    theirs, other = urlsplit(here), urlsplit(elsewhere)
    assert (theirs.username, theirs.path, theirs.password) == ("stemlokaal", "/stemlokaal", None)
    assert (other.username, other.path, other.password) == ("stemlokaal", "/stemlokaal", None)
    (machine.rooms / "server").mkdir(0o711)
    async with embedded.running(machine.rooms / "server", say=lambda _: None) as server:
        administrator = await asyncpg.connect(of_database(server, "postgres"))
        await administrator.execute("drop database stemlokaal")  # ours, in the way of the page's
        for statement in shown.strip().splitlines():
            await administrator.execute(statement)
        # As Debian's own line does for an account of the role's name.
        accounts = machine.rooms / "server/postgresql/pg_ident.conf"
        ours = accounts.read_text()
        await followed(administrator, accounts, f"{ours}{ours.replace('postgres', 'stemlokaal')}")
        await let_in(administrator, "local all stemlokaal peer map=stemlokaal")
        address = urlsplit(server)._replace(netloc=theirs.netloc, path=theirs.path).geturl()
        machine.environment["STEMLOKAAL_DATABASE"] = address
        serving = await machine.start(f"{TAKE_ALONG} && exec stemlokaal serve")
        await serving.says("First run", FIRST_START)
        assert "Saved in" in await machine.run(f"{TAKE_ALONG} && stemlokaal backup own.backup")
        await machine.stop(serving)
        await administrator.close()


def test_the_rules_of_a_database_elsewhere_are_those_of_the_containers() -> None:
    """Its line of `pg_hba.conf`, and each of its files by the name that the script gives it."""
    (shown,) = fences(OPERATOR, "text")
    rules = (ROOT / "docker/pg_hba.conf").read_text().splitlines()
    assert shown.split() in [rule.split() for rule in rules]
    (shown,) = (body for body in fences(OPERATOR, "ini") if body.startswith("ssl = on"))
    told = dict(line.split(" = ") for line in shown.strip().splitlines())
    compose = yaml.safe_load((ROOT / "docker/compose.yaml").read_text())
    for flag in compose["services"]["database"]["command"]:
        name, _, value = flag.removeprefix("--").partition("=")
        if name.startswith("ssl"):
            file = told.pop(name).strip("'")
            assert Path(file).name == Path(value).name
    assert told == {}


def test_the_settings_of_an_own_database_are_those_that_we_give_ours() -> None:
    (shown,) = (body for body in fences(OPERATOR, "ini") if body.startswith("log_statement"))
    for line in shown.strip().splitlines():
        name, value = line.split(" = ")
        assert embedded.SETTINGS[name] == value


async def test_the_figures_and_the_fields_of_the_page_are_those_that_there_are(
    house: Running,
) -> None:
    async with house.visitor() as watcher:
        text = (await watcher.get("/metrics")).text
    ours = set(re.findall(r"(?m)^# HELP (stemlokaal_\w+) ", text))
    ours = {name for name in ours if not name.endswith("_created")}
    assert set(re.findall(r"(?m)^\| `(stemlokaal_\w+)` \|", OPERATOR)) == ours
    table = OPERATOR[OPERATOR.index("## The log") : OPERATOR.index("## When something is wrong")]
    named = re.findall(r"`(\w+)`", "".join(re.findall(r"(?m)^\| (`.*?`) \|", table)))
    assert set(named) == set(logs.Line.__struct_fields__)


async def test_pages_load_nothing_from_elsewhere_as_the_it_department_reads(
    house: Running,
) -> None:
    async with house.visitor() as student:
        for path in ("/", "/help/it", "/signin"):
            reply = await student.get(path)
            policy = reply.headers["content-security-policy"]
            assert "http" not in policy
            loaded = re.findall(r'(?:src|href)="([^"#]+)"', reply.text)
            assert [link for link in loaded if "//" in link] == []
