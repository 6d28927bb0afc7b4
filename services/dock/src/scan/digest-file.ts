import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';

const blockSize = 4 * 1024 * 1024;

/** SHA-256 (hex) of a file, reading one block ahead of the hash. `onBytes` is told how many bytes were hashed since the last call. */
export async function digestFile(
  path: string,
  onBytes: (bytes: number) => void,
  signal?: AbortSignal,
): Promise<string> {
  const hash = createHash('sha256');
  const file = await open(path, 'r');
  try {
    let [current, next] = [Buffer.allocUnsafe(blockSize), Buffer.allocUnsafe(blockSize)];
    let reading = file.read(current, 0, blockSize);
    for (;;) {
      const { bytesRead } = await reading;
      signal?.throwIfAborted();
      if (bytesRead === 0) return hash.digest('hex');
      reading = file.read(next, 0, blockSize);
      hash.update(current.subarray(0, bytesRead));
      onBytes(bytesRead);
      [current, next] = [next, current];
    }
  } finally {
    await file.close();
  }
}
