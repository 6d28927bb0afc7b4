import { type ActorDraft, type CaseSummary, personal } from '@fengcun/contracts';
import type { Clock } from '@fengcun/runtime';
import { sql } from 'kysely';
import type { Database } from '../database/connect.ts';
import { newId } from '../id/id.ts';
import { appendEvent } from '../ledger/append-event.ts';
import { workOnLine } from '../unit/list-colleagues.ts';
import { mayHandle, setOfficers } from './officers.ts';

export interface CaseFacts {
  readonly title: string;
  readonly subject: string | null;
  readonly kind: CaseSummary['kind'];
  readonly matter: string | null;
}

/** Opens a case file, on record. Answers its id, or why there is none. */
export async function openCase(
  db: Database,
  draft: CaseFacts & {
    readonly number: string;
    readonly unit: string;
    readonly officers: readonly string[];
    readonly account: string;
    readonly actor: ActorDraft;
  },
  clock: Clock,
): Promise<{ readonly id: string } | 'number_taken' | 'unknown_officer'> {
  return db.transaction().execute(async (trx) => {
    if (!(await workOnLine(trx, draft.unit, draft.officers))) return 'unknown_officer';
    const now = clock.now();
    const row = await trx
      .insertInto('case_file')
      .values({
        id: newId(),
        number: draft.number,
        unit_id: draft.unit,
        title: draft.title,
        subject: draft.subject,
        kind: draft.kind,
        matter_id: draft.matter,
        opened_by: draft.account,
        opened_at: now,
        closed_at: null,
      })
      .onConflict((conflict) => conflict.column('number').doNothing())
      .returning('id')
      .executeTakeFirst();
    if (!row) return 'number_taken';
    await setOfficers(trx, row.id, draft.officers, { by: draft.account, at: now });
    await appendEvent(
      trx,
      {
        type: 'case.opened',
        actor: draft.actor,
        subject: { kind: 'case', id: row.id },
        data: {
          unit: draft.unit,
          number: personal(draft.number),
          title: personal(draft.title),
          subject: draft.subject === null ? null : personal(draft.subject),
          officers: [...draft.officers],
          kind: draft.kind,
          matter: draft.matter,
        },
      },
      clock,
    );
    return row;
  });
}

/** Changes a case file, on record. `changed`: somebody else did since `basedOn` was read. */
export async function changeCase(
  db: Database,
  change: CaseFacts & {
    readonly id: string;
    readonly unit: string;
    readonly basedOn: number;
    readonly state: CaseSummary['state'];
    readonly reason: string | null;
    /** undefined: who handles it stays */
    readonly officers: readonly string[] | undefined;
    readonly account: string;
    readonly actor: ActorDraft;
  },
  clock: Clock,
): Promise<'done' | 'changed' | 'unknown_officer'> {
  const { id, unit, basedOn, state, title, subject, kind, matter, officers, reason, account, actor } = change;
  return db.transaction().execute(async (trx) => {
    if (officers && !(await mayHandle(trx, { case: id, unit }, officers))) return 'unknown_officer';
    const now = clock.now();
    const row = await trx
      .updateTable('case_file')
      .set({
        title,
        subject,
        kind,
        matter_id: matter,
        state,
        revision: sql`revision + 1`,
        closed_at: state === 'open' ? null : sql`coalesce(closed_at, ${now})`,
        changed_by: account,
        changed_at: now,
      })
      .where('id', '=', id)
      .where('revision', '=', basedOn)
      .returning('revision')
      .executeTakeFirst();
    if (!row) return 'changed';
    if (officers) await setOfficers(trx, id, officers, { by: account, at: now });
    const handling = await trx.selectFrom('case_officer').select('account_id').where('case_id', '=', id).execute();
    await appendEvent(
      trx,
      {
        type: 'case.changed',
        actor,
        subject: { kind: 'case', id },
        data: {
          unit,
          revision: row.revision,
          title: personal(title),
          subject: subject === null ? null : personal(subject),
          officers: handling.map(({ account_id }) => account_id).sort(),
          state,
          kind,
          matter,
          reason: reason === null ? null : personal(reason),
        },
      },
      clock,
    );
    return 'done';
  });
}
