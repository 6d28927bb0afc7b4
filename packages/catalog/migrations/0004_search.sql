-- What people say about recordings, case files, search, and the register of access.

-- Case files -------------------------------------------------------------------------------------------------------

create table case_file (
  id uuid primary key,
  -- folded to NFKC by the service; given once only
  number text not null unique,
  unit_id uuid not null references unit,
  title text not null,
  subject text,
  state text not null default 'open' check (state in ('open', 'closed')),
  -- counts the changes of the row
  revision integer not null default 1 check (revision > 0),
  opened_by uuid not null references account,
  opened_at timestamptz not null,
  closed_at timestamptz,
  -- recordings that are described as belonging to it now
  items integer not null default 0 check (items >= 0),
  check ((state = 'closed') = (closed_at is not null))
);
create index case_file_list on case_file (opened_at desc, id desc);
create index case_file_unit on case_file (unit_id, opened_at desc, id desc);
grant select, insert, update (title, subject, state, revision, closed_at) on case_file to fengcun_access;
grant select on case_file to fengcun_worker;

-- 承办人
create table case_officer (
  case_id uuid not null references case_file,
  account_id uuid not null references account,
  primary key (case_id, account_id)
);
create index case_officer_account on case_officer (account_id, case_id);
grant select, insert, delete on case_officer to fengcun_access;
grant select on case_officer to fengcun_worker;

-- Descriptions -----------------------------------------------------------------------------------------------------

-- Evidence rows never change; what people say about them stands here, every version. The highest one holds.
create table evidence_description (
  evidence_id uuid not null references evidence,
  version integer not null check (version > 0),
  title text,
  place text,
  tags text[] not null default '{}',
  case_id uuid references case_file,
  matter_id uuid references matter,
  note text,
  account_id uuid not null references account,
  described_at timestamptz not null,
  event_id bigint not null references ledger_event,
  primary key (evidence_id, version)
);
grant select, insert on evidence_description to fengcun_access;
grant select on evidence_description to fengcun_worker;
create trigger evidence_description_immutable before update or delete or truncate on evidence_description
  for each statement execute function forbid_rewrite();

-- What a unit's people call things, for suggestions.
create table tag_tally (
  unit_id uuid not null references unit,
  tag text not null,
  items integer not null check (items >= 0),
  primary key (unit_id, tag)
);
grant select on tag_tally to fengcun_access;

-- Search -----------------------------------------------------------------------------------------------------------
--
-- One row for each item holds everything that lists and searches ask about, and `terms`: a 64-bit number for each value to filter by and
-- for each run of characters (gram) to find words by. The upper half of a term is the week of the recording. A page of a search is found
-- week by week, newest first, each week's matches in the index of terms: a common word fills the page from the newest week, a rare one
-- or none leaves little to do in any week. Hashes may collide, so the row's own columns always decide.
--
-- Grams, not words: where the segmentation of a text and of a query differ, an index of words finds nothing.

-- Width and case do not matter, and any space is one space. What cannot be normalised does not occur: the database is UTF-8.
create function search_fold(value text) returns text language sql immutable strict parallel safe as $$
  select btrim(regexp_replace(lower(normalize(value, nfkc)), '[[:space:][:cntrl:]]+', ' ', 'g'))
$$;

-- The grams of a folded text. ASCII: every run of three characters, and whole words of one and two (`=12`). Anything else: every
-- character, and every pair with a neighbour; words in Chinese have two characters, names sometimes one.
create function search_grams(value text) returns text[] language plpgsql immutable strict parallel safe as $$
declare
  short text[] := array(
    select '=' || word from unnest(string_to_array(regexp_replace(value, '[^a-z0-9]+', ' ', 'g'), ' ')) word
    where length(word) between 1 and 2);
  chars text[];
  grams text[] := '{}';
  a text; b text; c text;
  x boolean; y boolean; z boolean;
