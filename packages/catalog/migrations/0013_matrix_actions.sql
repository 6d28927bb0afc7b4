-- What a matrix could speak of when it was set. Of what came to be afterwards it says nothing, and there the default matrix goes on holding.
alter table access_matrix add column actions text[];
alter table access_matrix disable trigger access_matrix_immutable;
update access_matrix set actions = array['see', 'play', 'download_proxy', 'download_original', 'package', 'disclose', 'publish', 'urgent_play',
  'verify', 'retry_derivative', 'upload', 'describe', 'read_attachment', 'read_register', 'assign_retention', 'hold', 'dispose',
  'decide_disposition', 'keep_matters', 'keep_retention_rules']
  -- Redaction came with a migration of its own; one that was set since could speak of it.
  || case when changed_at >= (select applied_at from schema_migration where name = '0010_redaction.sql')
    then array['redact', 'review_redaction'] else '{}'::text[] end;
alter table access_matrix enable trigger access_matrix_immutable;
alter table access_matrix alter column actions set not null;
alter table access_matrix add check (cardinality(actions) > 0);
