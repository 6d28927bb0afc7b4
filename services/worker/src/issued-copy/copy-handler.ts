import {
  type BagContent,
  type BurntContent,
  type CopyClaim,
  claimIssuedCopy,
  type Database,
  decryptCopy,
  failIssuedCopy,
  findOriginalToCopy,
  findReadyDerivative,
  findRenderToCopy,
  type OriginalToCopy,
  type RedactedContent,
  raiseAlarm,
  releaseIssuedCopy,
  renewIssuedCopy,
  settleIssuedCopy,
} from '@fengcun/catalog';
import { finding } from '@fengcun/contracts';
import type { DigestPool } from '@fengcun/digest';
import type { Handler, JobContext } from '@fengcun/jobs';
import type { Media, ProbeResult } from '@fengcun/media';
import type { Clock } from '@fengcun/runtime';
import { parseObjectKey, type Vault, VaultError } from '@fengcun/vault';
import { findingsOf } from '../errors.ts';
import { keepAlive } from '../keep-alive.ts';
import { serviceName } from '../service-name.ts';
import { bagEntries } from './bag.ts';
import { CopyFailed, failureOf } from './failure.ts';
import { type StoredCopy, storeCopy } from './store-copy.ts';
import { zip } from './zip.ts';

export interface CopyDependencies {
  readonly catalog: Database;
  readonly vault: Vault;
  readonly pool: DigestPool;
  readonly media: Media;
  readonly clock: Clock;
  /** ms without a sign of life before work counts as forgotten; claims are renewed at least three times as often */
  readonly forgottenAfterMs: number;
  /** ms a copy that is ready may be downloaded */
  readonly lifetimeMs: number;
}

/** After this many attempts without an outcome the copy has failed: something in it kills its worker. */
const attemptsWithoutOutcome = 12;
/** percent of a burnt copy that is ffmpeg's work; the rest is sending it to the vault */
const encodingPercent = 95;
/** What a disclosed copy may have; a copy for viewing has the size of what is played. */
const disclosedProfile = { longSide: 1920, shortSide: 1080, crf: 21 };

/**
 * Makes a copy that leaves the house. Two workers on one job harm nothing: each writes an object of its own under a key of its own, and only
 * the one that claimed last can settle. A copy that is given up meanwhile stops within a second.
 */
export function copyHandler(dependencies: CopyDependencies): Handler<'copy'> {
  const { catalog, clock } = dependencies;
  return async ({ copy }, context) => {
    const lease = { clock, ms: dependencies.forgottenAfterMs };
    const claim = await claimIssuedCopy(catalog, copy, lease);
    if (!claim) return;
    const progress = { percent: 0 };
    const renew = () => renewIssuedCopy(catalog, claim, Math.floor(progress.percent), lease);
    const alive = keepAlive(renew, Math.min(1000, lease.ms / 3), context.signal);
    try {
      const made = await make(dependencies, claim, alive.signal, (percent) => {
        progress.percent = Math.min(99, Math.max(progress.percent, percent));
      });
      await settle(dependencies, claim, made, context);
    } catch (error) {
      // Cancelled, or another worker's now: there is nothing left to say about it.
      if (alive.lost) return;
      const failure = failureOf(error, context.last);
      if (failure === null) {
        await release(dependencies, claim, context);
        throw error;
      }
      context.logger.warn({ err: error, copy, reason: failure.reason }, 'a copy could not be made');
      await fail(dependencies, claim, failure);
    } finally {
      alive.stop();
    }
  };
}

interface Made extends StoredCopy {
  readonly mark: 'picture' | 'metadata' | 'none';
}

type Report = (percent: number) => void;

async function make(
  dependencies: CopyDependencies,
  claim: CopyClaim,
  signal: AbortSignal,
  report: Report,
): Promise<Made> {
  if (claim.attempt >= attemptsWithoutOutcome) {
    throw new CopyFailed('gave_up', [finding('attempts_without_end', { attempts: claim.attempt })]);
  }
  const original = await findOriginalToCopy(dependencies.catalog, claim.evidence);
  if (!original) throw new CopyFailed('original_unreadable', [finding('no_original')]);
  if ('lines' in claim.content) return makeBurnt(dependencies, claim, claim.content, original, signal, report);
  if ('files' in claim.content) return makeBag(dependencies, claim, claim.content, original, signal, report);
  return makeRedacted(dependencies, claim, claim.content, signal, report);
}

async function makeBurnt(
  dependencies: CopyDependencies,
  claim: CopyClaim,
  { lines }: BurntContent,
  original: OriginalToCopy,
  signal: AbortSignal,
  report: Report,
): Promise<Made> {
  const { catalog, vault, media } = dependencies;
  const probe = await findReadyDerivative(catalog, claim.evidence, 'probe');
  if (!probe) throw new CopyFailed('media_failed', [finding('never_examined')]);
  const local = await vault.openLocal(versionOf(original)).catch(unreadable);
  try {
    const { mark, stored } = await media.makeBurntCopy(
      { path: local.path, probe: probe.data as ProbeResult },
      {
        mark: { lines },
        signal,
        ...(claim.operation === 'disclose' ? { profile: disclosedProfile } : {}),
        onProgress: ({ fraction }) => report((fraction ?? 0) * encodingPercent),
        sink: (bytes, size) =>
          storeCopy(dependencies, claim, bytes, signal, (done) =>
            report(encodingPercent + (done / size) * (100 - encodingPercent)),
          ),
      },
    );
    return { ...stored, mark };
  } finally {
    await local.release();
  }
}

