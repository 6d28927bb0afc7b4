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

it('hands over every chunk, in order', async () => {
  expect(await readAll(readAhead(source(['a', 'b', 'c', 'd', 'e']), 100))).toEqual(['a', 'b', 'c', 'd', 'e']);
});

it('gives a chunk its memory back when the next one is asked for, not before', async () => {
  const reader = readAhead(source(['a', 'b']), 100);
  const { value: first } = await reader.next();
  expect(first).toHaveLength(1);
  await reader.next();
  expect(first).toHaveLength(0);
});

it('an empty source gives nothing', async () => {
  expect(await readAll(readAhead(source([]), 1))).toEqual([]);
});

it('lets the source run ahead as far as allowed and no further', async () => {
  const seen: string[] = [];
  const reader = readAhead(source(['a', 'b', 'c', 'd', 'e', 'f'], seen), 3);
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
  const reader = readAhead(failing(), 10);
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
  for await (const _ of readAhead(endless(), 2)) break;
  await stopped.promise;
});
