import { Worker } from 'node:worker_threads';
import type { FromThread } from './digest-thread.ts';
import { unreadable } from './unreadable.ts';

/** Threads without a file; they do not keep the program running. */
const idle: Worker[] = [];

/**
 * SHA-256 (hex) of a file, computed on a thread of its own: files digested at the same time take a core each, and none from the display.
 * `onBytes` is told how many bytes were hashed since the last call. Rejects with `DockError` `not_sealed` when the file cannot be read.
 */
export async function digestFile(
  path: string,
  onBytes: (bytes: number) => void,
  signal?: AbortSignal,
): Promise<string> {
  signal?.throwIfAborted();
  const thread = idle.pop() ?? new Worker(new URL('./digest-thread.ts', import.meta.url), { execArgv: [], env: {} });
  thread.ref();
  const outcome = Promise.withResolvers<string>();
  const stop = () => outcome.reject(signal?.reason);
  const hear = (message: FromThread) => {
    if (message.kind === 'bytes') onBytes(message.bytes);
    else if (message.kind === 'digest') outcome.resolve(message.sha256);
    else outcome.reject(unreadable(path, message));
  };
  signal?.addEventListener('abort', stop);
  thread.on('error', outcome.reject);
  thread.on('message', hear);
  thread.postMessage(path);
  try {
    const sha256 = await outcome.promise;
    thread.unref();
    idle.push(thread);
    return sha256;
  } catch (error) {
    await thread.terminate();
    throw error;
  } finally {
    thread.off('error', outcome.reject);
    thread.off('message', hear);
    signal?.removeEventListener('abort', stop);
  }
}
