import { watch as watchDirectory } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Agent } from '../agent/agent.ts';
import { DockError } from '../errors.ts';
import type { DeviceFacts } from '../offload/announce.ts';
import type { Progress } from '../progress/progress.ts';
import { hasVerdict } from '../receipt/receipt-file.ts';
import { type FoundFile, scan } from '../scan/scan.ts';

/** A file is taken once it has not changed for this long: a recorder may still be writing it. */
const settledMs = 5000;
const longestNapMs = 15_000;

/** Offloads whatever appears in `directory`, until the signal ends it. Faults are reported and tried again; nothing is given up. */
export async function watch(
  agent: Agent,
  directory: string,
  device: DeviceFacts,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  let wake: () => void = () => undefined;
  const watcher = watchDirectory(directory, { recursive: true, signal }, () => wake());
  watcher.on('error', () => undefined);
  const isSettled = (file: FoundFile) => Date.now() - file.modifiedAt.getTime() > settledMs && !hasVerdict(file.path);
  while (!signal.aborted) {
    const waiting = (await scan(directory)).files.some(isSettled);
    if (waiting) {
      await agent.offload(directory, device, isSettled).catch((error: unknown) => {
        if (!(error instanceof DockError)) throw error;
        progress.report({ event: 'waiting', reason: error.message, text: error.text, ms: longestNapMs });
      });
    }
    const nap = new AbortController();
    wake = () => nap.abort();
    await sleep(waiting ? longestNapMs : settledMs, undefined, { signal: AbortSignal.any([signal, nap.signal]) }).catch(
      () => undefined,
    );
    // A burst of changes is one change.
    await sleep(settledMs, undefined, { signal }).catch(() => undefined);
  }
}
