import type { Verification } from '@fengcun/contracts';
import type { Executor } from '../database/connect.ts';
import { newId } from '../id/id.ts';

type Leg = Verification['legs'][number];
type Verdict = NonNullable<Verification['verdict']>;

/** Begins a verification, or answers undefined while another of the same item runs. */
export async function insertVerification(
  db: Executor,
  draft: { readonly evidence: string; readonly account: string; readonly now: Date },
): Promise<string | undefined> {
  const row = await db
    .insertInto('verification')
    .values({
      id: newId(),
      evidence_id: draft.evidence,
      account_id: draft.account,
      state: 'running',
      started_at: draft.now,
      finished_at: null,
      heartbeat_at: draft.now,
      verdict: null,
    })
    .onConflict((conflict) => conflict.column('evidence_id').where('state', '=', 'running').doNothing())
    .returning('id')
    .executeTakeFirst();
  return row?.id;
}

/** A verification as the API shows it, with whose it is. */
export async function findVerification(db: Executor, id: string): Promise<Verification | undefined> {
  const row = await db
    .selectFrom('verification as v')
    .innerJoin('evidence as e', 'e.id', 'v.evidence_id')
    .leftJoin('vault_copy as r', (join) =>
      join
        .onRef('r.evidence_id', '=', 'v.evidence_id')
        .on('r.vault', '=', 'replica')
        .on('r.state', 'in', ['ready', 'damaged'])
        .on('r.superseded_at', 'is', null),
    )
    .selectAll('v')
    .select(['e.size', 'r.generation'])
    .where('v.id', '=', id)
    .executeTakeFirst();
  return (
    row && {
      id: row.id,
      evidence: row.evidence_id,
      state: row.state,
      startedAt: row.started_at.toISOString(),
      finishedAt: row.finished_at?.toISOString() ?? null,
      bytesRead: row.bytes_read,
      // Both copies are read.
      size: row.generation === null ? row.size : 2 * row.size,
      verdict: row.verdict,
      // Written by `finishVerification` only.
      legs: row.legs as Leg[],
    }
  );
}

/** Notes progress, and that the process still lives. Answers false when the verification is no longer running. */
export async function noteProgress(db: Executor, id: string, bytesRead: number, now: Date): Promise<boolean> {
  const row = await db
    .updateTable('verification')
    .set({ bytes_read: bytesRead, heartbeat_at: now })
    .where('id', '=', id)
    .where('state', '=', 'running')
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

/** Ends a running verification with its result. Answers false when it was no longer running. */
export async function finishVerification(
  db: Executor,
  result: {
    readonly id: string;
    readonly bytesRead: number;
    readonly verdict: Verdict;
    readonly legs: readonly Leg[];
    readonly now: Date;
  },
): Promise<boolean> {
  const row = await db
    .updateTable('verification')
    .set({
      state: 'done',
      finished_at: result.now,
      heartbeat_at: result.now,
      bytes_read: result.bytesRead,
      verdict: result.verdict,
      legs: JSON.stringify(result.legs),
    })
    .where('id', '=', result.id)
    .where('state', '=', 'running')
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

/** Ends a running verification without a result: its process stops. */
export async function abortVerification(db: Executor, id: string, now: Date): Promise<void> {
  await db
    .updateTable('verification')
    .set({ state: 'aborted', finished_at: now })
    .where('id', '=', id)
    .where('state', '=', 'running')
    .execute();
}

/** Ends verifications whose process has not been heard of since `before`, so that they can be begun again. */
export async function abortSilentVerifications(db: Executor, before: Date, now: Date): Promise<void> {
  await db
    .updateTable('verification')
    .set({ state: 'aborted', finished_at: now })
    .where('state', '=', 'running')
    .where('heartbeat_at', '<', before)
    .execute();
}
