import { sql } from 'kysely';
import type { Executor } from '../database/connect.ts';
import { enqueue } from '../outbox/enqueue.ts';
import type { Progress } from './part-ledger.ts';
import { overwriting, unnested } from './part-rows.ts';

export interface Completion extends Progress {
  /** SHA-256 of the whole file when it is known without hashing twice: when the file is one part, or empty */
  readonly receivedSha256: Buffer | null;
}

/**
 * The last byte is durable: state `received`, and sealing is asked for, in the caller's transaction. False when the lease is no
 * longer the caller's, or when not all bytes of the declared size are there.
 */
export async function finishUpload(trx: Executor, done: Completion): Promise<boolean> {
  const { rows } = await sql<{ id: string }>`
    with leased as (
      update upload
      set state = 'received', durable_offset = ${done.offset}, tail_length = 0, received_at = ${done.now},
        updated_at = ${done.now}, received_sha256 = ${done.receivedSha256}, lease_until = null, lease_holder = null
      where id = ${done.uploadId} and lease_token = ${done.token} and state = 'receiving' and size = ${done.offset}
      returning id
    ), noted as (
      insert into upload_part (upload_id, part_number, size, sha256, etag)
      select leased.id, p.part_number, p.size, decode(p.sha256, 'hex'), p.etag
      from leased, ${unnested(done.parts)}
      ${overwriting}
    )
    select id from leased`.execute(trx);
  if (rows.length === 0) return false;
  await enqueue(trx, 'seal', done.uploadId, { evidence: done.uploadId });
  return true;
}

/** Fixes a deferred length, once. False when the lease is no longer the caller's or the length was already known. */
export async function declareLength(
  db: Executor,
  declaration: { readonly uploadId: string; readonly token: number; readonly size: number },
): Promise<boolean> {
  const row = await db
    .updateTable('upload')
    .set({ size: declaration.size })
    .where('id', '=', declaration.uploadId)
    .where('lease_token', '=', declaration.token)
    .where('state', '=', 'receiving')
    .where('size', 'is', null)
    .where('durable_offset', '<=', declaration.size)
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}
