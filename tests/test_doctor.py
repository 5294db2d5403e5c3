"""The doctor, on a service whose parts are broken one by one, for real."""

import http.server
import os
import pwd
import shutil
import ssl
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from service import doctor, doctor_database, doctor_files, doctor_network, settings
from service.doctor import Noted
from service.findings import Finding, Mark
from service.storage import examining, peppers
from tests.ballots import POSITIVE, Ballots
from tests.house import PEPPER, Running
from tests.letting_in import let_in
from tests.mailbox import Mailbox
from tests.test_commands import FIRST_START, Place, answering, free_port

OK, LOOK, BROKEN = Mark.OK, Mark.LOOK, Mark.BROKEN


@pytest.fixture
def environment(ballots: Ballots, place: Path) -> dict[str, str]:
    """Of a service whose keys are on two disks, or so it is told."""
    (place / "pepper").write_bytes(PEPPER.secret)
    (place / "pepper").chmod(0o600)
    return {
        "STEMLOKAAL_DATABASE": ballots.dsn,
        "STEMLOKAAL_DATA": str(place / "data"),
        "STEMLOKAAL_KEYS": f"{place / 'keys'}:{place / 'other-disk'}",
        "STEMLOKAAL_PEPPER": str(place / "pepper"),
        "STEMLOKAAL_PORT": str(free_port()),
    }


async def found(environment: dict[str, str], mail_to: str | None = None) -> dict[str, Finding]:
    """What was found, by what it is of; of two lines the last."""
    return {each.of: each async for each in doctor.findings(environment, mail_to)}


async def marked(ballots: Ballots) -> None:
    await peppers.set_mark(ballots.look, PEPPER.mark())


# All is well


async def test_of_a_sound_service_nothing_is_broken(
    ballots: Ballots, environment: dict[str, str]
) -> None:
    await marked(ballots)
    await ballots.open_round()
    told = await found(environment)
    assert [each for each in told.values() if each.mark is BROKEN] == []
    for of in ("Settings", "Database", "Migrations", "Roles", "Between schools", "Clock"):
        assert told[of].mark is OK, of
    assert told["Open rounds"].said == "each of 1 has its key"
    assert told["Pepper"].mark is OK
    assert told["Disk"].mark is OK


async def test_what_is_not_well_says_what_to_do() -> None:
    finding = doctor_files.pepper(Path("/nowhere/pepper"), PEPPER.mark())
    assert str(finding).startswith("broken        Pepper: /nowhere/pepper is not there")
    assert "\n              -> put it back" in str(finding)


# Settings


async def test_a_wrong_setting_is_named(environment: dict[str, str]) -> None:
    told = await found({**environment, "STEMLOKAAL_PORT": "zero"})
    assert told.keys() == {"Settings"}
    assert told["Settings"].mark is BROKEN
    assert "STEMLOKAAL_PORT" in told["Settings"].said


async def test_a_typing_mistake_in_a_name_is_found(environment: dict[str, str]) -> None:
    told = await found({**environment, "STEMLOKAAL_TIMEZON": "Europe/Brussels"})
    assert told["Settings"].mark is LOOK
    assert told["Settings"].to_do == "is it STEMLOKAAL_TIMEZONE?"


def test_an_environment_that_is_noted_is_the_same() -> None:
    noted = Noted({"a": "1"})
    assert (noted.get("a"), noted.get("b"), noted["a"], "c" in noted) == ("1", None, "1", False)
    assert noted.asked >= {"a", "b", "c"}


# The database


async def test_a_database_that_is_not_there_is_broken(environment: dict[str, str]) -> None:
    nowhere = f"postgresql://somebody:secret@127.0.0.1:{free_port()}/stemlokaal"
    told = await found({**environment, "STEMLOKAAL_DATABASE": nowhere})
    assert told["Database"].mark is BROKEN
    assert "secret" not in str(told["Database"])


@pytest.fixture
async def spoilt(ballots: Ballots) -> AsyncIterator[asyncpg.Connection]:
    """To break things with: a connection of the database's owner, who mends roles afterwards."""
    yield ballots.look
    await ballots.look.execute("alter role stemlokaal_pages nosuperuser nobypassrls")


