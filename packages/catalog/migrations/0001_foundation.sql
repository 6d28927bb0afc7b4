-- Roles are made by `ensureRoles` before the first migration: fengcun_upload, fengcun_access, fengcun_worker, fengcun_ledger.
-- Grants stand beside the table they are for. What is not granted here cannot be done by a service.

-- People and places ------------------------------------------------------------------------------------------------

create table unit (
  id uuid primary key,
  parent_id uuid references unit,
  name text not null,
  code text not null unique,
  -- ids from the root down to this unit, this unit included: a subtree is `path @> array[id]`
  path uuid[] not null
);
create index unit_path on unit using gin (path);
grant select on unit to fengcun_upload, fengcun_access, fengcun_worker, fengcun_ledger;

create table account (
  id uuid primary key,
  login text not null unique,
  name text not null,
  officer_number text unique,
  unit_id uuid not null references unit,
  password_hash text not null,
  failed_logins integer not null default 0,
  locked_until timestamptz,
  disabled_at timestamptz,
  created_at timestamptz not null
);
grant select on account to fengcun_upload, fengcun_access, fengcun_worker, fengcun_ledger;
grant update (failed_logins, locked_until, password_hash) on account to fengcun_access;

create table account_role (
  account_id uuid not null references account,
  unit_id uuid not null references unit,
  role text not null check (role in
    ('officer', 'supervisor', 'legal', 'bureau_head', 'archivist', 'auditor', 'system_admin', 'security_admin')),
  primary key (account_id, unit_id, role)
);
grant select on account_role to fengcun_upload, fengcun_access, fengcun_ledger;

-- Failed sign-ins under logins that nobody has, so that they lock out exactly like those that somebody has. Logins are hashed into 65536
-- buckets: a guesser cannot make the table grow.
create table unknown_login (
  bucket integer primary key check (bucket between 0 and 65535),
  failed_logins integer not null,
  locked_until timestamptz
);
grant select, insert, update on unknown_login to fengcun_access;

-- The three administrators are separate people (三员分立): nobody holds two of these roles.
create function forbid_two_administrators() returns trigger language plpgsql as $$
begin
  if new.role in ('auditor', 'system_admin', 'security_admin') and exists (
    select from account_role
    where account_id = new.account_id and role in ('auditor', 'system_admin', 'security_admin') and role <> new.role
  ) then
    raise exception 'account % already holds another administrator role', new.account_id using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger account_role_separation before insert or update on account_role
  for each row execute function forbid_two_administrators();

create table session (
  id uuid primary key,
  -- SHA-256 of the cookie's token: a stolen table opens nothing
  token_hash bytea not null unique,
  account_id uuid not null references account,
  created_at timestamptz not null,
  last_seen_at timestamptz not null,
  expires_at timestamptz not null,
  closed_at timestamptz,
  address text not null,
  user_agent text not null
);
create index session_account on session (account_id) where closed_at is null;
create index session_overdue on session (expires_at) where closed_at is null;
grant select, insert on session to fengcun_access;
grant update (last_seen_at, closed_at) on session to fengcun_access, fengcun_upload, fengcun_ledger;
grant select on session to fengcun_upload, fengcun_ledger;

create table dock (
  id uuid primary key,
  name text not null,
  unit_id uuid not null references unit,
  -- raw Ed25519 public key, 32 bytes
  public_key bytea check (octet_length(public_key) = 32),
  code_hash bytea unique,
  code_expires_at timestamptz,
  created_at timestamptz not null,
  enrolled_at timestamptz,
  revoked_at timestamptz,
  last_seen_at timestamptz
);
grant select on dock to fengcun_upload, fengcun_access, fengcun_worker, fengcun_ledger;
grant insert on dock to fengcun_upload;
grant update (public_key, code_hash, code_expires_at, enrolled_at, revoked_at, last_seen_at) on dock to fengcun_upload;
grant update (last_seen_at) on dock to fengcun_access, fengcun_ledger;

create table device (
  id uuid primary key,
  serial text not null unique,
  kind text not null check (kind in ('body_camera', 'camcorder', 'voice_recorder', 'interview_room', 'other')),
  name text not null,
  unit_id uuid not null references unit,
  state text not null check (state in ('in_use', 'unregistered', 'retired')),
  created_at timestamptz not null,
  last_offload_at timestamptz
);
grant select on device to fengcun_upload, fengcun_access, fengcun_worker;
grant insert on device to fengcun_upload;
grant update (last_offload_at) on device to fengcun_upload;

