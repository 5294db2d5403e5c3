"""Deleting for good: what somebody leaves at a school, and a school as a whole.

Results are their teacher's and go with the account, but for surveys that colleagues were shown:
those go on being read by them. Students' own words were for their teacher alone, so they go.
"""

from collections.abc import Sequence
from uuid import UUID

from asyncpg import Connection
from msgspec import Struct

SHOWN = """
    (exists (
        select from share h where h.school_id = s.school_id and h.survey_id = s.survey_id
    )
    or exists (
        select from board_reader b
        where b.school_id = s.school_id and b.survey_id = s.survey_id and b.account_id <> s.owner
    ))
"""


class Owned(Struct, frozen=True):
    """What would go with an account, what would stay, and what is being asked right now."""

    going: int
    staying: int
    running: int


async def owned(connection: Connection, school_id: UUID, account_id: UUID) -> Owned:
    """Numbers of surveys; `running` is of rounds."""
    row = await connection.fetchrow(
        f"""
        select count(*) filter (where not {SHOWN}) as going,
               count(*) filter (where {SHOWN})     as staying,
               (
                   select count(*)
                   from round r
                   join survey o using (school_id, survey_id)
                   where r.school_id = $1 and o.owner = $2 and r.state in ('open', 'closed')
               ) as running
        from survey s
        where s.school_id = $1 and s.owner = $2
        """,
        school_id,
        account_id,
    )
    return Owned(**row)


async def rounds_going(connection: Connection, school_id: UUID, account_id: UUID) -> list[UUID]:
    """The rounds that would go with an account."""
    rows = await connection.fetch(
        f"""
        select r.round_id
        from round r
        join survey s using (school_id, survey_id)
        where r.school_id = $1 and s.owner = $2 and not {SHOWN}
        order by r.round_id
        """,
        school_id,
        account_id,
    )
    return [row["round_id"] for row in rows]


async def drop_doors(connection: Connection, school_id: UUID, rounds: Sequence[UUID]) -> None:
    """The codes of these rounds lead nowhere any more."""
    await connection.execute(
        "delete from code where school_id = $1 and round_id = any($2)", school_id, rounds
    )


async def drop_surveys(connection: Connection, school_id: UUID, account_id: UUID) -> None:
    """With all that was asked and told in them, and the mornings on which they would ring."""
    await connection.execute(
        f"""
        with going as (
            delete from survey s
            where s.school_id = $1 and s.owner = $2 and not {SHOWN}
            returning s.survey_id
        ),
        rung as (
            delete from reminder
            where school_id = $1 and subject in (select survey_id from going)
        )
        update survey s
        set follows = null
        where s.school_id = $1 and s.follows in (select survey_id from going)
          and s.survey_id not in (select survey_id from going)
        """,
        school_id,
        account_id,
    )


async def drop_what_was_private(connection: Connection, school_id: UUID, account_id: UUID) -> None:
    """Of the surveys that stay: what their teacher alone could read."""
    await connection.execute(
        """
        with own as (
            select r.round_id
            from round r
            join survey s using (school_id, survey_id)
            where r.school_id = $1 and s.owner = $2
        ),
        words as (
            delete from comment
            where school_id = $1 and round_id in (select round_id from own)
        ),
        guesses as (
            delete from guess
            where school_id = $1 and round_id in (select round_id from own)
        )
        delete from visit
        where school_id = $1 and round_id in (select round_id from own)
        """,
        school_id,
        account_id,
    )


async def drop_place(connection: Connection, school_id: UUID, account_id: UUID) -> None:
    """Somebody's roles, classes, seats at boards, identities and sessions at one school."""
    await connection.execute(
        """
        with roles as (
            delete from membership where school_id = $1 and account_id = $2
        ),
        classes as (
            delete from teaching where school_id = $1 and account_id = $2
        ),
        shown as (
            delete from share where school_id = $1 and account_id = $2
        ),
        lines as (
            delete from board_reader where school_id = $1 and account_id = $2
        ),
        seats as (
            delete from board_member where school_id = $1 and account_id = $2
        ),
        identities as (
            delete from identity where school_id = $1 and account_id = $2
        )
        delete from session where school_id = $1 and account_id = $2
        """,
        school_id,
        account_id,
    )


async def drop_empty_boards(connection: Connection, school_id: UUID) -> None:
    """Boards at which nobody sits, with the links to their screens."""
    await connection.execute(
        """
        with empty as (
            delete from board b
            where b.school_id = $1
              and not exists (
                  select from board_member m
                  where m.school_id = b.school_id and m.board_id = b.board_id
              )
            returning b.board_id
        )
        delete from code
        where school_id = $1 and kind = 'board' and round_id in (select board_id from empty)
        """,
        school_id,
    )


# A whole school: the keeper's


async def keys(connection: Connection, school_id: UUID) -> list[bytes]:
    """The public keys of rounds that are not counted yet."""
    rows = await connection.fetch(
        """
        select distinct public_key
        from round
        where school_id = $1 and public_key is not null
        """,
        school_id,
    )
    return [row["public_key"] for row in rows]


async def staff(connection: Connection, school_id: UUID) -> list[UUID]:
    rows = await connection.fetch(
        "select distinct account_id from membership where school_id = $1", school_id
    )
    return [row["account_id"] for row in rows]


async def drop_school(connection: Connection, school_id: UUID) -> None:
    """Everything that names it; its own tables go with it."""
    await connection.execute(
        """
        with doors as (
            delete from code where school_id = $1
        ),
        signed_in as (
            delete from session where school_id = $1
        ),
        invited as (
            delete from invitation where school_id = $1
        ),
        mails as (
            delete from reminder where school_id = $1
        ),
        entrances as (
            delete from entrance where school_id = $1
        ),
        on_the_way as (
            delete from signing_in where school_id = $1
        )
        delete from school where school_id = $1
        """,
        school_id,
    )


async def drop_accounts(connection: Connection, accounts: Sequence[UUID]) -> None:
    """Those of them that work at no school any more, and sit on no governing board."""
    await connection.execute(
        """
        delete from account a
        where a.account_id = any($1)
          and not exists (select from membership m where m.account_id = a.account_id)
          and not exists (select from governing_member b where b.account_id = a.account_id)
        """,
        accounts,
    )
