import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { VaultError } from '../errors.ts';
import type { ByteRange } from '../port.ts';
import { ALIGNMENT, BLOCK_SIZE, withBlock } from './direct-io.ts';
import { attempt, type FileSystem } from './filesystem.ts';

export interface ReadFile {
  readonly handle: FileHandle;
  /** the file is open for direct I/O */
  readonly direct: boolean;
}

/** `direct`: around the cache, on a file system that has been seen to do that. */
export async function openToRead(fileSystem: FileSystem, path: string, direct: boolean): Promise<ReadFile> {
  const flags = direct ? constants.O_RDONLY | constants.O_DIRECT : constants.O_RDONLY;
  return { handle: await fileSystem.open(path, flags), direct };
}

/**
 * The bytes of a range in chunks the reader may keep, the next one read while the reader works on the present one. `open` is
 * called when iteration begins; the handle is closed whichever way it ends. Rejects `corrupt` when the file ends before the range.
 */
export async function* readRange(open: () => Promise<ReadFile>, range: ByteRange): AsyncGenerator<Uint8Array> {
  const { handle, direct } = await open();
  const readChunk = direct ? readDirectly : readCached;
  let ahead: Promise<Uint8Array> | null = null;
  try {
    let at = range.start;
    while (at < range.end) {
      const chunk: Uint8Array = await (ahead ?? readChunk(handle, at, range.end));
      at += chunk.length;
      ahead = at < range.end ? readChunk(handle, at, range.end) : null;
      // Reported when its turn comes, if the reader ever asks for it.
      ahead?.catch(() => undefined);
      yield chunk;
    }
  } finally {
    await ahead?.catch(() => undefined);
    await handle.close();
  }
}

async function readCached(handle: FileHandle, start: number, end: number): Promise<Uint8Array> {
  const chunk = Buffer.allocUnsafeSlow(Math.min(BLOCK_SIZE, end - start));
  for (let filled = 0; filled < chunk.length; ) {
    const { bytesRead } = await attempt('Reading the vault', () =>
      handle.read(chunk, filled, chunk.length - filled, start + filled),
    );
    if (bytesRead === 0) throw endsEarly(start + filled, end);
    filled += bytesRead;
  }
  return chunk;
}

/** Reads whole units of the disk; the copy into a chunk of the reader's own costs less than the kernel's cache does. */
function readDirectly(handle: FileHandle, start: number, end: number): Promise<Uint8Array> {
  const from = start - (start % ALIGNMENT);
  const to = Math.min(from + BLOCK_SIZE, end);
  const units = Math.ceil((to - from) / ALIGNMENT) * ALIGNMENT;
  const chunk = Buffer.allocUnsafeSlow(to - start);
  return withBlock(async (block) => {
    for (let filled = 0; filled < to - from; ) {
      const { bytesRead } = await attempt('Reading the vault', () =>
        handle.read(block, filled, units - filled, from + filled),
      );
      filled += bytesRead;
      // Only the end of the file cuts a unit short.
      if (filled < to - from && (bytesRead === 0 || filled % ALIGNMENT > 0)) throw endsEarly(from + filled, end);
    }
    chunk.set(block.subarray(start - from, to - from));
    return chunk;
  });
}

function endsEarly(at: number, end: number): VaultError {
  return new VaultError('corrupt', `The file ends at byte ${at}, before byte ${end} that it should have.`);
}
