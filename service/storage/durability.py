"""Whether the database keeps what it acknowledges, and does not remember when an answer came."""

from asyncpg import Connection

OLDEST_VERSION = 150000  # PostgreSQL 15

REQUIRED = {
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "track_commit_timestamp": "off",
}


class UnsafeDatabase(Exception):
    """The service does not start on this database; the message names each setting to change."""


async def check(connection: Connection) -> None:
    rows = await connection.fetch(
        """
        select name, setting
        from pg_settings
        where name = any($1) or name = 'server_version_num'
        """,
        list(REQUIRED),
    )
    settings = {row["name"]: row["setting"] for row in rows}
    version = int(settings.pop("server_version_num"))
    problems = [
        f"{name} is {settings[name]}, it must be {value}"
        for name, value in REQUIRED.items()
        # 'remote_apply' and the like promise more than 'on'; 'off' and 'local' promise less.
        if settings[name] != value
        and not (name == "synchronous_commit" and settings[name].startswith("remote_"))
    ]
    if version < OLDEST_VERSION:
        problems.insert(0, f"PostgreSQL is {version // 10000}, it must be 15 or newer")
    if problems:
        raise UnsafeDatabase("; ".join(problems))
