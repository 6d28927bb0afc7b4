import {
  claimSeal,
  commitSeal,
  type Database,
  raiseAlarmOnce,
  releaseSeal,
  renewSeal,
  type SealClaim,
} from '@fengcun/catalog';
import { finding } from '@fengcun/contracts';
import type { DigestPool } from '@fengcun/digest';
import type { Handler, JobContext } from '@fengcun/jobs';
import type { Clock } from '@fengcun/runtime';
import { type ObjectVersion, parseObjectKey, type Transfer, type Vault } from '@fengcun/vault';
import { findingsOf, WorkerError } from '../errors.ts';
import { keepAlive } from '../keep-alive.ts';
import { serviceName } from '../service-name.ts';
import { leavesKey, writeLeaves } from '../vault-copy/leaves.ts';
import { compare } from './compare.ts';
import { lockUntil, retainUntil } from './lock.ts';
import type { ReadAhead } from './read-ahead.ts';
import { readBack } from './read-back.ts';

export interface SealDependencies {
  readonly catalog: Database;
  readonly vault: Vault;
  /** where every original is kept a second time, or null */
  readonly replica: Pick<Vault, 'driver'> | null;
  readonly pool: DigestPool;
  /** null where nothing is digested ahead */
  readonly readAhead: Pick<ReadAhead, 'take'> | null;
  readonly retentionDays: number;
  readonly clock: Clock;
}

const leaseMs = 15_000;

/**
 * Seals a received upload (design: ingest, "Seal"). Every step can be repeated: the claim is fenced, completing adopts, locking extends, and
 * one transaction writes all there is to write. Wherever a worker dies, the next attempt starts from the same facts and ends in the same.
 */
export function sealHandler(dependencies: SealDependencies): Handler<'seal'> {
  const { catalog, clock } = dependencies;
  return async ({ evidence }, context) => {
    const outcome = await claimSeal(catalog, evidence, { clock, ms: leaseMs });
    if (outcome.kind === 'not_due') {
      context.logger.debug({ evidence, state: outcome.state }, 'nothing to seal');
      return;
    }
    const { claim } = outcome;
    const lease = keepAlive(() => renewSeal(catalog, claim, { clock, ms: leaseMs }), leaseMs / 3, context.signal);
    try {
      await seal(claim, dependencies, { ...context, signal: lease.signal });
    } catch (error) {
      if (lease.lost || (error instanceof WorkerError && error.code === 'taken_over')) {
        context.logger.info({ evidence }, 'another worker has taken the seal over');
        return;
      }
      await afterFailure(claim, error, dependencies, context);
      throw error;
    } finally {
      lease.stop();
    }
  };
}

/** Whatever goes wrong here must not hide why the seal failed: the claim runs out by itself, and the next round raises the alarm. */
async function afterFailure(
  claim: SealClaim,
  error: unknown,
  { catalog, clock }: SealDependencies,
  context: JobContext,
): Promise<void> {
  try {
    await releaseSeal(catalog, claim, clock);
    if (context.last && !context.signal.aborted) await raiseSealAlarm(catalog, claim, error, clock);
  } catch (second) {
    context.logger.warn({ evidence: claim.id, err: second }, 'could not give the seal back');
  }
}

async function seal(claim: SealClaim, dependencies: SealDependencies, context: JobContext): Promise<void> {
  const { catalog, vault, pool, clock } = dependencies;
  const { signal } = context;
  const startedAt = performance.now();
  const ahead = (await dependencies.readAhead?.take(claim.id, claim.parts)) ?? null;
  try {
    const readAheadBytes = ahead?.size ?? 0;
    const version = await vault.complete(transferOf(claim), claim.parts);
    // The engine's word for the size, not ours: reading exactly as much as was expected would miss what was added.
    const { size } = await vault.stat(version);
    const stored: ObjectVersion = { ...version, size };
    const found = await readBack({ vault, pool, version: stored, partSize: claim.transfer.partSize, ahead, signal });
    const verdict = compare(claim, found);

    const tree = await writeLeaves(vault, leavesKey(claim.transfer.key), found.tree.leaves);
    const until = retainUntil(claim, dependencies.retentionDays, clock.now());
    await lockUntil(vault, tree, until);
    const lock = await lockUntil(vault, stored, until);

    const written = await commitSeal(
      catalog,
      claim,
      {
        verdict,
        version: stored.versionId,
        size: found.size,
        sha256: found.sha256,
        sm3: found.sm3,
        tree: { root: found.tree.root, leafSize: found.tree.leafSize, key: tree.key, version: tree.versionId },
        readBackBytes: found.size,
        driver: vault.driver,
        protection: vault.capabilities.protection,
        lock: { mode: lock.mode, retainUntil: lock.retainUntil },
      },
      { service: serviceName, clock, replica: dependencies.replica },
    );
    if (!written) throw new WorkerError('taken_over', claim.id);
    const took = { bytes: found.size, readAheadBytes, ms: Math.round(performance.now() - startedAt) };
    context.logger.info({ evidence: claim.id, state: verdict.state, ...took }, verdict.state);
  } finally {
    ahead?.abort();
  }
}

const transferOf = ({ transfer }: SealClaim): Transfer => ({
  key: parseObjectKey(transfer.key),
  id: transfer.id,
  partSize: transfer.partSize,
});

/** An upload that cannot be sealed is kept and tried again, ever more slowly; a person must know. One open alarm is enough. */
async function raiseSealAlarm(catalog: Database, claim: SealClaim, error: unknown, clock: Clock): Promise<void> {
  const subject = { kind: 'evidence', id: claim.id } as const;
  const findings = [finding('seal_not_done'), ...findingsOf(error)];
  await catalog
    .transaction()
    .execute((trx) =>
      raiseAlarmOnce(trx, { kind: 'vault', unit: claim.unit, subject, findings, by: serviceName }, clock),
    );
}
