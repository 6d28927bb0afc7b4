import { sql } from 'kysely';
import type { Database } from '../database/connect.ts';

export interface Staleness {
  readonly now: Date;
  /** ms without a sign of life before work counts as forgotten */
  readonly afterMs: number;
  /** claims that one round of the queue's own attempts makes; after each such round the wait doubles, up to an hour */
  readonly attemptsPerRound: number;
  readonly limit: number;
}

/**
 * Uploads that wait to be sealed and that nobody is sealing, the longest forgotten first. The number of claims (`seal_token`) sets the pace,
 * so that an upload which cannot be sealed is not read again and again.
 */
export async function findUnsealed(db: Database, staleness: Staleness): Promise<readonly string[]> {
  const { now, afterMs, attemptsPerRound, limit } = staleness;
  const rows = await db
    .selectFrom('upload')
    .select('id')
    .where('state', 'in', ['received', 'sealing'])
    .where((eb) => eb.or([eb('seal_until', 'is', null), eb('seal_until', '<', now)]))
    .where(
      sql<boolean>`updated_at < ${now}::timestamptz - least(
        ${afterMs}::float8 * power(2, least(seal_token / ${attemptsPerRound}::bigint, 20)), 3600000) * interval '1 millisecond'`,
    )
    .orderBy('updated_at')
    .limit(limit)
    .execute();
  return rows.map((row) => row.id);
}

/** The alarm about this item that nobody has acknowledged yet, if there is one. */
export async function openAlarm(
  db: Database,
  kind: string,
  subject: { kind: string; id: string },
): Promise<string | null> {
  const row = await db
    .selectFrom('alarm')
    .select('id')
    .where('kind', '=', kind)
    .where('subject_kind', '=', subject.kind)
    .where('subject_id', '=', subject.id)
    .where('acknowledged_at', 'is', null)
    .executeTakeFirst();
  return row?.id ?? null;
}
