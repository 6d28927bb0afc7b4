import { sql } from 'kysely';
import type { Executor } from '../database/connect.ts';
import { overwriting, unnested } from './part-rows.ts';

/** A part the vault acknowledged, as the ledger of parts keeps it. */
export interface LedgerPart {
  /** 1-based; its place in the file is a pure function of this number */
  readonly partNumber: number;
  /** bytes */
  readonly size: number;
  /** SHA-256, lower-case hex */
  readonly sha256: string;
  readonly etag: string;
}

/** What became durable under a lease. */
export interface Progress {
  readonly uploadId: string;
  /** fencing token of the lease it was written under */
  readonly token: number;
  /** newly committed parts, in order, following without a gap on those already there */
  readonly parts: readonly LedgerPart[];
  /** bytes durable from 0 without a gap */
  readonly offset: number;
  /** how many of them are the unfinished part's tail */
  readonly tailLength: number;
  readonly expiresAt: Date;
  readonly now: Date;
}

/**
 * Writes progress down in one statement: from here on the bytes are acknowledged. False when the lease is no longer the caller's,
 * and then nothing was written. The offset never goes down.
 */
export async function recordProgress(db: Executor, progress: Progress): Promise<boolean> {
  const { parts } = progress;
  const { rows } = await sql<{ id: string }>`
    with leased as (
      update upload
      set durable_offset = ${progress.offset}, tail_length = ${progress.tailLength}, updated_at = ${progress.now},
        expires_at = greatest(expires_at, ${progress.expiresAt}::timestamptz)
      where id = ${progress.uploadId} and lease_token = ${progress.token} and state = 'receiving'
        and durable_offset <= ${progress.offset}
      returning id
    ), noted as (
      insert into upload_part (upload_id, part_number, size, sha256, etag)
      select leased.id, p.part_number, p.size, decode(p.sha256, 'hex'), p.etag
      from leased, ${unnested(parts)}
      ${overwriting}
    )
    select id from leased`.execute(db);
  return rows.length > 0;
}

/** The committed parts of an upload, by number. */
export async function listParts(db: Executor, uploadId: string): Promise<readonly LedgerPart[]> {
  const rows = await db
    .selectFrom('upload_part')
    .select(['part_number', 'size', 'sha256', 'etag'])
    .where('upload_id', '=', uploadId)
    .orderBy('part_number')
    .execute();
  return rows.map((row) => ({
    partNumber: row.part_number,
    size: row.size,
    sha256: row.sha256.toString('hex'),
    etag: row.etag,
  }));
}

/**
 * How many parts stand in the ledger without a gap from the first, each of full size. Sizes are never summed: with a part missing in
 * the middle the sum would be an offset, and the file would be wrong.
 */
export async function countContiguousParts(db: Executor, uploadId: string, partSize: number): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from (
      select part_number, row_number() over (order by part_number) as place
      from upload_part where upload_id = ${uploadId} and size = ${partSize}
    ) parts where part_number = place`.execute(db);
  return rows[0]?.count ?? 0;
}
