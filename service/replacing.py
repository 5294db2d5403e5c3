"""Another pepper in the place of one that leaked, or that is old; no answer is lost by it.

What the service can open is locked anew. A round that is open keeps to the pepper that it began
under, and so do the cards in its students' hands: nobody knows those any more, nor what is in its
envelopes. So the former pepper stays beside the present one until these are counted. It opens no
other round: which ones it is for is said under the present one.
"""

import asyncio
import hmac
import logging
import secrets
from pathlib import Path
from uuid import UUID

import asyncpg
from asyncpg import Connection
from msgspec import Struct

from service import client_secrets, logs, pepper_file, second_factor, vault
from service.sealing import PEPPER_BYTES, Pepper
from service.storage import examining, peppers, replacing, schools, tenancy
from service.storage.codes import Door
from service.storage.replacing import Link

EVERY = 3600.0  # seconds
PATIENCE = 20  # tenths of a second
KEEPER = "stemlokaal_keeper"  # who sees the rounds of every school

log = logging.getLogger(__name__)


class NotNow(Exception):
    """The pepper stays as it is; the message says why, and what to do first."""


class Replaced(Struct, frozen=True):
    """How many rounds keep to the former pepper, and how many people lost their recovery codes."""

    rounds: int
    recovery_codes: int


async def replace(connection: Connection, file: Path) -> Replaced:
    """As the database's owner, while nobody else is there. Raises NotNow.

    Broken off, it is finished by running it again: the file is written first, with both, and the
    database says which of them it knows.
    """
    if not await examining.may_save(connection):
        role = await examining.role(connection)
        raise NotNow(f"as a superuser of PostgreSQL, first: alter role {role} bypassrls")
    try:
        async with connection.transaction():
            await replacing.hold(connection)
            await alone(connection)
            pepper = await begun(connection, file)
            recovery_codes = await lock_anew(connection, pepper)
            rounds = await begun_under_former(connection, pepper)
        if not rounds:
            pepper_file.replace(file, Pepper(pepper.secret))
    except PermissionError as error:
        raise NotNow(f"{file} cannot be replaced by who runs this: {error}") from error
    return Replaced(rounds, recovery_codes)


async def alone(connection: Connection) -> None:
    """Whoever went on with the former pepper would write what nobody can read."""
    for _ in range(PATIENCE):  # one who just left is seen a moment longer
        there = await replacing.others(connection)
        if not there:
            return
        await asyncio.sleep(0.1)
    raise NotNow(f"{there} others are connected to the database: stop the service everywhere first")


async def begun(connection: Connection, file: Path) -> Pepper:
    """A new one with the former one beside it, on the disk; or what was broken off before."""
    mark = await peppers.mark(connection)
    if mark is None or not file.exists():
        raise NotNow(f"{file} and the database do not belong together yet")
    present = pepper_file.read(file)
    if present.former and present.former.mark() == mark:
        return present
    if present.mark() != mark:
        raise NotNow(f"{file} is not the one of this database")
    if rounds := await begun_under_former(connection, present):
        raise NotNow(
            f"it was replaced already, and {rounds} rounds are open that began before that: put "
            "the file on every machine, and close those rounds before you replace it once more"
        )
    new = Pepper(secrets.token_bytes(PEPPER_BYTES), Pepper(present.secret))
    pepper_file.replace(file, new)
    return new


def former_of(pepper: Pepper) -> Pepper:
    if pepper.former is None:
        raise ValueError("nothing was replaced")
    return pepper.former


# What is locked anew


async def lock_anew(connection: Connection, pepper: Pepper) -> int:
    """How many people had recovery codes: those cannot be kept, and are made anew."""
    for public_key, mac in await replacing.stocked(connection):
        if hmac.compare_digest(mac, former_of(pepper).of_stock_key(public_key)):
            await replacing.set_stocked(connection, public_key, pepper.of_stock_key(public_key))
    for account_id, locked in await replacing.second_factors(connection):
        if anew := vault.lock_anew(pepper, locked, *second_factor.purpose(account_id)):
            await replacing.set_second_factor(connection, account_id, anew)
    for school_id in await schools.every(connection):
        await tenancy.enter(connection, school_id)
        await lock_school_anew(connection, pepper, school_id)
    await replacing.drop_passing(connection)
    await replacing.set_mark(connection, pepper.mark())
    return await replacing.drop_recovery_codes(connection)


async def lock_school_anew(connection: Connection, pepper: Pepper, school_id: UUID) -> None:
    """Links of staff that were handed out lead nowhere any more; the pages show others."""
    for each in await replacing.bound(connection, school_id):
        formers = former_of(pepper).of_round_key(each.round_id, each.public_key)
        if hmac.compare_digest(each.key_mac, formers):
            mac = pepper.of_formers_round_key(each.round_id, each.public_key)
            await replacing.set_bound(connection, school_id, each.round_id, mac)
    for code in await replacing.class_codes(connection, school_id):
        before, now = former_of(pepper).of_code(code), pepper.of_code(code)
        await replacing.set_link(connection, before, now)
    for provider_id, locked in await replacing.client_secrets(connection, school_id):
        purpose = client_secrets.purpose(school_id, provider_id)
        if anew := vault.lock_anew(pepper, locked, *purpose):
            await replacing.set_client_secret(connection, school_id, provider_id, anew)
    for link in await replacing.links(connection, school_id):
        before, now = (each.of_code(token_of(each, link)) for each in (former_of(pepper), pepper))
        await replacing.set_link(connection, before, now)


def token_of(pepper: Pepper, link: Link) -> str:
    if link.kind == Door.VISIT:
        return pepper.visit_token(link.leads_to)
    return pepper.screen_token(link.leads_to, link.revision)


# The end of the former one


async def begun_under_former(connection: Connection, pepper: Pepper) -> int:
    """How many rounds that are not counted yet did. Within a transaction, as one who sees every
    school."""
    found = 0
    for school_id in await schools.every(connection):
        await tenancy.enter(connection, school_id)
        for each in await replacing.bound(connection, school_id):
            mac = pepper.of_formers_round_key(each.round_id, each.public_key)
            found += hmac.compare_digest(each.key_mac, mac)
    return found


async def forget_former(dsn: str, pepper: Pepper, file: Path) -> bool:
    """Whether there is none any more."""
    if pepper.former is None:
        return True
    connection = await asyncpg.connect(dsn, server_settings={"role": KEEPER})
    try:
        async with connection.transaction():
            if await begun_under_former(connection, pepper):
                return False
    finally:
        await connection.close()
    pepper_file.replace(file, Pepper(pepper.secret))
    log.info("the former pepper is needed no longer and is gone from the disk")
    return True


async def run(dsn: str, pepper: Pepper, file: Path) -> None:
    """Until the former pepper is gone from this machine; mostly there is none."""
    while True:
        try:
            if await forget_former(dsn, pepper, file):
                return
        except Exception as error:  # noqa: BLE001  whatever it was, the clock goes on
            logs.trouble(log, "the former pepper was not looked at and will be", error)
        await asyncio.sleep(EVERY)
