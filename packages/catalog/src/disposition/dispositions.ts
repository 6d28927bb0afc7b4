import type { ActorDraft, Disposition, DispositionRefusal, DispositionState } from '@fengcun/contracts';
import { personal, toldOfNullable } from '@fengcun/contracts';
import type { Clock } from '@fengcun/runtime';
import { sql } from 'kysely';
import { notifyChange } from '../change/notify.ts';
import type { Database, Executor } from '../database/connect.ts';
import { newId } from '../id/id.ts';
import { appendEvent } from '../ledger/append-event.ts';
import { enqueue } from '../outbox/enqueue.ts';
import { type PageRequest, pageOf, timeKeyOf } from '../page/page.ts';

/** What the rules say about disposing of an item that is kept like this: null when nothing stands against it. */
export type DispositionJudge = (kept: {
  /** null: for ever */
  readonly until: Date | null;
  readonly held: boolean;
  readonly lockedUntil: Date | null;
}) => DispositionRefusal | null;

/** A disposition without what depends on who looks. */
export type DispositionRecord = Omit<Disposition, 'actions'> & { readonly unitPath: readonly string[] };

/**
 * - `already_requested`: one of them is in an open disposition
 * - otherwise: what the rules say about one of them
 */
export type RequestOutcome =
  | { readonly kind: 'requested'; readonly ids: readonly string[] }
  | { readonly kind: 'already_requested'; readonly evidence: string }
  | { readonly kind: 'refused'; readonly evidence: string; readonly code: DispositionRefusal };

/** Asks for dispositions, on record: all or none. */
export async function requestDispositions(
  db: Database,
  request: {
    /** each with the rule that allows asking */
    readonly items: readonly { readonly evidence: string; readonly rule: string }[];
    readonly account: string;
    readonly reason: string;
    readonly actor: ActorDraft;
  },
  judge: DispositionJudge,
  clock: Clock,
): Promise<RequestOutcome> {
  const { account, reason, actor } = request;
  const now = clock.now();
  const ids: string[] = [];
  const work = db.transaction().execute(async (trx): Promise<RequestOutcome> => {
    // Locked in one order, so that two such requests never wait for each other.
    for (const { evidence, rule } of [...request.items].sort((a, b) => (a.evidence < b.evidence ? -1 : 1))) {
      const kept = await lockKept(trx, evidence);
      const open = await trx
        .selectFrom('disposition')
        .select('id')
        .where('evidence_id', '=', evidence)
        .where('state', 'in', ['requested', 'approved', 'disposing'])
        .executeTakeFirst();
      if (open || kept?.disposal !== 'none') throw new Undone({ kind: 'already_requested', evidence });
      const code = judge(kept);
      if (code !== null) throw new Undone({ kind: 'refused', evidence, code });
      const id = newId();
      ids.push(id);
      await trx
        .insertInto('disposition')
        .values({
          id,
          evidence_id: evidence,
          unit_id: kept.unit,
          state: 'requested',
          requested_by: account,
          requested_at: now,
          reason,
          updated_at: now,
        })
        .execute();
      const data = { disposition: id, reason: personal(reason), rule };
      const subject = { kind: 'evidence', id: evidence } as const;
      await appendEvent(trx, { type: 'disposition.requested', actor, subject, data }, clock);
      await notifyChange(trx, { kind: 'evidence', id: evidence, unit: kept.unit });
    }
    return { kind: 'requested', ids };
  });
  return work.catch((error: unknown) => {
    if (error instanceof Undone) return error.outcome;
    throw error;
  });
}

/** Undoes a request for several items of which one may not be. */
class Undone extends Error {
  readonly outcome: RequestOutcome;
  constructor(outcome: RequestOutcome) {
    super(outcome.kind);
    this.outcome = outcome;
  }
}

/** How the item is kept, held still for the transaction; undefined for one that nothing is known of. */
export async function lockKept(trx: Executor, evidence: string) {
  const row = await trx
    .selectFrom('evidence_retention')
    .select(['unit_id', 'retain_until', 'held', 'locked_until', 'disposal'])
    .where('evidence_id', '=', evidence)
    .forUpdate()
    .executeTakeFirst();
  return (
    row && {
      unit: row.unit_id,
      until: row.retain_until,
      held: row.held,
      lockedUntil: row.locked_until,
      disposal: row.disposal,
    }
  );
}

export type DecisionOutcome = 'decided' | 'own_request' | 'already_decided' | DispositionRefusal;

/** Approves or rejects, on record. An approval asks for the job that carries it out; one that the rules no longer allow is not given. */
export async function decideDisposition(
  db: Database,
  decision: {
    readonly disposition: string;
    readonly approve: boolean;
    readonly reason: string;
    readonly account: string;
    readonly actor: ActorDraft;
    readonly rule: string;
  },
  judge: DispositionJudge,
  clock: Clock,
): Promise<DecisionOutcome> {
  const { disposition, approve, reason, account, actor, rule } = decision;
  return db.transaction().execute(async (trx) => {
    const row = await trx
      .selectFrom('disposition')
      .selectAll()
      .where('id', '=', disposition)
      .forUpdate()
      .executeTakeFirstOrThrow();
    if (row.state !== 'requested') return 'already_decided';
    if (row.requested_by === account) return 'own_request';
    const kept = await lockKept(trx, row.evidence_id);
    const refusal = approve && kept ? judge(kept) : null;
    if (refusal !== null) return refusal;
    const now = clock.now();
    await trx
      .updateTable('disposition')
      .set({
        state: approve ? 'approved' : 'rejected',
        decided_by: account,
        decided_at: now,
        decision_reason: reason,
        finished_at: approve ? null : now,
        updated_at: now,
      })
      .where('id', '=', disposition)
      .execute();
    const subject = { kind: 'evidence', id: row.evidence_id } as const;
    const data = { disposition, approved: approve, reason: personal(reason), rule };
    await appendEvent(trx, { type: 'disposition.decided', actor, subject, data }, clock);
    if (approve) await enqueue(trx, 'dispose', disposition, { disposition });
    await notifyChange(trx, { kind: 'evidence', id: row.evidence_id, unit: row.unit_id });
    return 'decided';
  });
}