begin
  if octet_length(value) = length(value) then
    return array(select substr(value, i, 3) from generate_series(1, length(value) - 2) i) || short;
  end if;
  chars := string_to_array(value, null);
  b := chars[1];
  c := chars[2];
  y := b > '~' collate "C";
  z := c > '~' collate "C";
  for i in 1 .. cardinality(chars) loop
    a := b;
    b := c;
    c := chars[i + 2];
    x := y;
    y := z;
    z := c > '~' collate "C";
    if x then
      grams := grams || a;
    end if;
    if x or y then
      grams := grams || (a || b);
    elsif not z then
      grams := grams || (a || b || c);
    end if;
  end loop;
  return array_remove(grams, null) || short;
end $$;

-- What the index of a text must have for a folded word to stand in it. A word of one or two ASCII characters is looked for as a whole.
create function search_word_grams(word text) returns text[] language plpgsql immutable strict parallel safe as $$
begin
  if word ~ '^[a-z0-9]{1,2}$' then
    return array['=' || word];
  end if;
  return array(
    select distinct gram from unnest(search_grams(word)) gram
    where gram !~ '^=' and (length(gram) > 1 or length(word) = 1));
end $$;

create function search_week(at timestamptz) returns integer language sql immutable strict parallel safe as $$
  select least(greatest(floor(extract(epoch from at) / 604800), -100000), 100000)::integer
$$;

create function search_terms(week integer, keys text[]) returns bigint[] language sql immutable strict parallel safe as $$
  select array(select (week::bigint << 32) | (hashtext(key)::bigint & 4294967295) from unnest(keys) key)
$$;

-- A value to filter by. The tab keeps it apart from grams, which have none.
create function search_key(kind text, value text) returns text language sql immutable strict parallel safe as $$
  select E'\t' || kind || value
$$;

create table evidence_search (
  evidence_id uuid primary key references evidence,
  captured_at timestamptz not null,
  week integer not null,
  unit_id uuid not null,
  kind text not null,
  state text not null,
  key_mark boolean not null,
  device_id uuid,
  officer_number text,
  offload_id uuid,
  title text,
  -- folded, like everything below
  place text,
  tags text[] not null default '{}',
  case_id uuid,
  case_number text,
  matter_id uuid,
  -- every text that words are looked for in, a line each
  text text not null,
  terms bigint[] not null
);
-- Whoever asks for a term says which one; nothing is learned from how often which occur.
alter table evidence_search alter column terms set statistics 0;
-- Straight into the index: a list of pending entries would be read again for every week of every search.
create index evidence_search_terms on evidence_search using gin (terms) with (fastupdate = off);
create index evidence_search_captured on evidence_search (captured_at desc, evidence_id desc);
create index evidence_search_officer on evidence_search (officer_number) where officer_number is not null;
create index evidence_search_device on evidence_search (device_id) where device_id is not null;
create index evidence_search_case on evidence_search (case_id, captured_at desc, evidence_id desc) where case_id is not null;
grant select on evidence_search to fengcun_access, fengcun_worker;

-- Weeks that have recordings.
create table search_week (week integer primary key);
grant select on search_week to fengcun_access;

-- Counts for the timeline, kept like `evidence_tally`. Days and months are those of China Standard Time.
create table evidence_period (
  grain text not null check (grain in ('day', 'month')),
  starts_on date not null,
  unit_id uuid not null,
  kind text not null,
  state text not null,
  key_mark boolean not null,
  slot smallint not null,
  items bigint not null,
  primary key (grain, starts_on, unit_id, kind, state, key_mark, slot)
);
grant select on evidence_period to fengcun_access;

create function china_day(at timestamptz) returns date language sql immutable strict parallel safe as $$
  select (at at time zone interval '8 hours')::date
$$;

