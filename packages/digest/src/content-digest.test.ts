import { createHash, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import {
  type ContentDigest,
  type ContentDigests,
  DigestPool,
  leafHash,
  openContentDigest,
  TREE_LEAF_SIZE,
  treeRoot,
} from './index.ts';

const MIB = 1024 * 1024;
const pool = new DigestPool({ threads: 2 });
afterAll(() => pool.close());

const ALL = { sha256: true, sm3: true, partSize: 3 * MIB, tree: true } as const;

async function digest(content: Uint8Array, chunkSize: number): Promise<ContentDigests<typeof ALL>> {
  const open = pool.open(ALL);
  for (let at = 0; at < content.length; at += chunkSize) await open.update(content.subarray(at, at + chunkSize));
  return open.finish();
}

function hex(algorithm: string, data: Uint8Array): string {
  return createHash(algorithm).update(data).digest('hex');
}

function slices(content: Uint8Array, size: number): Uint8Array[] {
  return Array.from({ length: Math.ceil(content.length / size) }, (_, index) =>
    content.subarray(index * size, (index + 1) * size),
  );
}

function expected(content: Uint8Array, partSize: number): ContentDigests<typeof ALL> {
  const leaves = Buffer.concat(slices(content, TREE_LEAF_SIZE).map(leafHash));
  return {
    size: content.length,
    sha256: hex('sha256', content),
    sm3: hex('sm3', content),
    parts: slices(content, partSize).map((part) => hex('sha256', part)),
    tree: { root: treeRoot(leaves), leafSize: TREE_LEAF_SIZE, leaves },
  };
}

async function feed(open: ContentDigest, content: Uint8Array, chunkSize = MIB): Promise<void> {
  for (let at = 0; at < content.length; at += chunkSize) await open.update(content.subarray(at, at + chunkSize));
}

describe('published vectors', () => {
  it.each([
    ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    [
      'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
      '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
    ],
    ['a'.repeat(1_000_000), 'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0'],
  ])('SHA-256 (FIPS 180-4 examples), case %#', async (text, sha256) => {
    expect((await digest(Buffer.from(text), 70_001)).sha256).toBe(sha256);
  });

  it.each([
    ['abc', '66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0'],
    ['abcd'.repeat(16), 'debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732'],
  ])('SM3 (GB/T 32905-2016, annex A), case %#', async (text, sm3) => {
    expect((await digest(Buffer.from(text), 7)).sm3).toBe(sm3);
  });
});

describe('a content digest', () => {
  it.each([
    0,
    1,
    3 * MIB - 1,
    3 * MIB,
    3 * MIB + 1,
    TREE_LEAF_SIZE - 1,
    TREE_LEAF_SIZE,
    TREE_LEAF_SIZE + 1,
    12 * MIB,
    12 * MIB + 5,
  ])('is right for %i bytes', async (size) => {
    const content = randomBytes(size);
    expect(await digest(content, 999_983)).toEqual(expected(content, ALL.partSize));
  });

  it('does not depend on how the content is cut into chunks', async () => {
    const content = randomBytes(5 * MIB + 321);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 2 * MIB }), { maxLength: 30 }),
        fc.integer({ min: 100, max: 4 * MIB }),
        async (chunkSizes, partSize) => {
          const open = pool.open({ ...ALL, partSize });
          let at = 0;
          for (const size of chunkSizes) {
            await open.update(content.subarray(at, at + size));
            at = Math.min(content.length, at + size);
          }
          expect(open.size).toBe(at);
          expect(await open.finish()).toEqual(expected(content.subarray(0, at), partSize));
        },
      ),
      { numRuns: 20 },
    );
  });

  it('computes what was selected and nothing else', async () => {
    const fixity = pool.open({ sha256: true, sm3: false, partSize: null, tree: false });
    await fixity.update(Buffer.from('abc'));
    const digests = await fixity.finish();
    expect(digests).toEqual({ size: 3, sha256: hex('sha256', Buffer.from('abc')), sm3: null, parts: null, tree: null });
  });

  it('has copied the chunk when update resolves, so that the caller may reuse it', async () => {
    const content = randomBytes(6 * MIB);
    const chunk = new Uint8Array(100_000);
    const open = pool.open(ALL);
    for (let at = 0; at < content.length; at += chunk.length) {
      const bytes = content.subarray(at, at + chunk.length);
      chunk.set(bytes);
      await open.update(chunk.subarray(0, bytes.length));
      chunk.fill(0);
    }
    expect((await open.finish()).sha256).toBe(hex('sha256', content));
  });

  it('tells the parts complete so far, long before the content ends', async () => {
    const content = randomBytes(7 * MIB);
    const open = pool.open(ALL);
    await feed(open, content.subarray(0, 6 * MIB - 1), 65_536);
    await open.settled();
    expect(open.partDigests()).toEqual([hex('sha256', content.subarray(0, 3 * MIB))]);
    await open.update(content.subarray(6 * MIB - 1));
    await open.settled();
    expect(open.partDigests()).toEqual(expected(content, ALL.partSize).parts.slice(0, 2));
    expect(await open.finish()).toEqual(expected(content, ALL.partSize));
  });

  it('works on the pool of the process too', async () => {
    using open = openContentDigest({ sha256: true, sm3: false, partSize: null, tree: false });
    await open.update(Buffer.from('abc'));
    expect((await open.finish()).sha256).toBe(hex('sha256', Buffer.from('abc')));
  });
});

