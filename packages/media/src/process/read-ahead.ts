/** How far the source may run ahead, and how much is handed over at once. Bytes. */
export interface ReadAheadSizes {
  readonly ahead: number;
  readonly batch: number;
}

/**
 * Lets a source work while its reader is busy with what it got before, up to `ahead` bytes, and joins small chunks into batches: a pipe
 * gives 64 KiB at a time, and a reader that writes to disk or network pays for each one it gets.
 * An error of the source reaches the reader after the bytes before it. A reader that stops early stops the source.
 */
export async function* readAhead(source: AsyncIterable<Uint8Array>, sizes: ReadAheadSizes): AsyncGenerator<Uint8Array> {
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
        if (queued >= sizes.batch) wake.resolve();
        while (queued >= sizes.ahead && state === 'running') {
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
      if (queued < sizes.batch && state === 'running') {
        wake = Promise.withResolvers();
        await wake.promise;
        continue;
      }
      const batch = take(queue, sizes.batch);
      if (!batch) break;
      queued -= batch.byteLength;
      room.resolve();
      yield batch;
    }
    await pumped;
  } finally {
    state = 'stopped';
    room.resolve();
  }
}

/** Whole chunks from the front, joined, until they reach `size`. */
function take(queue: Uint8Array[], size: number): Uint8Array | null {
  let count = 0;
  for (let bytes = 0; count < queue.length && bytes < size; count += 1) bytes += queue[count]?.byteLength ?? 0;
  const chunks = queue.splice(0, count);
  return chunks.length > 1 ? Buffer.concat(chunks) : (chunks[0] ?? null);
}
