-- The first schema. Why it looks as it does:
--   * a school's tables have school_id first in every key, so that they distribute by school;
--   * row-level security is forced on them: a statement that forgets its school finds nothing;
--   * the roles of the pages and of the keeper own nothing and bypass nothing;
--   * the pages cannot read an envelope: they hand answers in by a function and get counts back;
--   * nothing that touches a response has a time finer than a date, or a sequence.

do $$
declare
    name text;
begin
    foreach name in array array['stemlokaal_pages', 'stemlokaal_keeper', 'stemlokaal_ballots'] loop
        if not exists (select from pg_roles where rolname = name) then
            execute format('create role %I nologin', name);
        end if;
        -- Who made a role administers it, but may act as it only when it is granted, too.
        if not pg_has_role(current_user, name, 'usage') then
            execute format('grant %I to current_user', name);
        end if;
    end loop;
end
$$;

revoke create on schema public from public;
grant usage on schema public to stemlokaal_pages, stemlokaal_keeper, stemlokaal_ballots;

create function current_school() returns uuid
    language sql stable
    return nullif(current_setting('app.school', true), '')::uuid;


-- Without a school: people who sign in, codes that lead to a round, keys in stock.

create table account (
    account_id    uuid primary key,
    email         text not null unique check (email = lower(email)),
    name          text not null,
    password_hash text not null,
    language      text not null,
    disabled      boolean not null default false
);

create table session (
    token_hash bytea primary key,
    account_id uuid not null references account on delete cascade,
    school_id  uuid not null,
    expires_at timestamptz not null
);
create index session_of_account on session (account_id);

create table invitation (
    token_hash bytea primary key,
    school_id  uuid not null,
    email      text not null check (email = lower(email)),
    name       text not null,
    role       text not null,
    expires_on date not null
);
create index invitation_of_school on invitation (school_id);

-- What a person types, scans or holds leads to a round; kept as an HMAC, so that the table
-- opens nothing. A class code outlives its round ("you said, we do") and so does its screen,
-- which says thanks; the rest ends with it.
create table code (
    code_hash bytea primary key,
    kind      text not null check (kind in ('class', 'ticket', 'screen', 'visit', 'board')),
    school_id uuid not null,
    round_id  uuid not null,
    due       timestamptz
);
create index code_due on code (due) where due is not null;
create index code_of_round on code (school_id, round_id);

-- Public keys of which a keeper holds the other half, ready for the next rounds.
create table key_stock (
    public_key bytea primary key check (octet_length(public_key) = 32),
    mac        bytea not null
);

-- A mark of the pepper that all HMACs here are made with: another one opens nothing.
create table pepper_mark (
    mark bytea primary key
);

-- What is to be mailed and when.
create table reminder (
    about     text not null,
    school_id uuid not null,
    subject   uuid not null,
    due       timestamptz not null,
    primary key (about, school_id, subject)
);


-- A school's own.

create table school (
    school_id     uuid primary key,
    name          text not null,
    language      text not null,
    small_classes boolean not null default false,
    -- Whether wellbeing is asked in languages that no native speaker has reviewed.
    all_languages boolean not null default false
);

create table membership (
    school_id  uuid not null references school on delete cascade,
    account_id uuid not null references account on delete cascade,
    role       text not null,
    primary key (school_id, account_id, role)
);
create index membership_of_account on membership (account_id);

create table grp (
    school_id   uuid not null references school on delete cascade,
    group_id    uuid not null,
    name        text not null,
    kind        text not null check (kind in ('class', 'lesson', 'team')),
    stage       text not null check (stage in ('primary', 'secondary', 'vocational', 'staff')),
    year_group  integer,
    school_year integer not null,
    subject     text not null default '',
    members     integer not null check (members between 1 and 60),
    primary key (school_id, group_id)
);

create table teaching (
    school_id  uuid not null,
    group_id   uuid not null,
    account_id uuid not null references account on delete cascade,
    primary key (school_id, group_id, account_id),
    foreign key (school_id, group_id) references grp on delete cascade
);

