import { createReadStream } from 'node:fs';
import {
  claimRender,
  type Database,
  failRender,
  findOriginalToCopy,
  findReadyDerivative,
  type OriginalToCopy,
  type RenderClaim,
  raiseAlarm,
  releaseRender,
  renewRender,
  settleRender,
} from '@fengcun/catalog';
import { finding } from '@fengcun/contracts';
import type { DigestPool } from '@fengcun/digest';
import type { Handler, JobContext } from '@fengcun/jobs';
import {
  isStill,
  type Media,
  type ProbeResult,
  type ProxyIndex,
  type RedactedFile,
  type StillIndex,
} from '@fengcun/media';
import type { Clock } from '@fengcun/runtime';
import { type ObjectVersion, parseObjectKey, type Vault, VaultError } from '@fengcun/vault';
import { findingsOf } from '../errors.ts';
import { CopyFailed, renderFailureOf } from '../issued-copy/failure.ts';
import { storeCopy } from '../issued-copy/store-copy.ts';
import { keepAlive } from '../keep-alive.ts';
import { serviceName } from '../service-name.ts';

export interface RedactDependencies {
  readonly catalog: Database;
  readonly vault: Vault;
  readonly pool: DigestPool;
  readonly media: Media;
  readonly clock: Clock;
  /** ms without a sign of life before work counts as forgotten; claims are renewed at least three times as often */
  readonly forgottenAfterMs: number;
  /** whether the number of the event stands in a corner of every picture */
  readonly mark: 'event' | 'none';
}

/** After this many attempts without an outcome the rendering has failed: something in it kills its worker. */
const attemptsWithoutOutcome = 12;
/** percent of a rendering that is digesting the original, ffmpeg's work and looking at the result; the rest is sending it to the vault */
const [digestingPercent, makingPercent] = [5, 90];

/**
 * Renders a plan: a new file and the pieces by which it is watched before anybody approves it. Two workers on one job harm nothing: each writes
 * objects of its own under keys of its own, and only the one that claimed last can settle. What is given up meanwhile stops within a second.
 */
export function redactHandler(dependencies: RedactDependencies): Handler<'redact'> {
  const { catalog, clock } = dependencies;
  return async ({ render }, context) => {
    const lease = { clock, ms: dependencies.forgottenAfterMs };
    const claim = await claimRender(catalog, render, lease);
    if (!claim) return;
    const progress = { percent: 0 };
    const renew = () => renewRender(catalog, claim, Math.floor(progress.percent), lease);
    const alive = keepAlive(renew, Math.min(1000, lease.ms / 3), context.signal);
    try {
      const made = await make(dependencies, claim, alive.signal, (percent) => {
        progress.percent = Math.min(99, Math.max(progress.percent, percent));
      });
      await settle(dependencies, claim, made, context);
    } catch (error) {
      // Given up, or another worker's now: there is nothing left to say about it.
      if (alive.lost) return;
      const failure = renderFailureOf(error, context.last);
      if (failure === null) {
        await release(dependencies, claim, context);
        throw error;
      }
      context.logger.warn({ err: error, render, reason: failure.reason }, 'a redacted version could not be made');
      await fail(dependencies, claim, failure);
    } finally {
      alive.stop();
    }
  };
}

interface Made extends Omit<RedactedFile, 'path' | 'sizeBytes' | 'probe'> {
  readonly file: ObjectVersion;
  readonly sha256: string;
  readonly sm3: string;
  readonly play: { readonly index: ProxyIndex | StillIndex; readonly object: ObjectVersion };
  readonly original: OriginalToCopy;
}

type Report = (percent: number) => void;

async function make(
  dependencies: RedactDependencies,
  claim: RenderClaim,
  signal: AbortSignal,
  report: Report,
): Promise<Made> {
  const { catalog, vault, media } = dependencies;
  if (claim.attempt >= attemptsWithoutOutcome) {
    throw new CopyFailed('gave_up', [finding('attempts_without_end', { attempts: claim.attempt })]);
  }
  const original = await findOriginalToCopy(catalog, claim.evidence);
  if (!original) throw new CopyFailed('original_unreadable', [finding('no_original')]);
  const probe = await findReadyDerivative(catalog, claim.evidence, 'probe');
  if (!probe) throw new CopyFailed('media_failed', [finding('never_examined')]);
  const local = await vault
    .openLocal({ ...original.object, key: parseObjectKey(original.object.key) })
    .catch((error: unknown) => {
      if (error instanceof VaultError && (error.code === 'corrupt' || error.code === 'not_found'))
        throw new CopyFailed('original_unreadable', findingsOf(error), { cause: error });
      throw error;
    });
  try {
    await assertSealed(dependencies, local.path, original, signal);
    report(digestingPercent);
    return await media.makeRedacted(
      { path: local.path, probe: probe.data as ProbeResult },
      {
        marks: claim.marks,
        line: dependencies.mark === 'event' ? `脱敏件 · 事件 ${claim.event}` : null,
        signal,
        onProgress: (fraction) => report(digestingPercent + fraction * (makingPercent - digestingPercent)),
        use: async (file) => ({ ...(await store(dependencies, claim, file, signal)), original }),
      },
    );
  } finally {
    await local.release();
  }
}

