import type { CopyFailure, CopyOperation, IssuedCopyState, Purpose } from '@fengcun/contracts';
import type { ColumnType, Generated } from 'kysely';

/** Tables of `0006_retrieval.sql`: copies that leave, and their downloads. */
export interface IssuedCopyTable {
  id: string;
  evidence_id: string;
  evidence_name: string;
  account_id: string;
  client_id: string | null;
  operation: CopyOperation;
  form: 'burnt' | 'bag' | 'redacted';
  mark: 'picture' | 'metadata' | 'none';
  state: Generated<IssuedCopyState>;
  percent: Generated<number>;
  reason: Generated<CopyFailure | null>;
  detail: Generated<string | null>;
  recipient: string | null;
  purpose: Purpose | null;
  rule: string;
  grant_id: string | null;
  event_id: number;
  file_name: string;
  media_type: string;
  content: ColumnType<unknown, string, never>;
  created_at: Date;
  updated_at: Date;
  ready_at: Generated<Date | null>;
  expires_at: Generated<Date | null>;
  attempts: Generated<number>;
  claimed_until: Generated<Date | null>;
  key: Generated<Buffer | null>;
  vault_key: Generated<string | null>;
  vault_version: Generated<string | null>;
  size: Generated<number | null>;
  sha256: Generated<Buffer | null>;
  used_at: Generated<Date | null>;
  cleared_at: Generated<Date | null>;
  /** for `publish`: the rendering it is made of */
  render_id: Generated<string | null>;
}

export interface IssuedCopyDownloadTable {
  id: string;
  copy_id: string;
  account_id: string;
  session_id: string;
  event_id: number;
  rule: string;
  grant_id: string | null;
  started_at: Date;
  last_at: Date;
  /** int8multirange, as text */
  sent: Generated<string>;
}

export interface RetrievalSchema {
  issued_copy: IssuedCopyTable;
  issued_copy_download: IssuedCopyDownloadTable;
}
