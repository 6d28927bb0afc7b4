import type { Home } from '../home/home.ts';
import { openJournal } from '../journal/journal.ts';
import { announce, type DeviceFacts } from '../offload/announce.ts';
import { type OffloadOutcome, runOffload } from '../offload/run-offload.ts';
import { createServer } from '../offload/server.ts';
import { failure, type Progress } from '../progress/progress.ts';
import { createReceiptKeeper } from '../receipt/receipt-keeper.ts';
import { openDigestCache } from '../scan/digest-cache.ts';
import { type FoundFile, scan } from '../scan/scan.ts';
import { createTokenSource } from '../token/token-source.ts';
import type { RetryPolicy } from '../transfer/retry.ts';
import { createTusClient } from '../transfer/tus-client.ts';

export interface AgentOptions {
  readonly home: Home;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  readonly parallel: number;
  /** ms an unreachable server is waited for */
  readonly patienceMs: number;
  readonly deleteAfterSeal: boolean;
  readonly sequencePattern: RegExp | undefined;
}

export interface Agent {
  /** Hands over everything in `directory` that has no receipt yet, unfinished announcements first. */
  offload(directory: string, device: DeviceFacts, accept?: (file: FoundFile) => boolean): Promise<OffloadOutcome>;
  close(): void;
}

export async function openAgent(options: AgentOptions): Promise<Agent> {
  const { home, progress, signal } = options;
  const enrolment = await home.enrolment();
  const tokens = createTokenSource({ dockId: enrolment.dock.id, audience: enrolment.audience, key: await home.key() });
  const policy: RetryPolicy = {
    patienceMs: options.patienceMs,
    signal,
    onRetry: (error, ms) => progress.report({ event: 'waiting', reason: error.message, text: error.text, ms }),
  };
  const journal = openJournal(home);
  const cache = await openDigestCache(home);
  const tus = createTusClient({ endpoint: `${enrolment.url}/files`, tokens, signal, sockets: options.parallel });
  const context = {
    server: createServer(enrolment, tokens, signal),
    tus,
    journal,
    receipts: createReceiptKeeper({ logKeys: enrolment.logKeys, deleteAfterSeal: options.deleteAfterSeal }),
    progress,
    policy,
    parallel: options.parallel,
  };

  return {
    async offload(directory, device, accept = () => true) {
      const unfinished = (await journal.open()).filter((entry) => entry.directory === directory);
      const claimed = new Set(unfinished.flatMap((entry) => entry.files.map((file) => file.path)));
      const { files, unreadable } = await scan(directory, options.sequencePattern);
      const found = files.filter(accept);
      progress.report({ event: 'found', files: found.length, bytes: found.reduce((sum, file) => sum + file.size, 0) });
      const fresh = found.filter((file) => !claimed.has(file.path));
      for (const { name, error } of unreadable) progress.report(failure(name, 0, error));
      const announced = await announce(fresh, { directory, device, cache, journal, progress, signal });
      const total = { sealed: 0, quarantined: 0, failed: unreadable.length + announced.failed };
      for (const entry of [...unfinished, ...announced.entries]) {
        const outcome = await runOffload(entry, context);
        total.sealed += outcome.sealed;
        total.quarantined += outcome.quarantined;
        total.failed += outcome.failed;
      }
      progress.report({ event: 'done', ...total });
      return total;
    },
    close: () => tus.close(),
  };
}