@pytest.mark.parametrize(
    ("breaking", "of", "mark", "words"),
    [
        (
            "update migration set checksum = 'other' where name like '0001%'",
            "Migrations",
            BROKEN,
            "was changed",
        ),
        ("insert into migration values ('9999_later', 'x')", "Migrations", BROKEN, "newer version"),
        (
            "delete from migration where name = (select max(name) from migration)",
            "Migrations",
            LOOK,
            "1 new",
        ),
        ("alter role stemlokaal_pages bypassrls", "Roles", BROKEN, "stemlokaal_pages may do more"),
        ("alter table release owner to stemlokaal_pages", "Roles", BROKEN, "may do more"),
        (
            "alter table envelope no force row level security",
            "Between schools",
            BROKEN,
            "off on envelope",
        ),
        ("drop table migration", "Migrations", LOOK, "none is applied yet"),
    ],
)
async def test_what_is_wrong_in_the_database_is_told(
    spoilt: asyncpg.Connection,
    environment: dict[str, str],
    breaking: str,
    of: str,
    mark: Mark,
    words: str,
) -> None:
    await spoilt.execute(breaking)
    finding = (await found(environment))[of]
    assert finding.mark is mark
    assert words in finding.said


async def test_a_database_that_may_lose_what_it_acknowledged_is_broken(
    ballots: Ballots, environment: dict[str, str]
) -> None:
    name = urlsplit(ballots.dsn).path.strip("/")
    await ballots.look.execute(f"alter database {name} set synchronous_commit = off")
    finding = (await found(environment))["Database"]
    assert finding.mark is BROKEN
    assert "synchronous_commit is off, it must be on" in finding.said


async def test_a_log_that_may_repeat_a_childs_words_is_told(
    ballots: Ballots, environment: dict[str, str]
) -> None:
    assert (await found(environment))["The database's log"].mark is OK
    name = urlsplit(ballots.dsn).path.strip("/")
    await ballots.look.execute(f"alter database {name} set log_min_error_statement = 'error'")
    finding = (await found(environment))["The database's log"]
    assert finding.mark is LOOK
    assert finding.to_do == "set log_min_error_statement to panic"


async def test_roles_that_are_not_there_are_told(
    administrator: asyncpg.Connection, cluster: str, environment: dict[str, str]
) -> None:
    await administrator.execute("create role a_stranger login password 'stranger'")
    await administrator.execute("create database of_a_stranger owner a_stranger")
    await let_in(administrator, "local all a_stranger scram-sha-256")
    parts = urlsplit(cluster)
    netloc = "a_stranger:stranger@"
    theirs = parts._replace(netloc=netloc, path="/of_a_stranger").geturl()
    told = await found({**environment, "STEMLOKAAL_DATABASE": theirs})
    finding = told["Roles"]
    assert (told["Backup"].mark, "a_stranger bypassrls" in told["Backup"].to_do) == (BROKEN, True)
    await administrator.execute("drop database of_a_stranger")
    await administrator.execute("drop role a_stranger")
    assert finding.mark is BROKEN
    assert "stemlokaal_keeper" in finding.said


@pytest.mark.parametrize(("apart", "mark"), [(0, OK), (20, LOOK), (-20, LOOK), (300, BROKEN)])
async def test_a_clock_that_goes_wrong_is_told(
    ballots: Ballots, monkeypatch: pytest.MonkeyPatch, apart: int, mark: Mark
) -> None:
    """The database's clock is this machine's; so what it says is moved."""
    right = examining.now

    async def wrong(connection: asyncpg.Connection) -> datetime:
        return await right(connection) + timedelta(seconds=apart)

    monkeypatch.setattr(examining, "now", wrong)
    assert (await doctor_database.clock(ballots.look)).mark is mark
    assert datetime.now(UTC)


# The pepper


async def test_a_pepper_that_is_gone_short_another_or_open_to_others_is_told(
    ballots: Ballots, environment: dict[str, str], place: Path
) -> None:
    await marked(ballots)
    pepper = place / "pepper"
    pepper.chmod(0o644)
    finding = (await found(environment))["Pepper"]
    assert (finding.mark, finding.to_do) == (LOOK, f"chmod 600 {pepper}")
    for wrong, words in (bytes(32), "not the one of this database"), (b"short", "32 bytes"):
        pepper.write_bytes(wrong)
        finding = (await found(environment))["Pepper"]
        assert finding.mark is BROKEN
        assert words in finding.said
    pepper.unlink()
    finding = (await found(environment))["Pepper"]
    assert finding.mark is BROKEN
    assert "put it back" in finding.to_do