-- Ingest -----------------------------------------------------------------------------------------------------------

create table offload (
  id uuid primary key,
  device_id uuid not null references device,
  dock_id uuid references dock,
  account_id uuid references account,
  unit_id uuid not null references unit,
  officer_number text,
  -- SHA-256 of the canonical announcement and its sender: the same announcement is the same offload
  announcement bytea not null unique,
  device_clock timestamptz,
  dock_clock timestamptz,
  opened_at timestamptz not null
);
create index offload_unit on offload (unit_id, opened_at desc, id desc);
create index offload_device on offload (device_id, opened_at desc, id desc);
create index offload_dock on offload (dock_id, opened_at desc, id desc);
grant select, insert on offload to fengcun_upload;
grant select on offload to fengcun_access, fengcun_worker;

create table upload (
  -- also the evidence id
  id uuid primary key,
  unit_id uuid not null references unit,
  device_id uuid references device,
  offload_id uuid references offload,
  offload_ordinal integer,
  dock_id uuid references dock,
  account_id uuid references account,
  officer_number text,
  name text not null,
  kind text not null check (kind in ('video', 'audio', 'image', 'document', 'other')),
  -- null while the length is deferred
  size bigint check (size >= 0),
  declared_sha256 bytea check (octet_length(declared_sha256) = 32),
  recorded_from timestamptz,
  recorded_to timestamptz,
  key_mark boolean not null default false,
  sequence integer,
  metadata jsonb not null,
  -- the Upload-Metadata header exactly as sent, to be answered as it came
  metadata_header text not null default '',
  part_size integer not null check (part_size > 0),
  vault_key text not null unique,
  vault_transfer text not null,
  -- bytes of the unfinished part that the vault keeps durably; the offset is sum(parts) + tail
  tail_length integer not null default 0 check (tail_length >= 0),
  durable_offset bigint not null default 0 check (durable_offset >= 0),
  state text not null default 'receiving' check (state in
    ('receiving', 'received', 'sealing', 'sealed', 'quarantined', 'expired', 'terminated')),
  -- whole-file SHA-256 over the bytes as they arrived, when one process saw them all
  received_sha256 bytea check (octet_length(received_sha256) = 32),
  -- one writer: each taking over counts the token up, and every write names it
  lease_token bigint not null default 0,
  lease_until timestamptz,
  -- the upload process that writes; it holds an advisory lock of this number while it lives
  lease_holder integer,
  seal_token bigint not null default 0,
  seal_until timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  expires_at timestamptz not null,
  received_at timestamptz,
  -- when the vault was rid of an expired or terminated upload's bytes
  cleared_at timestamptz,
  check ((dock_id is null) <> (account_id is null))
);
create unique index upload_offload_file on upload (offload_id, offload_ordinal)
  where offload_id is not null and state not in ('expired', 'terminated');
create index upload_open on upload (unit_id, created_at desc, id desc)
  where state in ('receiving', 'received', 'sealing');
create index upload_unfinished on upload (state, updated_at) where state in ('receiving', 'received', 'sealing');
create index upload_expiry on upload (expires_at) where state = 'receiving';
create index upload_dock_active on upload (dock_id) where state = 'receiving';
create index upload_account_active on upload (account_id) where state = 'receiving';
create index upload_uncleared on upload (updated_at) where state in ('expired', 'terminated') and cleared_at is null;
grant select, insert, update on upload to fengcun_upload;
grant select on upload to fengcun_access, fengcun_worker;
grant update (state, seal_token, seal_until, updated_at) on upload to fengcun_worker;

create table upload_part (
  upload_id uuid not null references upload,
  part_number integer not null check (part_number > 0),
  size integer not null check (size >= 0),
  sha256 bytea not null check (octet_length(sha256) = 32),
  etag text not null,
  primary key (upload_id, part_number)
);
grant select, insert, update, delete on upload_part to fengcun_upload;
grant select on upload_part to fengcun_access, fengcun_worker;

-- Evidence ---------------------------------------------------------------------------------------------------------

