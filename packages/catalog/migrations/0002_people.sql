-- People: accounts and roles kept from the console, second factors, identities at a provider, tokens, the first administrator.

-- Units ------------------------------------------------------------------------------------------------------------

-- A closed unit takes no new people, roles or docks; what it has recorded stays where it is.
alter table unit add column closed_at timestamptz;
alter table unit add constraint unit_path_ends_here check (path[cardinality(path)] = id);
alter table unit add constraint unit_path_depth check (cardinality(path) between 1 and 16);
create index unit_parent on unit (parent_id);
grant insert on unit to fengcun_access;
grant update (parent_id, name, code, path, closed_at) on unit to fengcun_access;

-- Waits for a closing that is under way (`for key share` against its `for update`), whoever inserts: hence security definer.
create function forbid_closed_unit() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
  perform from unit where id = new.unit_id and closed_at is null for key share;
  if not found and exists (select from unit where id = new.unit_id) then
    raise exception 'unit % is closed', new.unit_id using errcode = 'check_violation', constraint = 'unit_open';
  end if;
  return new;
end $$;
create trigger account_unit_open before insert or update of unit_id on account
  for each row execute function forbid_closed_unit();
create trigger account_role_unit_open before insert or update of unit_id on account_role
  for each row execute function forbid_closed_unit();
create trigger dock_unit_open before insert or update of unit_id on dock
  for each row execute function forbid_closed_unit();

-- Accounts ---------------------------------------------------------------------------------------------------------

-- Null: signs in through the identity provider only.
alter table account alter column password_hash drop not null;
alter table account
  -- given by somebody else: good for one sign-in, until then
  add column must_change_password boolean not null default false,
  add column password_expires_at timestamptz,
  add column disabled_reason text,
  -- when a second factor was enrolled; null: there is none
  add column second_factor_at timestamptz,
  add column last_sign_in_at timestamptz;
-- Two logins that differ in case only would be taken for each other.
create unique index account_login_folded on account (lower(login));
create index account_name on account (name, id);
create index account_unit on account (unit_id);
grant insert on account to fengcun_access;
grant update (login, name, officer_number, unit_id, disabled_at, disabled_reason, must_change_password, password_expires_at,
  second_factor_at, last_sign_in_at) on account to fengcun_access;
-- Password hashes are for the service that compares them.
revoke select on account from fengcun_upload, fengcun_worker, fengcun_ledger;
grant select (id, login, name, officer_number, unit_id, disabled_at, created_at, must_change_password, second_factor_at)
  on account to fengcun_upload, fengcun_worker, fengcun_ledger;

create index account_role_unit on account_role (unit_id);
grant insert, delete on account_role to fengcun_access;

-- The three administrators are separate people (三员分立). The account is locked while looking, so that two roles given at once are not both
-- the first.
create or replace function forbid_two_administrators() returns trigger language plpgsql security definer
  set search_path = public, pg_temp as $$
begin
  if new.role in ('auditor', 'system_admin', 'security_admin') then
    perform from account where id = new.account_id for no key update;
    if exists (
      select from account_role
      where account_id = new.account_id and role in ('auditor', 'system_admin', 'security_admin') and role <> new.role
    ) then
      raise exception 'account % already holds another administrator role', new.account_id
        using errcode = 'check_violation', constraint = 'two_administrators';
    end if;
  end if;
  return new;
end $$;

-- Sessions and tokens ----------------------------------------------------------------------------------------------

alter table session
  add column kind text not null default 'browser' check (kind in ('browser', 'token')),
  add column via text not null default 'password' check (via in ('password', 'oidc', 'token')),
  -- which second factor this session has shown; `provider`: the identity provider vouched for one
  add column second_factor text check (second_factor in ('totp', 'recovery_code', 'provider')),
  -- of a token
  add column name text,
  add column scopes text[] check (scopes <@ array['read', 'manage', 'upload', 'footage']),
  add constraint session_token_is_named check ((kind = 'token') = (name is not null and scopes is not null)),
  add constraint session_token_via check ((kind = 'token') = (via = 'token'));
grant update (token_hash, second_factor) on session to fengcun_access;

-- Second factors ---------------------------------------------------------------------------------------------------

create table account_totp (
  account_id uuid primary key references account,
  -- AES-256-GCM under the site's key: nonce, ciphertext, tag
  secret bytea not null check (octet_length(secret) between 29 and 256),
  -- null while the person has not shown that the authenticator has it
  confirmed_at timestamptz,
  -- the time step of the last code that was taken: no code is taken twice (RFC 6238, 5.2)
  last_step bigint not null default 0
);
grant select, insert, update, delete on account_totp to fengcun_access;

create table recovery_code (
  account_id uuid not null references account,
  -- HMAC-SHA-256 under the site's key
  hash bytea not null check (octet_length(hash) = 32),
  used_at timestamptz,
  primary key (account_id, hash)
);
grant select, insert, delete on recovery_code to fengcun_access;
grant update (used_at) on recovery_code to fengcun_access;

-- Who has to have a second factor; one row.
create table sign_in_policy (
  "only" boolean primary key default true check ("only"),
  second_factor text not null check (second_factor in ('off', 'approvers', 'everyone')),
  changed_at timestamptz
);
insert into sign_in_policy (second_factor) values ('approvers');
grant select on sign_in_policy to fengcun_upload, fengcun_access, fengcun_ledger;
grant update (second_factor, changed_at) on sign_in_policy to fengcun_access;

-- Identity provider ------------------------------------------------------------------------------------------------

create table federated_identity (
  issuer text not null,
  subject text not null,
  account_id uuid not null unique references account,
  linked_at timestamptz not null,
  primary key (issuer, subject)
);
grant select, insert, delete on federated_identity to fengcun_access;

-- The first administrator ------------------------------------------------------------------------------------------

-- The one-time code of an empty site; one row while it waits.
create table set_up_code (
  "only" boolean primary key default true check ("only"),
  hash bytea not null check (octet_length(hash) = 32),
  expires_at timestamptz not null
);
grant select, delete on set_up_code to fengcun_access;
