import {
  beginDisposal,
  commitDisposal,
  type Database,
  type DisposalPlan,
  type DispositionJudge,
  noteDisposalAttempt,
  planDisposal,
  raiseAlarmOnce,
} from '@fengcun/catalog';
import type { DispositionRefusal } from '@fengcun/contracts';
import { finding } from '@fengcun/contracts';
import type { Handler, JobContext } from '@fengcun/jobs';
import { dispositionRefusal } from '@fengcun/policy';
import type { Clock } from '@fengcun/runtime';
import { parseObjectKey, VaultError } from '@fengcun/vault';
import { findingsOf, WorkerError } from '../errors.ts';
import { serviceName } from '../service-name.ts';
import { type Vaults, vaultOf, versionOf } from '../vaults.ts';

export interface DisposeDependencies {
  readonly catalog: Database;
  readonly vaults: Vaults;
  readonly clock: Clock;
  /** what the rules say; default the policy's own word */
  readonly judge?: DispositionJudge;
}

/**
 * Carries out an approved disposition. The engine is asked about every object before the first is deleted, then the rules once more in the
 * transaction that writes down what goes; from there on it ends in a tombstone, however often a worker dies on the way: deleting what is
 * gone already is fine, and what goes was written down.
 */
export function disposeHandler(dependencies: DisposeDependencies): Handler<'dispose'> {
  const { catalog, clock } = dependencies;
  const by = { service: serviceName, clock };
  const judge = dependencies.judge ?? ((kept) => dispositionRefusal(kept, clock.now()));
  return async ({ disposition }, context) => {
    const planned = await planDisposal(catalog, disposition);
    if (planned === null) return;
    try {
      const engine = planned.state === 'approved' ? await engineRefusal(planned, dependencies) : null;
      // The rules' own word first, where they have one.
      const begun = await beginDisposal(catalog, disposition, (kept) => judge(kept) ?? engine, by);
      if (begun.kind === 'copying') throw new WorkerError('copy_under_way', planned.evidence);
      if (begun.kind !== 'under_way') {
        context.logger.info({ disposition, evidence: planned.evidence, outcome: begun }, 'disposition not carried out');
        return;
      }
      await deleteAll(begun.plan, dependencies);
      await commitDisposal(catalog, begun.plan, by);
      const { evidence, objects } = begun.plan;
      context.logger.info({ disposition, evidence, objects: objects.length }, 'disposed of');
    } catch (error) {
      await afterFailure(planned, error, dependencies, context);
      throw error;
    }
  };
}

/** What the engines themselves say about the objects, or null when none of them is locked or held. */
async function engineRefusal(
  plan: DisposalPlan,
  { vaults, clock }: DisposeDependencies,
): Promise<DispositionRefusal | null> {
  const now = clock.now();
  for (const object of plan.objects) {
    try {
      const vault = vaultOf(vaults, object.vault);
      const { legalHold, retainUntil } = await vault.protection(versionOf(object, object.size));
      if (legalHold) return 'engine_held';
      if (retainUntil !== null && retainUntil > now) return 'engine_retained';
    } catch (error) {
      if (!(error instanceof VaultError && error.code === 'not_found')) throw error;
    }
  }
  return null;
}

async function deleteAll(plan: DisposalPlan, { vaults }: DisposeDependencies): Promise<void> {
  for (const { vault, key, transfer } of plan.transfers) {
    await vaultOf(vaults, vault).abort({ key: parseObjectKey(key), id: transfer });
  }
  // What the engine may still refuse goes first: then nothing else is gone yet.
  const originalsFirst = [...plan.objects].sort(
    (a, b) => Number(b.what === 'original') - Number(a.what === 'original'),
  );
  for (const object of originalsFirst) {
    await vaultOf(vaults, object.vault).delete(versionOf(object, object.size));
  }
}

/** It is tried again, ever more slowly; a person must know. One open alarm is enough. */
async function afterFailure(
  plan: DisposalPlan,
  error: unknown,
  { catalog, clock }: DisposeDependencies,
  context: JobContext,
): Promise<void> {
  const cause = findingsOf(error);
  try {
    await noteDisposalAttempt(catalog, plan.disposition, cause, clock);
    if (!context.last || context.signal.aborted) return;
    const subject = { kind: 'evidence', id: plan.evidence } as const;
    const findings = [finding('disposal_not_done'), ...cause];
    await catalog
      .transaction()
      .execute((trx) =>
        raiseAlarmOnce(trx, { kind: 'vault', unit: plan.unit, subject, findings, by: serviceName }, clock),
      );
  } catch (second) {
    context.logger.warn({ disposition: plan.disposition, err: second }, 'could not note why a disposition failed');
  }
}
