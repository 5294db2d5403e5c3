"""Groups, and who teaches them."""

from datetime import date
from uuid import UUID

from asyncpg import Connection, Record
from msgspec import Struct

from surveys.instrument import Stage
from surveys.rounds import Group, GroupKind


class Taught(Struct, frozen=True):
    """A group, and by whom it is taught."""

    group: Group
    teachers: tuple[str, ...]


COLUMNS = """school_id, group_id, name, kind, stage, year_group, school_year, members, subject,
             ended_on"""


def group_of(row: Record) -> Group:
    columns = {name: row[name] for name in Group.__struct_fields__}
    return Group(**{**columns, "kind": GroupKind(row["kind"]), "stage": Stage(row["stage"])})


async def add(connection: Connection, group: Group) -> None:
    await connection.execute(
        f"insert into grp ({COLUMNS}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        group.school_id,
        group.group_id,
        group.name,
        group.kind,
        group.stage,
        group.year_group,
        group.school_year,
        group.members,
        group.subject,
        group.ended_on,
    )


async def change(connection: Connection, group: Group) -> None:
    await connection.execute(
        """
        update grp
        set name = $3, kind = $4, stage = $5, year_group = $6, school_year = $7,
            members = $8, subject = $9, ended_on = $10
        where school_id = $1 and group_id = $2
        """,
        group.school_id,
        group.group_id,
        group.name,
        group.kind,
        group.stage,
        group.year_group,
        group.school_year,
        group.members,
        group.subject,
        group.ended_on,
    )


async def get(connection: Connection, school_id: UUID, group_id: UUID) -> Group | None:
    row = await connection.fetchrow(
        f"select {COLUMNS} from grp where school_id = $1 and group_id = $2", school_id, group_id
    )
    return group_of(row) if row else None


async def taught_by(connection: Connection, school_id: UUID, account_id: UUID) -> list[Group]:
    """Those that somebody may ask: what ended is asked no more."""
    rows = await connection.fetch(
        f"""
        select {COLUMNS}
        from grp
        join teaching using (school_id, group_id)
        where school_id = $1 and account_id = $2 and ended_on is null
        order by name, group_id
        """,
        school_id,
        account_id,
    )
    return [group_of(row) for row in rows]


async def of_school(
    connection: Connection, school_id: UUID, *, ended: bool = False
) -> list[Taught]:
    """Those that there are now, or those that have ended."""
    rows = await connection.fetch(
        f"""
        select {COLUMNS},
               array(
                   select a.name
                   from teaching t
                   join account a using (account_id)
                   where t.school_id = $1 and t.group_id = grp.group_id
                   order by a.name
               ) as teachers
        from grp
        where school_id = $1 and (ended_on is not null) = $2
        order by name, group_id
        """,
        school_id,
        ended,
    )
    return [Taught(group_of(row), tuple(row["teachers"])) for row in rows]


async def add_teacher(
    connection: Connection, school_id: UUID, group_id: UUID, account_id: UUID
) -> None:
    await connection.execute(
        """
        insert into teaching (school_id, group_id, account_id)
        values ($1, $2, $3)
        on conflict do nothing
        """,
        school_id,
        group_id,
        account_id,
    )


async def drop_teacher(
    connection: Connection, school_id: UUID, group_id: UUID, account_id: UUID
) -> None:
    await connection.execute(
        "delete from teaching where school_id = $1 and group_id = $2 and account_id = $3",
        school_id,
        group_id,
        account_id,
    )


async def teachers(connection: Connection, school_id: UUID, group_id: UUID) -> frozenset[UUID]:
    rows = await connection.fetch(
        "select account_id from teaching where school_id = $1 and group_id = $2",
        school_id,
        group_id,
    )
    return frozenset(row["account_id"] for row in rows)


async def teaches(connection: Connection, school_id: UUID, account_id: UUID) -> frozenset[UUID]:
    rows = await connection.fetch(
        "select group_id from teaching where school_id = $1 and account_id = $2",
        school_id,
        account_id,
    )
    return frozenset(row["group_id"] for row in rows)


async def lock(connection: Connection, school_id: UUID, group_id: UUID) -> None:
    """Until the end of the transaction nobody else opens a round of this group."""
    await connection.execute(
        "select from grp where school_id = $1 and group_id = $2 for update", school_id, group_id
    )


async def drop_ended(connection: Connection, school_id: UUID, ended_before: date) -> None:
    """Groups that ended before this day, with all that was asked and told of them."""
    await connection.execute(
        "delete from grp where school_id = $1 and ended_on < $2", school_id, ended_before
    )
