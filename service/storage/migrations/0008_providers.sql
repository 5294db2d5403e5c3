-- Signing in by a school's own provider (OpenID Connect).
--   * a provider speaks for its own school alone: so an identity is of a school, and whoever works
--     at two schools ties each apart. No school's provider opens a door of another one;
--   * the client secret is sealed under the pepper: the database alone opens nothing;
--   * `entrance` is what is asked before there is a school: which providers are switched on;
--   * `signing_in` is somebody on the way to a provider and back, for minutes, one use.

alter table school add column local_sign_in boolean not null default true;

create table provider (
    school_id    uuid not null references school on delete cascade,
    provider_id  uuid not null,
    preset       text not null,
    name         text not null check (length(name) between 1 and 60),
    issuer       text not null check (length(issuer) <= 500),
    client_id    text not null check (length(client_id) between 1 and 255),
    secret       bytea not null,
    organisation text not null default '' check (length(organisation) <= 255),
    domains      text[] not null default '{}',
    role_claim   text not null default '' check (length(role_claim) <= 100),
    role_value   text not null default '' check (length(role_value) <= 255),
    tried_on     date,
    active       boolean not null default false,
    primary key (school_id, provider_id),
    check (not active or tried_on is not null)
);

-- Whom a provider knows by `subject`, tied once to who works here. An e-mail address may change.
create table identity (
    school_id  uuid not null references school on delete cascade,
    issuer     text not null,
    subject    text not null check (length(subject) between 1 and 255),
    account_id uuid not null references account on delete cascade,
    tied_on    date not null,
    primary key (school_id, issuer, subject)
);
create index identity_of_account on identity (account_id);

create table entrance (
    provider_id uuid primary key,
    school_id   uuid not null,
    name        text not null,
    domains     text[] not null
);
create index entrance_of_school on entrance (school_id);

-- `account_id` is the administrator who tries a provider out, else nobody yet.
create table signing_in (
    state_hash   bytea primary key,
    browser_hash bytea not null,
    school_id    uuid not null,
    provider_id  uuid not null,
    account_id   uuid references account on delete cascade,
    next         text not null,
    expires_at   timestamptz not null
);

-- By which provider somebody came in; null for a password.
alter table session add column came_by uuid;

grant select, insert, update, delete on provider, identity to stemlokaal_pages;
grant select, insert, update, delete on entrance to stemlokaal_pages;
grant select, insert, delete on signing_in to stemlokaal_pages;

-- A school that is deleted takes them along; who did not come back is forgotten.
grant delete on provider, identity, entrance, signing_in to stemlokaal_keeper;
grant select (school_id) on entrance to stemlokaal_keeper;
grant select (school_id, expires_at) on signing_in to stemlokaal_keeper;

do $$
declare
    name text;
begin
    foreach name in array array['provider', 'identity'] loop
        execute format('alter table %I enable row level security', name);
        execute format('alter table %I force row level security', name);
        execute format('create policy own_school on %I to stemlokaal_pages, stemlokaal_keeper '
                       'using (school_id = current_school())', name);
    end loop;
end
$$;