-- The row of search as it should be now. Names of people and devices are as they are today.
create view evidence_search_source as
select e.id as evidence_id, e.captured_at, search_week(e.captured_at) as week, e.unit_id, e.kind, e.state, e.key_mark, e.device_id,
  e.officer_number, e.offload_id, d.title, search_fold(d.place) as place,
  coalesce(array(select search_fold(tag) from unnest(d.tags) tag), '{}') as tags,
  d.case_id, c.number as case_number, d.matter_id,
  array_remove(array[search_fold(e.name), search_fold(d.title), search_fold(e.officer_number), search_fold(a.name),
    search_fold(e.device_serial), search_fold(v.name), search_fold(d.place), search_fold(c.number)]
    || array(select search_fold(tag) from unnest(d.tags) tag), null) as lines,
  array_remove(array[search_key('kind', e.kind),
    case when e.state = 'quarantined' then search_key('state', e.state) end, case when e.key_mark then search_key('mark', '') end,
    search_key('device', e.device_id::text), search_key('officer', e.officer_number), search_key('offload', e.offload_id::text),
    search_key('case', d.case_id::text), search_key('matter', d.matter_id::text)]
    || array(select search_key('unit', above::text) from unnest(u.path) above)
    || array(select search_key('tag', search_fold(tag)) from unnest(d.tags) tag), null) as keys
from evidence e
join unit u on u.id = e.unit_id
left join lateral (
  select * from evidence_description d where d.evidence_id = e.id order by version desc limit 1
) d on true
left join case_file c on c.id = d.case_id
left join account a on a.officer_number = e.officer_number
left join device v on v.id = e.device_id;

-- Writes the rows of these items anew. By trigger in the transactions that seal and describe; by `refresh_search` after renamings.
create function index_evidence(ids uuid[]) returns void language plpgsql security definer set search_path = public, pg_temp as $$
begin
  insert into evidence_search as known (evidence_id, captured_at, week, unit_id, kind, state, key_mark, device_id, officer_number,
    offload_id, title, place, tags, case_id, case_number, matter_id, text, terms)
  select s.evidence_id, s.captured_at, s.week, s.unit_id, s.kind, s.state, s.key_mark, s.device_id, s.officer_number, s.offload_id,
    s.title, s.place, s.tags, s.case_id, s.case_number, s.matter_id, array_to_string(s.lines, E'\n'),
    search_terms(s.week, s.keys || coalesce((select array_agg(gram) from unnest(s.lines) line, unnest(search_grams(line)) gram), '{}'))
  from evidence_search_source s where s.evidence_id = any(ids)
  on conflict (evidence_id) do update set title = excluded.title, place = excluded.place, tags = excluded.tags,
    case_id = excluded.case_id, case_number = excluded.case_number, matter_id = excluded.matter_id, text = excluded.text,
    terms = excluded.terms;
end $$;
revoke execute on function index_evidence(uuid[]) from public;

create function begin_search() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
  insert into search_week (week)
  select distinct search_week(captured_at) from added
  where not exists (select from search_week s where s.week = search_week(added.captured_at))
  on conflict do nothing;
  perform index_evidence(array(select id from added));
  insert into evidence_period as period (grain, starts_on, unit_id, kind, state, key_mark, slot, items)
  select grain, date_trunc(grain, china_day(captured_at))::date, unit_id, kind, state, key_mark, pg_backend_pid() % 4, count(*)
  from added, unnest(array['day', 'month']) grain
  group by 1, 2, 3, 4, 5, 6, 7 order by 1, 2, 3, 4, 5, 6, 7
  on conflict (grain, starts_on, unit_id, kind, state, key_mark, slot) do update set items = period.items + excluded.items;
  return null;
end $$;
create trigger evidence_begins_search after insert on evidence referencing new table as added
  for each statement execute function begin_search();

create function describe_search() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
declare
  unit uuid := (select unit_id from evidence where id = new.evidence_id);
  before evidence_description := (select d from evidence_description d where evidence_id = new.evidence_id and version = new.version - 1);
begin
  perform index_evidence(array[new.evidence_id]);
  update tag_tally set items = items - 1
    where unit_id = unit and tag in (select unnest(before.tags) except select unnest(new.tags));
  insert into tag_tally as tally (unit_id, tag, items)
    select unit, tag, 1 from (select unnest(new.tags) as tag except select unnest(before.tags)) added order by tag
    on conflict (unit_id, tag) do update set items = tally.items + 1;
  if before.case_id is distinct from new.case_id then
    update case_file set items = items - 1 where id = before.case_id;
    update case_file set items = items + 1 where id = new.case_id;
  end if;
  return null;
