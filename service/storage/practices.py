"""Agreements that worked, handed on as good practice: what was tried, about what, no more."""

from uuid import UUID

from asyncpg import Connection


async def add(
    connection: Connection, school_id: UUID, practice_id: UUID, item: str, text: str
) -> None:
    """The same practice stands there once, however often it is handed on."""
    await connection.execute(
        """
        insert into practice (school_id, practice_id, item, text)
        select $1, $2, $3, $4
        where not exists (
            select from practice where school_id = $1 and item = $3 and text = $4
        )
        """,
        school_id,
        practice_id,
        item,
        text,
    )


async def about(connection: Connection, school_id: UUID, item: str) -> list[str]:
    rows = await connection.fetch(
        "select text from practice where school_id = $1 and item = $2 order by text",
        school_id,
        item,
    )
    return [row["text"] for row in rows]
