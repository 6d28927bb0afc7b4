import { sql } from 'kysely';
import type { Executor } from '../database/connect.ts';
import { toUploadRecord, type UploadRecord } from './upload-record.ts';

/** Uploads whose time has run out and that nobody is writing to, longest overdue first. */
export async function listOverdueUploads(db: Executor, now: Date, limit: number): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('upload')
    .select('id')
    .where('state', '=', 'receiving')
    .where('expires_at', '<=', now)
    .orderBy('expires_at')
    .limit(limit)
    .execute();
  return rows.map((row) => row.id);
}

/**
 * Expires an upload if it still is overdue and nobody writes to it. The token is counted up, so that a writer that wakes late fails.
 * Answers the upload as it stood, or undefined when there was nothing to expire.
 */
export async function expireUpload(trx: Executor, id: string, now: Date): Promise<UploadRecord | undefined> {
  const row = await trx
    .updateTable('upload')
    .set({
      state: 'expired',
      lease_token: sql<number>`lease_token + 1`,
      lease_until: null,
      lease_holder: null,
      updated_at: now,
    })
    .where('id', '=', id)
    .where('state', '=', 'receiving')
    .where('expires_at', '<=', now)
    .where((eb) => eb.or([eb('lease_until', 'is', null), eb('lease_until', '<=', sql<Date>`clock_timestamp()`)]))
    .returningAll()
    .executeTakeFirst();
  return row && toUploadRecord(row);
}

/** Ends an unfinished upload at its sender's wish, under the lease. False when the lease is no longer the caller's. */
export async function terminateUpload(
  trx: Executor,
  end: { readonly uploadId: string; readonly token: number; readonly now: Date },
): Promise<boolean> {
  const row = await trx
    .updateTable('upload')
    .set({ state: 'terminated', lease_until: null, lease_holder: null, updated_at: end.now })
    .where('id', '=', end.uploadId)
    .where('lease_token', '=', end.token)
    .where('state', '=', 'receiving')
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

/** A transfer in the vault whose upload has ended, and whose bytes may go. */
export interface UnclearedTransfer {
  readonly uploadId: string;
  readonly vaultKey: string;
  readonly vaultTransfer: string;
}

/** Expired and terminated uploads whose bytes are still in the vault: what a process that died in between left behind. */
export async function listUnclearedTransfers(db: Executor, limit: number): Promise<readonly UnclearedTransfer[]> {
  const rows = await db
    .selectFrom('upload')
    .select(['id', 'vault_key', 'vault_transfer'])
    .where('state', 'in', ['expired', 'terminated'])
    .where('cleared_at', 'is', null)
    .orderBy('updated_at')
    .limit(limit)
    .execute();
  return rows.map((row) => ({ uploadId: row.id, vaultKey: row.vault_key, vaultTransfer: row.vault_transfer }));
}

/** Notes that the vault holds nothing of an ended upload any more; its part ledger goes with the bytes. */
export async function markCleared(trx: Executor, uploadId: string, now: Date): Promise<void> {
  await trx.deleteFrom('upload_part').where('upload_id', '=', uploadId).execute();
  await trx.updateTable('upload').set({ cleared_at: now }).where('id', '=', uploadId).execute();
}
