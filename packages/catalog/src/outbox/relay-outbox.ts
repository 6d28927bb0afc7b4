import { sql } from 'kysely';
import type { Database } from '../database/connect.ts';

/** A job somebody asked for in the transaction of a fact; as stored, so not yet trusted to fit its queue. */
export interface OutboxRow {
  readonly id: number;
  readonly queue: string;
  readonly jobKey: string;
  readonly payload: unknown;
}

/**
 * Hands the oldest `limit` rows that no other relay holds to `deliver`, and removes them once it resolves; when it rejects, or this
 * process dies, they stay for the next relay. So every row is delivered at least once. Answers how many there were.
 */
export async function relayOutbox(
  db: Database,
  limit: number,
  deliver: (rows: readonly OutboxRow[]) => Promise<void>,
): Promise<number> {
  return db.transaction().execute(async (trx) => {
    const rows = await trx
      .selectFrom('outbox')
      .select(['id', 'queue', 'job_key as jobKey', 'payload'])
      .orderBy('id')
      .limit(limit)
      .forUpdate()
      .skipLocked()
      .execute();
    if (rows.length === 0) return 0;
    await deliver(rows);
    await trx
      .deleteFrom('outbox')
      .where(
        'id',
        'in',
        rows.map((row) => row.id),
      )
      .execute();
    return rows.length;
  });
}

/** Rows nobody has relayed yet, and the age of the oldest in seconds by the database's own clock; null when there are none. */
export async function outboxBacklog(
  db: Database,
): Promise<{ readonly rows: number; readonly oldestSeconds: number | null }> {
  const row = await db
    .selectFrom('outbox')
    .select((eb) => [
      eb.fn.countAll<number>().as('rows'),
      sql<number | null>`extract(epoch from clock_timestamp() - min(created_at))::float8`.as('oldest'),
    ])
    .executeTakeFirstOrThrow();
  return { rows: row.rows, oldestSeconds: row.oldest };
}