create table survey (
    school_id   uuid not null,
    survey_id   uuid not null,
    group_id    uuid not null,
    owner       uuid not null references account,
    instrument  jsonb not null,
    follows     uuid,
    every_weeks integer check (every_weeks between 1 and 8),
    in_band     boolean not null default false,
    primary key (school_id, survey_id),
    foreign key (school_id, group_id) references grp on delete cascade,
    foreign key (school_id, follows) references survey on delete set null (follows)
);
create index survey_of_group on survey (school_id, group_id);

-- public_key stays until the private key is known to be destroyed, then it is emptied.
create table round (
    school_id     uuid not null,
    round_id      uuid not null,
    survey_id     uuid not null,
    number        integer not null check (number > 0),
    state         text not null check (state in ('open', 'closed', 'released', 'too few')),
    opened_on     date not null,
    closes_at     timestamptz not null,
    closed_on     date,
    members       integer not null check (members between 1 and 60),
    raised        integer not null default 0 check (raised between 0 and 2),
    code          text not null,
    k             integer not null check (k >= 5),
    d             integer not null check (d >= 1),
    cards         boolean not null default false,
    screen        integer not null default 0,
    agreement     text not null default '' check (length(agreement) <= 140),
    focus         text not null default '' check (length(focus) <= 140),
    public_key    bytea,
    key_mac       bytea,
    unopened      integer not null default 0,
    primary key (school_id, round_id),
    unique (school_id, survey_id, number),
    foreign key (school_id, survey_id) references survey on delete cascade
);
create index round_with_key on round (school_id, round_id) where public_key is not null;

create table envelope (
    school_id uuid not null,
    round_id  uuid not null,
    ballot    bytea not null check (octet_length(ballot) = 32),
    receipt   bytea not null check (octet_length(receipt) = 32),
    sealed    bytea not null check (octet_length(sealed) <= 32768),
    primary key (school_id, round_id, ballot),
    foreign key (school_id, round_id) references round on delete cascade
);

create table release (
    school_id uuid not null,
    round_id  uuid not null,
    told      jsonb not null,
    primary key (school_id, round_id),
    foreign key (school_id, round_id) references round on delete cascade
);

create table comment (
    school_id  uuid not null,
    round_id   uuid not null,
    comment_id uuid not null,
    item       text not null,
    text       text not null,
    primary key (school_id, round_id, comment_id),
    foreign key (school_id, round_id) references round on delete cascade
);

-- Two adults' views of a round, for its teacher alone: what the teacher expects, and what a
-- colleague who visits the lesson saw. Neither is an answer of the class.
create table guess (
    school_id uuid not null,
    round_id  uuid not null,
    of_ten    jsonb not null,
    primary key (school_id, round_id),
    foreign key (school_id, round_id) references round on delete cascade
);

create table visit (
    school_id uuid not null,
    round_id  uuid not null,
    name      text not null check (length(name) between 1 and 80),
    choices   jsonb not null,
    primary key (school_id, round_id),
    foreign key (school_id, round_id) references round on delete cascade
);

-- What a class and its teacher decided to do: one at a time, the one before it has ended.
create table agreement (
    school_id    uuid not null,
    agreement_id uuid not null,
    survey_id    uuid not null,
    item         text not null default '',
    text         text not null check (length(text) between 1 and 140),
    who          text not null default '' check (length(who) <= 60),
    due_on       date,
    agreed_on    date not null,
    ended_on     date,
    primary key (school_id, agreement_id),
    foreign key (school_id, survey_id) references survey on delete cascade
);
create index agreement_of_survey on agreement (school_id, survey_id);

-- Agreements that worked, as good practice for colleagues: no class, no figures, no name.
create table practice (
    school_id   uuid not null references school on delete cascade,
    practice_id uuid not null,
    item        text not null,
    text        text not null check (length(text) between 1 and 140),
    primary key (school_id, practice_id)
);

create table share (
    school_id  uuid not null,
    survey_id  uuid not null,
    account_id uuid not null references account on delete cascade,
    primary key (school_id, survey_id, account_id),
    foreign key (school_id, survey_id) references survey on delete cascade
);

-- A team's board for its weekly quarter of an hour. A line is a survey that its teacher put
-- there; who may read it is kept by name, so that a later member waits for the teacher's yes.
create table board (
    school_id uuid not null references school on delete cascade,
    board_id  uuid not null,
    name      text not null check (length(name) between 1 and 60),
    screen    integer not null default 0,
    primary key (school_id, board_id)
);

