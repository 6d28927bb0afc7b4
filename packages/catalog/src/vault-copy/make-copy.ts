import { type EventDataOf, type Finding, storeFindings, type VaultName } from '@fengcun/contracts';
import type { Clock } from '@fengcun/runtime';
import { sql } from 'kysely';
import { notifyChange } from '../change/notify.ts';
import type { Database, Executor } from '../database/connect.ts';
import { appendEvent } from '../ledger/append-event.ts';
import { enqueue } from '../outbox/enqueue.ts';
import { lockKeptRetention } from '../retention/lock-kept.ts';
import { type Staleness, untouched } from '../staleness/staleness.ts';
import { noteTreeCopy } from './tree-copies.ts';

/** Asks, in the sealing transaction or later, that the replica vault get a copy. Asking again changes nothing. */
export async function wantReplica(
  db: Executor,
  want: { readonly evidence: string; readonly key: string; readonly driver: string },
  clock: Clock,
): Promise<void> {
  const now = clock.now();
  const row = await db
    .insertInto('vault_copy')
    .values({
      evidence_id: want.evidence,
      vault: 'replica',
      generation: 0,
      state: 'pending',
      driver: want.driver,
      vault_key: want.key,
      created_at: now,
      updated_at: now,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning('generation')
    .executeTakeFirst();
  if (row) await enqueue(db, 'replicate', want.evidence, { evidence: want.evidence });
}

/** Items after `after` in the order of ids that have no replica and never had one, with the last id looked at; null at the end. */
export async function findWithoutReplica(
  db: Executor,
  after: string | null,
  limit: number,
): Promise<{
  readonly items: readonly { readonly evidence: string; readonly key: string }[];
  readonly last: string | null;
}> {
  const rows = await db
    .selectFrom('evidence as e')
    .leftJoin('vault_copy as c', (join) => join.onRef('c.evidence_id', '=', 'e.id').on('c.vault', '=', 'replica'))
    .leftJoin('tombstone as t', 't.evidence_id', 'e.id')
    .select(['e.id', 'e.vault_key', 'c.generation', 't.disposition_id'])
    .$if(after !== null, (query) => query.where('e.id', '>', after ?? ''))
    .orderBy('e.id')
    .limit(limit)
    .execute();
  return {
    items: rows
      .filter((row) => row.generation === null && row.disposition_id === null)
      .map((row) => ({ evidence: row.id, key: row.vault_key })),
    last: rows.length < limit ? null : (rows.at(-1)?.id ?? null),
  };
}

/** Replicas that are to be made and that nobody is making, longest forgotten first; the number of attempts sets the pace. */
export async function findWantedReplicas(db: Database, staleness: Staleness): Promise<readonly string[]> {
  const { now, limit } = staleness;
  const rows = await db
    .selectFrom('vault_copy')
    .select('evidence_id')
    .where('vault', '=', 'replica')
    .where('generation', '=', 0)
    .where('state', 'in', ['pending', 'failed'])
    .where('superseded_at', 'is', null)
    .where((eb) => eb.or([eb('claimed_until', 'is', null), eb('claimed_until', '<', now)]))
    .where(untouched(staleness))
    .orderBy('updated_at')
    .limit(limit)
    .execute();
  return rows.map((row) => row.evidence_id);
}

/** The right to make one copy. `attempt` fences: whoever claimed last is the one whose result counts. */
export interface VaultCopyClaim {
  readonly evidence: string;
  readonly unit: string;
  readonly vault: VaultName;
  readonly generation: number;
  readonly attempt: number;
  readonly key: string;
  /** of an attempt that did not come to its end: adopt it when its parts are all there, else abort it */
  readonly unfinished: { readonly transfer: string; readonly parts: unknown } | null;
}

export interface VaultCopyLease {
  readonly clock: Clock;
  readonly ms: number;
}

/**
 * Takes a copy that is to be made and that nobody is making. Null: it is made, was never asked for, somebody else is at it, or its item is
 * being disposed of.
 */
export async function claimVaultCopy(
  db: Database,
  want: { readonly evidence: string; readonly vault: VaultName; readonly generation: number },
  lease: VaultCopyLease,
): Promise<VaultCopyClaim | null> {
  const now = lease.clock.now();
  return db.transaction().execute(async (trx) => {
    // Held until the claim is written: a disposition that begins either sees it or is seen here.
    const kept = await trx
      .selectFrom('evidence_retention')
      .select(['unit_id', 'disposal'])
      .where('evidence_id', '=', want.evidence)
      .forUpdate()
      .executeTakeFirst();
    if (kept === undefined || kept.disposal !== 'none') return null;
    const row = await trx
      .updateTable('vault_copy')
      .set({ attempts: sql`attempts + 1`, claimed_until: until(lease, now), updated_at: now })
      .where('evidence_id', '=', want.evidence)
      .where('vault', '=', want.vault)
      .where('generation', '=', want.generation)
      .where('state', 'in', ['pending', 'failed'])
      .where('superseded_at', 'is', null)
      .where((eb) => eb.or([eb('claimed_until', 'is', null), eb('claimed_until', '<', now)]))
      .returningAll()
      .executeTakeFirst();
    if (!row) return null;
    return {
      ...want,
      unit: kept.unit_id,
      attempt: row.attempts,
      key: row.vault_key,
      unfinished: row.vault_transfer === null ? null : { transfer: row.vault_transfer, parts: row.vault_parts },
    };
  });
}

const until = (lease: VaultCopyLease, now: Date): Date => new Date(now.getTime() + lease.ms);

const fenced = (db: Executor, claim: VaultCopyClaim) =>
  db
    .updateTable('vault_copy')
    .where('evidence_id', '=', claim.evidence)
    .where('vault', '=', claim.vault)
    .where('generation', '=', claim.generation)
    .where('state', 'in', ['pending', 'failed'])
    .where('attempts', '=', claim.attempt);

/** Keeps a long copy from looking abandoned. False: somebody else has it now; stop. */
export async function renewVaultCopy(db: Executor, claim: VaultCopyClaim, lease: VaultCopyLease): Promise<boolean> {
  const now = lease.clock.now();
  const { numUpdatedRows } = await fenced(db, claim)
    .set({ claimed_until: until(lease, now), updated_at: now })
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** Writes down what is about to be sent, before it is: where, and once all parts are stored, which. False: taken over; stop. */
export async function noteVaultCopyTransfer(
  db: Executor,
  claim: VaultCopyClaim,
  sending: { readonly key: string; readonly transfer: string; readonly parts: readonly unknown[] | null },
): Promise<boolean> {
  const { numUpdatedRows } = await fenced(db, claim)
    .set({
      vault_key: sending.key,
      vault_transfer: sending.transfer,
      vault_parts: sending.parts === null ? null : JSON.stringify(sending.parts),
    })
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** Gives a claim back after a failure: `failed` with what was found, to be tried again. */
export async function failVaultCopy(
  db: Executor,
  claim: VaultCopyClaim,
  findings: readonly Finding[],
  clock: Clock,
): Promise<void> {
  const detail = storeFindings(findings);
  await fenced(db, claim).set({ state: 'failed', detail, claimed_until: null, updated_at: clock.now() }).execute();
  await notifyChange(db, { kind: 'evidence', id: claim.evidence, unit: claim.unit });
}

/** Gives a claim back untouched: the process is stopping. */
export async function releaseVaultCopy(db: Executor, claim: VaultCopyClaim, clock: Clock): Promise<void> {
  await fenced(db, claim).set({ claimed_until: null, updated_at: clock.now() }).execute();
}

/** A copy that was read back whole, found to be what was sealed, and locked as the item's retention asked at `revision`. */
export interface MadeVaultCopy {
  readonly driver: string;
  readonly version: string;
  readonly readBack: { readonly bytes: number; readonly sha256: string; readonly sm3: string };
  readonly retainUntil: Date | null;
  readonly legalHold: boolean;
  readonly revision: number;
  /** object with the leaves of the part tree, locked as the copy is; null where they cannot be computed any more */
  readonly leaves: { readonly key: string; readonly versionId: string } | null;
  /** for a repair: whose copy was good, and what is read no longer */
  readonly repaired: { readonly from: VaultName; readonly replaced: string | null } | null;
}

/**
 * Makes a finished copy the one that is read, on record. What stood in its place stays where it is, superseded. A wish about locks that came
 * while it was made is carried out by the next round. False: the claim was taken over, and nothing was written.
 */
export async function commitVaultCopy(
  db: Database,
  claim: VaultCopyClaim,
  made: MadeVaultCopy,
  by: { readonly service: string; readonly clock: Clock },
): Promise<boolean> {
  const { clock } = by;
  const { evidence, unit, vault, generation } = claim;
  const now = clock.now();
  const work = db.transaction().execute(async (trx) => {
    const kept = await lockKeptRetention(trx, evidence);
    if (!kept) return false;
    await trx
      .updateTable('vault_copy')
      .set({ superseded_at: now, updated_at: now })
      .where('evidence_id', '=', evidence)
      .where('vault', '=', vault)
      .where('generation', '<', generation)
      .where('superseded_at', 'is', null)
      .execute();
    const { numUpdatedRows } = await fenced(trx, claim)
      .set({
        state: 'ready',
        driver: made.driver,
        vault_version: made.version,
        vault_transfer: null,
        vault_parts: null,
        detail: null,
        claimed_until: null,
        checked_at: now,
        updated_at: now,
      })
      .executeTakeFirst();
    if (numUpdatedRows !== 1n) throw new TakenOver();
    if (kept.revision !== made.revision) {
      await trx
        .updateTable('evidence_retention')
        .set({ applied_revision: sql`least(applied_revision, revision - 1)`, updated_at: now })
        .where('evidence_id', '=', evidence)
        .execute();
      await enqueue(trx, 'retain', evidence, { evidence });
    }
    if (made.leaves !== null) await noteTreeCopy(trx, evidence, { vault, ...made.leaves }, now);
    const copy: EventDataOf<'copy.stored'>['copy'] = {
      vault,
      generation,
      driver: made.driver,
      version: made.version,
      readBack: made.readBack,
      retainUntil: made.retainUntil?.toISOString() ?? null,
      legalHold: made.legalHold,
      leaves: made.leaves?.versionId ?? null,
    };
    const common = {
      actor: { kind: 'system', id: by.service, name: null },
      subject: { kind: 'evidence', id: evidence },
    } as const;
    await appendEvent(
      trx,
      made.repaired === null
        ? { ...common, type: 'copy.stored', data: { copy } }
        : { ...common, type: 'copy.repaired', data: { copy, ...made.repaired } },
      clock,
    );
    await notifyChange(trx, { kind: 'evidence', id: evidence, unit });
    return true;
  });
  return work.catch((error: unknown) => {
    if (error instanceof TakenOver) return false;
    throw error;
  });
}

/** Undoes what the transaction has written so far. */
class TakenOver extends Error {}

/** Those of these transfers that a copy under way has written down. */
export async function knownCopyTransfers(db: Executor, transfers: readonly string[]): Promise<ReadonlySet<string>> {
  if (transfers.length === 0) return new Set();
  const rows = await db
    .selectFrom('vault_copy')
    .select('vault_transfer')
    .where('vault_transfer', 'in', [...transfers])
    .execute();
  return new Set(rows.flatMap(({ vault_transfer }) => vault_transfer ?? []));
}
