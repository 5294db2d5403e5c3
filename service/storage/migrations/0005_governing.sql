-- What a school lets others see of it: governing boards, partners of the same kind, and research.
--   * a board is made by the installation, and its people work at no school by it;
--   * a school says yes itself, and takes it back itself: its yes is a row of its own;
--   * which boards are shown a wave is fixed when it opens, as its students read it then.

create table governing_board (
    governing_id uuid primary key,
    name         text not null unique check (length(name) between 1 and 80)
);

create table governing_member (
    governing_id uuid not null references governing_board on delete cascade,
    account_id   uuid not null references account on delete cascade,
    primary key (governing_id, account_id)
);
create index governing_of_account on governing_member (account_id);

create table governing_invitation (
    token_hash   bytea primary key,
    governing_id uuid not null references governing_board on delete cascade,
    email        text not null check (email = lower(email)),
    name         text not null,
    expires_on   date not null
);

create table governing_school (
    school_id    uuid not null references school on delete cascade,
    governing_id uuid not null references governing_board on delete cascade,
    joined_on    date not null,
    joined_by    uuid not null,
    primary key (school_id, governing_id)
);

-- A wave of the whole school that a board is shown; it goes with the school's yes.
create table governing_wave (
    school_id    uuid not null,
    governing_id uuid not null,
    wave_id      uuid not null,
    primary key (school_id, governing_id, wave_id),
    foreign key (school_id, governing_id) references governing_school on delete cascade,
    foreign key (school_id, wave_id) references wave on delete cascade
);

-- Whether the school is in the file for research, with the waves that open while it says so.
alter table school add column research boolean not null default false;
alter table wave add column for_research boolean not null default false;

-- Who sits on a board is signed in without a school.
alter table session alter column school_id drop not null;

grant select on governing_board to stemlokaal_pages;
grant select, insert on governing_member to stemlokaal_pages;
grant select, delete on governing_invitation to stemlokaal_pages;
grant select, insert, delete on governing_school to stemlokaal_pages;
grant select, insert on governing_wave to stemlokaal_pages;
grant update (for_research) on wave to stemlokaal_pages;

grant delete on governing_invitation to stemlokaal_keeper;
grant select (expires_on) on governing_invitation to stemlokaal_keeper;
grant select (account_id) on governing_member to stemlokaal_keeper;

do $$
declare
    name text;
begin
    foreach name in array array['governing_school', 'governing_wave'] loop
        execute format('alter table %I enable row level security', name);
        execute format('alter table %I force row level security', name);
        execute format('create policy own_school on %I to stemlokaal_pages, stemlokaal_keeper '
                       'using (school_id = current_school())', name);
    end loop;
end
$$;

-- Which schools said yes to a board: asked for its page, before it looks into each of them.
create policy own_schools on governing_school for select to stemlokaal_pages
    using (governing_id = nullif(current_setting('app.governing', true), '')::uuid);
