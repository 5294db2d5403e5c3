-- A second factor at a provider, and going on after the lock by it.
--   * what a provider does not say of a second factor is not believed: who needs one shows ours.
--     `provider.second_factor` is an administrator's word that it always asks for one itself;
--   * `half_sign_in.came_by`: the provider spoke for them, and our code is still to come;
--   * `signing_in.session_id` is the session that goes on when its owner comes back, and `kept` what
--     was being posted when the lock fell, sealed with the pepper and with what the browser holds.

-- Until now every session by a provider counted as one with a second factor.
delete from session where came_by is not null;

alter table provider add column second_factor boolean not null default false;
alter table half_sign_in add column came_by uuid;
alter table signing_in
    add column session_id uuid,
    add column kept       bytea not null default '';
