"""What the students of a round need to know of it, in one look."""

from uuid import UUID

from asyncpg import Connection
from msgspec import Struct

from surveys import stored
from surveys.instrument import Instrument, Stage
from surveys.release import Rule
from surveys.rounds import Round, State


class Behind(Struct, frozen=True):
    """A round, its survey and what its class agreed on. No key once its other half is destroyed.

    `by_class` says of a wave whether the school is told of each class; None of other rounds.
    `boards` are told of it outside the school, by name, and researchers where it is `for_research`.
    """

    round: Round
    instrument: Instrument
    stage: Stage
    language: str
    all_languages: bool
    agreement: str
    by_class: bool | None
    boards: tuple[str, ...]
    for_research: bool
    advisers: tuple[str, ...]  # confidential advisers, by name
    public_key: bytes | None
    key_mac: bytes | None


async def behind(connection: Connection, school_id: UUID, round_id: UUID) -> Behind:
    row = await connection.fetchrow(
        """
        select r.school_id, r.round_id, r.survey_id, r.number, r.state, r.opened_on, r.closes_at,
               r.closed_on, r.members, r.raised, r.k, r.d, r.code, r.cards, r.agreement, r.focus,
               r.wave_id, w.by_class, r.public_key, r.key_mac, s.instrument, g.stage,
               c.language, c.all_languages,
               coalesce(w.for_research and c.research, false) as for_research,
               coalesce(a.text, decided.decision, '') as agreed,
               array(
                   select p.name
                   from membership m
                   join account p using (account_id)
                   where m.school_id = $1 and m.role = 'adviser' and m.confirmed
                     and m.ended_on is null
                   order by p.name
               ) as advisers,
               array(
                   select b.name
                   from governing_wave v
                   join governing_board b using (governing_id)
                   where v.school_id = $1 and v.wave_id = r.wave_id
                   order by b.name
               ) as boards
        from round r
        join survey s on s.school_id = r.school_id and s.survey_id = r.survey_id
        join grp g on g.school_id = s.school_id and g.group_id = s.group_id
        join school c on c.school_id = r.school_id
        left join agreement a on a.school_id = s.school_id and a.survey_id = s.survey_id
                             and a.ended_on is null
        left join wave w on w.school_id = r.school_id and w.wave_id = r.wave_id
        left join lateral (
            select decision
            from wave
            where wave.school_id = $1 and w.wave_id is not null and decision <> ''
              and wave.instrument ->> 'key' = s.instrument ->> 'key'
            order by wave.opened_on desc, wave.wave_id
            limit 1
        ) decided on true
        where r.school_id = $1 and r.round_id = $2
        """,
        school_id,
        round_id,
    )
    columns = dict(row)
    return Behind(
        instrument=stored.instrument(columns.pop("instrument")),
        stage=Stage(columns.pop("stage")),
        language=columns.pop("language"),
        all_languages=columns.pop("all_languages"),
        agreement=columns.pop("agreed"),
        by_class=columns.pop("by_class"),
        boards=tuple(columns.pop("boards")),
        for_research=columns.pop("for_research"),
        advisers=tuple(columns.pop("advisers")),
        public_key=columns.pop("public_key"),
        key_mac=columns.pop("key_mac"),
        round=Round(
            rule=Rule(columns.pop("k"), columns.pop("d")),
            state=State(columns.pop("state")),
            **columns,
        ),
    )
