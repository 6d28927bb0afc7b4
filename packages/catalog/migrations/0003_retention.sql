-- How long things are kept, in how many copies, and how they are disposed of.

-- Terms ------------------------------------------------------------------------------------------------------------

create table retention_class (
  code text primary key check (code ~ '^[A-Za-z][A-Za-z0-9_-]{0,31}$'),
  name text not null,
  -- ISO 8601 duration of one unit; null: for ever
  term text check (term ~ '^P([1-9][0-9]{0,3}[DM]|[1-9][0-9]{0,2}Y)$'),
  -- counts the changes of the term
  revision integer not null default 1 check (revision > 0),
  retired_at timestamptz,
  updated_at timestamptz not null
);
grant select on retention_class to fengcun_access, fengcun_worker;
grant insert, update (name, term, revision, retired_at, updated_at) on retention_class to fengcun_access;

insert into retention_class (code, name, term, updated_at) values
  ('M6', '六个月', 'P6M', now()),
  ('Y1', '一年', 'P1Y', now()),
  ('Y3', '三年', 'P3Y', now()),
  ('Y5', '五年', 'P5Y', now()),
  ('Y10', '定期十年', 'P10Y', now()),
  ('Y30', '定期三十年', 'P30Y', now()),
  ('permanent', '永久', null, now());

-- When a term that counts from `starts` is over, by the calendar in UTC; null: never. The one place where this is computed.
create function retention_end(starts timestamptz, term text) returns timestamptz language sql stable parallel safe as $$
  select (starts at time zone 'UTC' + term::interval) at time zone 'UTC'
$$;

-- The class of a kind until a matter or a person says more. Six months is the field's minimum; a longer default could never be taken back
-- from what was locked under it.
create table retention_default (
  kind text primary key check (kind in ('video', 'audio', 'image', 'document', 'other')),
  class_code text not null references retention_class
);
grant select on retention_default to fengcun_access, fengcun_worker;
grant update (class_code) on retention_default to fengcun_access;
insert into retention_default (kind, class_code)
  select kind, 'M6' from unnest(array['video', 'audio', 'image', 'document', 'other']) kind;

-- The catalogue of recording matters (音像记录事项清单). A unit's catalogue holds for everything below it.
create table matter (
  id uuid primary key,
  unit_id uuid not null references unit,
  stage text not null,
  title text not null,
  occasion text,
  method text,
  begins text,
  ends text,
  deadline text,
  recorder text,
  category text,
  level text not null check (level in ('full', 'situational', 'text')),
  class_code text not null references retention_class,
  -- counts the changes of the row
  revision integer not null default 1 check (revision > 0),
  retired_at timestamptz,
  updated_at timestamptz not null
);
create unique index matter_row on matter (unit_id, stage, title, coalesce(occasion, ''), coalesce(category, ''))
  where retired_at is null;
create index matter_class on matter (class_code);
grant select on matter to fengcun_access, fengcun_worker;
grant insert, update (stage, title, occasion, method, begins, ends, deadline, recorder, category, level, class_code, revision,
  retired_at, updated_at) on matter to fengcun_access;

-- How each item is kept --------------------------------------------------------------------------------------------

-- What is wished (class, end, hold; `revision` counts the wishes) and what the vaults have confirmed (`applied_revision`, `locked_until`,
-- `hold_applied`). A row is there from the transaction that seals.
create table evidence_retention (
  evidence_id uuid primary key references evidence,
  unit_id uuid not null references unit,
  class_code text not null references retention_class,
  class_revision integer not null,
  matter_id uuid references matter,
  matter_revision integer,
  -- what the term counts from
  starts_at timestamptz not null,
  -- null: for ever
  retain_until timestamptz,
  held boolean not null default false,
  revision bigint not null default 1,
  applied_revision bigint not null default 0 check (applied_revision <= revision),
  -- the shortest lock of any copy, as last read back
  locked_until timestamptz,
  hold_applied boolean not null default false,
  attempts integer not null default 0,
  detail text,
  updated_at timestamptz not null,
  -- `under_way`: from here on nothing stops an approved disposition
  disposal text not null default 'none' check (disposal in ('none', 'under_way', 'done')),
  check (disposal = 'none' or (retain_until is not null and not held))
);
create index evidence_retention_pending on evidence_retention (updated_at)
  where applied_revision < revision and disposal = 'none';
