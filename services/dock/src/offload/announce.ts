import type { AnnouncedFile, OffloadRequest } from '@fengcun/contracts';
import { DockError } from '../errors.ts';
import type { Journal, JournalEntry } from '../journal/journal.ts';
import { failure, type Progress } from '../progress/progress.ts';
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

export interface Announced {
  readonly entries: readonly JournalEntry[];
  /** files that could not be read: told as they were met, and in no announcement */
  readonly failed: number;
}

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
): Promise<Announced> {
  const { directory, device, cache, journal, progress, signal } = context;
  const digests = new Map<FoundFile, string>();
  const queue = files.values();
  const digestSome = async () => {
    for (const file of queue) {
      try {
        digests.set(file, await digestOf(file));
      } catch (error) {
        if (signal.aborted || !(error instanceof DockError)) throw error;
        progress.report(failure(file.name, file.size, error));
      }
    }
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

  const readable = files.flatMap((file) => {
    const sha256 = digests.get(file);
    return sha256 === undefined ? [] : [{ ...file, sha256 }];
  });
  const entries: JournalEntry[] = [];
  for (let start = 0; start < readable.length; start += batchSize) {
    const batch = readable.slice(start, start + batchSize);
    const request: OffloadRequest = {
      device: device.serial,
      ...(device.officer === undefined ? {} : { officer: device.officer }),
      ...(device.clock === undefined ? {} : { deviceClock: device.clock.toISOString() }),
      dockClock: new Date().toISOString(),
      files: batch.map(describe),
    };
    const sent = batch.map(({ path, modifiedAt }) => ({ path, modifiedMs: modifiedAt.getTime() }));
    entries.push(await journal.add({ directory, request, files: sent }));
  }
  return { entries, failed: files.length - readable.length };
}

function describe(file: FoundFile & { readonly sha256: string }): AnnouncedFile {
  return {
    name: file.name.toWellFormed().replace(/\p{Cc}/gu, '\uFFFD'),
    size: file.size,
    sha256: file.sha256,
    kind: file.kind,
    // A recorder closes its file when the recording ends; when it began, only the recording itself can tell.
    recordedTo: file.modifiedAt.toISOString(),
    ...(file.sequence === undefined ? {} : { sequence: file.sequence }),
  };
}