create table evidence (
  id uuid primary key references upload,
  state text not null check (state in ('sealed', 'quarantined')),
  quarantine_code text,
  quarantine_detail text,
  unit_id uuid not null references unit,
  device_id uuid references device,
  device_serial text,
  offload_id uuid references offload,
  dock_id uuid references dock,
  account_id uuid references account,
  officer_number text,
  name text not null,
  kind text not null,
  size bigint not null,
  key_mark boolean not null,
  captured_at timestamptz not null,
  recorded_from timestamptz,
  recorded_to timestamptz,
  device_clock_offset_ms bigint,
  received_at timestamptz not null,
  sealed_at timestamptz not null,
  declared_sha256 bytea,
  received_sha256 bytea,
  received_parts integer not null,
  read_back_bytes bigint not null,
  sha256 bytea not null check (octet_length(sha256) = 32),
  sm3 bytea not null check (octet_length(sm3) = 32),
  tree_root bytea not null check (octet_length(tree_root) = 32),
  tree_leaf_size integer not null,
  -- the leaves' object, beside the original
  tree_key text,
  tree_version text,
  vault_driver text not null,
  vault_key text not null unique,
  vault_version text not null,
  protection text not null check (protection in ('enforced', 'advisory')),
  lock_mode text not null check (lock_mode in ('compliance', 'none')),
  retain_until timestamptz,
  -- the seal's (or quarantine's) event
  event_id bigint not null
);
-- With what a search by name has to see of the newest rows, so that it need not visit them.
create index evidence_unit on evidence (unit_id, captured_at desc, id desc) include (name);
create index evidence_unit_kind on evidence (unit_id, kind, captured_at desc, id desc);
create index evidence_captured on evidence (captured_at desc, id desc) include (unit_id, name);
create index evidence_device on evidence (device_id, captured_at desc, id desc);
create index evidence_officer on evidence (officer_number, captured_at desc, id desc);
create index evidence_offload on evidence (offload_id, id);
create index evidence_quarantined on evidence (unit_id, captured_at desc, id desc) where state = 'quarantined';
create index evidence_key_mark on evidence (unit_id, captured_at desc, id desc) where key_mark;
create index evidence_same on evidence (device_id, sha256);
create index evidence_sealed on evidence (unit_id, sealed_at);

-- Parts of names are found by their runs of one, two and three characters. pg_trgm finds nothing shorter than three, and words in Chinese
-- have two; under the C locale it drops Chinese altogether. PL/pgSQL, because it keeps its plan for the session.
create function name_grams(name text) returns text[] language plpgsql immutable strict parallel safe as $$
declare
  chars text[] := string_to_array(lower(name), null);
  n integer := cardinality(chars);
begin
  return chars
    || array(select a || b from unnest(chars[:n - 1], chars[2:]) as run (a, b))
    || array(select a || b || c from unnest(chars[:n - 2], chars[2:n - 1], chars[3:]) as run (a, b, c));
end $$;
-- What a name must have for a text to be part of it: the longest of the text's runs.
create function name_search_grams(part text) returns text[] language plpgsql immutable strict parallel safe as $$
declare
  longest integer := least(3, char_length(lower(part)));
begin
  return array(select distinct gram from unnest(name_grams(part)) gram where char_length(gram) = longest);
end $$;
create index evidence_name on evidence using gin (name_grams(name));

-- Exact counts per unit, kept in the transaction that seals. Several rows per unit, one for each `slot`, so that seals that run side by
-- side seldom wait for each other; the count is their sum.
create table evidence_tally (
  unit_id uuid not null references unit,
  slot smallint not null,
  sealed bigint not null,
  quarantined bigint not null,
  bytes bigint not null,
  primary key (unit_id, slot)
);
grant select on evidence_tally to fengcun_access;

create function count_evidence() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
  insert into evidence_tally as tally (unit_id, slot, sealed, quarantined, bytes)
  select unit_id, pg_backend_pid() % 16, count(*) filter (where state = 'sealed'),
    count(*) filter (where state = 'quarantined'), coalesce(sum(size), 0)
  from added group by unit_id order by unit_id
  on conflict (unit_id, slot) do update set sealed = tally.sealed + excluded.sealed,
    quarantined = tally.quarantined + excluded.quarantined, bytes = tally.bytes + excluded.bytes;
  return null;
end $$;
create trigger evidence_count after insert on evidence referencing new table as added
  for each statement execute function count_evidence();

