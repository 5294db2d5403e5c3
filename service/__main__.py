"""The command line: serve a school's own data, show the demo, add a school."""

import argparse
import asyncio
import contextlib
import logging
import os
import secrets
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial
from random import SystemRandom

import asyncpg
import msgspec
import uvicorn
import uvloop

from service import adding, demo, embedded, settings
from service.app import at_work, create_app, running
from service.disk import write_durably
from service.sealing import Pepper
from service.settings import PEPPER_BYTES, Settings, WrongSetting
from service.storage import accounts, durability, peppers
from service.storage.migrate import MigrationRefused, migrate


class Refused(Exception):
    """The command cannot be carried out; the message says why and what to do."""


def main() -> None:
    arguments = parser().parse_args()
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s", level=logging.WARNING)
    expected = (
        Refused,
        WrongSetting,
        MigrationRefused,
        durability.UnsafeDatabase,
        embedded.NotStarted,
        demo.NotADemo,
    )
    # Ended by a service manager as by Ctrl-C: the database is stopped before the service goes.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with contextlib.suppress(KeyboardInterrupt):
            uvloop.run(arguments.run(arguments))
    except expected as error:
        sys.exit(f"stemlokaal: {error}")


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="stemlokaal", description="Short questions, anonymous answers, a change."
    )
    commands = top.add_subparsers(required=True, metavar="command")

    serve_ = commands.add_parser("serve", help="serve your school's own data")
    serve_.add_argument(
        "--role",
        choices=("all", "pages", "keeper"),
        default="all",
        help="on several machines: many run pages, one or more run a keeper",
    )
    serve_.set_defaults(run=serve)

    show = commands.add_parser("demo", help="show everything with a demo school")
    show.add_argument("--port", type=int, help="the port to listen on (8400)")
    show.add_argument("--phone", action="store_true", help="let phones on this network answer")
    show.set_defaults(run=show_demo)

    school = commands.add_parser("school", help="schools of this service")
    actions = school.add_subparsers(required=True, metavar="action")
    add = actions.add_parser("add", help="add a school and invite its first administrator")
    add.add_argument("name")
    add.add_argument("--email", required=True, help="the administrator's")
    add.add_argument("--administrator", required=True, help="the administrator's name")
    add.add_argument("--language", choices=("nl", "en"), default="nl")
    add.set_defaults(run=add_school)
    return top


async def serve(arguments: argparse.Namespace) -> None:
    found = settings.read(os.environ)
    if demo.is_demo(found):
        raise Refused(f"{found.data} holds the demo's data; set STEMLOKAAL_DATA to another folder")
    if arguments.role != "all" and found.database is None:
        raise Refused("--role needs STEMLOKAAL_DATABASE: one PostgreSQL that all of them share")
    if arguments.role == "keeper":
        await keep(found)
        return
    refuse_taken_port(found, "STEMLOKAAL_PORT")
    async with database(found) as dsn:
        pepper = await pepper_of(found, dsn)
        start_token = secrets.token_urlsafe(12)
        app = create_app(
            found,
            dsn,
            pepper,
            clock=lambda: datetime.now(found.zone),
            entropy=SystemRandom(),
            start_token=start_token,
            keeps=arguments.role == "all",
        )
        if await has_no_accounts(dsn):
            say(f"First run: open {found.url}/start and fill in this token: {start_token}")
        say(f"Stemlokaal is at {found.url}")
        await listen(found, app)


async def keep(found: Settings) -> None:
    """A keeper alone: it closes what is due, reminds and ends lives, and listens on no port."""
    async with database(found) as dsn:
        pepper = await pepper_of(found, dsn)
        clock = partial(datetime.now, found.zone)
        async with running(found, dsn, pepper, clock, SystemRandom()) as service, at_work(service):
            say(f"A keeper is at work; its keys are in {found.keys[0]}")
            await asyncio.Event().wait()


