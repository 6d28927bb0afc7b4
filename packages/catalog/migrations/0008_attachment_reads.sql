-- Which session has read which scan of which request: reading is one event however often the scan is opened again.
create table attachment_read (
  session_id uuid not null references session,
  request_id uuid not null references access_request,
  evidence_id uuid not null references evidence,
  primary key (session_id, request_id, evidence_id)
);
grant select, insert on attachment_read to fengcun_access;
