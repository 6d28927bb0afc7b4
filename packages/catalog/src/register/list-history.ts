import { type RawBuilder, sql } from 'kysely';
import type { Executor } from '../database/connect.ts';
import type { UnitScope } from '../unit/scope.ts';
import { type RegisterLine, readLines } from './register-line.ts';

/** Of whom or what a report tells. */
export type HistorySubject =
  | { readonly kind: 'evidence'; readonly id: string }
  /** what the person did, as far as it is for a reader of the scope */
  | { readonly kind: 'account'; readonly id: string; readonly scope: UnitScope };

export interface HistoryRange {
  readonly from?: Date;
  readonly to?: Date;
  /** the last event that counts */
  readonly upTo: number;
}

/**
 * Every event about an item (requests and grants for it too), or by a person, oldest first, `batch` at a time. Each batch is read when it is
 * asked for: a history of any length needs little memory.
 */
export async function* readHistory(
  db: Executor,
  subject: HistorySubject,
  range: HistoryRange,
  batch = 500,
): AsyncGenerator<readonly RegisterLine[]> {
  let after = 0;
  for (;;) {
    const { rows } = await sql<{ id: number }>`
      select e.id from ledger_event e where ${about(subject)} and ${within(range)} and e.id > ${after} order by e.id limit ${batch}`.execute(
      db,
    );
    if (rows.length === 0) return;
    const ids = rows.map(({ id }) => id);
    yield await readLines(db, ids);
    after = ids.at(-1) ?? after;
    if (rows.length < batch) return;
  }
}

/** Events by the person that are left out of their history, because they are about items of other units. */
export async function countHidden(
  db: Executor,
  subject: Extract<HistorySubject, { kind: 'account' }>,
  range: HistoryRange,
): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::integer as count from ledger_event e
    where ${by(subject.id)} and ${within(range)} and not ${shownTo(subject.scope)}`.execute(db);
  return rows[0]?.count ?? 0;
}

const about = (subject: HistorySubject): RawBuilder<unknown> =>
  subject.kind === 'evidence'
    ? sql`(e.id in (select id from ledger_event where subject_kind = 'evidence' and subject_id = ${subject.id}
        union select event_id from register_item where evidence_id = ${subject.id}::uuid))`
    : sql`${by(subject.id)} and ${shownTo(subject.scope)}`;

const by = (account: string) => sql`e.actor_kind = 'account' and e.actor_id = ${account}`;

/** What is about no item is the person's own and is told to whoever may ask about the person. */
const shownTo = ({ units, everything }: UnitScope) =>
  everything
    ? sql`true`
    : sql`coalesce((select r.unit_id = any(${[...units]}::uuid[]) or r.evidence_id is null from register_entry r where r.event_id = e.id), true)`;

const within = ({ from, to, upTo }: HistoryRange) =>
  sql.join(
    [
      sql`e.id <= ${upTo}`,
      ...(from === undefined ? [] : [sql`e.at >= ${from}`]),
      ...(to === undefined ? [] : [sql`e.at < ${to}`]),
    ],
    sql` and `,
  );
