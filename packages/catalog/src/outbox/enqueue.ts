import { type JobPayload, outboxChannel, type QueueName } from '@fengcun/contracts';
import { sql } from 'kysely';
import type { Executor } from '../database/connect.ts';

/**
 * Asks for a job in the transaction of the fact that calls for it; the relay hands it to the queue after the commit. `jobKey` makes the
 * job idempotent within its queue.
 */
export async function enqueue<Q extends QueueName>(
  db: Executor,
  queue: Q,
  jobKey: string,
  payload: JobPayload<Q>,
): Promise<void> {
  await db
    .insertInto('outbox')
    .values({ queue, job_key: jobKey, payload: JSON.stringify(payload) })
    .execute();
  await sql`select pg_notify(${outboxChannel}, '')`.execute(db);
}
