import { randomBytes } from 'node:crypto';
import { type DerivativeKind, type Finding, storeFindings } from '@fengcun/contracts';
import type { Clock } from '@fengcun/runtime';
import { sql } from 'kysely';
import { notifyChange } from '../change/notify.ts';
import type { Database, Executor } from '../database/connect.ts';
import { enqueue } from '../outbox/enqueue.ts';
import { readVersion, replacesSealed } from '../vault-copy/stored-copies.ts';
import { toJsonText } from './json-text.ts';

/** The original a derivative is made from. */
export interface DerivedFrom {
  readonly id: string;
  readonly unit: string;
  readonly name: string;
  readonly original: { readonly key: string; readonly versionId: string; readonly size: number };
}

/** The right to make one derivative. `attempt` fences: whoever claimed last is the one whose result counts. */
export interface DerivativeClaim {
  readonly evidence: string;
  readonly unit: string;
  readonly kind: DerivativeKind;
  readonly attempt: number;
}

export type DerivativeResult =
  | {
      readonly state: 'ready';
      readonly data: unknown;
      readonly object: { readonly key: string; readonly versionId: string; readonly size: number } | null;
    }
  | { readonly state: 'failed' | 'nothing_to_play'; readonly reason: string; readonly findings: readonly Finding[] };

export async function findDerivedFrom(db: Database, evidence: string): Promise<DerivedFrom | null> {
  const row = await db
    .selectFrom('evidence as e')
    .leftJoin('vault_copy as p', (join) => join.on(replacesSealed))
    .select(['e.id', 'e.unit_id', 'e.name', 'e.size', readVersion.key.as('vault_key')])
    .select(readVersion.versionId.as('vault_version'))
    .where('e.id', '=', evidence)
    .executeTakeFirst();
  if (!row) return null;
  return {
    id: row.id,
    unit: row.unit_id,
    name: row.name,
    original: { key: row.vault_key, versionId: row.vault_version, size: row.size },
  };
}

export async function derivativeStatesOf(db: Database, evidence: string) {
  return db
    .selectFrom('derivative')
    .select(['kind', 'state', 'reason', 'data'])
    .where('evidence_id', '=', evidence)
    .execute();
}

/** How long a claim lasts without renewal. */
export interface ClaimLease {
  readonly clock: Clock;
  readonly ms: number;
}

/** Takes a pending derivative that nobody is at. Null: it is settled, was never asked for, or another worker has it. */
export async function claimDerivative(
  db: Executor,
  from: Pick<DerivedFrom, 'id' | 'unit'>,
  kind: DerivativeKind,
  lease: ClaimLease,
): Promise<DerivativeClaim | null> {
  const now = lease.clock.now();
  const row = await db
    .updateTable('derivative')
    .set({ attempts: sql`attempts + 1`, claimed_until: until(lease, now), updated_at: now })
    .where('evidence_id', '=', from.id)
    .where('kind', '=', kind)
    .where('state', '=', 'pending')
    .where((eb) => eb.or([eb('claimed_until', 'is', null), eb('claimed_until', '<', now)]))
    .returning('attempts')
    .executeTakeFirst();
  return row ? { evidence: from.id, unit: from.unit, kind, attempt: row.attempts } : null;
}

