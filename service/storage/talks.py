"""Talk requests: the one place where a student's name is kept, for the confidential adviser."""

from datetime import date
from uuid import UUID

from asyncpg import Connection
from msgspec import Struct


class TalkRequest(Struct, frozen=True):
    """`asked_on` is a date and no more: nothing ties a request to a round."""

    school_id: UUID
    request_id: UUID
    name: str
    class_: str
    asked_on: date
    handled_on: date | None = None


async def add(connection: Connection, request: TalkRequest) -> None:
    await connection.execute(
        """
        insert into talk_request (school_id, request_id, name, class, asked_on)
        values ($1, $2, $3, $4, $5)
        """,
        request.school_id,
        request.request_id,
        request.name,
        request.class_,
        request.asked_on,
    )


async def waiting(connection: Connection, school_id: UUID) -> int:
    return int(
        await connection.fetchval(
            "select count(*) from talk_request where school_id = $1 and handled_on is null",
            school_id,
        )
    )


async def of_school(connection: Connection, school_id: UUID) -> list[TalkRequest]:
    """Those that wait first, the oldest on top; within a day in no order."""
    rows = await connection.fetch(
        """
        select school_id, request_id, name, class as class_, asked_on, handled_on
        from talk_request
        where school_id = $1
        order by handled_on is not null, asked_on, request_id
        """,
        school_id,
    )
    return [TalkRequest(**row) for row in rows]


async def handle(
    connection: Connection, school_id: UUID, request_id: UUID, today: date | None
) -> bool:
    """Marks a request as handled, or with None as waiting again; whether there is one."""
    done = await connection.execute(
        """
        update talk_request
        set handled_on = $3
        where school_id = $1 and request_id = $2
        """,
        school_id,
        request_id,
        today,
    )
    return bool(done == "UPDATE 1")


async def drop_handled(connection: Connection, school_id: UUID, before: date) -> None:
    await connection.execute(
        "delete from talk_request where school_id = $1 and handled_on < $2", school_id, before
    )
