"""What came out of a school's files: which group and who is meant by an id of theirs.

A group that a teacher made is known by its own number. An import takes as many statements for a
hundred classes as for one.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from uuid import UUID

from asyncpg import Connection, Record

from surveys.instrument import Stage
from surveys.rosters.planning import Change, Held, Known
from surveys.rosters.roster import Person, Teaching
from surveys.rounds import Group, GroupKind

Said = tuple[UUID, str]
"""A group, and the files' id of who teaches it."""

COLUMNS = """school_id, group_id, name, kind, stage, year_group, school_year, members, subject,
             ended_on"""


def group_of(row: Record) -> Group:
    columns = {name: row[name] for name in Group.__struct_fields__}
    return Group(**{**columns, "kind": GroupKind(row["kind"]), "stage": Stage(row["stage"])})


# What there is


async def school(connection: Connection, school_id: UUID) -> str:
    """The id of the school in the files that came last."""
    found: str = await connection.fetchval(
        "select roster_school from school where school_id = $1", school_id
    )
    return found


async def groups(connection: Connection, school_id: UUID) -> dict[str, Held]:
    rows = await connection.fetch(
        f"""
        select {COLUMNS}, coalesce(sourced_id, group_id::text) as id,
               sourced_id is not null as imported
        from grp
        where school_id = $1
        order by name, group_id
        """,
        school_id,
    )
    return {row["id"]: Held(group_of(row), row["imported"]) for row in rows}


async def people(connection: Connection, school_id: UUID) -> dict[str, Known]:
    rows = await connection.fetch(
        """
        select p.sourced_id, p.account_id, coalesce(a.name, p.name) as name,
               coalesce(a.email, p.email) as email
        from roster_person p
        left join account a using (account_id)
        where p.school_id = $1
        order by name, p.sourced_id
        """,
        school_id,
    )
    known = [Known(Person(id, name, email), account_id) for id, account_id, name, email in rows]
    return {each.person.sourced_id: each for each in known}


async def teaching(connection: Connection, school_id: UUID) -> frozenset[Teaching]:
    rows = await connection.fetch(
        """
        select coalesce(g.sourced_id, g.group_id::text) as class, t.sourced_id as person
        from roster_teaching t
        join grp g on g.school_id = t.school_id and g.group_id = t.group_id
        where t.school_id = $1
        """,
        school_id,
    )
    return frozenset((row["class"], row["person"]) for row in rows)


async def taught(connection: Connection, school_id: UUID) -> list[Teaching]:
    """Who teaches what now, and who will as soon as they come; of groups that go on."""
    rows = await connection.fetch(
        """
        select coalesce(g.sourced_id, g.group_id::text) as class,
               coalesce(p.sourced_id, t.account_id::text) as person
        from teaching t
        join grp g on g.school_id = t.school_id and g.group_id = t.group_id
        left join roster_person p on p.school_id = t.school_id and p.account_id = t.account_id
        where t.school_id = $1 and g.ended_on is null and g.kind <> 'team'
        union
        select coalesce(g.sourced_id, g.group_id::text), t.sourced_id
        from roster_teaching t
        join grp g on g.school_id = t.school_id and g.group_id = t.group_id
        join roster_person p on p.school_id = t.school_id and p.sourced_id = t.sourced_id
        where t.school_id = $1 and g.ended_on is null and p.account_id is null
        order by 1, 2
        """,
        school_id,
    )
    return [(row["class"], row["person"]) for row in rows]


# What an import writes


async def set_school(connection: Connection, school_id: UUID, sourced_id: str) -> None:
    await connection.execute(
        "update school set roster_school = $2 where school_id = $1", school_id, sourced_id
    )


async def add_groups(connection: Connection, school_id: UUID, new: Mapping[str, Group]) -> None:
    await connection.execute(
        f"""
        insert into grp ({COLUMNS}, sourced_id)
        select $1, g.*
        from unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::integer[], $7::integer[],
                    $8::integer[], $9::text[], $10::date[], $11::text[]) as g
        """,
        school_id,
        *columns_of(new.values()),
        [*new],
    )


async def change_groups(connection: Connection, school_id: UUID, changes: Sequence[Change]) -> None:
    """A group that had ended begins again; one that a teacher made has the files' id from now."""
    await connection.execute(
        """
        update grp
        set name = g.name, kind = g.kind, stage = g.stage, year_group = g.year_group,
            school_year = g.school_year, members = g.members, subject = g.subject,
            ended_on = g.ended_on, sourced_id = g.sourced_id
        from unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::integer[], $7::integer[],
                    $8::integer[], $9::text[], $10::date[], $11::text[])
             as g (group_id, name, kind, stage, year_group, school_year, members, subject, ended_on,
                   sourced_id)
        where grp.school_id = $1 and grp.group_id = g.group_id
        """,
        school_id,
        *columns_of(change.after for change in changes),
        [change.sourced_id for change in changes],
    )