/** Keeps a long piece of work from looking abandoned. False: somebody else has it now; stop. */
export async function renewDerivative(db: Executor, claim: DerivativeClaim, lease: ClaimLease): Promise<boolean> {
  const now = lease.clock.now();
  const { numUpdatedRows } = await fenced(db, claim)
    .set({ claimed_until: until(lease, now), updated_at: now })
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** Gives a claim back unsettled, so that the next attempt need not wait for it to run out. */
export async function releaseDerivative(db: Executor, claim: DerivativeClaim, clock: Clock): Promise<void> {
  await fenced(db, claim).set({ claimed_until: null, updated_at: clock.now() }).execute();
}

const until = (lease: ClaimLease, now: Date): Date => new Date(now.getTime() + lease.ms);

/** Settles a derivative. False: the claim was taken over, and nothing was written. */
export async function settleDerivative(
  db: Executor,
  claim: DerivativeClaim,
  result: DerivativeResult,
  clock: Clock,
): Promise<boolean> {
  const values =
    result.state === 'ready'
      ? {
          state: result.state,
          reason: null,
          detail: null,
          data: toJsonText(result.data),
          vault_key: result.object?.key ?? null,
          vault_version: result.object?.versionId ?? null,
          vault_size: result.object?.size ?? null,
        }
      : { state: result.state, reason: result.reason, detail: storeFindings(result.findings) };
  const { numUpdatedRows } = await fenced(db, claim)
    .set({ ...values, claimed_until: null, updated_at: clock.now() })
    .executeTakeFirst();
  if (numUpdatedRows !== 1n) return false;
  await notifySettled(db, claim.evidence, claim.unit, claim.kind, result.state);
  return true;
}

/** What the probe means for the other derivatives: made from now on, or settled with a reason. */
export type Prospect =
  | { readonly state: 'pending' }
  | { readonly state: 'nothing_to_play' | 'failed'; readonly reason: string; readonly findings: readonly Finding[] };

/** Reason of derivatives that could not be begun because the probe failed; a later probe that succeeds revives them. */
export const probeFailed = 'probe_failed';

/**
 * Settles the probe and, in the same transaction, what follows from it for the others; asks for the `proxy` job when any of them is to be
 * made. False: the claim was taken over, and nothing was written.
 */
export async function settleProbe(
  db: Database,
  claim: DerivativeClaim,
  result: DerivativeResult,
  prospects: Readonly<Record<Exclude<DerivativeKind, 'probe'>, Prospect>>,
  clock: Clock,
): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    if (!(await settleDerivative(trx, claim, result, clock))) return false;
    const kinds = Object.keys(prospects) as (keyof typeof prospects)[];
    for (const kind of kinds) {
      const prospect = prospects[kind];
      const { numUpdatedRows } = await trx
        .updateTable('derivative')
        .set({
          state: prospect.state,
          reason: prospect.state === 'pending' ? null : prospect.reason,
          detail: prospect.state === 'pending' ? null : storeFindings(prospect.findings),
          updated_at: clock.now(),
        })
        .where('evidence_id', '=', claim.evidence)
        .where('kind', '=', kind)
        .where((eb) => eb.or([eb('state', '=', 'pending'), eb('reason', '=', probeFailed)]))
        .executeTakeFirst();
      if (numUpdatedRows === 1n) await notifySettled(trx, claim.evidence, claim.unit, kind, prospect.state);
    }
    if (kinds.some((kind) => prospects[kind].state === 'pending')) {
      await enqueue(trx, 'proxy', claim.evidence, { evidence: claim.evidence });
    }
    return true;
  });
}

/** The key of an item's proxy, made the first time it is asked for and never changed: 16 random bytes. */
export async function proxyKeyOf(db: Database, evidence: string): Promise<Uint8Array> {
  await db
    .insertInto('proxy_key')
    .values({ evidence_id: evidence, key: randomBytes(16) })
    .onConflict((conflict) => conflict.column('evidence_id').doNothing())
    .execute();
  const { key } = await db
    .selectFrom('proxy_key')
    .select('key')
    .where('evidence_id', '=', evidence)
    .executeTakeFirstOrThrow();
  return key;
}

const fenced = (db: Executor, claim: DerivativeClaim) =>
  db
    .updateTable('derivative')
    .where('evidence_id', '=', claim.evidence)
    .where('kind', '=', claim.kind)
    .where('state', '=', 'pending')
    .where('attempts', '=', claim.attempt);

async function notifySettled(
  db: Executor,
  id: string,
  unit: string,
  derivative: DerivativeKind,
  state: string,
): Promise<void> {
  await notifyChange(db, { kind: 'derivative', id, unit, derivative, state });
}
