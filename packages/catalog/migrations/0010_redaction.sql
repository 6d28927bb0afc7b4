-- Redacted versions (脱敏件): what is to be covered, muted or left out, the files made of it, and who reviewed them.

create table redaction (
  id uuid primary key,
  evidence_id uuid not null references evidence,
  -- what its makers call it
  name text not null check (length(name) between 1 and 100),
  state text not null check (state in ('draft', 'rendering', 'ready', 'failed', 'approved', 'rejected', 'withdrawn')),
  -- of the newest plan
  version integer not null check (version > 0),
  -- the rendering of that plan which counts; null while there is none
  render_id uuid,
  created_by uuid not null references account,
  -- chosen by the client: sending the same again makes no second one
  client_id uuid,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  reviewed_by uuid references account,
  reviewed_at timestamptz,
  review_reason text,
  withdrawn_by uuid references account,
  withdrawn_at timestamptz,
  withdraw_reason text,
  unique (created_by, client_id),
  check (state not in ('rendering', 'ready', 'failed', 'approved', 'rejected') or render_id is not null),
  check (state not in ('approved', 'rejected') or (reviewed_by is not null and reviewed_at is not null)),
  check (state <> 'rejected' or review_reason is not null),
  check ((state = 'withdrawn') = (withdrawn_at is not null))
);
create index redaction_list on redaction (evidence_id, created_at desc, id desc);
create index redaction_usable on redaction (evidence_id, reviewed_at desc) where state = 'approved';
grant select, insert on redaction to fengcun_access;
grant update (state, version, render_id, updated_at, reviewed_by, reviewed_at, review_reason, withdrawn_by, withdrawn_at,
  withdraw_reason) on redaction to fengcun_access;
grant select on redaction to fengcun_worker;
grant update (state, updated_at, withdrawn_at, withdraw_reason) on redaction to fengcun_worker;

-- What is to be done to the recording, every version kept.
create table redaction_plan (
  redaction_id uuid not null references redaction,
  version integer not null check (version > 0),
  -- marks, as the API takes them
  marks jsonb not null check (jsonb_typeof(marks) = 'array'),
  -- SHA-256 of the canonical JSON of item, redaction, version and marks, as the event says it
  sha256 bytea not null check (octet_length(sha256) = 32),
  made_by uuid not null references account,
  made_at timestamptz not null,
  event_id bigint not null,
  primary key (redaction_id, version)
);
grant select, insert on redaction_plan to fengcun_access;
grant select on redaction_plan to fengcun_worker;
create trigger redaction_plan_immutable before update or delete or truncate on redaction_plan
  for each statement execute function forbid_rewrite();

-- One rendering of one plan: the file that can be published, and the encrypted pieces by which it is watched before that.
create table redaction_render (
  id uuid primary key,
  redaction_id uuid not null,
  version integer not null,
  evidence_id uuid not null references evidence,
  -- superseded: another plan or rendering took its place before it was approved
  state text not null default 'pending' check (state in ('pending', 'making', 'ready', 'failed', 'cancelled', 'superseded')),
  percent integer not null default 0 check (percent between 0 and 100),
  reason text check (reason in ('no_cjk_font', 'media_failed', 'media_bounds', 'original_unreadable', 'original_differs',
    'storage_failed', 'gave_up', 'result_wrong')),
  detail text,
  requested_by uuid not null references account,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  -- of the event that asked for it: it stands in the picture
  event_id bigint not null,
  -- one maker: each claim counts up, and every write of a maker names it
  attempts integer not null default 0,
  claimed_until timestamptz,
  -- AES-256 of the stored file, new with each attempt: what a crash leaves in the vault is noise
  key bytea check (octet_length(key) = 32),
  vault_key text unique,
  vault_version text,
  size bigint check (size >= 0),
  sha256 bytea check (octet_length(sha256) = 32),
  sm3 bytea check (octet_length(sm3) = 32),
  media_type text,
  mark text check (mark in ('picture', 'metadata', 'none')),
  duration_ms bigint check (duration_ms >= 0),
  -- the version of the original it was made from
  source_version text,
  finished_at timestamptz,
  -- to be watched: HLS pieces in one object, their index, their AES-128 key
  play_index jsonb,
  play_key bytea check (octet_length(play_key) = 16),
  play_vault_key text unique,
  play_vault_version text,
  play_size bigint check (play_size >= 0),
  -- when the vault was rid of the bytes of a rendering that counts no more
  cleared_at timestamptz,
  foreign key (redaction_id, version) references redaction_plan,
  check (state <> 'ready' or (key is not null and vault_key is not null and vault_version is not null and size is not null
    and sha256 is not null and sm3 is not null and media_type is not null and mark is not null and duration_ms is not null
    and source_version is not null and play_index is not null and play_key is not null and play_vault_key is not null
    and play_vault_version is not null and play_size is not null and finished_at is not null)),
  check ((state = 'failed') = (reason is not null))
);
create index redaction_render_of on redaction_render (redaction_id, created_at desc);
create index redaction_render_item on redaction_render (evidence_id);
create index redaction_render_waiting on redaction_render (updated_at) where state in ('pending', 'making');
create index redaction_render_uncleared on redaction_render (updated_at)
  where state in ('failed', 'cancelled', 'superseded') and cleared_at is null;
