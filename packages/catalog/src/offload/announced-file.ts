import type { MediaKind } from '@fengcun/contracts';
import { sql } from 'kysely';
import type { Executor } from '../database/connect.ts';
import { toUploadRecord, type UploadRecord, type UploadSender } from '../upload/upload-record.ts';

/** Who opened an offload and what stands around its files. */
export interface OffloadRecord {
  readonly id: string;
  readonly deviceId: string;
  readonly unitId: string;
  readonly sender: UploadSender;
  readonly officerNumber: string | null;
}

export async function findOffload(db: Executor, id: string): Promise<OffloadRecord | undefined> {
  const row = await db
    .selectFrom('offload')
    .select(['id', 'device_id', 'unit_id', 'dock_id', 'account_id', 'officer_number'])
    .where('id', '=', id)
    .executeTakeFirst();
  return (
    row && {
      id: row.id,
      deviceId: row.device_id,
      unitId: row.unit_id,
      sender: row.dock_id !== null ? { kind: 'dock', id: row.dock_id } : { kind: 'account', id: row.account_id ?? '' },
      officerNumber: row.officer_number,
    }
  );
}

/** A file as it was announced, for the upload that brings it. */
export interface AnnouncedFileRecord {
  readonly ordinal: number;
  readonly kind: MediaKind;
  readonly recordedFrom: Date | null;
  readonly recordedTo: Date | null;
  readonly keyMark: boolean;
  readonly sequence: number | null;
  /** the upload that brings it already, unless it expired or was terminated */
  readonly upload: UploadRecord | undefined;
}

/**
 * The announced file that an upload claims to bring: same name, size and digest. Of identical ones, the first that has no upload yet,
 * otherwise the first. Undefined when none was announced.
 */
export async function findAnnouncedFile(
  db: Executor,
  file: { readonly offloadId: string; readonly name: string; readonly size: number; readonly sha256: Buffer },
): Promise<AnnouncedFileRecord | undefined> {
  const row = await db
    .selectFrom('offload_file as f')
    .leftJoin('upload as u', (join) =>
      join
        .onRef('u.offload_id', '=', 'f.offload_id')
        .onRef('u.offload_ordinal', '=', 'f.ordinal')
        .on('u.state', 'not in', ['expired', 'terminated']),
    )
    .select(['f.ordinal', 'f.kind', 'f.recorded_from', 'f.recorded_to', 'f.key_mark', 'f.sequence', 'u.id as upload'])
    .where('f.offload_id', '=', file.offloadId)
    .where('f.name', '=', file.name)
    .where('f.size', '=', file.size)
    .where('f.sha256', '=', file.sha256)
    .orderBy(sql`u.id is not null`)
    .orderBy('f.ordinal')
    .executeTakeFirst();
  if (!row) return undefined;
  const upload =
    row.upload === null
      ? undefined
      : await db.selectFrom('upload').selectAll().where('id', '=', row.upload).executeTakeFirst();
  return {
    ordinal: row.ordinal,
    // Written from a validated announcement only.
    kind: row.kind as MediaKind,
    recordedFrom: row.recorded_from,
    recordedTo: row.recorded_to,
    keyMark: row.key_mark,
    sequence: row.sequence,
    upload: upload && toUploadRecord(upload),
  };
}