-- Which session has looked at which item: a look is one event however often the page is opened again.
create table evidence_view (
  session_id uuid not null references session,
  evidence_id uuid not null references evidence,
  primary key (session_id, evidence_id)
);
grant select, insert on evidence_view to fengcun_access;
grant select, insert on evidence to fengcun_worker;
grant select on evidence to fengcun_upload, fengcun_access, fengcun_ledger;

create table offload_file (
  offload_id uuid not null references offload,
  ordinal integer not null,
  name text not null,
  size bigint not null,
  sha256 bytea not null check (octet_length(sha256) = 32),
  kind text not null,
  recorded_from timestamptz,
  recorded_to timestamptz,
  key_mark boolean not null,
  sequence integer,
  -- set when the same device's same digest was sealed before
  sealed_as uuid references evidence,
  primary key (offload_id, ordinal)
);
create index offload_file_evidence on offload_file (sealed_as) where sealed_as is not null;
grant select, insert, update (sealed_as) on offload_file to fengcun_upload;
grant select on offload_file to fengcun_access, fengcun_worker;

create table sequence_gap (
  id uuid primary key,
  offload_id uuid not null references offload,
  device_id uuid not null references device,
  first_missing integer not null,
  last_missing integer not null,
  explained_by uuid references account,
  explained_at timestamptz,
  reason text,
  unique (device_id, first_missing, last_missing)
);
create index sequence_gap_offload on sequence_gap (offload_id);
grant select, insert, update (explained_by, explained_at, reason) on sequence_gap to fengcun_upload;
grant select on sequence_gap to fengcun_access;

create table derivative (
  evidence_id uuid not null references evidence,
  kind text not null check (kind in ('probe', 'proxy', 'poster', 'thumbnails', 'waveform')),
  state text not null check (state in ('pending', 'ready', 'failed', 'nothing_to_play')),
  reason text,
  detail text,
  attempts integer not null default 0,
  -- while a worker is at it; a claim that ran out may be taken over
  claimed_until timestamptz,
  -- shape by kind: probe result, proxy segment index, thumbnail index
  data jsonb,
  vault_key text,
  vault_version text,
  vault_size bigint,
  updated_at timestamptz not null,
  -- beside the large document, so that a list need not unpack fifty of them
  duration_ms bigint generated always as (
    case when jsonb_typeof(data -> 'durationMs') = 'number' then round((data ->> 'durationMs')::numeric)::bigint end
  ) stored,
  primary key (evidence_id, kind)
);
create index derivative_pending on derivative (updated_at) where state = 'pending';
grant select, insert, update on derivative to fengcun_worker;
grant select on derivative to fengcun_access;
grant update (state, updated_at) on derivative to fengcun_access;

-- One AES-128 key per evidence for its proxy's segments, released only against a live session of play.
create table proxy_key (
  evidence_id uuid primary key references evidence,
  key bytea not null check (octet_length(key) = 16)
);
grant select, insert on proxy_key to fengcun_worker;
grant select on proxy_key to fengcun_access;

create table play (
  id uuid primary key,
  evidence_id uuid not null references evidence,
  account_id uuid not null references account,
  session_id uuid not null references session,
  event_id bigint not null,
  rule text not null,
  started_at timestamptz not null,
  expires_at timestamptz not null,
  ended_at timestamptz,
  -- numbers of the segments handed out: what was watched, should the viewer never say
  served int4multirange not null default '{}'
);
create index play_live on play (expires_at) where ended_at is null;
create index play_session on play (session_id) where ended_at is null;
grant select, insert, update (ended_at, expires_at, served) on play to fengcun_access;

create table verification (
  id uuid primary key,
  evidence_id uuid not null references evidence,
  account_id uuid not null references account,
  state text not null check (state in ('running', 'done', 'aborted')),
  started_at timestamptz not null,
  finished_at timestamptz,
  -- a running verification whose process is gone is known by this standing still
  heartbeat_at timestamptz not null,
  bytes_read bigint not null default 0,
  verdict text check (verdict in ('holds', 'fails', 'incomplete')),
  legs jsonb not null default '[]'
);
create unique index verification_running on verification (evidence_id) where state = 'running';
create index verification_evidence on verification (evidence_id, started_at desc);
grant select, insert, update on verification to fengcun_access;

