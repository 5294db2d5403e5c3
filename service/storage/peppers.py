"""Which pepper a database belongs to: a mark of it, from which nothing of it can be told."""

from asyncpg import Connection


async def mark(connection: Connection) -> bytes | None:
    """None for a database that has not been used yet."""
    found: bytes | None = await connection.fetchval("select mark from pepper_mark")
    return found


async def set_mark(connection: Connection, mark: bytes) -> None:
    await connection.execute("insert into pepper_mark (mark) values ($1)", mark)
