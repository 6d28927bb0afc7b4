import { type ActorDraft, personal } from '@fengcun/contracts';
import type { Clock } from '@fengcun/runtime';
import { sql } from 'kysely';
import type { Database, Executor } from '../database/connect.ts';
import { appendEvent } from '../ledger/append-event.ts';
import { workOnLine } from '../unit/list-colleagues.ts';

/** Officers of one case, at most. */
export const mostOfficers = 20;

interface OfficerChange {
  readonly case: string;
  readonly unit: string;
  readonly officer: string;
  /** the revision of the case that was read */
  readonly basedOn: number;
  readonly account: string;
  readonly actor: ActorDraft;
}

/** Whether all of them have accounts that are in use. */
export async function officersInUse(trx: Executor, officers: readonly string[]): Promise<boolean> {
  if (officers.length === 0) return true;
  const rows = await trx
    .selectFrom('account')
    .select('id')
    .where('id', 'in', [...officers])
    .where('disabled_at', 'is', null)
    .execute();
  return rows.length === officers.length;
}

/** Whether all of them can be the case's officers: whoever is already as long as the account is in use, others where they work on its line. */
export async function mayHandle(
  trx: Executor,
  { case: id, unit }: { readonly case: string; readonly unit: string },
  officers: readonly string[],
): Promise<boolean> {
  const on = await trx.selectFrom('case_officer').select('account_id').where('case_id', '=', id).execute();
  const known = new Set(on.map(({ account_id }) => account_id));
  const others = officers.filter((officer) => !known.has(officer));
  return (await officersInUse(trx, officers)) && (await workOnLine(trx, unit, others));
}

/**
 * Makes these the officers of a case; whoever stays keeps their period. `by` goes with each that is new: being put on a case opens its
 * recordings only when somebody else did it (`is_case_officer`).
 */
export async function setOfficers(
  trx: Executor,
  id: string,
  officers: readonly string[],
  { by, at }: { readonly by: string; readonly at: Date },
): Promise<void> {
  await sql`delete from case_officer where case_id = ${id} and account_id <> all(${[...officers]}::uuid[])`.execute(
    trx,
  );
  await sql`insert into case_officer (case_id, account_id, added_by, added_at)
    select ${id}::uuid, unnest(${[...officers]}::uuid[]), ${by}::uuid, ${at}::timestamptz on conflict do nothing`.execute(
    trx,
  );
}

/**
 * Puts somebody on a case for a period, or changes the period, on record. Whoever does it stands beside them from then on, so that nobody
 * lengthens their own.
 */
export async function assignOfficer(
  db: Database,
  change: OfficerChange & { readonly from: Date | null; readonly until: Date | null },
  clock: Clock,
): Promise<'done' | 'changed' | 'unknown_officer' | 'too_many_officers'> {
  const { case: id, officer, from, until, account, unit, actor } = change;
  return db.transaction().execute(async (trx) => {
    if (!(await lockAsRead(trx, change))) return 'changed';
    const name = await nameOf(trx, officer);
    if (name === undefined || !(await mayHandle(trx, { case: id, unit }, [officer]))) return 'unknown_officer';
    const on = await trx.selectFrom('case_officer').select('account_id').where('case_id', '=', id).execute();
    if (on.length >= mostOfficers && !on.some(({ account_id }) => account_id === officer)) return 'too_many_officers';
    const at = clock.now();
    const row = { added_by: account, added_at: at, valid_from: from, valid_until: until };
    await trx
      .insertInto('case_officer')
      .values({ case_id: id, account_id: officer, ...row })
      .onConflict((known) => known.columns(['case_id', 'account_id']).doUpdateSet(row))
      .execute();
    const revision = await countUp(trx, change, at);
    const [begins, ends] = [from?.toISOString() ?? null, until?.toISOString() ?? null];
    const data = { unit, revision, officer, name: personal(name), from: begins, until: ends };
    await appendEvent(trx, { type: 'case.officer_assigned', actor, subject: { kind: 'case', id }, data }, clock);
    return 'done';
  });
}

/** Takes somebody off a case, on record. `unknown_officer`: they are not on it. */
export async function releaseOfficer(
  db: Database,
  change: OfficerChange,
  clock: Clock,
): Promise<'done' | 'changed' | 'unknown_officer'> {
  const { case: id, officer, unit, actor } = change;
  return db.transaction().execute(async (trx) => {
    if (!(await lockAsRead(trx, change))) return 'changed';
    const gone = await trx
      .deleteFrom('case_officer')
      .where('case_id', '=', id)
      .where('account_id', '=', officer)
      .returning('account_id')
      .executeTakeFirst();
    const name = gone && (await nameOf(trx, officer));
    if (name === undefined) return 'unknown_officer';
    const revision = await countUp(trx, change, clock.now());
    const data = { unit, revision, officer, name: personal(name) };
    await appendEvent(trx, { type: 'case.officer_released', actor, subject: { kind: 'case', id }, data }, clock);
    return 'done';
  });
}

/** Whether the case is still as it was read; keeps it so until the transaction ends. */
async function lockAsRead(trx: Executor, { case: id, basedOn }: OfficerChange): Promise<boolean> {
  const row = await trx
    .selectFrom('case_file')
    .select('id')
    .where('id', '=', id)
    .where('revision', '=', basedOn)
    .forUpdate()
    .executeTakeFirst();
  return row !== undefined;
}

async function countUp(trx: Executor, { case: id, account }: OfficerChange, at: Date): Promise<number> {
  const { revision } = await trx
    .updateTable('case_file')
    .set({ revision: sql`revision + 1`, changed_by: account, changed_at: at })
    .where('id', '=', id)
    .returning('revision')
    .executeTakeFirstOrThrow();
  return revision;
}

async function nameOf(trx: Executor, account: string): Promise<string | undefined> {
  const row = await trx.selectFrom('account').select('name').where('id', '=', account).executeTakeFirst();
  return row?.name;
}
