import { sql } from 'kysely';
import type { Database } from '../database/connect.ts';
import { type Staleness, untouched } from '../staleness/staleness.ts';

/** An item with derivatives to be made that nobody is making, and the queue whose job makes the next of them. */
export interface PendingDerivatives {
  readonly evidence: string;
  readonly queue: 'probe' | 'proxy';
}

/** Pending derivatives without a sign of life, longest forgotten first; the number of attempts sets the pace. */
export async function findPendingDerivatives(
  db: Database,
  staleness: Staleness,
): Promise<readonly PendingDerivatives[]> {
  const { now, limit } = staleness;
  const rows = await db
    .selectFrom('derivative')
    .select((eb) => ['evidence_id', eb.fn<boolean>('bool_or', [sql`kind = 'probe'`]).as('unprobed')])
    .where('state', '=', 'pending')
    .where((eb) => eb.or([eb('claimed_until', 'is', null), eb('claimed_until', '<', now)]))
    .where(untouched(staleness))
    .groupBy('evidence_id')
    .orderBy((eb) => eb.fn.min('updated_at'))
    .limit(limit)
    .execute();
  return rows.map((row) => ({ evidence: row.evidence_id, queue: row.unprobed ? 'probe' : 'proxy' }));
}