create index evidence_retention_due on evidence_retention (unit_id, retain_until, evidence_id)
  where retain_until is not null and not held and disposal = 'none';
create index evidence_retention_class on evidence_retention (class_code, class_revision) where disposal = 'none';
create index evidence_retention_matter on evidence_retention (matter_id, matter_revision)
  where matter_id is not null and disposal = 'none';
-- locks that do not reach the end yet and are renewed
create index evidence_retention_rolling on evidence_retention (locked_until)
  where disposal = 'none' and applied_revision = revision and (retain_until is null or retain_until > locked_until);
grant select on evidence_retention to fengcun_access, fengcun_worker, fengcun_upload;
grant update (class_code, class_revision, matter_id, matter_revision, retain_until, held, revision, attempts, detail, updated_at)
  on evidence_retention to fengcun_access, fengcun_worker;
grant update (applied_revision, locked_until, hold_applied, disposal) on evidence_retention to fengcun_worker;

-- Whatever a service is talked into, an item is not kept for less.
create function forbid_shorter_retention() returns trigger language plpgsql as $$
begin
  if (old.retain_until is null and new.retain_until is not null) or new.retain_until < old.retain_until
    or new.starts_at <> old.starts_at or new.evidence_id <> old.evidence_id then
    raise exception 'the retention of % is extended, never shortened', old.evidence_id using errcode = 'restrict_violation';
  end if;
  if array_position(array['none', 'under_way', 'done'], new.disposal) < array_position(array['none', 'under_way', 'done'], old.disposal) then
    raise exception 'the disposal of % is not taken back', old.evidence_id using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger evidence_retention_upward before update on evidence_retention
  for each row execute function forbid_shorter_retention();
create trigger evidence_retention_kept before delete or truncate on evidence_retention
  for each statement execute function forbid_rewrite();

-- In the sealing transaction, with the default class of the kind. A lock that was read back and covers the term is its confirmation.
create function begin_retention() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
  insert into evidence_retention (evidence_id, unit_id, class_code, class_revision, starts_at, retain_until, applied_revision,
    locked_until, updated_at)
  select e.id, e.unit_id, c.code, c.revision, e.received_at, term.until,
    case when e.lock_mode = 'compliance' and e.retain_until >= term.until then 1 else 0 end, e.retain_until, e.sealed_at
  from added e
  join retention_default d on d.kind = e.kind
  join retention_class c on c.code = d.class_code
  cross join lateral (select retention_end(e.received_at, c.term) as until) term;
  return null;
end $$;
create trigger evidence_begins_retention after insert on evidence referencing new table as added
  for each statement execute function begin_retention();

insert into evidence_retention (evidence_id, unit_id, class_code, class_revision, starts_at, retain_until, applied_revision,
  locked_until, updated_at)
select e.id, e.unit_id, c.code, c.revision, e.received_at, term.until,
  case when e.lock_mode = 'compliance' and e.retain_until >= term.until then 1 else 0 end, e.retain_until, e.sealed_at
from evidence e
join retention_default d on d.kind = e.kind
join retention_class c on c.code = d.class_code
cross join lateral (select retention_end(e.received_at, c.term) as until) term;

create table legal_hold (
  id uuid primary key,
  evidence_id uuid not null references evidence,
  unit_id uuid not null references unit,
  reason text not null,
  set_by uuid not null references account,
  set_at timestamptz not null,
  released_by uuid references account,
  released_at timestamptz,
  release_reason text,
  check ((released_by is null) = (released_at is null) and (released_by is null) = (release_reason is null))
);
create index legal_hold_evidence on legal_hold (evidence_id, set_at desc);
create index legal_hold_list on legal_hold (unit_id, set_at desc, id desc);
create index legal_hold_standing on legal_hold (unit_id, set_at desc, id desc) where released_at is null;
grant select, insert, update (released_by, released_at, release_reason) on legal_hold to fengcun_access;
grant select on legal_hold to fengcun_worker;

