-- Grants by whose recordings they open, requests for the recordings of a case, people found by part of a name.

-- Grants -----------------------------------------------------------------------------------------------------------

-- The unit of the request it was given for: whose recordings it opens.
alter table access_grant add column unit_id uuid references unit;
update access_grant g set unit_id = r.unit_id from access_request r where r.id = g.request_id;

create function grant_unit() returns trigger language plpgsql as $$
begin
  new.unit_id := (select unit_id from access_request where id = new.request_id);
  return new;
end $$;
create trigger access_grant_unit before insert on access_grant for each row execute function grant_unit();

create index access_grant_of_unit on access_grant (unit_id, created_at desc, id desc);
-- What can still be used, and what was taken back, are few among all that ever were.
create index access_grant_of_unit_open on access_grant (unit_id, created_at desc, id desc)
  where revoked_at is null and ended_at is null;
create index access_grant_of_unit_revoked on access_grant (unit_id, created_at desc, id desc) where revoked_at is not null;
create index access_grant_account_open on access_grant (account_id, created_at desc, id desc)
  where revoked_at is null and ended_at is null;
create index access_decision_given on access_decision (account_id, decided_at desc, id desc)
  where verdict = 'approved' and voided_at is null;

-- Requests for a case ----------------------------------------------------------------------------------------------

-- A draft may name a case instead of items: they are picked when it is submitted, and stay those. Recordings of the case that were left out
-- are counted by why.
alter table access_request
  add column case_id uuid references case_file,
  add column case_left jsonb check (jsonb_typeof(case_left) = 'object'),
  add constraint access_request_case check (case_left is null or case_id is not null);
grant update (case_id, case_left) on access_request to fengcun_access;

-- People -----------------------------------------------------------------------------------------------------------

create index account_text on account using gin (search_grams(search_fold(name || ' ' || login || ' ' || coalesce(officer_number, ''))));
create index account_unit_name on account (unit_id, name, id);
create index account_locked on account (name, id) where locked_until is not null;
create index account_disabled on account (name, id) where disabled_at is not null;
create index account_without_factor on account (name, id) where second_factor_at is null;
create index account_role_by_role on account_role (role, account_id);
