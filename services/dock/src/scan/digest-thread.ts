import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { parentPort } from 'node:worker_threads';

/** What a thread tells of the one file it was given. */
export type FromThread =
  | { readonly kind: 'bytes'; readonly bytes: number }
  | { readonly kind: 'digest'; readonly sha256: string }
  | { readonly kind: 'unreadable'; readonly code: string | undefined; readonly message: string };

const blockSize = 4 * 1024 * 1024;

const tell = (message: FromThread) => parentPort?.postMessage(message);

parentPort?.on('message', (path: string) => {
  digest(path).then(
    (sha256) => tell({ kind: 'digest', sha256 }),
    // The code of an error would not survive the way to another thread.
    ({ code, message }: NodeJS.ErrnoException) => tell({ kind: 'unreadable', code, message }),
  );
});

/** SHA-256 (hex) of a file, reading one block ahead of the hash. */
async function digest(path: string): Promise<string> {
  const hash = createHash('sha256');
  await using file = await open(path, 'r');
  let [current, next] = [Buffer.allocUnsafe(blockSize), Buffer.allocUnsafe(blockSize)];
  let reading = file.read(current, 0, blockSize);
  for (;;) {
    const { bytesRead } = await reading;
    if (bytesRead === 0) return hash.digest('hex');
    reading = file.read(next, 0, blockSize);
    hash.update(current.subarray(0, bytesRead));
    tell({ kind: 'bytes', bytes: bytesRead });
    [current, next] = [next, current];
  }
}