-- Copies -----------------------------------------------------------------------------------------------------------

-- Where copies of originals are, beside what the seal says: the replica, and what a repair has put in a damaged copy's place. The row with a
-- version that is not superseded names the version to read; where the primary vault has none, that is the version of the seal.
create table vault_copy (
  evidence_id uuid not null references evidence,
  vault text not null check (vault in ('primary', 'replica')),
  -- 0: as sealed
  generation integer not null check (generation >= 0),
  state text not null check (state in ('pending', 'ready', 'failed', 'damaged', 'removed')),
  driver text not null,
  vault_key text not null,
  -- of the attempt under way, so that a later one can adopt or abort it
  vault_transfer text,
  vault_parts jsonb,
  vault_version text,
  detail text,
  -- fences: whoever claimed last is the one whose result counts
  attempts integer not null default 0,
  claimed_until timestamptz,
  checked_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  superseded_at timestamptz,
  primary key (evidence_id, vault, generation),
  check (vault_version is not null or state in ('pending', 'failed', 'removed'))
);
create unique index vault_copy_current on vault_copy (evidence_id, vault) where superseded_at is null and vault_version is not null;
create index vault_copy_transfer on vault_copy (vault_transfer) where vault_transfer is not null;
create index vault_copy_wanted on vault_copy (updated_at) where state in ('pending', 'failed') and superseded_at is null;
grant select, insert, update on vault_copy to fengcun_worker;
grant select, insert, update (state, detail, checked_at, updated_at) on vault_copy to fengcun_access;

-- Disposition ------------------------------------------------------------------------------------------------------

create table disposition (
  id uuid primary key,
  evidence_id uuid not null references evidence,
  unit_id uuid not null references unit,
  state text not null check (state in ('requested', 'approved', 'rejected', 'withdrawn', 'refused', 'disposing', 'disposed')),
  requested_by uuid not null references account,
  requested_at timestamptz not null,
  reason text not null,
  decided_by uuid references account,
  decided_at timestamptz,
  decision_reason text,
  refusal text check (refusal in ('not_expired', 'permanent', 'held', 'engine_retained', 'engine_held')),
  -- every object to be deleted, written down before the first one is
  objects jsonb,
  attempts integer not null default 0,
  detail text,
  finished_at timestamptz,
  updated_at timestamptz not null,
  -- never by the person who asked
  check (decided_by <> requested_by),
  check ((decided_by is null) = (state in ('requested', 'withdrawn'))),
  check ((refusal is not null) = (state = 'refused')),
  check (objects is not null or state not in ('disposing', 'disposed'))
);
create unique index disposition_open on disposition (evidence_id) where state in ('requested', 'approved', 'disposing');
create index disposition_evidence on disposition (evidence_id, requested_at desc);
create index disposition_list on disposition (unit_id, requested_at desc, id desc);
create index disposition_state on disposition (unit_id, state, requested_at desc, id desc);
create index disposition_due on disposition (updated_at) where state in ('approved', 'disposing');
grant select, insert, update (state, decided_by, decided_at, decision_reason, finished_at, updated_at) on disposition to fengcun_access;
grant select on disposition to fengcun_worker;
grant update (state, refusal, objects, attempts, detail, finished_at, updated_at) on disposition to fengcun_worker;

-- What stays of an item whose content was deleted; its digests stand in its evidence row, for ever.
create table tombstone (
  evidence_id uuid primary key references evidence,
  disposition_id uuid not null unique references disposition,
  disposed_at timestamptz not null,
  objects integer not null,
  event_id bigint not null references ledger_event
);
grant select, insert on tombstone to fengcun_worker;
grant select on tombstone to fengcun_access, fengcun_upload, fengcun_ledger;
create trigger tombstone_immutable before update or delete or truncate on tombstone
  for each statement execute function forbid_rewrite();

-- The key of a playable copy goes with it.
grant delete on proxy_key to fengcun_worker;