end $$;
create trigger evidence_description_search after insert on evidence_description
  for each row execute function describe_search();

-- Items whose people or devices were renamed, or whose unit was moved, since they were indexed. Few such changes touch thousands of items:
-- they are done soon, not at once. Until then searches ask for units one by one, which is always right.
create table search_stale (
  evidence_id uuid primary key
);
grant select on search_stale to fengcun_access;
create function note_renamed_officer() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
  insert into search_stale (evidence_id)
  select s.evidence_id from evidence_search s where s.officer_number = any(
    case tg_op when 'INSERT' then array[new.officer_number] else array[old.officer_number, new.officer_number] end)
  on conflict do nothing;
  return null;
end $$;
create trigger account_new_search after insert on account
  for each row when (new.officer_number is not null) execute function note_renamed_officer();
create trigger account_renamed_search after update of name, officer_number on account
  for each row when (old.name is distinct from new.name or old.officer_number is distinct from new.officer_number)
  execute function note_renamed_officer();
create function note_renamed_device() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
  insert into search_stale (evidence_id) select evidence_id from evidence_search where device_id = new.id on conflict do nothing;
  return null;
end $$;
create trigger device_renamed_search after update of name on device
  for each row when (old.name is distinct from new.name) execute function note_renamed_device();

create function note_moved_unit() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
  insert into search_stale (evidence_id) select id from evidence where unit_id = new.id on conflict do nothing;
  return null;
end $$;
create trigger unit_moved_search after update of path on unit
  for each row when (old.path is distinct from new.path) execute function note_moved_unit();

-- Indexes the next `batch` of them anew; answers how many there were.
create function refresh_search(batch integer) returns integer language plpgsql security definer set search_path = public, pg_temp as $$
declare
  ids uuid[];
begin
  with taken as (
    delete from search_stale where evidence_id in (select evidence_id from search_stale limit batch for update skip locked)
    returning evidence_id
  )
  select array_agg(evidence_id order by evidence_id) into ids from taken;
  if ids is null then
    return 0;
  end if;
  perform index_evidence(ids);
  return cardinality(ids);
end $$;
revoke execute on function refresh_search(integer) from public;
grant execute on function refresh_search(integer) to fengcun_access;

-- What was sealed before there was a search.
insert into search_week (week) select distinct search_week(captured_at) from evidence;
select index_evidence(array(select id from evidence));
insert into evidence_period (grain, starts_on, unit_id, kind, state, key_mark, slot, items)
select grain, date_trunc(grain, china_day(captured_at))::date, unit_id, kind, state, key_mark, 0, count(*)
from evidence, unnest(array['day', 'month']) grain group by 1, 2, 3, 4, 5, 6;

-- Lists ask `evidence_search` now.
drop index evidence_unit, evidence_unit_kind, evidence_captured, evidence_quarantined, evidence_key_mark, evidence_name;
drop function name_search_grams(text);
drop function name_grams(text);

-- The register of access -------------------------------------------------------------------------------------------

-- One line for each event that tells of access (查阅登记簿), written with the event. What it says is in the event; here is what it is found by.
create table register_entry (
  event_id bigint primary key references ledger_event,
  at timestamptz not null,
  kind text not null check (kind in ('view', 'play', 'download', 'request', 'decision', 'denial', 'change', 'audit')),
  actor_kind text not null,
  actor_id text not null,
  -- the person's unit at the time
  actor_unit_id uuid references unit,
  evidence_id uuid,
  -- whose reader it is for: the item's unit, the request's, or else the person's; null: those who see everything
  unit_id uuid references unit,
  request_id uuid,
  purpose text,
  case_id uuid
);
create index register_list on register_entry (at desc, event_id desc);
create index register_unit on register_entry (unit_id, at desc, event_id desc);
create index register_actor on register_entry (actor_id, at desc, event_id desc);
create index register_kind on register_entry (kind, at desc, event_id desc);
create index register_unit_kind on register_entry (unit_id, kind, at desc, event_id desc);
create index register_purpose on register_entry (purpose, at desc, event_id desc) where purpose is not null;
create index register_case on register_entry (case_id, at desc, event_id desc) where case_id is not null;
grant select on register_entry to fengcun_access;
create trigger register_entry_immutable before update or delete or truncate on register_entry
  for each statement execute function forbid_rewrite();

