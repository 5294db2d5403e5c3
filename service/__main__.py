"""The command line: serve schools' own data, show the demo, add schools and governing boards."""

import argparse
import asyncio
import contextlib
import os
import secrets
import signal
import sys
from datetime import datetime
from functools import partial
from pathlib import Path
from random import SystemRandom

import msgspec
import uvloop

from service import (
    backing,
    demo,
    doctor,
    embedded,
    libraries,
    logs,
    operating,
    pepper_file,
    settings,
)
from service.app import at_work, create_app, running
from service.settings import Settings, WrongSetting
from service.starting import (
    Refused,
    database,
    has_no_accounts,
    listen,
    own_address,
    pepper_of,
    refuse_taken_port,
    say,
    server,
)
from service.storage import durability
from service.storage.migrate import MigrationRefused
from surveys.governing import LONGEST_NAME


def main() -> None:
    arguments = parser().parse_args()
    logs.write(each_request=arguments.run is serve)
    expected = (
        Refused,
        WrongSetting,
        MigrationRefused,
        durability.UnsafeDatabase,
        embedded.NotStarted,
        backing.NotBackedUp,
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

    save = commands.add_parser("backup", help="save everything but keys, pepper and open answers")
    save.add_argument("file", type=Path)
    save.set_defaults(run=back_up)

    load = commands.add_parser("restore", help="load a backup into an empty database")
    load.add_argument("file", type=Path)
    load.set_defaults(run=restore)

    examine_ = commands.add_parser("doctor", help="look whether all is well, and say what to do")
    examine_.add_argument("--mail-to", metavar="ADDRESS", help="send a test mail there")
    examine_.set_defaults(run=examine)

    list_ = commands.add_parser("libraries", help="list all that is installed with it (CycloneDX)")
    list_.set_defaults(run=list_libraries)

    school = commands.add_parser("school", help="schools of this service")
    actions = school.add_subparsers(required=True, metavar="action")
    add = actions.add_parser("add", help="add a school and invite its first administrator")
    add.add_argument("name")
    add.add_argument("--email", required=True, help="the administrator's")
    add.add_argument("--administrator", required=True, help="the administrator's name")
    add.add_argument("--language", choices=("nl", "en"), default="nl")
    add.set_defaults(run=operating.add_school)

    local = actions.add_parser("local-sign-in", help="let people sign in with a password again")
    local.add_argument("name", help="the school's")
    local.set_defaults(run=operating.allow_passwords)

    board = commands.add_parser("board", help="governing boards, and partners of several schools")
    actions = board.add_subparsers(required=True, metavar="action")
    seat = actions.add_parser("add", help="invite somebody to a board; a new name makes a new one")
    seat.add_argument("--name", required=True, type=board_name, help="the board's")
    seat.add_argument("--email", required=True, help="the person's")
    seat.add_argument("--person", required=True, help="the person's name")
    seat.set_defaults(run=operating.add_to_board)
    leave = actions.add_parser("remove", help="end somebody's seat at a board")
    leave.add_argument("--name", required=True, type=board_name, help="the board's")
    leave.add_argument("--email", required=True, help="the person's")
    leave.set_defaults(run=operating.remove_from_board)

    pepper = commands.add_parser("pepper", help="the service's secret")
    actions = pepper.add_subparsers(required=True, metavar="action")
    anew = actions.add_parser("replace", help="put another one in its place and lock all anew")
    anew.set_defaults(run=operating.replace_pepper)

    account = commands.add_parser("account", help="a way back in for who lost it")
    account.add_argument("lost", choices=("password", "second-factor"))
    account.add_argument("--email", required=True, help="the person's")
    account.set_defaults(run=operating.recover)

    file = commands.add_parser(
        "research", help="write a file for research, of schools that take part"
    )
    file.add_argument("file", type=Path, metavar="FILE", help="a zip that is not there yet")
    file.set_defaults(run=operating.write_research)
    return top


def board_name(text: str) -> str:
    name = text.strip()
    if not 0 < len(name) <= LONGEST_NAME:
        raise argparse.ArgumentTypeError(f"a name has 1 to {LONGEST_NAME} characters")
    return name


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
        say("The leader's code holds half a minute; the page that asks for it shows the next one.")
        say("Ctrl-C ends it; what happened is kept for the next time.")
        await listen(found, app)


async def back_up(arguments: argparse.Namespace) -> None:
    """While the service runs, or while it does not."""
    found = settings.read(os.environ)
    if arguments.file.exists():
        raise Refused(f"{arguments.file} is there already")
    async with database(found, shared=True) as dsn:
        say("Saving ...")
        program = embedded.program("pg_dump")
        await backing.backup(dsn, arguments.file.absolute(), program, say)
    say(
        f"Saved in {arguments.file}. Keys, pepper and answers of open rounds are not in it: nobody "
        "can open an answer with it. Keep the pepper apart from it: then codes work again."
    )


async def restore(arguments: argparse.Namespace) -> None:
    found = settings.read(os.environ)
    if not arguments.file.exists():
        raise Refused(f"{arguments.file} is not there")
    mark = pepper_file.read(found.pepper).mark() if found.pepper.exists() else None
    now = datetime.now(found.zone)
    async with server(found) as dsn:
        say("Restoring ...")
        program = embedded.program("pg_restore")
        try:
            notes = await backing.restore(dsn, arguments.file.absolute(), program, mark, now, say)
        except backing.NotEmpty:
            raise Refused(
                "the database is not empty, and is left alone; set STEMLOKAAL_DATA to a new "
                "folder, or STEMLOKAAL_DATABASE to an empty database"
            ) from None
    for note in notes:
        say(note)
    say("Restored. stemlokaal serve starts it.")


async def examine(arguments: argparse.Namespace) -> None:
    if not await doctor.examined(os.environ, arguments.mail_to, say):
        sys.exit(1)


async def list_libraries(_: argparse.Namespace) -> None:
    say(libraries.bill())


if __name__ == "__main__":
    main()
