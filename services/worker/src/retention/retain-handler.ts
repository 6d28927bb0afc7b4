import {
  confirmRetention,
  type Database,
  noteRetentionAttempt,
  type RetentionWish,
  raiseAlarmOnce,
  readRetentionWish,
} from '@fengcun/catalog';
import { finding } from '@fengcun/contracts';
import type { Handler, JobContext } from '@fengcun/jobs';
import type { Clock } from '@fengcun/runtime';
import { VaultError } from '@fengcun/vault';
import { findingsOf, WorkerError } from '../errors.ts';
import { serviceName } from '../service-name.ts';
import { type Vaults, vaultOf, versionOf } from '../vaults.ts';
import { lockCopy } from './lock-copy.ts';

export interface RetainDependencies {
  readonly catalog: Database;
  readonly vaults: Vaults;
  readonly clock: Clock;
}

/**
 * Tells the vaults how long an item is to be kept and whether it is held, reads both back from each copy, and notes what they say. Every call
 * only ever adds to a lock, so it can be repeated wherever it stopped; a wish that changed meanwhile is the next round's.
 */
export function retainHandler(dependencies: RetainDependencies): Handler<'retain'> {
  const { catalog, clock } = dependencies;
  return async ({ evidence }, context) => {
    const wish = await readRetentionWish(catalog, evidence);
    if (wish === null) return;
    await noteRetentionAttempt(catalog, evidence, null, clock);
    try {
      await apply(wish, dependencies, context);
    } catch (error) {
      await afterFailure(wish, error, dependencies, context);
      throw error;
    }
  };
}

async function apply(
  wish: RetentionWish,
  { catalog, vaults, clock }: RetainDependencies,
  { logger, signal }: JobContext,
) {
  const copies = [];
  let lockedUntil: Date | null = null;
  for (const copy of wish.copies) {
    // A damaged copy is nobody's guarantee, and one that is not made yet is locked when it is.
    if (copy.state !== 'ready' || copy.versionId === null) continue;
    signal.throwIfAborted();
    const vault = vaultOf(vaults, copy.vault);
    const version = versionOf({ key: copy.key, versionId: copy.versionId }, wish.size);
    const { retainUntil, legalHold } = await lockCopy(vault, version, wish, clock.now());
    copies.push({
      vault: copy.vault,
      version: copy.versionId,
      retainUntil: retainUntil?.toISOString() ?? null,
      legalHold,
    });
    if (lockedUntil === null || (retainUntil !== null && retainUntil < lockedUntil)) lockedUntil = retainUntil;
  }
  if (copies.length === 0) throw new WorkerError('no_good_copy', wish.evidence);
  await lockTrees(wish, vaults, clock);
  const noted = await confirmRetention(catalog, wish, { lockedUntil, copies }, { service: serviceName, clock });
  logger.info({ evidence: wish.evidence, lockedUntil, held: wish.held, copies: copies.length, noted }, 'retention');
}

/** The leaves can be computed again from any good copy, so a missing object of theirs keeps nothing from being locked. */
async function lockTrees(wish: RetentionWish, vaults: Vaults, clock: Clock): Promise<void> {
  for (const tree of wish.trees) {
    const vault = tree.vault === 'primary' ? vaults.primary : vaults.replica;
    // No copy in it was locked either, or there would be an error by now.
    if (vault === null) continue;
    try {
      await lockCopy(vault, versionOf(tree, 0), wish, clock.now());
    } catch (error) {
      if (!(error instanceof VaultError && error.code === 'not_found')) throw error;
    }
  }
}

/** The wish stays and is tried again, ever more slowly; a person must know. One open alarm is enough. */
async function afterFailure(
  wish: RetentionWish,
  error: unknown,
  { catalog, clock }: RetainDependencies,
  context: JobContext,
): Promise<void> {
  if (context.signal.aborted) return;
  const cause = findingsOf(error);
  try {
    await noteRetentionAttempt(catalog, wish.evidence, cause, clock);
    if (!context.last) return;
    const subject = { kind: 'evidence', id: wish.evidence } as const;
    const findings = [finding('retention_not_applied'), ...cause];
    await catalog
      .transaction()
      .execute((trx) =>
        raiseAlarmOnce(trx, { kind: 'vault', unit: wish.unit, subject, findings, by: serviceName }, clock),
      );
  } catch (second) {
    context.logger.warn({ evidence: wish.evidence, err: second }, 'could not note why a lock was not extended');
  }
}
