import type { MediaKind, UploadState } from '@fengcun/contracts';
import type { Selectable } from 'kysely';
import type { Executor } from '../database/connect.ts';
import type { UploadTable } from '../database/schema.ts';

/** Who sends: a dock, or a person from the console. */
export interface UploadSender {
  readonly kind: 'dock' | 'account';
  readonly id: string;
}

/** An upload as the ingest side sees it. */
export interface UploadRecord {
  readonly id: string;
  readonly unitId: string;
  readonly deviceId: string | null;
  readonly offloadId: string | null;
  readonly sender: UploadSender;
  readonly name: string;
  readonly kind: MediaKind;
  /** bytes; null while the length is deferred */
  readonly size: number | null;
  /** the Upload-Metadata header as sent; empty when there was none */
  readonly metadataHeader: string;
  /** bytes */
  readonly partSize: number;
  readonly vaultKey: string;
  readonly vaultTransfer: string;
  /** bytes that are durable without a gap from 0; never goes down */
  readonly durableOffset: number;
  /** how many of them stand in the unfinished part */
  readonly tailLength: number;
  readonly state: UploadState;
  readonly leaseToken: number;
  readonly expiresAt: Date;
}

export async function findUpload(db: Executor, id: string): Promise<UploadRecord | undefined> {
  const row = await db.selectFrom('upload').selectAll().where('id', '=', id).executeTakeFirst();
  return row && toUploadRecord(row);
}

export function toUploadRecord(row: Selectable<UploadTable>): UploadRecord {
  return {
    id: row.id,
    unitId: row.unit_id,
    deviceId: row.device_id,
    offloadId: row.offload_id,
    sender: row.dock_id !== null ? { kind: 'dock', id: row.dock_id } : { kind: 'account', id: row.account_id ?? '' },
    name: row.name,
    kind: row.kind,
    size: row.size,
    metadataHeader: row.metadata_header,
    partSize: row.part_size,
    vaultKey: row.vault_key,
    vaultTransfer: row.vault_transfer,
    durableOffset: row.durable_offset,
    tailLength: row.tail_length,
    state: row.state,
    leaseToken: row.lease_token,
    expiresAt: row.expires_at,
  };
}
