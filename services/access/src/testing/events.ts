import type { Harness } from './harness.ts';

/** Events of a type, oldest first: actor, subject and data. */
export async function eventsOf(harness: Harness, type: string) {
  const rows = await harness.owner
    .selectFrom('ledger_event')
    .selectAll()
    .where('type', '=', type)
    .orderBy('id')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    actor: row.actor_id,
    subject: row.subject_id,
    data: JSON.parse(row.entry.toString('utf8')).data as Record<string, unknown>,
  }));
}
