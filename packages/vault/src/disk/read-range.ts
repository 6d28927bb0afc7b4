import type { FileHandle } from 'node:fs/promises';
import { VaultError } from '../errors.ts';
import type { ByteRange } from '../port.ts';
import { attempt } from './filesystem.ts';

/** bytes; reads of 64 KiB lose 40 % of the throughput */
const CHUNK = 1024 * 1024;

/**
 * The bytes of a range in chunks the reader may keep, the next one read while the reader works on the present one. `open` is
 * called when iteration begins; the handle is closed whichever way it ends. Rejects `corrupt` when the file ends before the range.
 */
export async function* readRange(open: () => Promise<FileHandle>, range: ByteRange): AsyncGenerator<Uint8Array> {
  const handle = await open();
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

async function readChunk(handle: FileHandle, start: number, end: number): Promise<Uint8Array> {
  const chunk = Buffer.allocUnsafeSlow(Math.min(CHUNK, end - start));
  for (let filled = 0; filled < chunk.length; ) {
    const { bytesRead } = await attempt('Reading the vault', () =>
      handle.read(chunk, filled, chunk.length - filled, start + filled),
    );
    if (bytesRead === 0) {
      throw new VaultError(
        'corrupt',
        `The file ends at byte ${start + filled}, before byte ${end} that it should have.`,
      );
    }
    filled += bytesRead;
  }
  return chunk;
}
