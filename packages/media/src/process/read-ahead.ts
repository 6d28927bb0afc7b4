import { giveBack } from '@fengcun/runtime';

/**
 * Lets a source work while its reader is busy with what it got before, up to `ahead` bytes. A chunk is its reader's until it asks for the
 * next one; then its memory is given back.
 * An error of the source reaches the reader after the bytes before it. A reader that stops early stops the source.
 */
export async function* readAhead(source: AsyncIterable<Uint8Array>, ahead: number): AsyncGenerator<Uint8Array> {
  const queue: Uint8Array[] = [];
  let queued = 0;
  let state: 'running' | 'ended' | 'stopped' = 'running';
  let wake = Promise.withResolvers<void>();
  let room = Promise.withResolvers<void>();

  const pump = async () => {
    try {
      for await (const chunk of source) {
        queue.push(chunk);
        queued += chunk.byteLength;
        wake.resolve();
        while (queued >= ahead && state === 'running') {
          room = Promise.withResolvers();
          await room.promise;
        }
        if (state === 'stopped') return;
      }
    } finally {
      if (state === 'running') state = 'ended';
      wake.resolve();
    }
  };
  const pumped = pump();
  // Awaited below, once the bytes that came before a failure are handed over.
  pumped.catch(() => undefined);

  try {
    for (;;) {
      const chunk = queue.shift();
      if (chunk) {
        queued -= chunk.byteLength;
        room.resolve();
        yield chunk;
        giveBack(chunk);
      } else if (state === 'running') {
        wake = Promise.withResolvers();
        await wake.promise;
      } else break;
    }
    await pumped;
  } finally {
    state = 'stopped';
    room.resolve();
  }
}
