"""The operator's commands beside serving: schools, boards, a way back in, a file for research."""

import argparse
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from random import SystemRandom

from asyncpg import Connection

from service import adding, recovering, rendering, replacing, research, settings, ways_in
from service.app import pool_as
from service.settings import Settings
from service.starting import Refused, connected, database, say
from surveys.research import LEAST_SCHOOLS


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


async def allow_passwords(arguments: argparse.Namespace) -> None:
    async with at_the_desk() as (found, connection):
        now = datetime.now(found.zone)
        if not await ways_in.let_passwords_in(connection, arguments.name, now):
            raise Refused(f"there is no school called {arguments.name}")
    say(f"At {arguments.name} people sign in with a password again.")


async def add_to_board(arguments: argparse.Namespace) -> None:
    async with at_the_desk() as (found, connection):
        link = await adding.add_to_board(
            connection,
            url=found.url,
            board=arguments.name,
            email=arguments.email,
            person=arguments.person,
            today=datetime.now(found.zone).date(),
        )
    say(f"{arguments.person} is invited to {arguments.name}, and chooses a password here: {link}")


async def remove_from_board(arguments: argparse.Namespace) -> None:
    async with at_the_desk() as (_, connection):
        if not await adding.remove_from_board(
            connection, board=arguments.name, email=arguments.email
        ):
            raise Refused(f"nobody with {arguments.email} sits on {arguments.name}")
    say(f"{arguments.email} no longer sees the schools of {arguments.name}.")


async def recover(arguments: argparse.Namespace) -> None:
    async with at_the_desk() as (found, connection):
        lost, now = arguments.lost, datetime.now(found.zone)
        said = await recovering.recover(connection, found.url, lost, arguments.email, now)
    if said is None:
        raise Refused(f"nobody with {arguments.email} has a {lost} here")
    say(said)


async def write_research(arguments: argparse.Namespace) -> None:
    found = settings.read(os.environ)
    async with (
        database(found, shared=True) as dsn,
        pool_as("stemlokaal_keeper", dsn) as keepers,
        pool_as("stemlokaal_pages", dsn) as pages,
    ):
        recorded = await research.gathered(keepers, pages, SystemRandom())
    if not recorded:
        raise Refused(f"nothing is told of fewer than {LEAST_SCHOOLS} schools that take part")
    try:
        research.write(arguments.file, recorded, rendering.environment(found.zone))
    except OSError as error:
        raise Refused(f"{arguments.file} cannot be written: {error}") from error
    schools = len({cell.school for cell in recorded})
    say(f"{arguments.file}: {len(recorded)} cells of {schools} schools, and a codebook.")


async def replace_pepper(_: argparse.Namespace) -> None:
    found = settings.read(os.environ)
    async with database(found) as dsn, connected(dsn) as connection:
        try:
            done = await replacing.replace(connection, found.pepper)
        except replacing.NotNow as error:
            raise Refused(str(error)) from error
    say(
        f"{found.pepper} is another one now. Put it on every machine of this service and in the "
        "place where its copy is, make a backup, and start the service again."
    )
    if done.rounds:
        say(
            f"Rounds that were open: {done.rounds}. They go on, and so do their codes and cards. "
            "The former pepper is in the same file until they are counted; then it goes by itself."
        )
    say("Links to screens and visits lead nowhere any more; the pages show others.")
    if done.recovery_codes:
        say(
            f"People whose recovery codes are void: {done.recovery_codes}. "
            "Under Account they make others."
        )


@asynccontextmanager
async def at_the_desk() -> AsyncIterator[tuple[Settings, Connection]]:
    """The settings, and a connection to the service's database, whether it runs now or not."""
    found = settings.read(os.environ)
    async with database(found, shared=True) as dsn, connected(dsn) as connection:
        yield found, connection