async def show_demo(arguments: argparse.Namespace) -> None:
    found = settings.read(os.environ, demo=True)
    port = arguments.port or found.port
    host = "0.0.0.0" if arguments.phone else found.host  # noqa: S104  asked for by --phone
    address = own_address() if arguments.phone else "127.0.0.1"
    found = msgspec.structs.replace(found, host=host, port=port, url=f"http://{address}:{port}")
    refuse_taken_port(found, "--port")
    demo.clear_the_ground(found)
    async with database(found) as dsn:
        pepper = await pepper_of(found, dsn)
        links = await demo.prepare(found, dsn, pepper, say)
        app = create_app(
            found,
            dsn,
            pepper,
            clock=lambda: datetime.now(found.zone),
            entropy=SystemRandom(),
            start_token=secrets.token_urlsafe(12),
        )
        for line in links:
            say(line)
        say("Ctrl-C ends it; what happened is kept for the next time.")
        await listen(found, app)


async def add_school(arguments: argparse.Namespace) -> None:
    found = settings.read(os.environ)
    async with database(found, shared=True) as dsn:
        link = await adding.add_school(
            dsn,
            url=found.url,
            name=arguments.name,
            email=arguments.email,
            administrator=arguments.administrator,
            language=arguments.language,
            today=datetime.now(found.zone).date(),
        )
    say(f"{arguments.name} is there. Its administrator chooses a password here: {link}")


@asynccontextmanager
async def database(found: Settings, *, shared: bool = False) -> AsyncIterator[str]:
    """A migrated database that keeps what it acknowledges: one's own, or the embedded one.

    `shared` takes the one of a service that runs already; otherwise each has its own.
    """
    async with contextlib.AsyncExitStack() as stack:
        dsn = found.database or (embedded.address_if_running(found.data) if shared else None)
        if dsn is None:
            say("Starting the database ...")
            started: str = await stack.enter_async_context(embedded.running(found.data, say))
            dsn = started
        connection = await connect(dsn)
        try:
            await durability.check(connection)
            await migrate(connection, say)
        finally:
            await connection.close()
        yield dsn


async def connect(dsn: str) -> asyncpg.Connection:
    try:
        return await asyncpg.connect(dsn)
    except (OSError, asyncpg.PostgresError) as error:
        raise Refused(f"STEMLOKAAL_DATABASE cannot be reached: {error}") from error


async def has_no_accounts(dsn: str) -> bool:
    connection = await connect(dsn)
    try:
        return not await accounts.any_exists(connection)
    finally:
        await connection.close()


async def listen(found: Settings, app: object) -> None:
    config = uvicorn.Config(
        app,  # type: ignore[arg-type]
        host=found.host,
        port=found.port,
        loop="none",
        access_log=False,  # it would hold codes and addresses
        log_level="warning",
        server_header=False,
        # Without one, an address that a visitor claims to come from is not believed.
        proxy_headers=bool(found.proxies),
        forwarded_allow_ips=list(found.proxies),
        timeout_keep_alive=60,  # longer than a student thinks about a page
        timeout_graceful_shutdown=5,
    )
    await uvicorn.Server(config).serve()


async def pepper_of(found: Settings, dsn: str) -> Pepper:
    """The service's secret, made at the first start: a file of 32 bytes, outside the data."""
    connection = await connect(dsn)
    try:
        mark = await peppers.mark(connection)
        if not found.pepper.exists():
            if mark is not None:
                raise Refused(
                    f"STEMLOKAAL_PEPPER: {found.pepper} is not there, and the database was used "
                    "with one. Put it back: without it no code and no open round works"
                )
            found.pepper.parent.mkdir(parents=True, exist_ok=True)
            write_durably(found.pepper, secrets.token_bytes(PEPPER_BYTES))
        secret = found.pepper.read_bytes()
        if len(secret) != PEPPER_BYTES:
            raise WrongSetting(f"STEMLOKAAL_PEPPER: {found.pepper} must hold {PEPPER_BYTES} bytes")
        pepper = Pepper(secret)
        if mark is None:
            await peppers.set_mark(connection, pepper.mark())
        elif mark != pepper.mark():
            raise Refused(f"STEMLOKAAL_PEPPER: {found.pepper} is not the one of this database")
    finally:
        await connection.close()
    return pepper


def refuse_taken_port(found: Settings, chosen_by: str) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((found.host, found.port))
        except OSError as error:
            raise Refused(
                f"port {found.port} is in use; choose another one with {chosen_by}"
            ) from error


def own_address() -> str:
    """This machine's address on its local network, as phones on it see it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing: only asks which way it would go
        except OSError as error:
            raise Refused("--phone: this machine is on no network") from error
        return str(probe.getsockname()[0])


def say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    main()
