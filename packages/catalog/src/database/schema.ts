import type { Purpose } from '@fengcun/contracts';
import type { ColumnType, Generated, GeneratedAlways } from 'kysely';
import type { AccessSchema } from './schema-access.ts';
import type { NotificationSchema } from './schema-notification.ts';
import type { PeopleSchema } from './schema-people.ts';
import type { RedactionSchema } from './schema-redaction.ts';
import type { RetentionSchema } from './schema-retention.ts';
import type { RetrievalSchema } from './schema-retrieval.ts';
import type { SearchSchema } from './schema-search.ts';

/**
 * Kysely's view of the tables in `migrations/`. Column names are the database's own. `bigint` arrives as a number (the pool
 * refuses values beyond 2^53), `timestamptz` as Date, `bytea` as Buffer, `jsonb` parsed; jsonb is written as JSON text.
 */
type JsonColumn = ColumnType<unknown, string, string>;
type NullableJsonColumn = ColumnType<unknown, string | null, string | null>;

export interface UnitTable {
  id: string;
  parent_id: string | null;
  name: string;
  code: string;
  path: string[];
  closed_at: Date | null;
}

export interface AccountTable {
  id: string;
  login: string;
  name: string;
  officer_number: string | null;
  unit_id: string;
  password_hash: string | null;
  failed_logins: Generated<number>;
  locked_until: Date | null;
  disabled_at: Date | null;
  disabled_reason: string | null;
  created_at: Date;
  must_change_password: Generated<boolean>;
  password_expires_at: Date | null;
  second_factor_at: Date | null;
  last_sign_in_at: Date | null;
}

export interface AccountRoleTable {
  account_id: string;
  unit_id: string;
  role:
    | 'officer'
    | 'supervisor'
    | 'legal'
    | 'bureau_head'
    | 'archivist'
    | 'auditor'
    | 'system_admin'
    | 'security_admin';
}

export interface UnknownLoginTable {
  bucket: number;
  failed_logins: number;
  locked_until: Date | null;
}

export interface SessionTable {
  id: string;
  token_hash: Buffer;
  account_id: string;
  created_at: Date;
  last_seen_at: Date;
  expires_at: Date;
  closed_at: Date | null;
  address: string;
  user_agent: string;
  kind: Generated<'browser' | 'token'>;
  via: Generated<'password' | 'oidc' | 'token'>;
  second_factor: 'totp' | 'recovery_code' | 'provider' | null;
  name: string | null;
  scopes: string[] | null;
}

export interface DockTable {
  id: string;
  name: string;
  unit_id: string;
  public_key: Buffer | null;
  code_hash: Buffer | null;
  code_expires_at: Date | null;
  created_at: Date;
  enrolled_at: Date | null;
  revoked_at: Date | null;
  last_seen_at: Date | null;
}

export interface DeviceTable {
  id: string;
  serial: string;
  kind: 'body_camera' | 'camcorder' | 'voice_recorder' | 'interview_room' | 'other';
  name: string;
  unit_id: string;
  state: 'unregistered' | 'in_use' | 'in_repair' | 'lost' | 'retired';
  created_at: Date;
  last_offload_at: Date | null;
  model: string | null;
  holder_id: string | null;
  clock_note: string | null;
  state_reason: string | null;
  revision: Generated<number>;
  changed_by: string | null;
  changed_at: Date | null;
}

export interface OffloadTable {
  id: string;
  device_id: string;
  dock_id: string | null;
  account_id: string | null;
  unit_id: string;
  officer_number: string | null;
  announcement: Buffer;
  device_clock: Date | null;
  dock_clock: Date | null;
  opened_at: Date;
}

export interface UploadTable {
  id: string;
  unit_id: string;
  device_id: string | null;
  offload_id: string | null;
  offload_ordinal: number | null;
  dock_id: string | null;
  account_id: string | null;
  officer_number: string | null;
  name: string;
  kind: 'video' | 'audio' | 'image' | 'document' | 'other';
  size: number | null;
  declared_sha256: Buffer | null;
  recorded_from: Date | null;
  recorded_to: Date | null;
  key_mark: Generated<boolean>;
  sequence: number | null;
  metadata: JsonColumn;
  metadata_header: Generated<string>;
  part_size: number;
  vault_key: string;
  vault_transfer: string;
  tail_length: Generated<number>;
  durable_offset: Generated<number>;
  state: Generated<'receiving' | 'received' | 'sealing' | 'sealed' | 'quarantined' | 'expired' | 'terminated'>;
  received_sha256: Buffer | null;
  lease_token: Generated<number>;
  lease_until: Date | null;
  lease_holder: number | null;
  seal_token: Generated<number>;
  seal_until: Date | null;
  created_at: Date;
  updated_at: Date;
  expires_at: Date;
  received_at: Date | null;
  cleared_at: Date | null;
}

export interface UploadPartTable {
  upload_id: string;
  part_number: number;
  size: number;
  sha256: Buffer;
  etag: string;
}