/** Takes a disposition back that nobody has decided, on record. False: somebody has. */
export async function withdrawDisposition(
  db: Database,
  withdrawal: { readonly disposition: string; readonly actor: ActorDraft },
  clock: Clock,
): Promise<boolean> {
  const { disposition, actor } = withdrawal;
  return db.transaction().execute(async (trx) => {
    const now = clock.now();
    const row = await trx
      .updateTable('disposition')
      .set({ state: 'withdrawn', finished_at: now, updated_at: now })
      .where('id', '=', disposition)
      .where('state', '=', 'requested')
      .returning(['evidence_id', 'unit_id'])
      .executeTakeFirst();
    if (!row) return false;
    const subject = { kind: 'evidence', id: row.evidence_id } as const;
    await appendEvent(trx, { type: 'disposition.withdrawn', actor, subject, data: { disposition } }, clock);
    await notifyChange(trx, { kind: 'evidence', id: row.evidence_id, unit: row.unit_id });
    return true;
  });
}

const dispositions = (db: Executor) =>
  db
    .selectFrom('disposition as d')
    .innerJoin('evidence as e', 'e.id', 'd.evidence_id')
    .innerJoin('unit as u', 'u.id', 'd.unit_id')
    .innerJoin('account as a', 'a.id', 'd.requested_by')
    .leftJoin('account as b', 'b.id', 'd.decided_by')
    .select([
      'd.id',
      'd.evidence_id',
      'd.unit_id',
      'd.state',
      'd.requested_by',
      'd.requested_at',
      'd.reason',
      'd.decided_by',
      'd.decided_at',
      'd.decision_reason',
      'd.refusal',
      'd.detail',
      'd.finished_at',
      'e.name',
      'e.size',
      'u.name as unit_name',
      'u.path as unit_path',
      'a.name as requested_by_name',
      'b.name as decided_by_name',
    ]);

type Row = Awaited<ReturnType<ReturnType<typeof dispositions>['executeTakeFirstOrThrow']>>;

const toRecord = (row: Row): DispositionRecord => ({
  id: row.id,
  evidence: row.evidence_id,
  item: { name: row.name, size: row.size, unit: { id: row.unit_id, name: row.unit_name } },
  state: row.state,
  requested: {
    by: { id: row.requested_by, name: row.requested_by_name },
    at: row.requested_at.toISOString(),
    reason: row.reason,
  },
  decided:
    row.decided_by === null || row.decided_at === null
      ? null
      : {
          by: { id: row.decided_by, name: row.decided_by_name ?? '' },
          at: row.decided_at.toISOString(),
          reason: row.decision_reason ?? '',
        },
  refusal: row.refusal,
  finishedAt: row.finished_at?.toISOString() ?? null,
  ...toldOfNullable(row.detail),
  unitPath: row.unit_path,
});

/** The disposition, or undefined. Who may see it is not asked here. */
export async function findDisposition(db: Executor, id: string): Promise<DispositionRecord | undefined> {
  const row = await dispositions(db).where('d.id', '=', id).executeTakeFirst();
  return row && toRecord(row);
}

/** The item's open disposition, or else its latest. */
export async function latestDisposition(db: Executor, evidence: string): Promise<DispositionRecord | undefined> {
  const row = await dispositions(db)
    .where('d.evidence_id', '=', evidence)
    .orderBy('d.requested_at', 'desc')
    .orderBy('d.id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row && toRecord(row);
}

/** Dispositions of items of these units, newest first. Rejects `cursor_invalid`. */
export async function listDispositions(
  db: Executor,
  units: readonly string[],
  filter: { readonly state?: DispositionState; readonly evidence?: string },
  page: PageRequest,
): Promise<{ items: readonly DispositionRecord[]; next: string | null }> {
  const after = timeKeyOf(page.cursor);
  if (units.length === 0) return { items: [], next: null };
  const { state, evidence } = filter;
  const rows = await dispositions(db)
    .where('d.unit_id', 'in', [...units])
    .$if(state !== undefined, (query) => query.where('d.state', '=', state ?? 'requested'))
    .$if(evidence !== undefined, (query) => query.where('d.evidence_id', '=', evidence ?? ''))
    .$if(after !== undefined, (query) =>
      query.where(sql<boolean>`(d.requested_at, d.id) < (${after?.at}::timestamptz, ${after?.id}::uuid)`),
    )
    .orderBy('d.requested_at', 'desc')
    .orderBy('d.id', 'desc')
    .limit(page.limit + 1)
    .execute();
  const { items, next } = pageOf(rows, page.limit, (row) => ({ at: row.requested_at, id: row.id }));
  return { items: items.map(toRecord), next };
}
