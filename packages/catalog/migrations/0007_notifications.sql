-- What a person is told, one row each.

create table notification (
  id uuid primary key,
  account_id uuid not null references account,
  kind text not null check (kind ~ '^[a-z][a-z0-9_]{2,63}$'),
  subject_kind text not null check (subject_kind in ('request', 'grant', 'alarm', 'evidence')),
  subject_id text not null,
  -- what the words are filled with: numbers, names
  data jsonb not null default '{}',
  created_at timestamptz not null,
  read_at timestamptz
);
create index notification_list on notification (account_id, created_at desc, id desc);
create index notification_unread on notification (account_id, created_at desc, id desc) where read_at is null;
grant select, insert, update (read_at) on notification to fengcun_access;
grant select, insert on notification to fengcun_worker;

-- Other programs that are told what people are told --------------------------------------------------------------------

create table webhook (
  id uuid primary key,
  name text not null,
  url text not null,
  -- HMAC key. Written by the service that makes it, read by the one that signs.
  secret bytea not null check (octet_length(secret) = 32),
  -- empty: everything
  kinds text[] not null,
  created_by uuid not null references account,
  created_at timestamptz not null,
  disabled_at timestamptz
);
grant select (id, name, url, kinds, created_by, created_at, disabled_at), insert, update (name, kinds, disabled_at) on webhook
  to fengcun_access;
grant select on webhook to fengcun_worker;

create table webhook_delivery (
  id uuid primary key,
  webhook_id uuid not null references webhook,
  kind text not null,
  -- the message, as it is sent
  body text not null,
  state text not null check (state in ('pending', 'delivered', 'failed')),
  attempts integer not null default 0,
  -- when it is tried next; while somebody is at it, when that one counts as dead
  next_at timestamptz,
  created_at timestamptz not null,
  finished_at timestamptz,
  check ((state = 'pending') = (next_at is not null))
);
create index webhook_delivery_due on webhook_delivery (next_at) where state = 'pending';
create index webhook_delivery_list on webhook_delivery (webhook_id, created_at desc, id desc);
create index webhook_delivery_last on webhook_delivery (webhook_id, finished_at desc) where finished_at is not null;
grant select, insert on webhook_delivery to fengcun_access;
grant select, insert, update (state, attempts, next_at, finished_at) on webhook_delivery to fengcun_worker;

create table webhook_attempt (
  delivery_id uuid not null references webhook_delivery,
  attempt integer not null,
  at timestamptz not null,
  status integer,
  error text,
  duration_ms integer not null,
  primary key (delivery_id, attempt)
);
grant select on webhook_attempt to fengcun_access;
grant select, insert on webhook_attempt to fengcun_worker;
