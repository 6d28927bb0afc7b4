-- An event is filed in the register by the trigger that also notes it as pending. PostgreSQL reads the condition of a trigger anew for every
-- statement, functions in it included, and an event is a statement of its own: the condition cost more than all it guarded.
drop trigger ledger_event_register on ledger_event;
drop function note_register_event();
create or replace function note_pending_event() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
  insert into ledger_pending (event_id) values (new.id);
  if register_kind(new.type) is not null then
    perform register_event(new);
  end if;
  return null;
end $$;

-- The same line as before, in two statements.
create or replace function register_event(event ledger_event) returns void language plpgsql security definer set search_path = public, pg_temp as $$
declare
  uuid_form constant text := '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$';
  entry constant jsonb := convert_from(event.entry, 'UTF8')::jsonb;
  item uuid;
  actor uuid;
  request uuid;
begin
  if event.subject_kind = 'evidence' and event.subject_id ~ uuid_form then
    item := event.subject_id::uuid;
  end if;
  if event.actor_kind = 'account' and event.actor_id ~ uuid_form then
    actor := event.actor_id::uuid;
  end if;
  request := case
    when event.subject_kind = 'request' and event.subject_id ~ uuid_form then event.subject_id::uuid
    when entry -> 'data' ->> 'request' ~ uuid_form then (entry -> 'data' ->> 'request')::uuid
  end;
  if request is null and entry ->> 'authorisation' ~ uuid_form then
    select g.request_id into request from access_grant g where g.id = (entry ->> 'authorisation')::uuid;
  end if;
  insert into register_entry (event_id, at, kind, actor_kind, actor_id, actor_unit_id, evidence_id, unit_id, request_id, purpose, case_id)
  select event.id, event.at, register_kind(event.type), event.actor_kind, event.actor_id, a.unit_id, item,
    coalesce(e.unit_id, r.unit_id, r.account_unit_id, a.unit_id), request, coalesce(entry -> 'data' ->> 'purpose', r.purpose), s.case_id
  from (values (item)) as subject (id)
    left join evidence e on e.id = subject.id
    left join evidence_search s on s.evidence_id = e.id
    left join account a on a.id = actor
    left join access_request r on r.id = request;
  if item is not null then
    insert into register_item (evidence_id, event_id) values (item, event.id);
  elsif request is not null then
    insert into register_item (evidence_id, event_id) select i.evidence_id, event.id from access_request_item i where i.request_id = request;
  end if;
end $$;