/** What ffmpeg is about to read is what was sealed; the event says so, and so it is looked at every time. */
async function assertSealed(
  { pool }: RedactDependencies,
  path: string,
  original: OriginalToCopy,
  signal: AbortSignal,
): Promise<void> {
  const digest = pool.open({ sha256: true, sm3: false, partSize: null, tree: false });
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024, signal }))
      await digest.update(chunk);
    const { sha256 } = await digest.finish();
    if (sha256 === original.sha256) return;
    throw new CopyFailed('original_differs', [finding('original_differs', { sealed: original.sha256, found: sha256 })]);
  } finally {
    digest.abort();
  }
}

/** The pieces first: a file that is there has pieces that show it. */
async function store(
  dependencies: RedactDependencies,
  claim: RenderClaim,
  file: RedactedFile,
  signal: AbortSignal,
): Promise<Omit<Made, 'original'>> {
  const { vault, media } = dependencies;
  const shown = {
    key: claim.playKey,
    signal,
    sink: (bytes: AsyncIterable<Uint8Array>) => vault.write(parseObjectKey(claim.playVaultKey), bytes),
  };
  // Whoever reviews a picture looks at the very bytes that are published.
  const { index, stored: object } = isStill(file.probe)
    ? await media.makeStill(file, { ...shown, asItIs: true })
    : await media.makeProxy(file, shown);
  try {
    const bytes = createReadStream(file.path, { highWaterMark: 1024 * 1024 });
    const stored = await storeCopy(dependencies, claim, bytes, signal, undefined, { sm3: true });
    const { mediaType, mark, durationMs } = file;
    return {
      mediaType,
      mark,
      durationMs,
      file: stored.object,
      sha256: stored.sha256,
      sm3: stored.sm3 ?? '',
      play: { index, object },
    };
  } catch (error) {
    await vault.delete(object).catch(() => undefined);
    throw error;
  }
}

async function settle(
  { catalog, vault, clock }: RedactDependencies,
  claim: RenderClaim,
  made: Made,
  context: JobContext,
): Promise<void> {
  const { mediaType, mark, durationMs, file, sha256, sm3, play, original } = made;
  const settled = {
    mediaType,
    mark,
    durationMs,
    file: { ...file, sha256, sm3 },
    source: { version: original.object.versionId, sha256: original.sha256 },
    play,
  };
  if (await settleRender(catalog, claim, settled, serviceName, clock)) return;
  // It came too late: the objects are nobody's.
  for (const object of [file, play.object]) {
    await vault.delete(object).catch((error: unknown) => {
      context.logger.warn(
        { err: error, render: claim.render },
        'an object that came too late was left behind, unreadable',
      );
    });
  }
}

async function fail(
  { catalog, clock }: RedactDependencies,
  claim: RenderClaim,
  failure: NonNullable<ReturnType<typeof renderFailureOf>>,
): Promise<void> {
  await catalog.transaction().execute(async (tx) => {
    if (!(await failRender(tx, claim, failure, serviceName, clock))) return;
    if (failure.reason !== 'original_differs') return;
    const subject = { kind: 'evidence', id: claim.evidence } as const;
    const alarm = { kind: 'verification_failed', unit: claim.unit, subject } as const;
    await raiseAlarm(tx, { ...alarm, findings: failure.findings, by: serviceName }, clock);
  });
}

/** A claim that cannot be given back runs out by itself; why the work failed is what must be told. */
async function release({ catalog, clock }: RedactDependencies, claim: RenderClaim, context: JobContext): Promise<void> {
  try {
    await releaseRender(catalog, claim, clock);
  } catch (error) {
    context.logger.warn({ render: claim.render, err: error }, 'could not give a rendering back');
  }
}
