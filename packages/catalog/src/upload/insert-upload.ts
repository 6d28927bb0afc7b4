import type { MediaKind } from '@fengcun/contracts';
import { sql } from 'kysely';
import type { Executor } from '../database/connect.ts';
import { toUploadRecord, type UploadRecord, type UploadSender } from './upload-record.ts';

export interface UploadDraft {
  /** also the evidence id */
  readonly id: string;
  readonly unitId: string;
  readonly deviceId: string | null;
  readonly offload: { readonly id: string; readonly ordinal: number } | null;
  readonly sender: UploadSender;
  readonly officerNumber: string | null;
  readonly name: string;
  readonly kind: MediaKind;
  readonly size: number | null;
  readonly declaredSha256: Buffer | null;
  readonly recordedFrom: Date | null;
  readonly recordedTo: Date | null;
  readonly keyMark: boolean;
  readonly sequence: number | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly metadataHeader: string;
  readonly partSize: number;
  readonly vaultKey: string;
  readonly vaultTransfer: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

/**
 * Writes a new upload in state `receiving`. Answers undefined when the announced file already has an upload: another request for
 * the same file was faster, and its upload is the one to go on with.
 */
export async function insertUpload(db: Executor, draft: UploadDraft): Promise<UploadRecord | undefined> {
  const row = await db
    .insertInto('upload')
    .values({
      id: draft.id,
      unit_id: draft.unitId,
      device_id: draft.deviceId,
      offload_id: draft.offload?.id ?? null,
      offload_ordinal: draft.offload?.ordinal ?? null,
      dock_id: draft.sender.kind === 'dock' ? draft.sender.id : null,
      account_id: draft.sender.kind === 'account' ? draft.sender.id : null,
      officer_number: draft.officerNumber,
      name: draft.name,
      kind: draft.kind,
      size: draft.size,
      declared_sha256: draft.declaredSha256,
      recorded_from: draft.recordedFrom,
      recorded_to: draft.recordedTo,
      key_mark: draft.keyMark,
      sequence: draft.sequence,
      metadata: JSON.stringify(draft.metadata),
      metadata_header: draft.metadataHeader,
      part_size: draft.partSize,
      vault_key: draft.vaultKey,
      vault_transfer: draft.vaultTransfer,
      created_at: draft.createdAt,
      updated_at: draft.createdAt,
      expires_at: draft.expiresAt,
    })
    .onConflict((conflict) =>
      conflict
        .columns(['offload_id', 'offload_ordinal'])
        // Spelled out: PostgreSQL finds the partial index only by constants.
        .where(sql<boolean>`offload_id is not null and state not in ('expired', 'terminated')`)
        .doNothing(),
    )
    .returningAll()
    .executeTakeFirst();
  return row && toUploadRecord(row);
}

/** Uploads of a sender that still wait for bytes. */
export async function countOpenUploads(db: Executor, sender: UploadSender): Promise<number> {
  const { count } = await db
    .selectFrom('upload')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where(sender.kind === 'dock' ? 'dock_id' : 'account_id', '=', sender.id)
    .where('state', '=', 'receiving')
    .executeTakeFirstOrThrow();
  return count;
}
