-- The policy matrix, requests for access, decisions and grants.

-- The matrix's changeable rows, every version kept. Without a row the default matrix holds, as version 0.
create table access_matrix (
  version integer primary key check (version > 0),
  rows jsonb not null check (jsonb_typeof(rows) = 'array'),
  -- SHA-256 of the rows' canonical JSON, as the event says it
  sha256 bytea not null check (octet_length(sha256) = 32),
  changed_by uuid not null references account,
  changed_at timestamptz not null,
  reason text not null
);
grant select, insert on access_matrix to fengcun_access;
grant select on access_matrix to fengcun_worker;
create trigger access_matrix_immutable before update or delete or truncate on access_matrix
  for each statement execute function forbid_rewrite();

create table access_request (
  id uuid primary key,
  -- 调阅编号
  number bigint generated always as identity unique,
  kind text not null check (kind in ('ordinary', 'urgent')),
  state text not null check (state in
    ('draft', 'submitted', 'escalated', 'approved', 'refused', 'withdrawn', 'expired')),
  account_id uuid not null references account,
  -- the requester's unit when it was written
  account_unit_id uuid not null references unit,
  -- chosen by the client: sending the same again makes no second request
  client_id uuid,
  client_digest bytea check (octet_length(client_digest) = 32),
  purpose text not null check (purpose in ('case_handling', 'supervision', 'file_review', 'complaint', 'judicial',
    'party_inspection', 'outside_disclosure', 'publication', 'other')),
  basis text not null,
  case_number text,
  operations text[] not null check (cardinality(operations) > 0 and operations <@
    array['play', 'download_proxy', 'download_original', 'package', 'disclose', 'publish']),
  window_from timestamptz not null,
  window_until timestamptz not null,
  uses integer not null check (uses > 0),
  applicant_kind text check (applicant_kind in
    ('police', 'procuratorate', 'court', 'discipline', 'audit', 'party', 'lawyer')),
  applicant_organisation text,
  applicant_person text,
  applicant_letter text,
  applicant_contact text,
  -- the deepest unit that all items belong to: whoever approves must reach it. Null while drafted, and when there is none.
  unit_id uuid references unit,
  -- decisions needed, one role each, and those still open
  needed text[] not null default '{}' check (needed <@ array['supervisor', 'legal', 'bureau_head', 'archivist']),
  open text[] not null default '{}' check (open <@ needed),
  rules text[] not null default '{}',
  matrix_version integer,
  created_at timestamptz not null,
  submitted_at timestamptz,
  decided_at timestamptz,
  -- when it escalates, or (urgent) must have been confirmed
  due_at timestamptz,
  -- when it is over undecided
  expires_at timestamptz,
  escalated_at timestamptz,
  -- whose bureau head may decide since then
  escalated_to uuid references unit,
  urgent_approver uuid references account,
  violated_at timestamptz,
  check (window_from < window_until),
  check ((applicant_kind is null) = (applicant_person is null)),
  check ((kind = 'urgent') = (urgent_approver is not null)),
  -- a draft that is withdrawn was never submitted
  check (case state when 'draft' then submitted_at is null when 'withdrawn' then true else submitted_at is not null end),
  unique (account_id, client_id)
);
create index access_request_mine on access_request (account_id, created_at desc, id desc);
create index access_request_register on access_request (created_at desc, id desc) where submitted_at is not null;
create index access_request_unit on access_request (unit_id, created_at desc, id desc) where submitted_at is not null;
create index access_request_open on access_request (unit_id) where state in ('submitted', 'escalated');
create index access_request_due on access_request (due_at) where state = 'submitted';
create index access_request_expiry on access_request (expires_at) where state in ('submitted', 'escalated');
grant select, insert on access_request to fengcun_access;
grant update (state, purpose, basis, case_number, operations, window_from, window_until, uses, applicant_kind, applicant_organisation,
  applicant_person, applicant_letter, applicant_contact, unit_id, needed, open, rules, matrix_version, submitted_at, decided_at, due_at,
  expires_at, escalated_at, escalated_to, violated_at) on access_request to fengcun_access;
grant select on access_request to fengcun_worker;

-- What is over stays as it was: its author, its text and its outcome are on record.
create function keep_ended_request() returns trigger language plpgsql as $$
begin
  if old.state in ('approved', 'refused', 'withdrawn', 'expired') then
    raise exception 'request % is over and never changed', old.id using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger access_request_ended before update on access_request for each row execute function keep_ended_request();

-- No reference to evidence: asking for an item that is not there must look just like asking for one of another unit.
create table access_request_item (
  request_id uuid not null references access_request,
  evidence_id uuid not null,
  ordinal integer not null,
  primary key (request_id, evidence_id)
);
create index access_request_item_evidence on access_request_item (evidence_id, request_id);
grant select, insert, delete on access_request_item to fengcun_access;
grant select on access_request_item to fengcun_worker;

