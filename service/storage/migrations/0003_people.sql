-- Who works at a school, what becomes of its groups, and what its staff did:
--   * access ends at one school and stays at another;
--   * a role says who gave it, and an adviser counts once a leader has confirmed it;
--   * a group ends and keeps its results, and a school year is turned over as one;
--   * a school keeps less long than the promise, never longer, and can be deleted as a whole;
--   * `audit` holds what the staff did: numbers and verbs, never anything of a student.

alter table membership
    add column granted_by uuid references account on delete set null,
    add column granted_on date,
    add column confirmed  boolean not null default true,
    add column ended_on   date;

-- What was ended until now was ended at every school. The owner sees no row of a school's table
-- while its policies are forced on it.
alter table membership no force row level security;
update membership m
set ended_on = current_date
from account a
where a.account_id = m.account_id and a.disabled;
alter table membership force row level security;
alter table account drop column disabled;

-- An invitation has a number by which it is repeated and withdrawn: its token opens the door.
alter table invitation
    add column invitation_id uuid not null unique default gen_random_uuid(),
    add column invited_by    uuid references account on delete set null;
alter table invitation alter column invitation_id drop default;

alter table grp add column ended_on date;

-- The groups as they were before the last turnover, so that it can be undone.
create table turnover (
    school_id uuid primary key references school on delete cascade,
    done_on   date not null,
    before    jsonb not null
);

-- The owner stays as a number when the account is gone: nobody gets a survey by its end.
alter table survey drop constraint survey_owner_fkey;

alter table school
    add column results_years integer not null default 9 check (results_years between 1 and 9),
    add column words_days    integer check (words_days between 1 and 366),
    add column deletion_on   date;

-- No reference to whom or to what it was done: the line outlives them.
create table audit (
    school_id uuid not null references school on delete cascade,
    line_id   uuid not null,
    at        timestamptz not null,
    actor     uuid not null,
    verb      text not null,
    subject   uuid not null,
    primary key (school_id, line_id)
);
create index audit_of_school on audit (school_id, at);

grant select, insert on audit to stemlokaal_pages;
grant select, insert, update, delete on turnover to stemlokaal_pages;
grant delete on guess, visit to stemlokaal_pages;  -- they go with their teacher's account

-- A school is deleted by the keeper alone, after its days of grace, with whoever works nowhere else.
revoke delete on school from stemlokaal_pages;
grant delete on school, account, reminder, audit, turnover to stemlokaal_keeper;
grant select (school_id, account_id) on membership to stemlokaal_keeper;
grant select (account_id) on account to stemlokaal_keeper;
grant select (school_id) on session, invitation, reminder to stemlokaal_keeper;
grant select (school_id, at) on audit to stemlokaal_keeper;
grant select (school_id, done_on) on turnover to stemlokaal_keeper;

-- What was told lives as long as its school chose.
grant delete on grp, wave to stemlokaal_keeper;

do $$
declare
    name text;
begin
    foreach name in array array['turnover', 'audit'] loop
        execute format('alter table %I enable row level security', name);
        execute format('alter table %I force row level security', name);
        execute format('create policy own_school on %I to stemlokaal_pages, stemlokaal_keeper '
                       'using (school_id = current_school())', name);
    end loop;
end
$$;

-- Whether somebody works at another school, too: asked when one of them is deleted.
create policy every_membership on membership for select to stemlokaal_keeper using (true);