/** The original is digested once more on its way into the bag: a bag whose original is not the sealed one never comes to be. */
async function makeBag(
  dependencies: CopyDependencies,
  claim: CopyClaim,
  content: BagContent,
  original: OriginalToCopy,
  signal: AbortSignal,
  report: Report,
): Promise<Made> {
  const { vault, pool } = dependencies;
  async function* verified(): AsyncGenerator<Uint8Array> {
    const digest = pool.open({ sha256: true, sm3: false, partSize: null, tree: false });
    try {
      const source = vault.read(versionOf(original))[Symbol.asyncIterator]();
      try {
        for (;;) {
          const next = await source.next().catch(unreadable);
          if (next.done) break;
          await digest.update(next.value);
          yield next.value;
        }
      } finally {
        await source.return?.();
      }
      const { sha256 } = await digest.finish();
      if (sha256 !== original.sha256) {
        throw new CopyFailed('original_differs', [
          finding('original_differs', { sealed: original.sha256, found: sha256 }),
        ]);
      }
    } finally {
      digest.abort();
    }
  }
  const { size } = original.object;
  const entries = bagEntries(
    `fengcun-${claim.evidence.slice(-12)}`,
    content,
    { name: original.name, size, sha256: original.sha256, bytes: verified },
    claim.createdAt,
  );
  const stored = await storeCopy(dependencies, claim, zip(entries, claim.createdAt), signal, (done) =>
    report((done / (size + 1)) * 100),
  );
  return { ...stored, mark: 'none' };
}

/** What was approved, byte for byte: its digest is in the log, and a copy of anything else never comes to be. */
async function makeRedacted(
  dependencies: CopyDependencies,
  claim: CopyClaim,
  { render }: RedactedContent,
  signal: AbortSignal,
  report: Report,
): Promise<Made> {
  const { catalog, vault } = dependencies;
  const approved = await findRenderToCopy(catalog, render);
  if (!approved) throw new CopyFailed('redaction_unusable', [finding('redaction_gone')]);
  const version = { ...approved.object, key: parseObjectKey(approved.object.key) };
  const source = decryptCopy(approved.key, vault.read(version), 0);
  const stored = await storeCopy(dependencies, claim, source, signal, (done) =>
    report((done / (approved.object.size + 1)) * 100),
  ).catch((error: unknown) => {
    if (error instanceof VaultError && (error.code === 'corrupt' || error.code === 'not_found'))
      throw new CopyFailed('redaction_unusable', findingsOf(error), { cause: error });
    throw error;
  });
  if (stored.sha256 === approved.sha256) return { ...stored, mark: approved.mark };
  await vault.delete(stored.object).catch(() => undefined);
  throw new CopyFailed('redaction_unusable', [
    finding('redaction_differs', { approved: approved.sha256, found: stored.sha256 }),
  ]);
}

async function settle(
  { catalog, vault, clock, lifetimeMs }: CopyDependencies,
  claim: CopyClaim,
  made: Made,
  context: JobContext,
): Promise<void> {
  const { versionId, size } = made.object;
  const settled = { versionId, size, sha256: made.sha256, mark: made.mark, lifetimeMs };
  if (await settleIssuedCopy(catalog, claim, settled, serviceName, clock)) return;
  // It came too late: the object is nobody's.
  await vault.delete(made.object).catch((error: unknown) => {
    context.logger.warn({ err: error, copy: claim.copy }, 'an object that came too late was left behind, unreadable');
  });
}

async function fail(
  { catalog, clock }: CopyDependencies,
  claim: CopyClaim,
  failure: NonNullable<ReturnType<typeof failureOf>>,
): Promise<void> {
  await catalog.transaction().execute(async (tx) => {
    if (!(await failIssuedCopy(tx, claim, failure, serviceName, clock))) return;
    if (failure.reason !== 'original_differs') return;
    const original = await findOriginalToCopy(tx, claim.evidence);
    const subject = { kind: 'evidence', id: claim.evidence } as const;
    const alarm = { kind: 'verification_failed', unit: original?.unit ?? null, subject } as const;
    await raiseAlarm(tx, { ...alarm, findings: failure.findings, by: serviceName }, clock);
  });
}

/** A claim that cannot be given back runs out by itself; why the work failed is what must be told. */
async function release({ catalog, clock }: CopyDependencies, claim: CopyClaim, context: JobContext): Promise<void> {
  try {
    await releaseIssuedCopy(catalog, claim, clock);
  } catch (error) {
    context.logger.warn({ copy: claim.copy, err: error }, 'could not give a copy back');
  }
}

const versionOf = ({ object }: OriginalToCopy) => ({ ...object, key: parseObjectKey(object.key) });

/** What a vault says while an original is read says something about the original; elsewhere the same codes are about the copy. */
function unreadable(error: unknown): never {
  if (error instanceof VaultError && (error.code === 'corrupt' || error.code === 'not_found')) {
    throw new CopyFailed('original_unreadable', findingsOf(error), { cause: error });
  }
  throw error;
}
