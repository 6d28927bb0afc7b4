import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';

/** To the worker: the file. From the worker: progress, then the digest, or that the file cannot be read. */
export type HashReport =
  | { readonly kind: 'progress'; readonly bytes: number }
  | { readonly kind: 'done'; readonly sha256: string; readonly bytes: number }
  | { readonly kind: 'unreadable'; readonly message: string };

/**
 * One slice is in memory at a time. Pure JavaScript on purpose: WebAssembly would need `wasm-unsafe-eval` in the content security policy,
 * and Web Crypto cannot digest in pieces.
 */
const sliceSize = 4 * 1024 * 1024;

async function digest(file: Blob): Promise<void> {
  const hash = sha256.create();
  let bytes = 0;
  while (bytes < file.size) {
    const slice = new Uint8Array(await file.slice(bytes, bytes + sliceSize).arrayBuffer());
    if (slice.length === 0) throw new Error('The file became shorter while it was read.');
    hash.update(slice);
    bytes += slice.length;
    report({ kind: 'progress', bytes });
  }
  report({ kind: 'done', sha256: bytesToHex(hash.digest()), bytes });
}

const report = (message: HashReport): void => self.postMessage(message);

self.addEventListener('message', ({ data }: MessageEvent<Blob>) => {
  digest(data).catch((error: unknown) => report({ kind: 'unreadable', message: String(error) }));
});
