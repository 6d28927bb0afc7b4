import { type Change, changeChannel } from '@fengcun/contracts';
import { sql } from 'kysely';
import type { Executor } from '../database/connect.ts';

/** Tells open pages that something changed; delivered when the transaction commits, lost when nobody listens. */
export async function notifyChange(db: Executor, change: Change): Promise<void> {
  await sql`select pg_notify(${changeChannel}, ${JSON.stringify(change)})`.execute(db);
}