-- The key of the file itself is the worker's alone: what leaves is made by it and nobody else.
grant select (id, redaction_id, version, evidence_id, state, percent, reason, detail, requested_by, created_at, updated_at, event_id,
  size, sha256, sm3, media_type, mark, duration_ms, source_version, finished_at, play_index, play_key, play_vault_key,
  play_vault_version, play_size), insert (id, redaction_id, version, evidence_id, requested_by, created_at, updated_at, event_id),
  update (state, updated_at) on redaction_render to fengcun_access;
grant select on redaction_render to fengcun_worker;
grant update (state, percent, reason, detail, updated_at, attempts, claimed_until, key, vault_key, vault_version, size, sha256, sm3,
  media_type, mark, duration_ms, source_version, finished_at, play_index, play_key, play_vault_key, play_vault_version, play_size,
  cleared_at) on redaction_render to fengcun_worker;
alter table redaction add foreign key (render_id) references redaction_render;

-- Whoever wrote a version of the plan, or had it rendered, never reviews what was made of it. What was approved or withdrawn is never changed back.
create function keep_redaction_review() returns trigger language plpgsql as $$
begin
  if old.state = 'withdrawn' or (old.state = 'approved' and new.state not in ('approved', 'withdrawn')) then
    raise exception 'redaction % is settled', old.id using errcode = 'restrict_violation';
  end if;
  if new.state in ('approved', 'rejected') and new.state <> old.state then
    if exists (select from redaction_plan where redaction_id = new.id and made_by = new.reviewed_by) then
      raise exception 'account % made redaction %', new.reviewed_by, new.id
        using errcode = 'check_violation', constraint = 'redaction_two_people';
    end if;
    if not exists (select from redaction_render r where r.id = new.render_id and r.redaction_id = new.id and r.state = 'ready'
      and r.version = new.version and r.requested_by <> new.reviewed_by) then
      raise exception 'redaction % has nothing ready to review', new.id using errcode = 'check_violation';
    end if;
  end if;
  return new;
end $$;
create trigger redaction_review before update on redaction for each row execute function keep_redaction_review();

-- A session of play shows the recording, or what was made of it.
alter table play add column render_id uuid references redaction_render;
create index play_render on play (render_id, account_id) where render_id is not null;

-- Copies to be published: made of one rendering that was approved.
alter table issued_copy add column render_id uuid references redaction_render;
alter table issued_copy drop constraint issued_copy_operation_check;
alter table issued_copy add constraint issued_copy_operation_check
  check (operation in ('download_proxy', 'disclose', 'download_original', 'package', 'publish'));
alter table issued_copy drop constraint issued_copy_form_check;
alter table issued_copy add constraint issued_copy_form_check check (form in ('burnt', 'bag', 'redacted'));
alter table issued_copy drop constraint issued_copy_reason_check;
alter table issued_copy add constraint issued_copy_reason_check check (reason in ('no_cjk_font', 'media_failed', 'media_bounds',
  'original_unreadable', 'original_differs', 'storage_failed', 'gave_up', 'redaction_unusable'));
alter table issued_copy add constraint issued_copy_published_redacted
  check ((operation = 'publish') = (form = 'redacted') and (operation = 'publish') = (render_id is not null));
create index issued_copy_render on issued_copy (render_id) where state in ('pending', 'making', 'ready') and render_id is not null;

-- Whoever renders tells those who may review.
grant select on account_role to fengcun_worker;

-- What is published is in the register of access from its first mark on.
create or replace function register_kind(type text) returns text language sql immutable strict parallel safe as $$
  select case
    when type = 'evidence.viewed' then 'view'
    when type in ('play.started', 'play.ended') then 'play'
    when type like 'issued\_copy.%' then 'download'
    when type in ('request.decided', 'request.decision_voided', 'redaction.reviewed') or type like 'grant.%' then 'decision'
    when type like 'request.%' then 'request'
    when type = 'access.denied' then 'denial'
    when type in ('evidence.described', 'evidence.disposed', 'retention.assigned', 'hold.set', 'hold.released')
      or type like 'disposition.%' or type like 'redaction.%' then 'change'
    when type like 'register.%' or type in ('report.made', 'audience.read', 'log.read') then 'audit'
  end
$$;
