import type { ActorDraft, Hold } from '@fengcun/contracts';
import { personal } from '@fengcun/contracts';
import type { Clock } from '@fengcun/runtime';
import { sql } from 'kysely';
import { notifyChange } from '../change/notify.ts';
import type { Database, Executor } from '../database/connect.ts';
import { newId } from '../id/id.ts';
import { appendEvent } from '../ledger/append-event.ts';
import { enqueue } from '../outbox/enqueue.ts';
import { type PageRequest, pageOf, timeKeyOf } from '../page/page.ts';

/**
 * Puts an item under a legal hold, on record; from the commit on no disposition can begin, and a job then tells the vaults. Answers the
 * hold, or `being_disposed` when it comes too late.
 */
export async function setHold(
  db: Database,
  draft: {
    readonly evidence: string;
    readonly account: string;
    readonly reason: string;
    readonly actor: ActorDraft;
  },
  clock: Clock,
): Promise<Hold | 'being_disposed'> {
  const { evidence, account, reason, actor } = draft;
  const id = newId();
  return db.transaction().execute(async (trx) => {
    const kept = await lockKept(trx, evidence);
    if (kept === undefined || kept.disposal !== 'none') return 'being_disposed';
    await trx
      .insertInto('legal_hold')
      .values({ id, evidence_id: evidence, unit_id: kept.unit_id, reason, set_by: account, set_at: clock.now() })
      .execute();
    await wish(trx, evidence, true, clock);
    const data = { hold: id, reason: personal(reason) };
    await appendEvent(trx, { type: 'hold.set', actor, subject: { kind: 'evidence', id: evidence }, data }, clock);
    await notifyChange(trx, { kind: 'evidence', id: evidence, unit: kept.unit_id });
    return holdOrThrow(trx, id);
  });
}

/** Lifts a hold, on record. The item stays held while another stands. Answers `already_released` for one lifted before. */
export async function releaseHold(
  db: Database,
  draft: { readonly hold: string; readonly account: string; readonly reason: string; readonly actor: ActorDraft },
  clock: Clock,
): Promise<Hold | 'already_released'> {
  const { hold, account, reason, actor } = draft;
  return db.transaction().execute(async (trx) => {
    const found = await trx
      .selectFrom('legal_hold')
      .select(['evidence_id', 'unit_id'])
      .where('id', '=', hold)
      .executeTakeFirstOrThrow();
    await lockKept(trx, found.evidence_id);
    const { numUpdatedRows } = await trx
      .updateTable('legal_hold')
      .set({ released_by: account, released_at: clock.now(), release_reason: reason })
      .where('id', '=', hold)
      .where('released_at', 'is', null)
      .executeTakeFirst();
    if (numUpdatedRows !== 1n) return 'already_released';
    const standing = await trx
      .selectFrom('legal_hold')
      .select('id')
      .where('evidence_id', '=', found.evidence_id)
      .where('released_at', 'is', null)
      .executeTakeFirst();
    await wish(trx, found.evidence_id, standing !== undefined, clock);
    const subject = { kind: 'evidence', id: found.evidence_id } as const;
    const data = { hold, reason: personal(reason) };
    await appendEvent(trx, { type: 'hold.released', actor, subject, data }, clock);
    await notifyChange(trx, { kind: 'evidence', id: found.evidence_id, unit: found.unit_id });
    return holdOrThrow(trx, hold);
  });
}

const lockKept = (trx: Executor, evidence: string) =>
  trx
    .selectFrom('evidence_retention')
    .select(['unit_id', 'disposal'])
    .where('evidence_id', '=', evidence)
    .forUpdate()
    .executeTakeFirst();

async function wish(trx: Executor, evidence: string, held: boolean, clock: Clock): Promise<void> {
  await trx
    .updateTable('evidence_retention')
    .set({ held, revision: sql`revision + 1`, attempts: 0, updated_at: clock.now() })
    .where('evidence_id', '=', evidence)
    .execute();
  await enqueue(trx, 'retain', evidence, { evidence });
}

const holds = (db: Executor) =>
  db
    .selectFrom('legal_hold as h')
    .innerJoin('account as s', 's.id', 'h.set_by')
    .leftJoin('account as r', 'r.id', 'h.released_by')
    .selectAll('h')
    .select(['s.name as set_by_name', 'r.name as released_by_name']);

type Row = Awaited<ReturnType<ReturnType<typeof holds>['executeTakeFirstOrThrow']>>;

const toHold = (row: Row): Hold => ({
  id: row.id,
  evidence: row.evidence_id,
  reason: row.reason,
  setBy: row.set_by_name,
  setAt: row.set_at.toISOString(),
  released:
    row.released_at === null
      ? null
      : { by: row.released_by_name ?? '', at: row.released_at.toISOString(), reason: row.release_reason ?? '' },
});

async function holdOrThrow(db: Executor, id: string): Promise<Hold> {
  return toHold(await holds(db).where('h.id', '=', id).executeTakeFirstOrThrow());
}

/** The hold, or undefined. Who may see it is not asked here. */
export async function findHold(db: Executor, id: string): Promise<Hold | undefined> {
  const row = await holds(db).where('h.id', '=', id).executeTakeFirst();
  return row && toHold(row);
}

/** Every hold the item ever was under, newest first. */
export async function holdsOf(db: Executor, evidence: string): Promise<Hold[]> {
  const rows = await holds(db).where('h.evidence_id', '=', evidence).orderBy('h.set_at', 'desc').execute();
  return rows.map(toHold);
}

/** Holds over items of these units, newest first. Rejects `cursor_invalid`. */
export async function listHolds(
  db: Executor,
  units: readonly string[],
  filter: { readonly standing?: boolean },
  page: PageRequest,
): Promise<{ items: (Hold & { item: { name: string; unit: string } })[]; next: string | null }> {
  const after = timeKeyOf(page.cursor);
  if (units.length === 0) return { items: [], next: null };
  const rows = await holds(db)
    .innerJoin('evidence as e', 'e.id', 'h.evidence_id')
    .innerJoin('unit as u', 'u.id', 'e.unit_id')
    .select(['e.name as item_name', 'u.name as unit_name'])
    .where('h.unit_id', 'in', [...units])
    .$if(filter.standing === true, (query) => query.where('h.released_at', 'is', null))
    .$if(filter.standing === false, (query) => query.where('h.released_at', 'is not', null))
    .$if(after !== undefined, (query) =>
      query.where(sql<boolean>`(h.set_at, h.id) < (${after?.at}::timestamptz, ${after?.id}::uuid)`),
    )
    .orderBy('h.set_at', 'desc')
    .orderBy('h.id', 'desc')
    .limit(page.limit + 1)
    .execute();
  const { items, next } = pageOf(rows, page.limit, (row) => ({ at: row.set_at, id: row.id }));
  return { items: items.map((row) => ({ ...toHold(row), item: { name: row.item_name, unit: row.unit_name } })), next };
}
