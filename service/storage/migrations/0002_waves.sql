-- Waves: the school asks many of its groups at once, and all of it is told together (R4).
-- A series of rounds that the school asks belongs to no teacher, so it has no owner. All rounds of
-- a wave share one key, so that one keeper can tell all of them in one transaction.

create table wave (
    school_id   uuid not null references school on delete cascade,
    wave_id     uuid not null,
    instrument  jsonb not null,
    by_class    boolean not null,
    cards       boolean not null,
    opened_on   date not null,
    closes_at   timestamptz not null,
    released_on date,
    decision    text not null default '' check (length(decision) <= 140),
    decided_on  date,
    primary key (school_id, wave_id)
);

-- The groups as they were when it opened: classes move up and change their name, a result stays.
create table wave_group (
    school_id  uuid not null,
    wave_id    uuid not null,
    group_id   uuid not null,
    name       text not null,
    stage      text not null check (stage in ('primary', 'secondary', 'vocational', 'staff')),
    year_group integer,
    members    integer not null check (members between 1 and 60),
    primary key (school_id, wave_id, group_id),
    foreign key (school_id, wave_id) references wave on delete cascade
);

-- What is told of a wave: each of its answers is in one pool at most. `place` is the order of the
-- school, from its first year to its last.
create table pool (
    school_id uuid not null,
    wave_id   uuid not null,
    place     integer not null,
    groups    uuid[] not null,
    told      jsonb not null,
    primary key (school_id, wave_id, place),
    foreign key (school_id, wave_id) references wave on delete cascade
);

alter table survey alter column owner drop not null;
alter table round add column wave_id uuid;
alter table round add foreign key (school_id, wave_id) references wave on delete cascade;
create index round_of_wave on round (school_id, wave_id) where wave_id is not null;

grant select, insert, update (closes_at, decision, decided_on) on wave to stemlokaal_pages;
grant select, insert on wave_group to stemlokaal_pages;
grant select on pool to stemlokaal_pages;

grant select, update (released_on) on wave to stemlokaal_keeper;
grant select on wave_group to stemlokaal_keeper;
grant insert on pool to stemlokaal_keeper;

do $$
declare
    name text;
begin
    foreach name in array array['wave', 'wave_group', 'pool'] loop
        execute format('alter table %I enable row level security', name);
        execute format('alter table %I force row level security', name);
        execute format('create policy own_school on %I to stemlokaal_pages, stemlokaal_keeper '
                       'using (school_id = current_school())', name);
    end loop;
end
$$;
