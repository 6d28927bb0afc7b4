-- Leaves of part trees, kept beside copies of originals so that any range of them can be checked without reading the rest. Where the primary
-- vault has none here, they are those that the seal names (evidence.tree_key). Like rows of vault_copy, none is ever removed.
create table tree_copy (
  evidence_id uuid not null references evidence,
  vault text not null check (vault in ('primary', 'replica')),
  vault_key text not null,
  vault_version text not null,
  created_at timestamptz not null,
  superseded_at timestamptz,
  primary key (evidence_id, vault, vault_version)
);
create unique index tree_copy_current on tree_copy (evidence_id, vault) where superseded_at is null;
grant select, insert, update (superseded_at) on tree_copy to fengcun_worker;
