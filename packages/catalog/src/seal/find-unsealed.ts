import type { Database } from '../database/connect.ts';
import { type Staleness, untouched } from '../staleness/staleness.ts';

/**
 * Uploads that wait to be sealed and that nobody is sealing, the longest forgotten first. The number of claims (`seal_token`) sets the pace,
 * so that an upload which cannot be sealed is not read again and again.
 */
export async function findUnsealed(db: Database, staleness: Staleness): Promise<readonly string[]> {
  const { now, limit } = staleness;
  const rows = await db
    .selectFrom('upload')
    .select('id')
    .where('state', 'in', ['received', 'sealing'])
    .where((eb) => eb.or([eb('seal_until', 'is', null), eb('seal_until', '<', now)]))
    .where(untouched(staleness, 'seal_token'))
    .orderBy('updated_at')
    .limit(limit)
    .execute();
  return rows.map((row) => row.id);
}