-- Letters and identity documents, sealed like any evidence.
create table access_request_attachment (
  request_id uuid not null references access_request,
  evidence_id uuid not null,
  ordinal integer not null,
  kind text not null check (kind in ('letter', 'identity', 'other')),
  primary key (request_id, evidence_id)
);
create index access_request_attachment_evidence on access_request_attachment (evidence_id);
grant select, insert, delete on access_request_attachment to fengcun_access;

create table access_decision (
  id uuid primary key,
  request_id uuid not null references access_request,
  account_id uuid not null references account,
  -- as which of the needed ones it counts
  role text not null check (role in ('supervisor', 'legal', 'bureau_head', 'archivist')),
  verdict text not null check (verdict in ('approved', 'refused')),
  reason text,
  hold_acknowledged boolean not null,
  decided_at timestamptz not null,
  -- an approval whose author left, or lost the role, before the last one came counts no more
  voided_at timestamptz,
  void_reason text check (void_reason in ('approver_disabled', 'approver_lost_role', 'not_needed_any_more')),
  check (verdict = 'approved' or reason is not null),
  check ((voided_at is null) = (void_reason is null))
);
-- Two decisions are two people.
create unique index access_decision_person on access_decision (request_id, account_id) where voided_at is null;
create index access_decision_account on access_decision (account_id, decided_at desc, id desc);
grant select, insert, update (voided_at, void_reason) on access_decision to fengcun_access;
grant select on access_decision to fengcun_worker;

-- Nobody decides their own request, whatever the program above says.
create function forbid_own_decision() returns trigger language plpgsql as $$
begin
  if exists (select from access_request where id = new.request_id and account_id = new.account_id) then
    raise exception 'nobody decides their own request' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger access_decision_own before insert on access_decision for each row execute function forbid_own_decision();

create table access_grant (
  id uuid primary key,
  request_id uuid not null unique references access_request,
  account_id uuid not null references account,
  operations text[] not null check (cardinality(operations) > 0 and operations <@
    array['play', 'download_proxy', 'download_original', 'package', 'disclose', 'publish']),
  valid_from timestamptz not null,
  valid_until timestamptz not null,
  -- given before anybody approved
  urgent boolean not null,
  event_id bigint not null,
  created_at timestamptz not null,
  revoked_at timestamptz,
  revoked_by uuid references account,
  revoke_reason text,
  -- when its end was put on record
  ended_at timestamptz,
  check (valid_from < valid_until),
  check ((revoked_at is null) = (revoke_reason is null))
);
create index access_grant_account on access_grant (account_id, created_at desc, id desc);
create index access_grant_ending on access_grant (valid_until) where revoked_at is null and ended_at is null;
grant select, insert, update (revoked_at, revoked_by, revoke_reason, ended_at) on access_grant to fengcun_access;
grant select on access_grant to fengcun_worker;

create table access_grant_item (
  grant_id uuid not null references access_grant,
  evidence_id uuid not null references evidence,
  -- null: as often as wanted
  uses_left integer check (uses_left >= 0),
  primary key (grant_id, evidence_id)
);
create index access_grant_item_evidence on access_grant_item (evidence_id, grant_id);
grant select, insert, update (uses_left) on access_grant_item to fengcun_access;
grant select on access_grant_item to fengcun_worker;

-- The grant that a play stands on, and what it was said to be for.
alter table play add column grant_id uuid references access_grant;
alter table play add column purpose text check (purpose in ('case_handling', 'supervision', 'file_review', 'complaint', 'judicial',
  'party_inspection', 'outside_disclosure', 'publication', 'other'));
create index play_grant on play (grant_id) where ended_at is null and grant_id is not null;

-- Whose case it is opens footage without an approval, so nobody may make a case their own: neither by putting themselves on it nor by putting
-- a recording into it. Both have to be somebody else's doing.
alter table case_officer add column added_by uuid references account;
create function is_case_officer(who uuid, item uuid) returns boolean language sql stable parallel safe as $$
  select exists (
    select from (select case_id from evidence_description where evidence_id = item order by version desc limit 1) latest
    join case_officer o on o.case_id = latest.case_id and o.account_id = who and o.added_by <> who
    where (
      -- who put it into the case that it is in: the author of the first version since which that has not changed
      select d.account_id from evidence_description d
      where d.evidence_id = item and d.version > coalesce((
        select max(other.version) from evidence_description other
        where other.evidence_id = item and other.case_id is distinct from latest.case_id), 0)
      order by d.version limit 1) <> who)
$$;
