import type { AnnouncedFile, OffloadRequest } from '@fengcun/contracts';
import type { Journal, JournalEntry } from '../journal/journal.ts';
import type { Progress } from '../progress/progress.ts';
import type { DigestCache } from '../scan/digest-cache.ts';
import { digestFile } from '../scan/digest-file.ts';
import type { FoundFile } from '../scan/scan.ts';

/** What the operator says about the device, beside its files. */
export interface DeviceFacts {
  readonly serial: string;
  readonly officer: string | undefined;
  /** what the device's own clock says now, when it can be read */
  readonly clock: Date | undefined;
}

/** files in one announcement at most (the server's limit) */
const batchSize = 10_000;

/** Digests the files (two at a time) and writes the announcements to the journal. Nothing is sent yet. */
export async function announce(
  files: readonly FoundFile[],
  context: {
    directory: string;
    device: DeviceFacts;
    cache: DigestCache;
    journal: Journal;
    progress: Progress;
    signal: AbortSignal;
  },
): Promise<readonly JournalEntry[]> {
  const { directory, device, cache, journal, progress, signal } = context;
  const digested: AnnouncedFile[] = [];
  const queue = files.entries();
  const digestSome = async () => {
    for (const [i, file] of queue) digested[i] = describe(file, await digestOf(file));
  };
  const digestOf = async (file: FoundFile): Promise<string> => {
    const known = cache.get(file);
    if (known !== undefined) return known;
    const { name, size } = file;
    let done = 0;
    const onBytes = (bytes: number) => {
      done += bytes;
      progress.report({ event: 'bytes', name, size, stage: 'digesting', done });
    };
    const sha256 = await digestFile(file.path, onBytes, signal);
    await cache.set(file, sha256);
    return sha256;
  };
  await Promise.all([digestSome(), digestSome()]);

  const entries: JournalEntry[] = [];
  for (let start = 0; start < files.length; start += batchSize) {
    const end = start + batchSize;
    const request: OffloadRequest = {
      device: device.serial,
      ...(device.officer === undefined ? {} : { officer: device.officer }),
      ...(device.clock === undefined ? {} : { deviceClock: device.clock.toISOString() }),
      dockClock: new Date().toISOString(),
      files: digested.slice(start, end),
    };
    const batch = files.slice(start, end).map(({ path, modifiedAt }) => ({ path, modifiedMs: modifiedAt.getTime() }));
    entries.push(await journal.add({ directory, request, files: batch }));
  }
  return entries;
}

function describe(file: FoundFile, sha256: string): AnnouncedFile {
  return {
    name: file.name.toWellFormed().replace(/\p{Cc}/gu, '\uFFFD'),
    size: file.size,
    sha256,
    kind: file.kind,
    // A recorder closes its file when the recording ends; when it began, only the recording itself can tell.
    recordedTo: file.modifiedAt.toISOString(),
    ...(file.sequence === undefined ? {} : { sequence: file.sequence }),
  };
}
