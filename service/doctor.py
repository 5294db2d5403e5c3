"""`stemlokaal doctor`: looks at everything that a school's service stands on, says in plain words
what is well and what is not, and what to do about it. It changes nothing.

The service may be running or not. The database that comes along is started for the time of the
look where it is not; one that was never made is left unmade.
"""

import asyncio
from collections import UserDict
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches

import asyncpg
from msgspec import Struct

from service import doctor_certificates, doctor_database, doctor_files, doctor_network, settings
from service.embedded import NotStarted
from service.findings import Finding, Mark, broken, look, well
from service.settings import Settings, WrongSetting
from service.starting import Refused, connected, server
from service.storage import examining, peppers
from service.storage.examining import PublicKey

SETTINGS, DATABASE = "Settings", "Database"
OURS = "STEMLOKAAL_"


async def examined(
    environment: Mapping[str, str], mail_to: str | None, say: Callable[[str], None]
) -> bool:
    """Whether nothing is broken; each finding is said as soon as it is there."""
    fine = True
    async for finding in findings(environment, mail_to):
        say(str(finding))
        fine = fine and finding.mark is not Mark.BROKEN
    say("Nothing is broken." if fine else "Something is broken: see above.")
    return fine


async def findings(environment: Mapping[str, str], mail_to: str | None) -> AsyncIterator[Finding]:
    noted = Noted(environment)
    try:
        found = settings.read(noted)
    except WrongSetting as error:
        yield broken(SETTINGS, str(error), "without settings there is nothing else to look at")
        return
    yield of_names(environment, noted.asked)
    told = await of_database(found)
    for finding in (*told.findings, *doctor_files.examined(found, told.mark, told.keys)):
        yield finding
    for finding in (*doctor_network.database(found), *doctor_certificates.examined(found)):
        yield finding
    for finding in await asyncio.to_thread(doctor_network.mail, found, mail_to):
        yield finding
    for finding in await asyncio.to_thread(doctor_network.address, found):
        yield finding
    yield doctor_network.proxies(found)


class Noted(UserDict[str, str]):
    """An environment that remembers what it was asked for."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        super().__init__(environment)
        self.asked: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.asked.add(name)
        return super().__getitem__(name)

    def __contains__(self, name: object) -> bool:
        self.asked.add(str(name))
        return super().__contains__(name)


def of_names(environment: Iterable[str], asked: Iterable[str]) -> Finding:
    """A variable with a typing mistake in its name is one that is not set."""
    unknown = sorted({name for name in environment if name.startswith(OURS)} - set(asked))
    if not unknown:
        return well(SETTINGS, "they can be read")
    likely = get_close_matches(unknown[0], list(asked), 1)
    to_do = f"is it {likely[0]}?" if likely else "take it away"
    return look(SETTINGS, f"{', '.join(unknown)} is none of ours", to_do)


class Told(Struct, frozen=True):
    """Of the database: how it is, and what only it can tell of pepper and keys."""

    findings: Sequence[Finding]
    mark: bytes | None = None
    keys: Sequence[PublicKey] = ()


async def of_database(found: Settings) -> Told:
    if found.database is None and not (found.data / "postgresql/data").exists():
        said = f"there is none yet in {found.data}"
        return Told([look(DATABASE, said, "stemlokaal serve makes it")])
    try:
        async with server(found, shared=True) as dsn, connected(dsn) as connection:
            return await of_connection(connection, own_server=found.database is not None)
    except (NotStarted, Refused) as error:
        to_do = "is it running, and are name, port and certificate or password right?"
        return Told([broken(DATABASE, str(error), to_do)])
    except asyncpg.PostgresError as error:
        said = f"it refuses to be looked at ({type(error).__name__})"
        return Told([broken(DATABASE, said, "is it the database of this service and version?")])
    except PermissionError as error:
        return Told([doctor_files.closed_to_us(error)])


async def of_connection(connection: asyncpg.Connection, *, own_server: bool) -> Told:
    found = await doctor_database.examined(connection, own_server=own_server)
    if not await examining.is_made(connection):
        return Told(found)
    return Told(found, await peppers.mark(connection), await examining.keys(connection))
