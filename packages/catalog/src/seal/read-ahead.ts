import type { Database } from '../database/connect.ts';
import type { LedgerPart } from '../upload/part-ledger.ts';

/** An upload under way whose parts may be digested before it is complete. */
export interface OpenUpload {
  readonly id: string;
  readonly transfer: { readonly key: string; readonly id: string; readonly partSize: number };
}

/** Uploads now receiving that are, or already have, at least `minSize` bytes: the latest to progress first. */
export async function findReceiving(db: Database, minSize: number, limit: number): Promise<readonly OpenUpload[]> {
  const rows = await db
    .selectFrom('upload')
    .select(['id', 'vault_key', 'vault_transfer', 'part_size'])
    .where('state', '=', 'receiving')
    .where((eb) => eb.or([eb('size', '>=', minSize), eb('durable_offset', '>=', minSize)]))
    .orderBy('updated_at', 'desc')
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    transfer: { key: row.vault_key, id: row.vault_transfer, partSize: row.part_size },
  }));
}

/** Committed parts of an upload from `from` on, in order, with the state it is in; null when there is no such upload. */
export async function readParts(
  db: Database,
  id: string,
  from: number,
  limit: number,
): Promise<{ readonly state: string; readonly parts: readonly LedgerPart[] } | null> {
  const upload = await db.selectFrom('upload').select('state').where('id', '=', id).executeTakeFirst();
  if (!upload) return null;
  const rows = await db
    .selectFrom('upload_part')
    .select(['part_number as partNumber', 'size', 'sha256', 'etag'])
    .where('upload_id', '=', id)
    .where('part_number', '>=', from)
    .orderBy('part_number')
    .limit(limit)
    .execute();
  return { state: upload.state, parts: rows.map((row) => ({ ...row, sha256: row.sha256.toString('hex') })) };
}