def columns_of(groups: Iterable[Group]) -> tuple[list[object], ...]:
    """The columns of some groups, in their order and without the school."""
    _, *names = Group.__struct_fields__
    listed = list(groups)
    return tuple([getattr(group, name) for group in listed] for name in names)


async def end_groups(
    connection: Connection, school_id: UUID, group_ids: Sequence[UUID], today: date
) -> None:
    await connection.execute(
        "update grp set ended_on = $3 where school_id = $1 and group_id = any($2)",
        school_id,
        group_ids,
        today,
    )


async def remember(
    connection: Connection, school_id: UUID, known: Sequence[Known], expires_on: date
) -> None:
    """Name and address are kept of who has no account yet, and of nobody else."""
    await connection.execute(
        """
        insert into roster_person (school_id, sourced_id, account_id, name, email, expires_on)
        select $1, p.sourced_id, p.account_id,
               case when p.account_id is null then p.name end,
               case when p.account_id is null then p.email end,
               case when p.account_id is null then $6::date end
        from unnest($2::text[], $3::uuid[], $4::text[], $5::text[])
             as p (sourced_id, account_id, name, email)
        on conflict (school_id, sourced_id) do update
        set account_id = excluded.account_id, name = excluded.name, email = excluded.email,
            expires_on = excluded.expires_on
        """,
        school_id,
        [each.person.sourced_id for each in known],
        [each.account_id for each in known],
        [each.person.name for each in known],
        [each.person.email for each in known],
        expires_on,
    )


async def forget(connection: Connection, school_id: UUID, people: Sequence[str]) -> None:
    await connection.execute(
        "delete from roster_person where school_id = $1 and sourced_id = any($2)",
        school_id,
        people,
    )


async def add_teaching(connection: Connection, school_id: UUID, said: Sequence[Said]) -> None:
    """By the files. Who has an account teaches it by `take_up`."""
    await connection.execute(
        """
        insert into roster_teaching (school_id, group_id, sourced_id)
        select $1, said.*
        from unnest($2::uuid[], $3::text[]) as said
        on conflict do nothing
        """,
        school_id,
        *arrays(said),
    )


async def take_up(connection: Connection, school_id: UUID, said: Sequence[Said]) -> None:
    """Who has an account teaches what the files say."""
    await connection.execute(
        """
        insert into teaching (school_id, group_id, account_id)
        select $1, said.group_id, p.account_id
        from unnest($2::uuid[], $3::text[]) as said (group_id, sourced_id)
        join roster_person p on p.school_id = $1 and p.sourced_id = said.sourced_id
        where p.account_id is not null
        on conflict do nothing
        """,
        school_id,
        *arrays(said),
    )


async def lay_down(connection: Connection, school_id: UUID, said: Sequence[Said]) -> None:
    """What the files no longer say, nobody teaches by them."""
    await connection.execute(
        """
        delete from teaching t
        using unnest($2::uuid[], $3::text[]) as said (group_id, sourced_id), roster_person p
        where t.school_id = $1 and t.group_id = said.group_id
          and p.school_id = $1 and p.sourced_id = said.sourced_id and p.account_id = t.account_id
        """,
        school_id,
        *arrays(said),
    )


async def drop_teaching(connection: Connection, school_id: UUID, said: Sequence[Said]) -> None:
    await connection.execute(
        """
        delete from roster_teaching t
        using unnest($2::uuid[], $3::text[]) as said (group_id, sourced_id)
        where t.school_id = $1 and t.group_id = said.group_id and t.sourced_id = said.sourced_id
        """,
        school_id,
        *arrays(said),
    )


def arrays(said: Sequence[Said]) -> tuple[list[UUID], list[str]]:
    return [group_id for group_id, _ in said], [person for _, person in said]


# Afterwards


async def arrive(connection: Connection, school_id: UUID, account_id: UUID, email: str) -> None:
    """Who was to come has an account now: name and address are there."""
    await connection.execute(
        """
        update roster_person
        set account_id = $2, name = null, email = null, expires_on = null
        where school_id = $1 and email = $3
        """,
        school_id,
        account_id,
        email,
    )


async def take_up_all(connection: Connection, school_id: UUID, account_id: UUID) -> None:
    """All that the files say somebody teaches."""
    await connection.execute(
        """
        insert into teaching (school_id, group_id, account_id)
        select distinct t.school_id, t.group_id, p.account_id
        from roster_teaching t
        join roster_person p on p.school_id = t.school_id and p.sourced_id = t.sourced_id
        where t.school_id = $1 and p.account_id = $2
        on conflict do nothing
        """,
        school_id,
        account_id,
    )


async def drop_expected(connection: Connection, school_id: UUID, today: date) -> None:
    """Who did not come in a long time."""
    await connection.execute(
        "delete from roster_person where school_id = $1 and expires_on < $2", school_id, today
    )
