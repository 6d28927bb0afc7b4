import type { Executor } from '../database/connect.ts';

/** Requests that waited too long (urgent ones: for their confirmation), longest overdue first. */
export async function listDueRequests(db: Executor, now: Date, limit: number): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('access_request')
    .select('id')
    .where('state', '=', 'submitted')
    .where('due_at', '<=', now)
    .orderBy('due_at')
    .limit(limit)
    .execute();
  return rows.map((row) => row.id);
}

/** Undecided requests whose time is over. */
export async function listExpiredRequests(db: Executor, now: Date, limit: number): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('access_request')
    .select('id')
    .where('state', 'in', ['submitted', 'escalated'])
    .where('expires_at', '<=', now)
    .orderBy('expires_at')
    .limit(limit)
    .execute();
  return rows.map((row) => row.id);
}