async def test_a_pepper_with_the_former_one_beside_it_is_well_once_the_database_knows_it(
    ballots: Ballots, environment: dict[str, str], place: Path
) -> None:
    await marked(ballots)
    (place / "pepper").write_bytes(bytes(32) + PEPPER.secret)
    finding = (await found(environment))["Pepper"]
    assert (finding.mark, finding.to_do) == (BROKEN, "stemlokaal pepper replace")
    (place / "pepper").write_bytes(PEPPER.secret + bytes(32))
    finding = (await found(environment))["Pepper"]
    assert finding.mark is OK
    assert "former" in finding.said


# The keys


async def test_a_round_whose_key_is_nowhere_is_told(
    ballots: Ballots, environment: dict[str, str]
) -> None:
    round = await ballots.open_round()
    await ballots.hand_in(round, [POSITIVE])
    public_key = (await ballots.kept(round)).public_key
    assert public_key
    first, second = ballots.key_files(public_key)
    first.unlink()
    finding = (await found(environment))["Keys"]
    assert finding.mark is LOOK
    second.unlink()
    finding = (await found(environment))["Open rounds"]
    assert (finding.mark, finding.said[:13]) == (BROKEN, "1 have no key")


async def test_a_key_in_stock_that_is_nowhere_is_told(
    ballots: Ballots, environment: dict[str, str]
) -> None:
    await ballots.keeper.fill_stock()
    public_key = await ballots.look.fetchval("select public_key from key_stock limit 1")
    for file in ballots.key_files(public_key):
        file.unlink()
    finding = (await found(environment))["Open rounds"]
    assert (finding.mark, finding.said) == (BROKEN, "1 keys in stock are not here")


async def test_keys_on_one_disk_and_keys_that_others_may_read_are_told(
    ballots: Ballots, environment: dict[str, str], place: Path
) -> None:
    await ballots.keeper.fill_stock()
    finding = (await found(environment))["Keys"]
    assert (finding.mark, finding.said) == (LOOK, "both folders are on the same disk")
    alone = {**environment, "STEMLOKAAL_KEYS": str(place / "keys")}
    assert (await found(alone))["Keys"].mark is OK
    for path, mode in (next((place / "keys").glob("*.key")), 0o640), (place / "keys", 0o755):
        before = path.stat().st_mode
        path.chmod(mode)
        finding = (await found(alone))["Keys"]
        assert finding.mark is LOOK
        assert finding.to_do.startswith("chmod -R go-rwx")
        path.chmod(before)


async def test_a_folder_of_keys_that_is_not_mounted_is_told(
    ballots: Ballots, environment: dict[str, str], place: Path
) -> None:
    await ballots.keeper.fill_stock()
    (place / "other-disk").rename(place / "unmounted")
    finding = (await found(environment))["Keys"]
    assert finding.mark is BROKEN
    assert str(place / "other-disk") in finding.said


@pytest.mark.parametrize(("several", "mark"), [(True, LOOK), (False, BROKEN)])
async def test_a_disk_of_keys_that_is_not_mounted_leaves_an_empty_folder_and_is_told(
    ballots: Ballots, place: Path, several: bool, mark: Mark
) -> None:
    """Where several machines share a database, pages run without any key, and rightly."""
    await ballots.open_round()
    known = await examining.keys(ballots.look)
    (place / "unmounted").mkdir()
    for folder in (place / "unmounted", place / "nowhere"):
        (finding,) = doctor_files.keys([folder], known, several_machines=several)
        assert finding.mark is mark
        assert finding.said == f"none of {len(known)} is here"


async def test_a_key_that_nothing_knows_is_told_and_another_keepers_is_not_missed(
    ballots: Ballots, environment: dict[str, str]
) -> None:
    assert "Stray keys" not in await found(environment)
    ballots.keeper.keys.new_key()
    assert (await found(environment))["Stray keys"].mark is LOOK
    await ballots.look.execute(
        "insert into key_stock values (decode(repeat('ab', 32), 'hex'), 'mac', gen_random_uuid())"
    )
    assert (await found(environment))["Open rounds"].mark is OK


async def test_files_that_are_closed_to_whoever_asks_are_told(
    ballots: Ballots, environment: dict[str, str], place: Path
) -> None:
    """Root, to whom nothing is closed, becomes nobody first, in a process of its own."""
    await ballots.keeper.fill_stock()
    found = settings.read(environment)
    (place / "keys").chmod(0)
    child = os.fork()
    if child == 0:
        if os.geteuid() == 0:
            os.setgroups([])
            os.setuid(pwd.getpwnam("nobody").pw_uid)
        (finding,) = doctor_files.examined(found, None, [])
        told = "is closed to whoever runs this" in finding.said and finding.mark is BROKEN
        os._exit(0 if told else 1)
    status = os.waitpid(child, 0)[1]
    (place / "keys").chmod(0o700)
    assert status == 0