create table alarm (
  id uuid primary key,
  kind text not null,
  unit_id uuid references unit,
  subject_kind text,
  subject_id text,
  detail text not null,
  raised_at timestamptz not null,
  acknowledged_by uuid references account,
  acknowledged_at timestamptz,
  note text
);
create index alarm_list on alarm ((acknowledged_at is null) desc, raised_at desc, id desc);
create index alarm_open on alarm (unit_id) where acknowledged_at is null;
grant select, insert on alarm to fengcun_upload, fengcun_worker, fengcun_access, fengcun_ledger;
grant update (acknowledged_by, acknowledged_at, note) on alarm to fengcun_access;

-- Soon, not whether: what Redis is to be told once the fact is committed ---------------------------------------------

create table outbox (
  id bigint generated always as identity primary key,
  queue text not null,
  -- idempotency key of the job within its queue
  job_key text not null,
  payload jsonb not null,
  created_at timestamptz not null default now()
);
grant insert on outbox to fengcun_upload, fengcun_access;
-- FOR UPDATE SKIP LOCKED needs the right to update, though nothing is ever updated
grant select, insert, update, delete on outbox to fengcun_worker;

-- The log ----------------------------------------------------------------------------------------------------------

create table ledger_event (
  id bigint generated always as identity primary key,
  type text not null,
  at timestamptz not null,
  actor_kind text not null,
  actor_id text not null,
  subject_kind text not null,
  subject_id text not null,
  -- the canonical text (RFC 8785) that is hashed, byte for byte
  entry bytea not null check (octet_length(entry) < 65536)
);
create index ledger_event_subject on ledger_event (subject_kind, subject_id, id);
create index ledger_event_actor on ledger_event (actor_kind, actor_id, id);
create index ledger_event_type on ledger_event (type, id);
grant select, insert on ledger_event to fengcun_upload, fengcun_access, fengcun_worker;
grant select, insert on ledger_event to fengcun_ledger;

create table ledger_opening (
  event_id bigint not null references ledger_event,
  -- JSON pointer into the entry
  path text not null,
  salt bytea not null,
  value text not null,
  primary key (event_id, path)
);
grant select, insert on ledger_opening to fengcun_upload, fengcun_access, fengcun_worker, fengcun_ledger;

create table ledger_pending (event_id bigint primary key references ledger_event);
grant select, delete on ledger_pending to fengcun_ledger;
grant select on ledger_pending to fengcun_access;

create function note_pending_event() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
  insert into ledger_pending (event_id) values (new.id);
  return null;
end $$;
create trigger ledger_event_pending after insert on ledger_event for each row execute function note_pending_event();

create table ledger_entry (
  index bigint primary key check (index >= 0),
  event_id bigint not null unique references ledger_event,
  leaf_hash bytea not null check (octet_length(leaf_hash) = 32)
);
grant select, insert on ledger_entry to fengcun_ledger;
grant select on ledger_entry to fengcun_access, fengcun_upload, fengcun_worker;

-- Hash tiles (C2SP tlog-tiles); a full tile has 256 hashes. Partial ones are replaced by wider ones.
create table ledger_tile (
  level integer not null check (level between 0 and 7),
  n bigint not null check (n >= 0),
  hashes bytea not null check (octet_length(hashes) % 32 = 0 and octet_length(hashes) between 32 and 8192),
  primary key (level, n)
);
grant select, insert, update on ledger_tile to fengcun_ledger;
grant select on ledger_tile to fengcun_access, fengcun_upload;

create table ledger_checkpoint (
  size bigint primary key check (size >= 0),
  root bytea not null check (octet_length(root) = 32),
  note text not null,
  signed_at timestamptz not null
);
grant select, insert on ledger_checkpoint to fengcun_ledger;
grant select on ledger_checkpoint to fengcun_access, fengcun_upload, fengcun_worker;

-- Signed text for one size never changes, and a smaller size never follows a larger one.
create function forbid_rewrite() returns trigger language plpgsql as $$
begin
  raise exception '% rows are never changed or removed', tg_table_name using errcode = 'restrict_violation';
end $$;
create trigger ledger_event_immutable before update or delete or truncate on ledger_event
  for each statement execute function forbid_rewrite();
create trigger ledger_entry_immutable before update or delete or truncate on ledger_entry
  for each statement execute function forbid_rewrite();
create trigger ledger_checkpoint_immutable before update or delete or truncate on ledger_checkpoint
  for each statement execute function forbid_rewrite();
create trigger evidence_immutable before update or delete or truncate on evidence
  for each statement execute function forbid_rewrite();
