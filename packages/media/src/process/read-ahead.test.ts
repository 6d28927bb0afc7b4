import { expect, it, vi } from 'vitest';
import { readAhead } from './read-ahead.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

async function* source(texts: string[], seen: string[] = []) {
  for (const text of texts) {
    seen.push(text);
    yield bytes(text);
  }
}

const readAll = async (from: AsyncIterable<Uint8Array>) => {
  const got: string[] = [];
  for await (const chunk of from) got.push(new TextDecoder().decode(chunk));
  return got;
};

it('joins chunks into batches and loses none', async () => {
  expect(await readAll(readAhead(source(['a', 'b', 'c', 'd', 'e']), { ahead: 100, batch: 2 }))).toEqual([
    'ab',
    'cd',
    'e',
  ]);
});

it('an empty source gives nothing', async () => {
  expect(await readAll(readAhead(source([]), { ahead: 1, batch: 1 }))).toEqual([]);
});

it('lets the source run ahead as far as allowed and no further', async () => {
  const seen: string[] = [];
  const reader = readAhead(source(['a', 'b', 'c', 'd', 'e', 'f'], seen), { ahead: 3, batch: 1 });
  await reader.next();
  await vi.waitFor(() => expect(seen.length).toBeGreaterThanOrEqual(3));
  await new Promise((resolve) => setImmediate(resolve));
  expect(seen.length).toBeLessThanOrEqual(4);
  expect(await readAll(reader)).toEqual(['b', 'c', 'd', 'e', 'f']);
});

it('hands over what came before an error, then the error', async () => {
  async function* failing() {
    yield bytes('a');
    throw new Error('broken');
  }
  const reader = readAhead(failing(), { ahead: 10, batch: 10 });
  expect(await reader.next()).toMatchObject({ done: false });
  await expect(reader.next()).rejects.toThrow('broken');
});

it('a reader that stops stops the source', async () => {
  const stopped = Promise.withResolvers<void>();
  async function* endless() {
    try {
      for (;;) yield bytes('a');
    } finally {
      stopped.resolve();
    }
  }
  for await (const _ of readAhead(endless(), { ahead: 2, batch: 1 })) break;
  await stopped.promise;
});
