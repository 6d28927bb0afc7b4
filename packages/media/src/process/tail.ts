import type { Readable } from 'node:stream';

/** Reads a stream to its end and resolves with its last `limit` bytes; never holds much more than that. */
export function boundedTail(stream: Readable | null, limit: number): Promise<string> {
  if (!stream) return Promise.resolve('');
  let tail = Buffer.alloc(0);
  return new Promise((resolve) => {
    stream.on('data', (chunk: Buffer) => {
      tail = Buffer.concat([tail, chunk]);
      if (tail.length > limit) tail = Buffer.from(tail.subarray(tail.length - limit));
    });
    stream.once('close', () => resolve(tail.toString('utf8').trim()));
    stream.once('error', () => resolve(tail.toString('utf8').trim()));
  });
}
