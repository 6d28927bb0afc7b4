import { sql } from 'kysely';
import type { Database } from '../database/connect.ts';

/** How the log stands, as far as whoever is about to hand something out has to know. */
export interface LogStanding {
  /** an event could be appended now */
  readonly takesEvents: boolean;
  /** when the oldest event happened that no signed checkpoint covers yet; null: all are published */
  readonly oldestUnpublished: Date | null;
}

/** ms a lock on the log may keep the question waiting: what cannot be asked has not been answered with yes */
const patienceMs = 2000;

/** Asks the database. Rejects when it cannot say within seconds. */
export async function logStanding(db: Database): Promise<LogStanding> {
  return db.transaction().execute(async (tx) => {
    await sql`select set_config('lock_timeout', ${`${patienceMs}ms`}, true), set_config('statement_timeout', ${`${2 * patienceMs}ms`}, true)`.execute(
      tx,
    );
    const { rows } = await sql<{ takes: boolean; oldest: Date | null }>`
      select has_table_privilege('ledger_event', 'INSERT') and not pg_is_in_recovery() as takes, (
        select min(at) from (
          (select e.at from ledger_pending p join ledger_event e on e.id = p.event_id order by p.event_id limit 1)
          union all
          (select e.at from ledger_entry l join ledger_event e on e.id = l.event_id
            where l.index >= coalesce((select max(size) from ledger_checkpoint), 0) order by l.index limit 1)
        ) unpublished
      ) as oldest`.execute(tx);
    const [row] = rows;
    return { takesEvents: row?.takes ?? false, oldestUnpublished: row?.oldest ?? null };
  });
}
