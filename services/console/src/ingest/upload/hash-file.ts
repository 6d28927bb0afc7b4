import type { HashReport } from './hash-worker.ts';

/** The file on disk is not readable as it was when it was chosen: moved, changed, or its medium removed. */
export class UnreadableFile extends Error {
  override readonly name = 'UnreadableFile';
}

/**
 * SHA-256 (hex) of a file of any size, computed in a worker with one slice in memory.
 * @param onProgress bytes digested so far
 * @throws UnreadableFile; the signal's reason when aborted
 */
export function hashFile(file: Blob, onProgress: (bytes: number) => void, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const worker = new Worker(new URL('./hash-worker.ts', import.meta.url), { type: 'module' });
    const settle = (act: () => void) => {
      worker.terminate();
      signal.removeEventListener('abort', abort);
      act();
    };
    const abort = () => settle(() => reject(signal.reason));
    signal.addEventListener('abort', abort);
    worker.addEventListener('message', ({ data }: MessageEvent<HashReport>) => {
      if (data.kind === 'progress') onProgress(data.bytes);
      else if (data.kind === 'done') settle(() => resolve(data.sha256));
      else settle(() => reject(new UnreadableFile(data.message)));
    });
    worker.addEventListener('error', (event) =>
      settle(() => reject(new Error(event.message || 'The hash worker failed.'))),
    );
    worker.postMessage(file);
  });
}
