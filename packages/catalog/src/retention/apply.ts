import { type EventDataOf, type Finding, storeFindings } from '@fengcun/contracts';
import type { Clock } from '@fengcun/runtime';
import { sql } from 'kysely';
import { notifyChange } from '../change/notify.ts';
import type { Database, Executor } from '../database/connect.ts';
import { appendEvent } from '../ledger/append-event.ts';
import { type Staleness, untouched } from '../staleness/staleness.ts';
import { type StoredCopy, storedCopies } from '../vault-copy/stored-copies.ts';
import { type StoredTree, storedTrees } from '../vault-copy/tree-copies.ts';
import { lockKeptRetention } from './lock-kept.ts';

/** What the vaults are to be told about one item, as it was at `revision`. */
export interface RetentionWish {
  readonly evidence: string;
  readonly unit: string;
  readonly size: number;
  readonly revision: number;
  /** null: for ever */
  readonly until: Date | null;
  readonly held: boolean;
  /** as last confirmed */
  readonly lockedUntil: Date | null;
  readonly holdApplied: boolean;
  readonly copies: readonly StoredCopy[];
  /** the leaves of the part tree, beside the copies */
  readonly trees: readonly StoredTree[];
}

/** The item's wish, or null when there is none such or its disposal has begun. */
export async function readRetentionWish(db: Executor, evidence: string): Promise<RetentionWish | null> {
  const row = await db
    .selectFrom('evidence_retention as r')
    .innerJoin('evidence as e', 'e.id', 'r.evidence_id')
    .selectAll('r')
    .select('e.size')
    .where('r.evidence_id', '=', evidence)
    .where('r.disposal', '=', 'none')
    .executeTakeFirst();
  if (!row) return null;
  return {
    evidence,
    unit: row.unit_id,
    size: row.size,
    revision: row.revision,
    until: row.retain_until,
    held: row.held,
    lockedUntil: row.locked_until,
    holdApplied: row.hold_applied,
    copies: await storedCopies(db, evidence),
    trees: await storedTrees(db, evidence),
  };
}

/** Counts an attempt, so that one that comes to nothing is not repeated at once. */
export async function noteRetentionAttempt(
  db: Executor,
  evidence: string,
  findings: readonly Finding[] | null,
  clock: Clock,
): Promise<void> {
  await db
    .updateTable('evidence_retention')
    .set({ attempts: sql`attempts + 1`, detail: findings && storeFindings(findings), updated_at: clock.now() })
    .where('evidence_id', '=', evidence)
    .execute();
}

type LockedCopy = EventDataOf<'retention.extended'>['copies'][number];

/**
 * Notes what the vaults have confirmed for a wish, on record where it is news. A wish that has changed in the meantime stays to be carried
 * out. Answers false when there was nothing to note any more.
 */
export async function confirmRetention(
  db: Database,
  wish: RetentionWish,
  confirmed: { readonly lockedUntil: Date | null; readonly copies: readonly LockedCopy[] },
  by: { readonly service: string; readonly clock: Clock },
): Promise<boolean> {
  const { clock } = by;
  const { lockedUntil, copies } = confirmed;
  const { evidence } = wish;
  return db.transaction().execute(async (trx) => {
    const before = await lockKeptRetention(trx, evidence);
    // A later wish has been confirmed by another worker: what this one read back may no longer be so.
    if (!before || before.applied_revision > wish.revision) return false;
    await trx
      .updateTable('evidence_retention')
      .set({
        applied_revision: wish.revision,
        locked_until: lockedUntil,
        hold_applied: wish.held,
        attempts: 0,
        detail: null,
        updated_at: clock.now(),
      })
      .where('evidence_id', '=', evidence)
      .execute();
    const common = {
      actor: { kind: 'system', id: by.service, name: null },
      subject: { kind: 'evidence', id: evidence },
    } as const;
    if (lockedUntil !== null && lockedUntil.getTime() !== before.locked_until?.getTime()) {
      const data = { from: before.locked_until?.toISOString() ?? null, to: lockedUntil.toISOString(), copies };
      await appendEvent(trx, { ...common, type: 'retention.extended', data }, clock);
    }
    if (wish.held !== before.hold_applied) {
      await appendEvent(trx, { ...common, type: 'hold.applied', data: { on: wish.held, copies } }, clock);
    }
    await notifyChange(trx, { kind: 'evidence', id: evidence, unit: wish.unit });
    return true;
  });
}

/**
 * Items whose wish no vault has confirmed yet, longest forgotten first, and those whose lock has to be renewed because it ends before
 * `renewBefore` and before its term.
 */
export async function findUnappliedRetention(
  db: Database,
  staleness: Staleness & { readonly renewBefore: Date },
): Promise<readonly string[]> {
  const { limit, renewBefore } = staleness;
  const paced = untouched(staleness);
  const pending = await db
    .selectFrom('evidence_retention')
    .select('evidence_id')
    .where(sql<boolean>`applied_revision < revision and disposal = 'none'`)
    .where(paced)
    .orderBy('updated_at')
    .limit(limit)
    .execute();
  const rolling = await db
    .selectFrom('evidence_retention')
    .select('evidence_id')
    .where(
      sql<boolean>`disposal = 'none' and applied_revision = revision and (retain_until is null or retain_until > locked_until)`,
    )
    .where('locked_until', '<', renewBefore)
    .where(paced)
    .orderBy('locked_until')
    .limit(limit)
    .execute();
  return [...pending, ...rolling].map((row) => row.evidence_id);
}
