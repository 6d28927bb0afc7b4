import { sql } from 'kysely';
import type { Database } from '../database/connect.ts';

const batch = 200;

/**
 * Brings the search up to date for items whose officer or device was renamed, a batch at a time so that nobody waits for long. Answers how
 * many it did; 0: there is nothing left.
 */
export async function refreshSearch(db: Database): Promise<number> {
  const { rows } = await sql<{ count: number }>`select refresh_search(${batch}) as count`.execute(db);
  return rows[0]?.count ?? 0;
}
