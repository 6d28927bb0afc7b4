import {
  claimDerivative,
  type Database,
  type DerivativeClaim,
  type DerivativeResult,
  type DerivedFrom,
  releaseDerivative,
  renewDerivative,
  settleDerivative,
} from '@fengcun/catalog';
import { type DerivativeKind, finding } from '@fengcun/contracts';
import type { JobContext } from '@fengcun/jobs';
import type { Media } from '@fengcun/media';
import type { Clock } from '@fengcun/runtime';
import { type ObjectVersion, parseObjectKey, type Vault } from '@fengcun/vault';
import { keepAlive } from '../keep-alive.ts';
import { failed, failureOf } from './outcome.ts';

export interface DerivativeDependencies {
  readonly catalog: Database;
  readonly vault: Vault;
  readonly media: Media;
  readonly clock: Clock;
  /** ms without a sign of life before work counts as forgotten; claims are renewed three times as often */
  readonly forgottenAfterMs: number;
}

/** After this many attempts without an outcome, good or bad, the item is left to a person; each retry by hand allows as many again. */
const attemptsWithoutOutcome = 12;

/**
 * Claims a pending derivative, makes it and settles it. Failure is a state with a reason and never touches the original; what is no fault of
 * the recording rejects, and leaves the derivative pending for the job's next attempt. Answers false when there was nothing to do.
 */
export async function makeDerivative(
  dependencies: DerivativeDependencies,
  from: DerivedFrom,
  kind: DerivativeKind,
  context: JobContext,
  make: (signal: AbortSignal) => Promise<DerivativeResult>,
  settle: (claim: DerivativeClaim, result: DerivativeResult) => Promise<boolean> = (claim, result) =>
    settleDerivative(dependencies.catalog, claim, result, dependencies.clock),
): Promise<boolean> {
  const { catalog, clock } = dependencies;
  const lease = { clock, ms: dependencies.forgottenAfterMs };
  const claim = await claimDerivative(catalog, from, kind, lease);
  if (!claim) return false;
  const startedAt = performance.now();
  const alive = keepAlive(() => renewDerivative(catalog, claim, lease), lease.ms / 3, context.signal);
  let result: DerivativeResult;
  try {
    result =
      claim.attempt % attemptsWithoutOutcome === 0
        ? failed('gave_up', finding('attempts_without_end', { attempts: claim.attempt }))
        : await make(alive.signal);
  } catch (error) {
    if (alive.lost) return true;
    const failure = failureOf(error, context.last);
    if (failure === null) {
      await release(dependencies, claim, context);
      throw error;
    }
    result = failure;
  } finally {
    alive.stop();
  }
  const counted = await settle(claim, result);
  // The object of a result that came too late is nobody's.
  if (!counted && result.state === 'ready' && result.object) await discard(dependencies.vault, result.object, context);
  const outcome = { derivative: kind, state: result.state, reason: result.state === 'ready' ? null : result.reason };
  context.logger.info(
    { evidence: from.id, ...outcome, counted, ms: Math.round(performance.now() - startedAt) },
    'derivative',
  );
  return true;
}

/** A claim that cannot be given back runs out by itself; why the work failed is what must be told. */
async function release(
  { catalog, clock }: DerivativeDependencies,
  claim: DerivativeClaim,
  context: JobContext,
): Promise<void> {
  try {
    await releaseDerivative(catalog, claim, clock);
  } catch (error) {
    context.logger.warn({ evidence: claim.evidence, err: error }, 'could not give a derivative back');
  }
}

async function discard(vault: Vault, object: StoredObject, context: JobContext): Promise<void> {
  try {
    await vault.delete({ ...object, key: parseObjectKey(object.key) });
  } catch (error) {
    context.logger.warn({ err: error, object: object.versionId }, 'an object that came too late was left behind');
  }
}

interface StoredObject {
  readonly key: string;
  readonly versionId: string;
  readonly size: number;
}

export const originalOf = ({ original }: DerivedFrom): ObjectVersion => ({
  ...original,
  key: parseObjectKey(original.key),
});

/** Where a derivative is kept: beside its original, whose name it carries. */
export const derivativeKey = (from: DerivedFrom, kind: DerivativeKind) =>
  parseObjectKey(`${from.original.key}.${kind}`);

/** Stores a small derivative that is already in memory. */
export async function store(
  vault: Vault,
  from: DerivedFrom,
  kind: DerivativeKind,
  bytes: Uint8Array,
  data: unknown,
): Promise<DerivativeResult> {
  const object = await vault.write(derivativeKey(from, kind), once(bytes));
  return { state: 'ready', data, object };
}

const mib = 1024 * 1024;

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += mib) yield bytes.subarray(at, at + mib);
}
