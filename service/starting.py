"""What commands stand on: a migrated database, the service's secret, a port that is free."""

import gc
import resource
import secrets
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import uvicorn

from service import embedded, pepper_file
from service.patience import Patient
from service.sealing import PEPPER_BYTES, Pepper
from service.settings import Settings
from service.storage import accounts, durability, peppers
from service.storage.migrate import migrate

ENOUGH_FILES = 65_536


class Refused(Exception):
    """The command cannot be carried out; the message says why and what to do."""


@asynccontextmanager
async def database(found: Settings, *, shared: bool = False) -> AsyncIterator[str]:
    """A migrated database that keeps what it acknowledges: one's own, or the embedded one.

    `shared` takes the one of a service that runs already; otherwise each has its own.
    """
    async with server(found, shared=shared) as dsn:
        async with connected(dsn) as connection:
            await durability.check(connection)
            await migrate(connection, say)
        yield dsn


@asynccontextmanager
async def server(found: Settings, *, shared: bool = False) -> AsyncIterator[str]:
    """A database as it is."""
    dsn = found.database or (embedded.address_if_running(found.data) if shared else None)
    if dsn:
        yield dsn
        return
    say("Starting the database ...")
    async with embedded.running(found.data, say) as started:
        yield started


async def connect(dsn: str) -> asyncpg.Connection:
    try:
        return await asyncpg.connect(dsn)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise Refused(f"STEMLOKAAL_DATABASE cannot be reached: {error}") from error


@asynccontextmanager
async def connected(dsn: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await connect(dsn)
    try:
        yield connection
    finally:
        await connection.close()


async def has_no_accounts(dsn: str) -> bool:
    async with connected(dsn) as connection:
        return not await accounts.any_exists(connection)


async def listen(found: Settings, app: object) -> None:
    take_open_files()
    config = listening(found, app)
    gc.collect()
    gc.freeze()  # what was made until now stays, and is not looked through at every turn
    await uvicorn.Server(config).serve()


def listening(found: Settings, app: object) -> uvicorn.Config:
    return uvicorn.Config(
        app,  # type: ignore[arg-type]
        host=found.host,
        port=found.port,
        loop="none",
        http=Patient,
        log_config=None,  # see `logs`
        access_log=False,  # it would hold codes and addresses
        log_level="warning",
        server_header=False,
        # Without one, an address that a visitor claims to come from is not believed.
        proxy_headers=bool(found.proxies),
        forwarded_allow_ips=list(found.proxies),
        timeout_keep_alive=60,  # longer than a student thinks about a page
        timeout_graceful_shutdown=5,
    )


def take_open_files() -> None:
    """As many as the system lets us have: each class's screen is a connection that stays open."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    enough = ENOUGH_FILES if most == resource.RLIM_INFINITY else min(most, ENOUGH_FILES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (enough, most))


async def pepper_of(found: Settings, dsn: str) -> Pepper:
    """The service's secret, made at the first start: a file of 32 bytes, outside the data."""
    async with connected(dsn) as connection:
        mark = await peppers.mark(connection)
        if not found.pepper.exists():
            if mark is not None:
                raise Refused(
                    f"STEMLOKAAL_PEPPER: {found.pepper} is not there, and the database was used "
                    "with one. Put it back: without it no code and no open round works"
                )
            found.pepper.parent.mkdir(parents=True, exist_ok=True)
            pepper_file.make(found.pepper, Pepper(secrets.token_bytes(PEPPER_BYTES)))
        pepper = pepper_file.read(found.pepper)
        if mark is None:
            await peppers.set_mark(connection, pepper.mark())
        elif pepper.former and mark == pepper.former.mark():
            raise Refused(
                f"STEMLOKAAL_PEPPER: replacing {found.pepper} was broken off. "
                "stemlokaal pepper replace finishes it"
            )
        elif mark != pepper.mark():
            raise Refused(f"STEMLOKAAL_PEPPER: {found.pepper} is not the one of this database")
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
