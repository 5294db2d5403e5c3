"""Boards of teams: members, the surveys that teachers put there, and what the team does."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from asyncpg import Connection
from msgspec import Struct


class Board(Struct, frozen=True):
    """A team's board; `screen` is the number of its screen's present link."""

    school_id: UUID
    board_id: UUID
    name: str
    screen: int = 0


class Line(Struct, frozen=True):
    """A survey on a board. `on_screen`: also on the screen in the staff room."""

    survey_id: UUID
    on_screen: bool


class Action(Struct, frozen=True):
    """What somebody of the team does; `done_on` once it is done."""

    action_id: UUID
    text: str
    who: str
    due_on: date | None
    done_on: date | None = None


async def add(connection: Connection, board: Board) -> None:
    await connection.execute(
        "insert into board (school_id, board_id, name) values ($1, $2, $3)",
        board.school_id,
        board.board_id,
        board.name,
    )


async def get(connection: Connection, school_id: UUID, board_id: UUID) -> Board | None:
    row = await connection.fetchrow(
        """
        select school_id, board_id, name, screen
        from board
        where school_id = $1 and board_id = $2
        """,
        school_id,
        board_id,
    )
    return Board(**row) if row else None


async def of_member(connection: Connection, school_id: UUID, account_id: UUID) -> list[Board]:
    rows = await connection.fetch(
        """
        select school_id, board_id, name, screen
        from board
        join board_member using (school_id, board_id)
        where school_id = $1 and account_id = $2
        order by name, board_id
        """,
        school_id,
        account_id,
    )
    return [Board(**row) for row in rows]


async def members(connection: Connection, school_id: UUID, board_id: UUID) -> frozenset[UUID]:
    rows = await connection.fetch(
        "select account_id from board_member where school_id = $1 and board_id = $2",
        school_id,
        board_id,
    )
    return frozenset(row["account_id"] for row in rows)


async def set_members(
    connection: Connection, school_id: UUID, board_id: UUID, people: Iterable[UUID]
) -> None:
    """Who is no longer a member reads no line any more, and takes the own lines along: nobody
    else could take them off. Who is new waits for each teacher."""
    people = list(people)
    await connection.execute(
        """
        delete from board_member
        where school_id = $1 and board_id = $2 and account_id <> all($3)
        """,
        school_id,
        board_id,
        people,
    )
    await connection.execute(
        """
        delete from board_reader
        where school_id = $1 and board_id = $2 and account_id <> all($3)
        """,
        school_id,
        board_id,
        people,
    )
    await connection.execute(
        """
        delete from board_line l
        using survey s
        where l.school_id = $1 and l.board_id = $2
          and s.school_id = l.school_id and s.survey_id = l.survey_id and s.owner <> all($3)
        """,
        school_id,
        board_id,
        people,
    )
    await connection.execute(
        """
        insert into board_member (school_id, board_id, account_id)
        select $1, $2, unnest($3::uuid[])
        on conflict do nothing
        """,
        school_id,
        board_id,
        people,
    )


async def put(
    connection: Connection, school_id: UUID, board_id: UUID, line: Line, readers: Iterable[UUID]
) -> None:
    """Puts a survey on the board, for these to read; once more says who reads it from now on."""
    await take_off(connection, school_id, board_id, line.survey_id)
    await connection.execute(
        """
        insert into board_line (school_id, board_id, survey_id, on_screen)
        values ($1, $2, $3, $4)
        """,
        school_id,
        board_id,
        line.survey_id,
        line.on_screen,
    )
    await connection.execute(
        """
        insert into board_reader (school_id, board_id, survey_id, account_id)
        select $1, $2, $3, unnest($4::uuid[])
        """,
        school_id,
        board_id,
        line.survey_id,
        list(readers),
    )


async def take_off(
    connection: Connection, school_id: UUID, board_id: UUID, survey_id: UUID
) -> None:
    await connection.execute(
        "delete from board_line where school_id = $1 and board_id = $2 and survey_id = $3",
        school_id,
        board_id,
        survey_id,
    )


async def lines_of(connection: Connection, school_id: UUID, board_id: UUID) -> list[Line]:
    rows = await connection.fetch(
        """
        select survey_id, on_screen
        from board_line
        where school_id = $1 and board_id = $2
        order by survey_id
        """,
        school_id,
        board_id,
    )
    return [Line(**row) for row in rows]


async def readable(
    connection: Connection, school_id: UUID, board_id: UUID, account_id: UUID
) -> frozenset[UUID]:
    """The surveys on a board that this member was shown by their teachers."""
    rows = await connection.fetch(
        """
        select survey_id
        from board_reader
        where school_id = $1 and board_id = $2 and account_id = $3
        """,
        school_id,
        board_id,
        account_id,
    )
    return frozenset(row["survey_id"] for row in rows)


async def add_action(
    connection: Connection, school_id: UUID, board_id: UUID, action: Action
) -> None:
    await connection.execute(
        """
        insert into board_action (school_id, board_id, action_id, text, who, due_on)
        values ($1, $2, $3, $4, $5, $6)
        """,
        school_id,
        board_id,
        action.action_id,
        action.text,
        action.who,
        action.due_on,
    )


async def actions_of(connection: Connection, school_id: UUID, board_id: UUID) -> list[Action]:
    """What is to be done first, the soonest on top; then what was done, the latest on top."""
    rows = await connection.fetch(
        """
        select action_id, text, who, due_on, done_on
        from board_action
        where school_id = $1 and board_id = $2
        order by done_on desc nulls first, due_on nulls last, action_id
        """,
        school_id,
        board_id,
    )
    return [Action(**row) for row in rows]


async def finish(
    connection: Connection, school_id: UUID, board_id: UUID, action_id: UUID, done_on: date | None
) -> None:
    await connection.execute(
        """
        update board_action
        set done_on = $4
        where school_id = $1 and board_id = $2 and action_id = $3
        """,
        school_id,
        board_id,
        action_id,
        done_on,
    )


async def revise_screen(connection: Connection, school_id: UUID, board_id: UUID) -> int:
    return int(
        await connection.fetchval(
            """
            update board
            set screen = screen + 1
            where school_id = $1 and board_id = $2
            returning screen
            """,
            school_id,
            board_id,
        )
    )