create table board_member (
    school_id  uuid not null,
    board_id   uuid not null,
    account_id uuid not null references account on delete cascade,
    primary key (school_id, board_id, account_id),
    foreign key (school_id, board_id) references board on delete cascade
);

create table board_line (
    school_id uuid not null,
    board_id  uuid not null,
    survey_id uuid not null,
    on_screen boolean not null default false,
    primary key (school_id, board_id, survey_id),
    foreign key (school_id, board_id) references board on delete cascade,
    foreign key (school_id, survey_id) references survey on delete cascade
);

create table board_reader (
    school_id  uuid not null,
    board_id   uuid not null,
    survey_id  uuid not null,
    account_id uuid not null references account on delete cascade,
    primary key (school_id, board_id, survey_id, account_id),
    foreign key (school_id, board_id, survey_id) references board_line on delete cascade
);

create table board_action (
    school_id uuid not null,
    board_id  uuid not null,
    action_id uuid not null,
    text      text not null check (length(text) between 1 and 140),
    who       text not null default '' check (length(who) <= 60),
    due_on    date,
    done_on   date,
    primary key (school_id, action_id),
    foreign key (school_id, board_id) references board on delete cascade
);

-- A student who wants to talk to somebody. No round, no time: a name for the adviser alone.
create table talk_request (
    school_id  uuid not null references school on delete cascade,
    request_id uuid not null,
    name       text not null check (length(name) between 1 and 80),
    class      text not null default '' check (length(class) <= 40),
    asked_on   date not null,
    handled_on date,
    primary key (school_id, request_id)
);


-- Who may do what.

grant select, insert, update, delete on account, session, invitation to stemlokaal_pages;
grant select, insert, update, delete on code to stemlokaal_pages;
grant select, insert, delete on reminder to stemlokaal_pages;
grant select, update, delete on key_stock to stemlokaal_pages;  -- update: to lock the one taken
grant select, insert, update, delete
    on school, membership, grp, teaching, survey, agreement, practice, share,
       board, board_member, board_line, board_reader, board_action
    to stemlokaal_pages;
grant select, insert, update on guess to stemlokaal_pages;
grant select, insert, update (state, closed_on, closes_at, raised, screen)
    on round to stemlokaal_pages;  -- never its key, its rule, or how many were announced
grant select, insert on visit to stemlokaal_pages;
grant select on release to stemlokaal_pages;
grant select, delete on comment to stemlokaal_pages;
grant select, insert, update, delete on talk_request to stemlokaal_pages;

grant select, insert on key_stock to stemlokaal_keeper;
grant select, update, delete on code to stemlokaal_keeper;
grant select on school, survey, grp to stemlokaal_keeper;
grant select, update on round to stemlokaal_keeper;
grant select, delete on envelope to stemlokaal_keeper;
grant select, insert on release, comment to stemlokaal_keeper;

-- The keeper also ends what has lived long enough, and of people's data sees no more than that.
grant delete on round, comment, session, invitation, talk_request to stemlokaal_keeper;
grant select (expires_at) on session to stemlokaal_keeper;
grant select (expires_on) on invitation to stemlokaal_keeper;
grant select (school_id, handled_on) on talk_request to stemlokaal_keeper;

grant select, insert on envelope to stemlokaal_ballots;
grant select, update (raised) on round to stemlokaal_ballots;  -- update: to lock it

do $$
declare
    name text;
begin
    foreach name in array array[
        'school', 'membership', 'grp', 'teaching', 'survey', 'round', 'envelope', 'release',
        'comment', 'guess', 'visit', 'agreement', 'practice', 'share', 'board', 'board_member',
        'board_line', 'board_reader', 'board_action', 'talk_request'
    ] loop
        execute format('alter table %I enable row level security', name);
        execute format('alter table %I force row level security', name);
        execute format('create policy own_school on %I to stemlokaal_pages, stemlokaal_keeper '
                       'using (school_id = current_school())', name);
    end loop;
end
$$;

create policy hand_in on envelope to stemlokaal_ballots using (true);
create policy hand_in on round to stemlokaal_ballots using (true);

-- What the clock does at each school, it does school by school: the keeper may list them.
create policy every_school on school for select to stemlokaal_keeper using (true);

