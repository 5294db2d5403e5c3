"""Groups, and who teaches them."""

from uuid import UUID

from asyncpg import Connection, Record
from msgspec import Struct

from surveys.instrument import Stage
from surveys.rounds import Group, GroupKind


class Taught(Struct, frozen=True):
    """A group, and by whom it is taught."""

    group: Group
    teachers: tuple[str, ...]


COLUMNS = "school_id, group_id, name, kind, stage, year_group, school_year, members, subject"


def group_of(row: Record) -> Group:
    columns = {name: row[name] for name in COLUMNS.split(", ")}
    return Group(**{**columns, "kind": GroupKind(row["kind"]), "stage": Stage(row["stage"])})


async def add(connection: Connection, group: Group) -> None:
    await connection.execute(
        f"insert into grp ({COLUMNS}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        group.school_id,
        group.group_id,
        group.name,
        group.kind,
        group.stage,
        group.year_group,
        group.school_year,
        group.members,
        group.subject,
    )


async def change(connection: Connection, group: Group) -> None:
    await connection.execute(
        """
        update grp
        set name = $3, kind = $4, stage = $5, year_group = $6, school_year = $7,
            members = $8, subject = $9
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
    )


async def get(connection: Connection, school_id: UUID, group_id: UUID) -> Group | None:
    row = await connection.fetchrow(
        f"select {COLUMNS} from grp where school_id = $1 and group_id = $2", school_id, group_id
    )
    return group_of(row) if row else None


async def taught_by(connection: Connection, school_id: UUID, account_id: UUID) -> list[Group]:
    rows = await connection.fetch(
        f"""
        select {COLUMNS}
        from grp
        join teaching using (school_id, group_id)
        where school_id = $1 and account_id = $2
        order by name, group_id
        """,
        school_id,
        account_id,
    )
    return [group_of(row) for row in rows]


async def of_school(connection: Connection, school_id: UUID) -> list[Taught]:
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
        where school_id = $1
        order by name, group_id
        """,
        school_id,
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
