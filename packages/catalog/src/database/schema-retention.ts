import type { ColumnType, Generated } from 'kysely';

type NullableJsonColumn = ColumnType<unknown, string | null | undefined, string | null>;

export interface RetentionClassTable {
  code: string;
  name: string;
  /** null: for ever */
  term: string | null;
  revision: Generated<number>;
  retired_at: Date | null;
  updated_at: Date;
}

export interface RetentionDefaultTable {
  kind: 'video' | 'audio' | 'image' | 'document' | 'other';
  class_code: string;
}

export interface MatterTable {
  id: string;
  unit_id: string;
  stage: string;
  title: string;
  occasion: string | null;
  method: string | null;
  begins: string | null;
  ends: string | null;
  deadline: string | null;
  recorder: string | null;
  category: string | null;
  level: 'full' | 'situational' | 'text';
  class_code: string;
  revision: Generated<number>;
  retired_at: Date | null;
  updated_at: Date;
}

export interface EvidenceRetentionTable {
  evidence_id: string;
  unit_id: string;
  class_code: string;
  class_revision: number;
  matter_id: string | null;
  matter_revision: number | null;
  starts_at: Date;
  /** null: for ever */
  retain_until: Date | null;
  held: Generated<boolean>;
  revision: Generated<number>;
  applied_revision: Generated<number>;
  locked_until: Date | null;
  hold_applied: Generated<boolean>;
  attempts: Generated<number>;
  detail: string | null;
  updated_at: Date;
  disposal: Generated<'none' | 'under_way' | 'done'>;
}

export interface LegalHoldTable {
  id: string;
  evidence_id: string;
  unit_id: string;
  reason: string;
  set_by: string;
  set_at: Date;
  released_by: string | null;
  released_at: Date | null;
  release_reason: string | null;
}

export interface VaultCopyTable {
  evidence_id: string;
  vault: 'primary' | 'replica';
  generation: number;
  state: 'pending' | 'ready' | 'failed' | 'damaged' | 'removed';
  driver: string;
  vault_key: string;
  vault_transfer: string | null;
  vault_parts: NullableJsonColumn;
  vault_version: string | null;
  detail: string | null;
  attempts: Generated<number>;
  claimed_until: Date | null;
  checked_at: Date | null;
  created_at: Date;
  updated_at: Date;
  superseded_at: Date | null;
}

/** `0015_tree_copies.sql` */
export interface TreeCopyTable {
  evidence_id: string;
  vault: 'primary' | 'replica';
  vault_key: string;
  vault_version: string;
  created_at: Date;
  superseded_at: Date | null;
}

export interface DispositionTable {
  id: string;
  evidence_id: string;
  unit_id: string;
  state: 'requested' | 'approved' | 'rejected' | 'withdrawn' | 'refused' | 'disposing' | 'disposed';
  requested_by: string;
  requested_at: Date;
  reason: string;
  decided_by: string | null;
  decided_at: Date | null;
  decision_reason: string | null;
  refusal: 'not_expired' | 'permanent' | 'held' | 'engine_retained' | 'engine_held' | null;
  objects: NullableJsonColumn;
  attempts: Generated<number>;
  detail: string | null;
  finished_at: Date | null;
  updated_at: Date;
}

export interface TombstoneTable {
  evidence_id: string;
  disposition_id: string;
  disposed_at: Date;
  objects: number;
  event_id: number;
}

/** Tables of `0003_retention.sql` and `0015_tree_copies.sql`. */
export interface RetentionSchema {
  retention_class: RetentionClassTable;
  retention_default: RetentionDefaultTable;
  matter: MatterTable;
  evidence_retention: EvidenceRetentionTable;
  legal_hold: LegalHoldTable;
  vault_copy: VaultCopyTable;
  tree_copy: TreeCopyTable;
  disposition: DispositionTable;
  tombstone: TombstoneTable;
}