# The disk


@pytest.mark.parametrize(("free", "mark"), [(50 << 20, BROKEN), (500 << 20, LOOK), (9 << 30, OK)])
def test_a_disk_that_becomes_full_is_told(
    place: Path, monkeypatch: pytest.MonkeyPatch, free: int, mark: Mark
) -> None:
    class Usage:
        def __init__(self) -> None:
            self.free = free

    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage())
    assert [each.mark for each in doctor_files.room([place, place / "not yet"])] == [mark]


# Mail


async def test_a_test_mail_arrives(
    environment: dict[str, str], mailbox: tuple[Mailbox, str]
) -> None:
    box, smtp = mailbox
    mail = {"STEMLOKAAL_SMTP": smtp, "STEMLOKAAL_MAIL_FROM": "stemlokaal@school.nl"}
    assert (await found({**environment, **mail}))["Mail"].said == "127.0.0.1 lets us sign in"
    assert box.received == []
    finding = (await found({**environment, **mail}, "ada@example.org"))["Mail"]
    assert (finding.mark, finding.said) == (OK, "127.0.0.1 took a mail to ada@example.org")
    assert box.received[0]["To"] == "ada@example.org"


class Refusing:
    async def handle_RCPT(self, *_: Any) -> str:  # noqa: N802  the name aiosmtpd calls
        return "550 not from you"


async def test_a_mail_server_that_refuses_is_away_or_lets_nobody_in_is_told(
    environment: dict[str, str],
) -> None:
    def of(port: int, user: str = "") -> dict[str, str]:
        address = f"smtp://{user}127.0.0.1:{port}"
        return {**environment, "STEMLOKAAL_SMTP": address, "STEMLOKAAL_MAIL_FROM": "s@school.nl"}

    finding = (await found(of(free_port())))["Mail"]
    assert (finding.mark, "does not answer" in finding.said) == (BROKEN, True)
    refusing = Controller(
        Refusing(),
        hostname="127.0.0.1",
        port=free_port(),
        authenticator=lambda *_: AuthResult(success=False, handled=False),
        auth_require_tls=False,
    )
    refusing.start()
    try:
        finding = (await found(of(refusing.port), "ada@example.org"))["Mail"]
        assert (finding.mark, "refused the mail" in finding.said) == (BROKEN, True)
        finding = (await found(of(refusing.port, "stem:wrong@")))["Mail"]
        assert (finding.mark, "does not let us sign in" in finding.said) == (BROKEN, True)
        assert "wrong" not in str(finding)
    finally:
        refusing.stop()


async def test_a_test_mail_without_a_server_is_told(environment: dict[str, str]) -> None:
    assert (await found(environment))["Mail"].mark is OK
    assert (await found(environment, "ada@example.org"))["Mail"].mark is BROKEN


# The address that students open


@pytest.fixture
def of_house(house: Running, place: Path) -> dict[str, str]:
    (place / "pepper").write_bytes(PEPPER.secret)
    return {
        "STEMLOKAAL_DATABASE": house.dsn,
        "STEMLOKAAL_DATA": str(place / "data"),
        "STEMLOKAAL_KEYS": str(place / "keys"),
        "STEMLOKAAL_PEPPER": str(place / "pepper"),
    }


async def test_the_address_of_a_running_service_is_sound(
    house: Running, of_house: dict[str, str]
) -> None:
    told = await found({**of_house, "STEMLOKAAL_URL": house.url})
    for of in ("Address", "Headers", "Figures", "Proxies"):
        assert told[of].mark is OK, of


async def test_an_address_that_does_not_answer_is_to_be_looked_at(
    environment: dict[str, str],
) -> None:
    assert (await found(environment))["Address"].mark is LOOK


