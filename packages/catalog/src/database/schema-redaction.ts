import type { RedactionState, RenderFailure } from '@fengcun/contracts';
import type { ColumnType, Generated } from 'kysely';

/** Tables of `0010_redaction.sql`: redacted versions, their plans and their renderings. */
export interface RedactionTable {
  id: string;
  evidence_id: string;
  name: string;
  state: RedactionState;
  version: number;
  render_id: string | null;
  created_by: string;
  client_id: string | null;
  created_at: Date;
  updated_at: Date;
  reviewed_by: Generated<string | null>;
  reviewed_at: Generated<Date | null>;
  review_reason: Generated<string | null>;
  withdrawn_by: Generated<string | null>;
  withdrawn_at: Generated<Date | null>;
  withdraw_reason: Generated<string | null>;
}

export interface RedactionPlanTable {
  redaction_id: string;
  version: number;
  marks: ColumnType<unknown, string, never>;
  sha256: Buffer;
  made_by: string;
  made_at: Date;
  event_id: number;
}

export interface RedactionRenderTable {
  id: string;
  redaction_id: string;
  version: number;
  evidence_id: string;
  state: Generated<'pending' | 'making' | 'ready' | 'failed' | 'cancelled' | 'superseded'>;
  percent: Generated<number>;
  reason: Generated<RenderFailure | null>;
  detail: Generated<string | null>;
  requested_by: string;
  created_at: Date;
  updated_at: Date;
  event_id: number;
  attempts: Generated<number>;
  claimed_until: Generated<Date | null>;
  /** readable to the worker alone */
  key: Generated<Buffer | null>;
  vault_key: Generated<string | null>;
  vault_version: Generated<string | null>;
  size: Generated<number | null>;
  sha256: Generated<Buffer | null>;
  sm3: Generated<Buffer | null>;
  media_type: Generated<string | null>;
  mark: Generated<'picture' | 'metadata' | 'none' | null>;
  duration_ms: Generated<number | null>;
  source_version: Generated<string | null>;
  finished_at: Generated<Date | null>;
  play_index: ColumnType<unknown, never, string | null>;
  play_key: Generated<Buffer | null>;
  play_vault_key: Generated<string | null>;
  play_vault_version: Generated<string | null>;
  play_size: Generated<number | null>;
  cleared_at: Generated<Date | null>;
}

export interface RedactionSchema {
  redaction: RedactionTable;
  redaction_plan: RedactionPlanTable;
  redaction_render: RedactionRenderTable;
}
