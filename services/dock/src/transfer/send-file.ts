import { open } from 'node:fs/promises';
import type { ClientRequest } from 'node:http';
import { unreadable } from '../scan/unreadable.ts';

const blockSize = 1024 * 1024;

/**
 * Sends bytes [start, end) of a file as a request's body, and ends it. Two blocks take turns, one being read while the other is on its way:
 * a fresh megabyte for every read would cost more in page faults than the sending itself. Stops when the reply comes before the body's
 * end (a refusal) or the connection closes. Rejects with `DockError` when the file cannot be read, with another
 * error when it ends early.
 */
export async function sendFile(
  outgoing: ClientRequest,
  path: string,
  range: { readonly start: number; readonly end: number },
  onSent: (bytes: number) => void,
): Promise<void> {
  let over = false;
  const ended = new Promise<void>((resolve) => {
    const end = () => {
      over = true;
      resolve();
    };
    outgoing.once('close', end);
    outgoing.once('response', end);
  });
  const cannotRead = (cause: NodeJS.ErrnoException): never => {
    throw unreadable(path, cause);
  };
  await using file = await open(path, 'r').catch(cannotRead);
  let [filling, leaving] = [Buffer.allocUnsafeSlow(blockSize), Buffer.allocUnsafeSlow(blockSize)];
  let left: Promise<void> = Promise.resolve();
  for (let position = range.start; position < range.end; ) {
    const size = Math.min(blockSize, range.end - position);
    const { bytesRead } = await file.read(filling, 0, size, position).catch(cannotRead);
    if (bytesRead === 0) throw new Error(`${path} ended at ${position} of ${range.end} bytes`);
    await left;
    if (over) return;
    // The callback says that the network has taken the block, and it may be filled anew.
    const block = filling.subarray(0, bytesRead);
    left = Promise.race([ended, new Promise<void>((resolve) => outgoing.write(block, () => resolve()))]);
    position += bytesRead;
    onSent(bytesRead);
    [filling, leaving] = [leaving, filling];
  }
  await left;
  outgoing.end();
}
