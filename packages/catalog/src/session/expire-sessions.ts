import type { Executor } from '../database/connect.ts';

/** Sessions that nobody closed and that are past their end, or not used since `unusedSince`; oldest first. */
export async function listOverdueSessions(
  db: Executor,
  limits: { readonly now: Date; readonly unusedSince: Date },
  limit: number,
): Promise<readonly { readonly id: string; readonly account: { readonly id: string; readonly name: string } }[]> {
  const rows = await db
    .selectFrom('session as s')
    .innerJoin('account as a', 'a.id', 's.account_id')
    .select(['s.id', 'a.id as account', 'a.name'])
    .where('s.closed_at', 'is', null)
    .where((eb) =>
      eb.or([
        eb('s.expires_at', '<=', limits.now),
        eb.and([eb('s.kind', '=', 'browser'), eb('s.last_seen_at', '<=', limits.unusedSince)]),
      ]),
    )
    .orderBy('s.expires_at')
    .limit(limit)
    .execute();
  return rows.map((row) => ({ id: row.id, account: { id: row.account, name: row.name } }));
}