-- Which schools somebody works at: asked at sign-in, before there is a school.
create policy own_membership on membership for select to stemlokaal_pages
    using (account_id = nullif(current_setting('app.account', true), '')::uuid);


-- Answers come in by this one function, many at a time, each judged on its own:
--   counted  stored now, or stored before under the same receipt (a retry)
--   used     another answer lies under the same ballot
--   closed   the round takes no more answers
--   full     as many answers as there are students
-- The rounds are locked, in one order, until the commit: nothing slips in behind a closing, and
-- the places are counted right however many batches come at once.
create function hand_in(
    schools uuid[], rounds uuid[], ballots bytea[], receipts bytea[], envelopes bytea[],
    at timestamptz
) returns table (place integer, outcome text)
    language plpgsql security definer set search_path = public, pg_temp
as $$
begin
    perform from round r
    where (r.school_id, r.round_id) in (select * from unnest(schools, rounds))
    order by r.school_id, r.round_id
    for no key update;

    return query
    with posted as materialized (
        select p.place::integer, p.school_id, p.round_id, p.ballot, p.receipt, p.sealed,
               r.members + r.raised as places,
               coalesce(r.state = 'open' and at < r.closes_at, false) as is_open,
               row_number() over (partition by p.school_id, p.round_id, p.ballot
                                  order by p.place) as attempt,
               first_value(p.receipt) over (partition by p.school_id, p.round_id, p.ballot
                                            order by p.place) as first_receipt
        from unnest(schools, rounds, ballots, receipts, envelopes)
             with ordinality as p (school_id, round_id, ballot, receipt, sealed, place)
        left join round r on r.school_id = p.school_id and r.round_id = p.round_id
    ),
    known as materialized (
        select p.*, e.receipt as kept,
               case when p.is_open and p.attempt = 1 and e.receipt is null
                    then row_number() over (
                        partition by p.school_id, p.round_id,
                                     p.is_open and p.attempt = 1 and e.receipt is null
                        order by p.place)
               end as rank
        from posted p
        left join envelope e on e.school_id = p.school_id and e.round_id = p.round_id
                            and e.ballot = p.ballot
    ),
    taken as materialized (
        select t.school_id, t.round_id,
               (select count(*) from envelope e
                where e.school_id = t.school_id and e.round_id = t.round_id) as n
        from (select distinct k.school_id, k.round_id from known k where k.rank is not null) t
    ),
    stored as (
        insert into envelope (school_id, round_id, ballot, receipt, sealed)
        select k.school_id, k.round_id, k.ballot, k.receipt, k.sealed
        from known k
        join taken t on t.school_id = k.school_id and t.round_id = k.round_id
        where k.rank <= k.places - t.n
        returning school_id, round_id, ballot
    )
    select k.place,
           case
               when not k.is_open then 'closed'
               when k.kept is not null then
                   case when k.kept = k.receipt then 'counted' else 'used' end
               when s.ballot is null then 'full'
               when k.first_receipt = k.receipt then 'counted'
               else 'used'
           end
    from known k
    left join stored s on s.school_id = k.school_id and s.round_id = k.round_id
                      and s.ballot = k.ballot;

    -- Screens that show how many have answered look again; that it changed is all they are told.
    perform pg_notify('answered', told.round_id::text)
    from (select distinct unnest(rounds) as round_id) told;
end
$$;

-- How many have answered: a number, and nothing else, of a round of the caller's school.
create function participation(of_school uuid, of_round uuid) returns integer
    language sql stable security definer set search_path = public, pg_temp
as $$
    select count(*)::integer from envelope e
    where e.school_id = of_school and e.round_id = of_round and of_school = current_school()
$$;

-- Whether a single sealed answer lies here, of whatever school: for the page that everybody may see.
create function anything_sealed() returns boolean
    language sql stable security definer set search_path = public, pg_temp
as $$
    select exists (select from envelope)
$$;

grant create on schema public to stemlokaal_ballots;
alter function hand_in owner to stemlokaal_ballots;
alter function participation owner to stemlokaal_ballots;
alter function anything_sealed owner to stemlokaal_ballots;
revoke create on schema public from stemlokaal_ballots;
revoke all on function hand_in, participation, anything_sealed from public;
grant execute on function hand_in, participation, anything_sealed to stemlokaal_pages;
