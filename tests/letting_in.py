"""Other ways into the PostgreSQL that comes along, where it plays one that a school has itself."""

import asyncio
from pathlib import Path

import asyncpg


async def let_in(administrator: asyncpg.Connection, rule: str) -> None:
    """Besides who gets in already: by one more line of its `pg_hba.conf`."""
    file = Path(await administrator.fetchval("show hba_file"))
    await followed(administrator, file, f"{file.read_text()}{rule}\n")


async def followed(connection: asyncpg.Connection, file: Path, content: str) -> None:
    """PostgreSQL reads one of its files with other content."""
    before = await connection.fetchval("select pg_conf_load_time()")
    file.write_text(content)
    await connection.execute("select pg_reload_conf()")
    while await connection.fetchval("select pg_conf_load_time()") == before:
        await asyncio.sleep(0.01)
