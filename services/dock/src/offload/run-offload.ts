import { setTimeout as sleep } from 'node:timers/promises';
import type { Offload, OffloadFile } from '@fengcun/contracts';
import { DockError } from '../errors.ts';
import type { Journal, JournalEntry } from '../journal/journal.ts';
import { failure, type Progress } from '../progress/progress.ts';
import { words } from '../progress/words.ts';
import type { ReceiptKeeper } from '../receipt/receipt-keeper.ts';
import { type RetryPolicy, withRetries } from '../transfer/retry.ts';
import { transferFile } from '../transfer/transfer-file.ts';
import type { TusClient } from '../transfer/tus-client.ts';
import type { Server } from './server.ts';

export interface OffloadOutcome {
  readonly sealed: number;
  readonly quarantined: number;
  readonly failed: number;
}

type Verdict = keyof OffloadOutcome;

export interface OffloadContext {
  readonly server: Server;
  readonly tus: TusClient;
  readonly journal: Journal;
  readonly receipts: ReceiptKeeper;
  readonly progress: Progress;
  readonly policy: RetryPolicy;
  /** files sent at the same time */
  readonly parallel: number;
}

const pollMs = 500;

/**
 * Takes one announcement to its end: every file sent, sealed (or quarantined), and its receipt saved and verified. Files fail one by
 * one; the rest goes on. The journal entry is closed only when every file has its receipt or its verdict.
 */
export async function runOffload(entry: JournalEntry, context: OffloadContext): Promise<OffloadOutcome> {
  const { server, journal, progress, policy } = context;
  const offload = await withRetries(policy, () => server.openOffload(entry.request));
  progress.report({
    event: 'offload',
    id: offload.id,
    missing: offload.missing.length,
    gaps: offload.gaps.filter((gap) => gap.explained === null),
  });
  const verdicts = new Map<number, Verdict>();
  const attempt = async (file: OffloadFile, work: () => Promise<Verdict | undefined>) => {
    try {
      const verdict = await work();
      if (verdict) verdicts.set(file.ordinal, verdict);
    } catch (error) {
      if (!(error instanceof DockError) || error.code === 'unreachable') throw error;
      verdicts.set(file.ordinal, 'failed');
      progress.report(failure(file.name, file.size, error));
    }
  };

  const toSend = offload.files.filter((file) => file.action === 'upload').values();
  const sendSome = async () => {
    for (const file of toSend) await attempt(file, () => send(file, offload, entry, context));
  };
  const settle = async () => {
    while (verdicts.size < offload.files.length) {
      await sleep(pollMs, undefined, { signal: policy.signal });
      const { files } = await withRetries(policy, () => server.offload(offload.id));
      for (const file of files) {
        if (!verdicts.has(file.ordinal)) await attempt(file, () => verdictOf(file, entry, context));
      }
    }
  };
  await Promise.all([settle(), ...Array.from({ length: context.parallel }, sendSome)]);

  const count = (verdict: Verdict) => [...verdicts.values()].filter((v) => v === verdict).length;
  const outcome = { sealed: count('sealed'), quarantined: count('quarantined'), failed: count('failed') };
  if (outcome.failed === 0) await journal.close(entry);
  return outcome;
}

async function send(
  file: OffloadFile,
  offload: Offload,
  entry: JournalEntry,
  context: OffloadContext,
): Promise<undefined> {
  const local = entry.files[file.ordinal];
  const announced = entry.request.files[file.ordinal];
  if (!local || !announced)
    throw new DockError('not_sealed', {
      zh: `服务器列出了未登记的文件：${file.name}。`,
      en: `The server lists a file that was not announced: ${file.name}.`,
    });
  const { name, size } = file;
  context.progress.report({ event: 'file', name, size, stage: 'sending' });
  const metadata = {
    filename: name,
    sha256: file.sha256,
    offload: offload.id,
    device: entry.request.device,
    kind: file.kind,
    ordinal: String(file.ordinal),
    ...(announced.recordedFrom === undefined ? {} : { recordedFrom: announced.recordedFrom }),
  };
  await transferFile(
    context.tus,
    { path: local.path, size, modifiedMs: local.modifiedMs, metadata },
    context.policy,
    (done) => context.progress.report({ event: 'bytes', name, size, stage: 'sending', done }),
  );
  context.progress.report({ event: 'file', name, size, stage: 'received' });
}

/** What has become of a file, or undefined while it is under way. A sealed file is only called so once its receipt is kept. */
const quarantineText = { zh: words.zh.quarantined, en: words.en.quarantined };

async function verdictOf(
  file: OffloadFile,
  entry: JournalEntry,
  context: OffloadContext,
): Promise<Verdict | undefined> {
  const { evidence, name, size, sha256 } = file;
  const local = entry.files[file.ordinal];
  if (file.state === 'expired')
    throw new DockError('not_sealed', {
      zh: '上传已过期，请再次运行同一命令。',
      en: 'The upload expired; run the same command again.',
    });
  if (!local)
    throw new DockError('not_sealed', {
      zh: `服务器列出了未登记的文件：${name}。`,
      en: `The server lists a file that was not announced: ${name}.`,
    });
  if (file.state === 'quarantined') {
    await context.receipts.noteQuarantine(local.path, { evidence, sha256 });
    context.progress.report({ event: 'file', name, size, stage: 'quarantined', text: quarantineText });
    return 'quarantined';
  }
  if (file.state !== 'sealed' || evidence === null) return undefined;
  const receipt = await withRetries(context.policy, () => context.server.receipt(evidence));
  if (!receipt) return undefined;
  await context.receipts.keep(local.path, receipt, { size, sha256 });
  context.progress.report({ event: 'file', name, size, stage: 'sealed' });
  return 'sealed';
}
