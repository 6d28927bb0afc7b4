import { type ActorDraft, type CaseFile, type CaseSummary, personal } from '@fengcun/contracts';
import type { Clock } from '@fengcun/runtime';
import { type RawBuilder, sql } from 'kysely';
import type { Database, Executor } from '../database/connect.ts';
import { newId } from '../id/id.ts';
import { appendEvent } from '../ledger/append-event.ts';
import { type PageRequest, pageOf, timeKeyOf } from '../page/page.ts';
import type { UnitScope } from '../unit/scope.ts';

export interface CaseFilter {
  /** part of number, title or subject */
  readonly q?: string;
  readonly state?: CaseSummary['state'];
  /** account that handles it */
  readonly officer?: string;
}

/** A case file with its unit's path, for whoever decides who may do what with it. */
export interface CaseRecord extends Omit<CaseFile, 'actions'> {
  readonly unitPath: readonly string[];
}

interface Row {
  readonly id: string;
  readonly number: string;
  readonly unit_id: string;
  readonly unit_name: string;
  readonly unit_path: string[];
  readonly title: string;
  readonly subject: string | null;
  readonly state: CaseSummary['state'];
  readonly officers: { readonly id: string; readonly name: string; readonly officerNumber: string | null }[];
  readonly opened_at: Date;
  readonly closed_at: Date | null;
  readonly revision: number;
  readonly items: number;
}

const select = (where: RawBuilder<unknown>) => sql<Row>`
  select c.id, c.number, c.unit_id, u.name as unit_name, u.path as unit_path, c.title, c.subject, c.state, c.opened_at, c.closed_at,
    c.revision, c.items,
    coalesce((select jsonb_agg(jsonb_build_object('id', a.id, 'name', a.name, 'officerNumber', a.officer_number) order by a.name, a.id)
      from case_officer o join account a on a.id = o.account_id where o.case_id = c.id), '[]') as officers
  from case_file c join unit u on u.id = c.unit_id where ${where}`;

/** The case file, or undefined. Who may see it is not asked here. */
export async function findCase(db: Executor, id: string): Promise<CaseRecord | undefined> {
  const { rows } = await select(sql`c.id = ${id}`).execute(db);
  return rows[0] && { ...toSummary(rows[0]), ...more(rows[0]) };
}

const more = (row: Row) => ({
  closedAt: row.closed_at?.toISOString() ?? null,
  revision: row.revision,
  items: row.items,
  unitPath: row.unit_path,
});

const toSummary = (row: Row): CaseSummary => ({
  id: row.id,
  number: row.number,
  unit: { id: row.unit_id, name: row.unit_name },
  title: row.title,
  subject: row.subject,
  state: row.state,
  officers: row.officers,
  openedAt: row.opened_at.toISOString(),
});

/** Case files of the scope's units, newest first. Rejects `cursor_invalid`. */
export async function listCases(
  db: Executor,
  { units, everything }: UnitScope,
  { q, state, officer }: CaseFilter,
  page: PageRequest,
): Promise<{ readonly items: readonly CaseSummary[]; readonly next: string | null }> {
  if (units.length === 0) return { items: [], next: null };
  const after = timeKeyOf(page.cursor);
  const conditions = [
    everything ? sql`true` : sql`c.unit_id = any(${[...units]}::uuid[])`,
    ...(state === undefined ? [] : [sql`c.state = ${state}`]),
    ...(officer === undefined
      ? []
      : [sql`exists (select from case_officer o where o.case_id = c.id and o.account_id = ${officer})`]),
    ...(q === undefined
      ? []
      : [
          sql`strpos(search_fold(c.number || ' ' || c.title || ' ' || coalesce(c.subject, '')), search_fold(${q}::text)) > 0`,
        ]),
    ...(after === undefined ? [] : [sql`(c.opened_at, c.id) < (${after.at}::timestamptz, ${after.id}::uuid)`]),
  ];
  const { rows } = await sql<Row>`${select(sql.join(conditions, sql` and `))}
    order by c.opened_at desc, c.id desc limit ${page.limit + 1}`.execute(db);
  const { items, next } = pageOf(rows, page.limit, (row) => ({ at: row.opened_at, id: row.id }));
  return { items: items.map(toSummary), next };
}

export interface CaseFacts {
  readonly title: string;
  readonly subject: string | null;
  readonly officers: readonly string[];
}

/** Opens a case file, on record. Answers its id, or why there is none. */
export async function openCase(
  db: Database,
  draft: CaseFacts & {
    readonly number: string;
    readonly unit: string;
    readonly account: string;
    readonly actor: ActorDraft;
  },
  clock: Clock,
): Promise<{ readonly id: string } | 'number_taken' | 'unknown_officer'> {
  return db.transaction().execute(async (trx) => {
    if (!(await known(trx, draft.officers))) return 'unknown_officer';
    const row = await trx
      .insertInto('case_file')
      .values({
        id: newId(),
        number: draft.number,
        unit_id: draft.unit,
        title: draft.title,
        subject: draft.subject,
        opened_by: draft.account,
        opened_at: clock.now(),
        closed_at: null,
      })
      .onConflict((conflict) => conflict.column('number').doNothing())
      .returning('id')
      .executeTakeFirst();
    if (!row) return 'number_taken';
    await setOfficers(trx, row.id, draft.officers, draft.account);
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
    readonly actor: ActorDraft;
  },
  clock: Clock,
): Promise<'done' | 'changed' | 'unknown_officer'> {
  const { id, unit, basedOn, state, title, subject, officers, actor } = change;
  return db.transaction().execute(async (trx) => {
    if (!(await known(trx, officers))) return 'unknown_officer';
    const row = await trx
      .updateTable('case_file')
      .set({
        title,
        subject,
        state,
        revision: sql`revision + 1`,
        closed_at: state === 'open' ? null : sql`coalesce(closed_at, ${clock.now()})`,
      })
      .where('id', '=', id)
      .where('revision', '=', basedOn)
      .returning('revision')
      .executeTakeFirst();
    if (!row) return 'changed';
    await setOfficers(trx, id, officers, actor.kind === 'account' ? actor.id : null);
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
          officers: [...officers],
          state,
        },
      },
      clock,
    );
    return 'done';
  });
}

async function known(trx: Executor, officers: readonly string[]): Promise<boolean> {
  if (officers.length === 0) return true;
  const rows = await trx
    .selectFrom('account')
    .select('id')
    .where('id', 'in', [...officers])
    .where('disabled_at', 'is', null)
    .execute();
  return rows.length === officers.length;
}

/** `by` goes with each that is new: being put on a case opens its recordings only when somebody else did it (`is_case_officer`). */
async function setOfficers(trx: Executor, id: string, officers: readonly string[], by: string | null): Promise<void> {
  await sql`delete from case_officer where case_id = ${id} and account_id <> all(${[...officers]}::uuid[])`.execute(
    trx,
  );
  await sql`insert into case_officer (case_id, account_id, added_by) select ${id}::uuid, unnest(${[...officers]}::uuid[]), ${by}::uuid
    on conflict do nothing`.execute(trx);
}