export interface EvidenceTable {
  id: string;
  state: 'sealed' | 'quarantined';
  quarantine_code: string | null;
  quarantine_detail: string | null;
  unit_id: string;
  device_id: string | null;
  device_serial: string | null;
  offload_id: string | null;
  dock_id: string | null;
  account_id: string | null;
  officer_number: string | null;
  name: string;
  kind: string;
  size: number;
  key_mark: boolean;
  captured_at: Date;
  recorded_from: Date | null;
  recorded_to: Date | null;
  device_clock_offset_ms: number | null;
  received_at: Date;
  sealed_at: Date;
  declared_sha256: Buffer | null;
  received_sha256: Buffer | null;
  received_parts: number;
  read_back_bytes: number;
  sha256: Buffer;
  sm3: Buffer;
  tree_root: Buffer;
  tree_leaf_size: number;
  tree_key: string | null;
  tree_version: string | null;
  vault_driver: string;
  vault_key: string;
  vault_version: string;
  protection: 'enforced' | 'advisory';
  lock_mode: 'compliance' | 'none';
  retain_until: Date | null;
  event_id: number;
}

export interface EvidenceTallyTable {
  unit_id: string;
  slot: number;
  sealed: number;
  quarantined: number;
  bytes: number;
}

export interface EvidenceViewTable {
  session_id: string;
  evidence_id: string;
}

export interface OffloadFileTable {
  offload_id: string;
  ordinal: number;
  name: string;
  size: number;
  sha256: Buffer;
  kind: string;
  recorded_from: Date | null;
  recorded_to: Date | null;
  key_mark: boolean;
  sequence: number | null;
  sealed_as: string | null;
}

export interface SequenceGapTable {
  id: string;
  offload_id: string;
  device_id: string;
  first_missing: number;
  last_missing: number;
  explained_by: string | null;
  explained_at: Date | null;
  reason: string | null;
}

export interface DerivativeTable {
  evidence_id: string;
  kind: 'probe' | 'proxy' | 'poster' | 'thumbnails' | 'waveform';
  state: 'pending' | 'ready' | 'failed' | 'nothing_to_play';
  reason: string | null;
  detail: string | null;
  attempts: Generated<number>;
  claimed_until: Date | null;
  data: NullableJsonColumn;
  vault_key: string | null;
  vault_version: string | null;
  vault_size: number | null;
  updated_at: Date;
  /** from `data.durationMs`, by the database */
  duration_ms: GeneratedAlways<number | null>;
}

export interface ProxyKeyTable {
  evidence_id: string;
  key: Buffer;
}

export interface PlayTable {
  id: string;
  evidence_id: string;
  account_id: string;
  session_id: string;
  event_id: number;
  rule: string;
  /** the grant it stands on */
  grant_id: Generated<string | null>;
  purpose: Generated<Purpose | null>;
  started_at: Date;
  expires_at: Date;
  ended_at: Date | null;
  /** int4multirange, as text */
  served: Generated<string>;
  /** what is shown instead of the recording: a rendering of a redacted version */
  render_id: Generated<string | null>;
}

export interface VerificationTable {
  id: string;
  evidence_id: string;
  account_id: string;
  state: 'running' | 'done' | 'aborted';
  started_at: Date;
  finished_at: Date | null;
  heartbeat_at: Date;
  bytes_read: Generated<number>;
  verdict: 'holds' | 'fails' | 'incomplete' | null;
  legs: ColumnType<unknown, string | undefined, string>;
}

export interface AlarmTable {
  id: string;
  kind: string;
  unit_id: string | null;
  subject_kind: string | null;
  subject_id: string | null;
  detail: string;
  raised_at: Date;
  acknowledged_by: string | null;
  acknowledged_at: Date | null;
  note: string | null;
}

export interface OutboxTable {
  id: GeneratedAlways<number>;
  queue: string;
  job_key: string;
  payload: JsonColumn;
  created_at: Generated<Date>;
}

export interface LedgerEventTable {
  id: GeneratedAlways<number>;
  type: string;
  at: Date;
  actor_kind: string;
  actor_id: string;
  subject_kind: string;
  subject_id: string;
  entry: Buffer;
}

export interface LedgerOpeningTable {
  event_id: number;
  path: string;
  salt: Buffer;
  value: string;
}

export interface LedgerPendingTable {
  event_id: number;
}

export interface LedgerEntryTable {
  index: number;
  event_id: number;
  leaf_hash: Buffer;
}

export interface LedgerTileTable {
  level: number;
  n: number;
  hashes: Buffer;
}

export interface LedgerCheckpointTable {
  size: number;
  root: Buffer;
  note: string;
  signed_at: Date;
}

export interface Schema
  extends PeopleSchema,
    RetentionSchema,
    AccessSchema,
    RetrievalSchema,
    NotificationSchema,
    RedactionSchema,
    SearchSchema {
  unit: UnitTable;
  account: AccountTable;
  account_role: AccountRoleTable;
  unknown_login: UnknownLoginTable;
  session: SessionTable;
  dock: DockTable;
  device: DeviceTable;
  offload: OffloadTable;
  upload: UploadTable;
  upload_part: UploadPartTable;
  evidence: EvidenceTable;
  evidence_tally: EvidenceTallyTable;
  evidence_view: EvidenceViewTable;
  offload_file: OffloadFileTable;
  sequence_gap: SequenceGapTable;
  derivative: DerivativeTable;
  proxy_key: ProxyKeyTable;
  play: PlayTable;
  verification: VerificationTable;
  alarm: AlarmTable;
  outbox: OutboxTable;
  ledger_event: LedgerEventTable;
  ledger_opening: LedgerOpeningTable;
  ledger_pending: LedgerPendingTable;
  ledger_entry: LedgerEntryTable;
  ledger_tile: LedgerTileTable;
  ledger_checkpoint: LedgerCheckpointTable;
}
