import type { MediaKind } from '@fengcun/contracts';
import { sql } from 'kysely';
import type { Executor } from '../database/connect.ts';
import { newId } from '../id/id.ts';
import type { UploadSender } from '../upload/upload-record.ts';

export interface OffloadDraft {
  readonly deviceId: string;
  readonly unitId: string;
  readonly sender: UploadSender;
  readonly officerNumber: string | null;
  /** SHA-256 of the canonical announcement and its sender */
  readonly announcement: Buffer;
  readonly deviceClock: Date | null;
  readonly dockClock: Date | null;
  readonly now: Date;
}

export interface OffloadFileDraft {
  readonly name: string;
  readonly size: number;
  /** hex */
  readonly sha256: string;
  readonly kind: MediaKind;
  readonly recordedFrom: string | null;
  readonly recordedTo: string | null;
  readonly keyMark: boolean;
  readonly sequence: number | null;
}

/** The offload this announcement opened before, if it did. */
export async function findByAnnouncement(db: Executor, announcement: Buffer): Promise<string | undefined> {
  const row = await db.selectFrom('offload').select('id').where('announcement', '=', announcement).executeTakeFirst();
  return row?.id;
}

/**
 * Writes an offload and its files; a file whose digest the same device's sealed evidence already has is linked to it. Undefined when
 * the same announcement was written by a faster request.
 */
export async function insertOffload(
  trx: Executor,
  draft: OffloadDraft,
  files: readonly OffloadFileDraft[],
): Promise<string | undefined> {
  const row = await trx
    .insertInto('offload')
    .values({
      id: newId(),
      device_id: draft.deviceId,
      dock_id: draft.sender.kind === 'dock' ? draft.sender.id : null,
      account_id: draft.sender.kind === 'account' ? draft.sender.id : null,
      unit_id: draft.unitId,
      officer_number: draft.officerNumber,
      announcement: draft.announcement,
      device_clock: draft.deviceClock,
      dock_clock: draft.dockClock,
      opened_at: draft.now,
    })
    .onConflict((conflict) => conflict.column('announcement').doNothing())
    .returning('id')
    .executeTakeFirst();
  if (!row) return undefined;
  await sql`
    insert into offload_file
      (offload_id, ordinal, name, size, sha256, kind, recorded_from, recorded_to, key_mark, sequence, sealed_as)
    select ${row.id}::uuid, f.place - 1, f.name, f.size, decode(f.sha256, 'hex'), f.kind, f.recorded_from, f.recorded_to,
      f.key_mark, f.sequence,
      (select e.id from evidence e
       where e.device_id = ${draft.deviceId}::uuid and e.sha256 = decode(f.sha256, 'hex') and e.state = 'sealed'
       order by e.id limit 1)
    from unnest(
      ${files.map((file) => file.name)}::text[], ${files.map((file) => file.size)}::bigint[],
      ${files.map((file) => file.sha256)}::text[], ${files.map((file) => file.kind)}::text[],
      ${files.map((file) => file.recordedFrom)}::timestamptz[], ${files.map((file) => file.recordedTo)}::timestamptz[],
      ${files.map((file) => file.keyMark)}::boolean[], ${files.map((file) => file.sequence)}::int[]
    ) with ordinality as f (name, size, sha256, kind, recorded_from, recorded_to, key_mark, sequence, place)`.execute(
    trx,
  );
  return row.id;
}