describe('misuse and abort', () => {
  it('rejects what is still pending and everything after an abort', async () => {
    const open = pool.open(ALL);
    const pending = open.update(randomBytes(20 * MIB));
    open.abort();
    await expect(pending).rejects.toMatchObject({ code: 'aborted' });
    await expect(open.update(Buffer.from('x'))).rejects.toMatchObject({ code: 'aborted' });
    await expect(open.settled()).rejects.toMatchObject({ code: 'aborted' });
    await expect(open.finish()).rejects.toMatchObject({ code: 'aborted' });
  });

  it('gives all memory back on abort', async () => {
    const small = new DigestPool({ threads: 2, memory: 4 * MIB });
    for (let round = 0; round < 10; round++) {
      const open = small.open(ALL);
      // Once while update waits for a block, once with a block half full.
      const pending = open.update(randomBytes(round % 2 === 0 ? 6 * MIB : 1.5 * MIB)).catch(() => 'aborted');
      if (round % 2 === 1) await pending;
      open.abort();
      await pending;
    }
    const content = randomBytes(9 * MIB);
    const open = small.open(ALL);
    await feed(open, content);
    expect((await open.finish()).sm3).toBe(hex('sm3', content));
    await small.close();
  });

  it('aborts when a `using` block is left early, and keeps the result when it is left after finish', async () => {
    const { finished, abandoned } = await (async () => {
      using finished = pool.open(ALL);
      using abandoned = pool.open(ALL);
      await finished.finish();
      return { finished, abandoned };
    })();
    await expect(finished.finish()).rejects.toMatchObject({ code: 'misuse' });
    await expect(abandoned.finish()).rejects.toMatchObject({ code: 'aborted' });
  });

  it('refuses two updates at once, because their order would be a guess', async () => {
    const open = pool.open(ALL);
    const first = open.update(randomBytes(10 * MIB));
    await expect(open.update(Buffer.from('x'))).rejects.toMatchObject({ code: 'misuse' });
    await first;
    open.abort();
  });

  it('refuses an empty selection and a senseless part size', () => {
    expect(() => pool.open({ sha256: false, sm3: false, partSize: null, tree: false })).toThrow(
      expect.objectContaining({ code: 'misuse' }),
    );
    for (const partSize of [0, -1, 1.5, Number.NaN]) {
      expect(() => pool.open({ ...ALL, partSize })).toThrow(expect.objectContaining({ code: 'misuse' }));
    }
  });
});
