import { sql } from 'kysely';
import type { Executor } from '../database/connect.ts';
import { holderAlive } from './lease-holder.ts';
import { findUpload, toUploadRecord, type UploadRecord } from './upload-record.ts';

/** LISTEN/NOTIFY channel on which a process asks whoever else writes to an upload to let go of it; payload: see `askForLease`. */
export const leaseChannel = 'fengcun_lease';

export interface LeaseRequest {
  readonly uploadId: string;
  /** number of the asking process, from `holdLeases` */
  readonly holder: number;
  /** how long the lease lasts without renewal, ms, by the database's clock */
  readonly lengthMs: number;
  /** the upload's new expiry; an earlier one than the present does nothing */
  readonly expiresAt: Date;
  readonly now: Date;
}

export type LeaseOutcome =
  | { readonly kind: 'taken'; readonly upload: UploadRecord }
  /** another process that still lives writes to it */
  | { readonly kind: 'held' }
  /** nothing more can be written to it */
  | { readonly kind: 'closed'; readonly upload: UploadRecord }
  | { readonly kind: 'missing' };

/**
 * Makes the caller the upload's one writer and counts the fencing token up, so that every write under an older token fails. A lease
 * is free when it was released, has run out, is the caller's own process's, or when its holder has died.
 */
export async function takeLease(db: Executor, request: LeaseRequest): Promise<LeaseOutcome> {
  const row = await db
    .updateTable('upload')
    .set({
      lease_token: sql<number>`lease_token + 1`,
      lease_holder: request.holder,
      lease_until: leaseEnd(request.lengthMs),
      expires_at: sql<Date>`greatest(expires_at, ${request.expiresAt}::timestamptz)`,
      updated_at: request.now,
    })
    .where('id', '=', request.uploadId)
    .where('state', '=', 'receiving')
    .where((eb) =>
      eb.or([
        eb('lease_until', 'is', null),
        eb('lease_until', '<=', sql<Date>`clock_timestamp()`),
        eb('lease_holder', '=', request.holder),
        eb.not(holderAlive(sql.ref('lease_holder'))),
      ]),
    )
    .returningAll()
    .executeTakeFirst();
  if (row) return { kind: 'taken', upload: toUploadRecord(row) };
  const upload = await findUpload(db, request.uploadId);
  if (!upload) return { kind: 'missing' };
  return upload.state === 'receiving' ? { kind: 'held' } : { kind: 'closed', upload };
}

/** True while some living process other than `holder` has the upload's lease. */
export async function heldByAnother(db: Executor, uploadId: string, holder: number): Promise<boolean> {
  const row = await db
    .selectFrom('upload')
    .select('id')
    .where('id', '=', uploadId)
    .where('state', '=', 'receiving')
    .where('lease_until', '>', sql<Date>`clock_timestamp()`)
    .where('lease_holder', '<>', holder)
    .where(holderAlive(sql.ref('lease_holder')))
    .executeTakeFirst();
  return row !== undefined;
}

/** Asks every process but the asking one to keep what it has of this upload and let go of it. */
export async function askForLease(db: Executor, uploadId: string, holder: number): Promise<void> {
  await sql`select pg_notify(${leaseChannel}, ${`${uploadId} ${holder}`})`.execute(db);
}

/** The upload that a payload on `leaseChannel` asks this process for; undefined when it asked itself. */
export function askedFor(payload: string, holder: number): string | undefined {
  const [uploadId, asking] = payload.split(' ');
  return asking === String(holder) ? undefined : uploadId;
}

/** False when the lease is no longer the caller's: stop writing. */
export async function renewLease(
  db: Executor,
  lease: { readonly uploadId: string; readonly token: number; readonly lengthMs: number },
): Promise<boolean> {
  const row = await db
    .updateTable('upload')
    .set({ lease_until: leaseEnd(lease.lengthMs) })
    .where('id', '=', lease.uploadId)
    .where('lease_token', '=', lease.token)
    .where('state', '=', 'receiving')
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

/** Lets go of a lease; one that is no longer the caller's is left alone. */
export async function releaseLease(db: Executor, uploadId: string, token: number): Promise<void> {
  await db
    .updateTable('upload')
    .set({ lease_until: null, lease_holder: null })
    .where('id', '=', uploadId)
    .where('lease_token', '=', token)
    .execute();
}

/** The database's clock decides: clocks of upload servers may differ. */
const leaseEnd = (lengthMs: number) => sql<Date>`clock_timestamp() + make_interval(secs => ${lengthMs / 1000}::float8)`;
