import {
  claimVaultCopy,
  failVaultCopy,
  noteVaultCopyFinding,
  raiseAlarmOnce,
  releaseVaultCopy,
  renewVaultCopy,
  type SealedContent,
  type StoredCopy,
  sealedContent,
  storedCopies,
  type VaultCopyClaim,
} from '@fengcun/catalog';
import { finding } from '@fengcun/contracts';
import type { Handler, JobContext } from '@fengcun/jobs';
import { findingsOf, WorkerError } from '../errors.ts';
import { keepAlive } from '../keep-alive.ts';
import { serviceName } from '../service-name.ts';
import { type CopyDependencies, makeCopy } from './make-copy.ts';
import { readCopy } from './read-copy.ts';

const leaseMs = 30_000;

/**
 * Makes the second copy of a sealed item. Failure is a state with what was found, shown on the item's page, and is tried again; what was sealed is
 * never touched by it.
 */
export function replicateHandler(dependencies: CopyDependencies): Handler<'replicate'> {
  const { catalog, vaults, clock } = dependencies;
  return async ({ evidence }, context) => {
    if (vaults.replica === null) {
      context.logger.debug({ evidence }, 'this worker has no replica vault; another may');
      return;
    }
    const lease = { clock, ms: leaseMs };
    const claim = await claimVaultCopy(catalog, { evidence, vault: 'replica', generation: 0 }, lease);
    if (claim === null) return;
    const alive = keepAlive(() => renewVaultCopy(catalog, claim, lease), leaseMs / 3, context.signal);
    const startedAt = performance.now();
    try {
      const { sealed, source } = await sourceOf(dependencies, evidence);
      await makeCopy(dependencies, { claim, sealed, source, repaired: null }, alive.signal);
      context.logger.info({ evidence, bytes: sealed.size, ms: Math.round(performance.now() - startedAt) }, 'replica');
    } catch (error) {
      if (alive.lost || (error instanceof WorkerError && error.code === 'taken_over')) {
        context.logger.info({ evidence }, 'the copy is no longer this worker’s to make');
        return;
      }
      await afterFailure(dependencies, claim, error, context);
      throw error;
    } finally {
      alive.stop();
    }
  };
}

/** What was sealed, and the primary copy to send. Rejects `seal_contradicted` or `no_good_copy`. */
async function sourceOf(
  { catalog }: CopyDependencies,
  evidence: string,
): Promise<{ readonly sealed: SealedContent; readonly source: StoredCopy }> {
  const sealed = await sealedContent(catalog, evidence);
  if (sealed === 'contradicted') throw new WorkerError('seal_contradicted', evidence);
  const source = (await storedCopies(catalog, evidence)).find(({ vault }) => vault === 'primary');
  if (sealed === undefined || source?.state !== 'ready') throw new WorkerError('no_good_copy', evidence);
  return { sealed, source };
}

/** Whatever goes wrong here must not hide why the copy failed: the claim runs out by itself. */
async function afterFailure(
  dependencies: CopyDependencies,
  claim: VaultCopyClaim,
  error: unknown,
  { logger, signal, last }: JobContext,
): Promise<void> {
  const { catalog, clock } = dependencies;
  const { evidence } = claim;
  try {
    if (signal.aborted) {
      await releaseVaultCopy(catalog, claim, clock);
      return;
    }
    const findings = findingsOf(error);
    // Either what was sent is not what was sealed, or it was changed on its way.
    if (error instanceof WorkerError && error.code === 'copy_differs')
      await checkSource(dependencies, evidence, signal);
    await failVaultCopy(catalog, claim, findings, clock);
    if (!last) return;
    const subject = { kind: 'evidence', id: evidence } as const;
    const told = [finding('replica_not_made'), ...findings];
    await catalog
      .transaction()
      .execute((trx) =>
        raiseAlarmOnce(trx, { kind: 'vault', unit: claim.unit, subject, findings: told, by: serviceName }, clock),
      );
  } catch (second) {
    logger.warn({ evidence, err: second }, 'could not note why a copy failed');
  }
}

async function checkSource(dependencies: CopyDependencies, evidence: string, signal: AbortSignal): Promise<void> {
  const { catalog, vaults, pool, clock } = dependencies;
  const { sealed, source } = await sourceOf(dependencies, evidence);
  const reading = await readCopy(vaults.primary, pool, source, sealed, signal);
  if (reading.kind !== 'bad') return;
  const about = { evidence, unit: sealed.unit, copy: source, service: serviceName };
  await catalog
    .transaction()
    .execute((trx) => noteVaultCopyFinding(trx, about, { outcome: 'damaged', findings: reading.findings }, clock));
}
