-- The register of devices: who holds them, whether they work, who said so. Case files: of what kind they are, and since when and until when
-- somebody handles them.

-- Devices ----------------------------------------------------------------------------------------------------------

-- `in_use` and `in_repair` are the unit's equipment; `lost` and `retired` are so no more. None of them decides whether footage is taken: it
-- always is.
alter table device drop constraint device_state_check;
alter table device add constraint device_state_check
  check (state in ('unregistered', 'in_use', 'in_repair', 'lost', 'retired'));
alter table device
  add column model text,
  add column holder_id uuid references account,
  -- what is known of its clock, in words; what docks measured is with their offloads
  add column clock_note text,
  -- why it is in this state, where somebody put it there
  add column state_reason text,
  -- counts the changes that people made
  add column revision integer not null default 1 check (revision > 0),
  add column changed_by uuid references account,
  add column changed_at timestamptz,
  add constraint device_changed check ((changed_by is null) = (changed_at is null));
create index device_unit on device (unit_id, serial);
create index device_holder on device (holder_id) where holder_id is not null;
create index device_unregistered on device (unit_id, serial) where state = 'unregistered';
grant insert on device to fengcun_access;
grant update (serial, kind, name, model, unit_id, holder_id, clock_note, state, state_reason, revision, changed_by, changed_at)
  on device to fengcun_access;

-- Whether something of a device is still on its way.
create index upload_device_unfinished on upload (device_id) where state in ('receiving', 'received', 'sealing');

-- An alarm about one thing is raised once while it is open.
create index alarm_subject on alarm (kind, subject_kind, subject_id) where acknowledged_at is null;

-- Docks ------------------------------------------------------------------------------------------------------------

-- A dock may be given another name, and belong to another unit from then on.
grant update (name, unit_id) on dock to fengcun_upload;

-- Case files -------------------------------------------------------------------------------------------------------

alter table case_file
  add column kind text not null default 'other' check (kind in
    ('penalty', 'licence', 'inspection', 'coercion', 'levy', 'complaint', 'public_order', 'criminal', 'other')),
  -- 执法事项: the row of the catalogue of recording matters that the case is about
  add column matter_id uuid references matter,
  add column changed_by uuid references account,
  add column changed_at timestamptz,
  add constraint case_file_changed check ((changed_by is null) = (changed_at is null));
create index case_file_state on case_file (state, opened_at desc, id desc);
create index case_file_unit_state on case_file (unit_id, state, opened_at desc, id desc);
create index case_file_kind on case_file (kind, opened_at desc, id desc);
create index case_file_matter on case_file (matter_id, opened_at desc, id desc) where matter_id is not null;
create index case_file_text on case_file using gin (search_grams(search_fold(number || ' ' || title || ' ' || coalesce(subject, ''))));
grant update (kind, matter_id, changed_by, changed_at) on case_file to fengcun_access;

-- Null: since it was kept track of, and without an end.
alter table case_officer
  add column added_at timestamptz,
  add column valid_from timestamptz,
  add column valid_until timestamptz,
  add constraint case_officer_period check (valid_until > valid_from);
grant update (added_by, added_at, valid_from, valid_until) on case_officer to fengcun_access;

-- As before, and only while the period lasts.
create or replace function is_case_officer(who uuid, item uuid) returns boolean language sql stable parallel safe as $$
  select exists (
    select from (select case_id from evidence_description where evidence_id = item order by version desc limit 1) latest
    join case_officer o on o.case_id = latest.case_id and o.account_id = who and o.added_by <> who
      and coalesce(o.valid_from <= now(), true) and coalesce(o.valid_until > now(), true)
    where (
      -- who put it into the case that it is in: the author of the first version since which that has not changed
      select d.account_id from evidence_description d
      where d.evidence_id = item and d.version > coalesce((
        select max(other.version) from evidence_description other
        where other.evidence_id = item and other.case_id is distinct from latest.case_id), 0)
      order by d.version limit 1) <> who)
$$;