@contextmanager
def proxy(
    house: Running, authority: trustme.CA, *, days: int = 90, without: str = "", open_: bool = False
) -> Iterator[str]:
    """Speaks TLS for the service, as a proxy does; well, or not so well."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            secure = {"Strict-Transport-Security": "max-age=63072000; includeSubDomains"}
            claims = "" if open_ else "X-Forwarded-For: 192.0.2.1\r\n"
            status, names, body = fetched(house.url, self.path, claims)
            self.send_response(status)
            for name, value in {**names, **secure}.items():
                if name.lower() not in (without.lower(), "content-length", "transfer-encoding"):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """In silence."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ends = datetime.now(UTC) + timedelta(days=days)
    began = datetime.now(UTC) - timedelta(days=100)
    authority.issue_cert("localhost", not_before=began, not_after=ends).configure_cert(context)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"https://localhost:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def fetched(url: str, path: str, claims: str) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection(str(urlsplit(url).hostname), urlsplit(url).port)
    named = dict([claims.strip().split(": ")]) if claims else {}
    connection.request("GET", path, headers=named)
    reply = connection.getresponse()
    try:
        return reply.status, dict(reply.getheaders()), reply.read()
    finally:
        connection.close()


@pytest.fixture
def authority(place: Path, monkeypatch: pytest.MonkeyPatch) -> trustme.CA:
    """One that this machine trusts."""
    authority = trustme.CA()
    file = place / "authority.pem"
    authority.cert_pem.write_to_path(str(file))
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    return authority


async def test_a_sound_proxy_is_sound(
    house: Running, of_house: dict[str, str], authority: trustme.CA
) -> None:
    with proxy(house, authority) as url:
        told = await found({**of_house, "STEMLOKAAL_URL": url})
    assert {of: told[of].mark for of in ("Address", "TLS", "Headers", "Figures")} == dict.fromkeys(
        ("Address", "TLS", "Headers", "Figures"), OK
    )
    assert told["Proxies"].mark is LOOK
    trusting = {"STEMLOKAAL_URL": url, "STEMLOKAAL_TRUSTED_PROXIES": "127.0.0.1"}
    assert (await found({**of_house, **trusting}))["Proxies"].mark is OK


async def test_a_certificate_that_ends_soon_or_is_not_to_be_trusted_is_told(
    house: Running, of_house: dict[str, str], authority: trustme.CA
) -> None:
    for days, mark, words in (5, LOOK, "more days"), (-2, BROKEN, "expired"):
        with proxy(house, authority, days=days) as url:
            finding = (await found({**of_house, "STEMLOKAAL_URL": url}))["TLS"]
        assert finding.mark is mark
        assert words in finding.said
    with proxy(house, trustme.CA()) as url:
        finding = (await found({**of_house, "STEMLOKAAL_URL": url}))["TLS"]
    assert finding.mark is BROKEN


async def test_a_proxy_that_takes_headers_away_or_opens_the_figures_is_told(
    house: Running,
    of_house: dict[str, str],
    authority: trustme.CA,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with proxy(house, authority, without="Content-Security-Policy") as url:
        finding = (await found({**of_house, "STEMLOKAAL_URL": url}))["Headers"]
    assert (finding.mark, "Content-Security-Policy" in finding.said) == (BROKEN, True)
    monkeypatch.setattr(doctor_network, "is_here", lambda host: False)
    with proxy(house, authority, open_=True) as url:
        finding = (await found({**of_house, "STEMLOKAAL_URL": url}))["Figures"]
    assert finding.mark is BROKEN


async def test_something_else_at_the_address_is_told(environment: dict[str, str]) -> None:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Silent)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}"
    finding = (await found({**environment, "STEMLOKAAL_URL": url}))["Address"]
    server.shutdown()
    server.server_close()
    thread.join()
    assert (finding.mark, "something else answers" in finding.said) == (BROKEN, True)


class Silent(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """In silence."""


# The command


async def test_the_command_says_it_all_and_its_status_tells(place: Path) -> None:
    own = Place(place)
    async with own.started("doctor") as early:
        assert await early.ends() == 0
    assert "there is none yet" in early.said
    assert not own.data.exists()  # it changes nothing
    async with own.started("serve") as serving:
        await serving.says("Stemlokaal is at", FIRST_START)
        await answering(own.url)
        async with own.started("doctor") as well:
            assert await well.ends(60) == 0, well.said
        assert "ok            Address" in well.said
        assert well.said.endswith("Nothing is broken.")
        (place / "pepper").rename(place / "mislaid")
        async with own.started("doctor") as ill:
            assert await ill.ends(60) == 1
        assert "broken        Pepper" in ill.said
        assert "Traceback" not in ill.said
        (place / "mislaid").rename(place / "pepper")
        serving.process.terminate()
        await serving.ends()
    async with own.started("doctor") as alone:  # without the service it starts the database
        assert await alone.ends(60) == 0, alone.said
    assert "PostgreSQL 18" in alone.said
    assert not own.in_use()
