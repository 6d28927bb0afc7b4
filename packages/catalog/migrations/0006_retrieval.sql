-- Copies that leave the house, and their downloads.

create table issued_copy (
  id uuid primary key,
  evidence_id uuid not null references evidence,
  -- as it was when the copy was asked for
  evidence_name text not null,
  account_id uuid not null references account,
  -- chosen by the client: sending the same again makes no second copy
  client_id uuid,
  operation text not null check (operation in ('download_proxy', 'disclose', 'download_original', 'package')),
  form text not null check (form in ('burnt', 'bag')),
  mark text not null check (mark in ('picture', 'metadata', 'none')),
  state text not null default 'pending' check (state in ('pending', 'making', 'ready', 'failed', 'cancelled', 'removed')),
  percent integer not null default 0 check (percent between 0 and 100),
  reason text check (reason in ('no_cjk_font', 'media_failed', 'media_bounds', 'original_unreadable', 'original_differs',
    'storage_failed', 'gave_up')),
  detail text,
  recipient text,
  purpose text check (purpose in ('case_handling', 'supervision', 'file_review', 'complaint', 'judicial', 'party_inspection',
    'outside_disclosure', 'publication', 'other')),
  rule text not null,
  grant_id uuid references access_grant,
  event_id bigint not null,
  file_name text not null,
  media_type text not null,
  -- what is burnt in (lines of text) or packed beside the original (files by name), fixed when it was asked for
  content jsonb not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  ready_at timestamptz,
  -- until when it may be downloaded
  expires_at timestamptz,
  -- one maker: each claim counts up, and every write of a maker names it
  attempts integer not null default 0,
  claimed_until timestamptz,
  -- AES-256 of the stored bytes, new with each attempt and destroyed at the end: what a crash leaves in the vault is noise
  key bytea check (octet_length(key) = 32),
  vault_key text unique,
  vault_version text,
  size bigint check (size >= 0),
  sha256 bytea check (octet_length(sha256) = 32),
  -- when its first download took a use of the grant
  used_at timestamptz,
  -- when the vault was rid of the bytes of a copy that is over
  cleared_at timestamptz,
  unique (account_id, client_id),
  check (state <> 'ready' or (key is not null and vault_key is not null and vault_version is not null and size is not null and sha256 is not null and expires_at is not null)),
  check ((state = 'failed') = (reason is not null)),
  check ((form = 'bag') = (operation in ('download_original', 'package')))
);
create index issued_copy_mine on issued_copy (account_id, created_at desc, id desc);
create index issued_copy_item on issued_copy (account_id, evidence_id, created_at desc, id desc);
create index issued_copy_waiting on issued_copy (updated_at) where state in ('pending', 'making');
create index issued_copy_open on issued_copy (account_id) where state in ('pending', 'making');
create index issued_copy_grant on issued_copy (grant_id) where state in ('pending', 'making', 'ready') and grant_id is not null;
create index issued_copy_expiry on issued_copy (expires_at) where state = 'ready';
create index issued_copy_uncleared on issued_copy (updated_at) where state in ('failed', 'cancelled', 'removed') and cleared_at is null;
grant select, insert on issued_copy to fengcun_access;
grant update (state, updated_at, used_at) on issued_copy to fengcun_access;
grant select on issued_copy to fengcun_worker;
grant update (state, percent, reason, detail, mark, updated_at, ready_at, expires_at, attempts, claimed_until, key, vault_key,
  vault_version, size, sha256, cleared_at) on issued_copy to fengcun_worker;

-- One download, however often its connection broke and was taken up again: one event.
create table issued_copy_download (
  id uuid primary key,
  copy_id uuid not null references issued_copy,
  account_id uuid not null references account,
  session_id uuid not null references session,
  event_id bigint not null,
  rule text not null,
  grant_id uuid references access_grant,
  started_at timestamptz not null,
  last_at timestamptz not null,
  -- byte ranges handed to the network, half-open
  sent int8multirange not null default '{}'
);
create index issued_copy_download_copy on issued_copy_download (copy_id, session_id, last_at desc);
grant select, insert, update (last_at, sent) on issued_copy_download to fengcun_access;