-- Which items a line is about; a request has many.
create table register_item (
  evidence_id uuid not null,
  event_id bigint not null references register_entry,
  primary key (evidence_id, event_id)
);
create index register_item_event on register_item (event_id);
grant select on register_item to fengcun_access;

create function register_kind(type text) returns text language sql immutable strict parallel safe as $$
  select case
    when type = 'evidence.viewed' then 'view'
    when type in ('play.started', 'play.ended') then 'play'
    when type like 'issued\_copy.%' then 'download'
    when type = 'request.decided' or type = 'request.decision_voided' or type like 'grant.%' then 'decision'
    when type like 'request.%' then 'request'
    when type = 'access.denied' then 'denial'
    when type in ('evidence.described', 'evidence.disposed', 'retention.assigned', 'hold.set', 'hold.released')
      or type like 'disposition.%' then 'change'
    when type like 'register.%' or type in ('report.made', 'audience.read', 'log.read') then 'audit'
  end
$$;

create function register_event(event ledger_event) returns void language plpgsql security definer set search_path = public, pg_temp as $$
declare
  line_kind text := register_kind(event.type);
  entry jsonb;
  data jsonb;
  uuid_form constant text := '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$';
  item uuid;
  item_unit uuid;
  item_case uuid;
  request uuid;
  request_unit uuid;
  request_purpose text;
  actor_unit uuid;
  items uuid[] := '{}';
begin
  entry := convert_from(event.entry, 'UTF8')::jsonb;
  data := entry -> 'data';
  if event.subject_kind = 'evidence' and event.subject_id ~ uuid_form then
    item := event.subject_id::uuid;
    items := array[item];
    select e.unit_id, s.case_id into item_unit, item_case
      from evidence e left join evidence_search s on s.evidence_id = e.id where e.id = item;
  end if;
  if event.actor_kind = 'account' and event.actor_id ~ uuid_form then
    select unit_id into actor_unit from account where id = event.actor_id::uuid;
  end if;
  request := case
    when event.subject_kind = 'request' and event.subject_id ~ uuid_form then event.subject_id::uuid
    when data ->> 'request' ~ uuid_form then (data ->> 'request')::uuid
  end;
  if request is null and entry ->> 'authorisation' ~ uuid_form then
    select g.request_id into request from access_grant g where g.id = (entry ->> 'authorisation')::uuid;
  end if;
  if request is not null then
    select coalesce(r.unit_id, r.account_unit_id), r.purpose into request_unit, request_purpose from access_request r where r.id = request;
    if item is null then
      items := array(select evidence_id from access_request_item where request_id = request);
    end if;
  end if;
  insert into register_entry (event_id, at, kind, actor_kind, actor_id, actor_unit_id, evidence_id, unit_id, request_id, purpose, case_id)
  values (event.id, event.at, line_kind, event.actor_kind, event.actor_id, actor_unit, item,
    coalesce(item_unit, request_unit, actor_unit), request, coalesce(data ->> 'purpose', request_purpose), item_case);
  insert into register_item (evidence_id, event_id) select distinct unnest(items), event.id;
end $$;
revoke execute on function register_event(ledger_event) from public;

create function note_register_event() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
  perform register_event(new);
  return null;
end $$;
create trigger ledger_event_register after insert on ledger_event for each row
  when (register_kind(new.type) is not null) execute function note_register_event();
select register_event(e) from ledger_event e where register_kind(e.type) is not null order by e.id;
