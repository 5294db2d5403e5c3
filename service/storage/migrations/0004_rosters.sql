-- Classes and teachers out of a school's files: what keeps a second import from doubling the first.
--   * a group that came out of files has the id that they give it; what a teacher made has none;
--   * a person of the files has a name and an address here only until there is an account;
--   * `roster_teaching` is who teaches what by the files: whom they no longer name, and only them,
--     an import takes away, and who is still to come finds the classes.
-- No student is in any of them.

alter table school
    add column roster_school text not null default '';

alter table grp
    add column sourced_id text check (length(sourced_id) between 1 and 255),
    add unique (school_id, sourced_id);

create table roster_person (
    school_id  uuid not null references school on delete cascade,
    sourced_id text not null check (length(sourced_id) between 1 and 255),
    account_id uuid references account on delete cascade,
    name       text,
    email      text check (email = lower(email)),
    expires_on date,
    primary key (school_id, sourced_id),
    check (num_nonnulls(name, email, expires_on) = case when account_id is null then 3 else 0 end)
);

create table roster_teaching (
    school_id  uuid not null,
    group_id   uuid not null,
    sourced_id text not null,
    primary key (school_id, group_id, sourced_id),
    foreign key (school_id, group_id) references grp on delete cascade,
    foreign key (school_id, sourced_id) references roster_person on delete cascade
);
create index roster_teaching_of_person on roster_teaching (school_id, sourced_id);

grant select, insert, update, delete on roster_person to stemlokaal_pages;
grant select, insert, delete on roster_teaching to stemlokaal_pages;

-- Who never came is forgotten.
grant select (school_id, expires_on), delete on roster_person to stemlokaal_keeper;

do $$
declare
    name text;
begin
    foreach name in array array['roster_person', 'roster_teaching'] loop
        execute format('alter table %I enable row level security', name);
        execute format('alter table %I force row level security', name);
        execute format('create policy own_school on %I to stemlokaal_pages, stemlokaal_keeper '
                       'using (school_id = current_school())', name);
    end loop;
end
$$;
