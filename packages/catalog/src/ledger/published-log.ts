import type { Executor } from '../database/connect.ts';

/** A signed tree head as it was published. */
export interface StoredCheckpoint {
  readonly size: number;
  readonly root: Buffer;
  /** the signed note, verbatim */
  readonly note: string;
  readonly signedAt: Date;
}

/** The newest signed checkpoint; undefined before the first. */
export async function latestCheckpoint(db: Executor): Promise<StoredCheckpoint | undefined> {
  const row = await db.selectFrom('ledger_checkpoint').selectAll().orderBy('size', 'desc').limit(1).executeTakeFirst();
  return row && { size: row.size, root: row.root, note: row.note, signedAt: row.signed_at };
}

/** The canonical bytes of the entries in [start, end), in order; fewer where the log ends earlier. */
export async function readEntries(db: Executor, start: number, end: number): Promise<readonly Buffer[]> {
  const rows = await db
    .selectFrom('ledger_entry')
    .innerJoin('ledger_event', 'ledger_event.id', 'ledger_entry.event_id')
    .select('ledger_event.entry')
    .where('ledger_entry.index', '>=', start)
    .where('ledger_entry.index', '<', end)
    .orderBy('ledger_entry.index')
    .execute();
  return rows.map((row) => row.entry);
}
