-- A password alone opens less:
--   * who has a second factor shows a code after the password, and meanwhile is signed in nowhere;
--   * a session says since when, from what device and when it was last used, so that its owner
--     ends it, and so that what nobody used for a while asks for the password again;
--   * mistakes are counted in one place for all processes, under an HMAC of whose they are.

-- Whoever is signed in now signs in once more: of these sessions nobody knows any of it.
delete from session;
alter table session
    add column session_id  uuid not null unique,
    add column began_at    timestamptz not null,
    add column used_at     timestamptz not null,
    add column browser     text not null,
    add column system      text not null,
    add column by_provider boolean not null;  -- the second factor was shown elsewhere

-- The secret is sealed under a key made of the pepper. A code is taken once: `last_step` is the
-- half-minute of the last one.
create table second_factor (
    account_id uuid primary key references account on delete cascade,
    sealed     bytea not null,
    last_step  bigint not null default 0
);

-- Each opens once, then its line goes.
create table recovery_code (
    account_id uuid not null references second_factor on delete cascade,
    code_hash  bytea not null,
    primary key (account_id, code_hash)
);

-- The password was right, and the code is still to come.
create table half_sign_in (
    token_hash bytea primary key,
    account_id uuid not null references account on delete cascade,
    school_id  uuid,
    expires_at timestamptz not null
);

-- The link with which somebody who forgot the password chooses another one.
create table password_reset (
    token_hash bytea primary key,
    account_id uuid not null references account on delete cascade,
    expires_at timestamptz not null
);

create table mistake (
    who    bytea primary key,
    since  timestamptz not null,
    number integer not null
);

grant select, insert, update, delete
    on second_factor, recovery_code, half_sign_in, password_reset, mistake
    to stemlokaal_pages;
grant delete on half_sign_in, password_reset, mistake to stemlokaal_keeper;
grant select (expires_at) on half_sign_in, password_reset to stemlokaal_keeper;
grant select (since) on mistake to stemlokaal_keeper;
