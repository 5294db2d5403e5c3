"""Of the database: is it safe, is it ours, does its clock agree, and does its log keep quiet?"""

from datetime import UTC, datetime
from hashlib import sha256

from asyncpg import Connection

from service.embedded import SETTINGS
from service.findings import Finding, broken, look, well
from service.storage import durability, examining, migrate

DATABASE, MIGRATIONS, ROLES = "Database", "Migrations", "Roles"
WALLS, QUIET, CLOCK = "Between schools", "The database's log", "Clock"
SAVING = "Backup"

CLOSE, FAR = 2.0, 60.0  # seconds between two clocks
TALK = {name: value for name, value in SETTINGS.items() if name.startswith("log_")} | {
    "log_min_messages": "",  # ours is stricter than a server that others use too has to be
    "log_checkpoints": "",
}


async def examined(connection: Connection, *, own_server: bool) -> list[Finding]:
    """`own_server` is one that the service does not run itself."""
    return [
        await safe(connection),
        await up_to_date(connection),
        *await roles(connection),
        *([await quiet(connection), await saving(connection)] if own_server else []),
        await clock(connection),
    ]


async def safe(connection: Connection) -> Finding:
    version = await examining.version(connection)
    try:
        await durability.check(connection)
    except durability.UnsafeDatabase as error:
        return broken(
            DATABASE,
            f"PostgreSQL {version}: {error}",
            "set this in postgresql.conf and start PostgreSQL again",
        )
    return well(DATABASE, f"PostgreSQL {version}, and what it acknowledges is on the disk")


async def up_to_date(connection: Connection) -> Finding:
    if not await examining.is_made(connection):
        return look(MIGRATIONS, "none is applied yet", "stemlokaal serve applies them")
    files = sorted(migrate.FOLDER.glob("[0-9]*.sql"))
    checksums = {file.stem: sha256(file.read_bytes()).hexdigest() for file in files}
    try:
        new = migrate.unapplied(checksums, await migrate.applied_checksums(connection))
    except migrate.MigrationRefused as error:
        return broken(
            MIGRATIONS, str(error), "install the version that belongs to it, or restore a backup"
        )
    if new:
        return look(MIGRATIONS, f"{len(new)} new", "they are applied at the next start")
    return well(MIGRATIONS, f"all {len(files)} are applied, and unchanged")


async def roles(connection: Connection) -> list[Finding]:
    if missing := await examining.missing_roles(connection):
        return [
            broken(
                ROLES,
                f"{' and '.join(missing)} cannot be used",
                "stemlokaal serve makes them; its own role needs the right createrole",
            )
        ]
    if powerful := await examining.powerful_roles(connection):
        return [
            broken(
                ROLES,
                f"{' and '.join(powerful)} may do more than it should",
                "take superuser, bypassrls and tables away from it",
            )
        ]
    found = [well(ROLES, "pages, keeper and ballots are there, and none may do more than it needs")]
    if tables := await examining.open_tables(connection):
        said = f"row-level security is off on {', '.join(tables)}"
        to_do = "alter table ... enable row level security, force row level security"
        return [*found, broken(WALLS, said, to_do)]
    return [*found, well(WALLS, "row-level security is forced on every table of a school")]


async def quiet(connection: Connection) -> Finding:
    wanted = {name: value for name, value in TALK.items() if value and name != "logging_collector"}
    settings = await examining.settings(connection, list(wanted))
    loud = [name for name, value in wanted.items() if settings.get(name, value) != value]
    if loud:
        return look(
            QUIET,
            "it may repeat what a child wrote, when PostgreSQL refuses a row",
            "; ".join(f"set {name} to {wanted[name]}" for name in loud),
        )
    return well(QUIET, "it repeats nothing that anybody wrote")


async def saving(connection: Connection) -> Finding:
    if await examining.may_save(connection):
        return well(SAVING, "its role reads every school, so all can be saved")
    role = await examining.role(connection)
    return broken(
        SAVING,
        f"its role {role} may not read every school, so stemlokaal backup saves nothing",
        f"as a superuser of PostgreSQL: alter role {role} bypassrls",
    )


async def clock(connection: Connection) -> Finding:
    apart = abs((await examining.now(connection) - datetime.now(UTC)).total_seconds())
    if apart <= CLOSE:
        return well(CLOCK, "as the database's")
    told = (CLOCK, f"{apart:.0f} seconds from the database's", "let both follow a time server")
    return look(*told) if apart <= FAR else broken(*told)
