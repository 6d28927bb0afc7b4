import type { Executor } from '../database/connect.ts';

/**
 * The retention of an item that is kept, locked until the caller's transaction ends, so that no disposal begins and no wish changes meanwhile;
 * undefined when it is being disposed of.
 */
export function lockKeptRetention(trx: Executor, evidence: string) {
  return trx
    .selectFrom('evidence_retention')
    .select(['revision', 'applied_revision', 'locked_until', 'hold_applied'])
    .where('evidence_id', '=', evidence)
    .where('disposal', '=', 'none')
    .forUpdate()
    .executeTakeFirst();
}
