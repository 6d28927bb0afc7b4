import { createHash, randomBytes } from 'node:crypto';
import type { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { type ContentDigest, DigestPool, type DigestPoolOptions } from './index.ts';

const MIB = 1024 * 1024;
const SHA256 = { sha256: true, sm3: false, partSize: null, tree: false } as const;
const SM3 = { sha256: false, sm3: true, partSize: null, tree: false } as const;
const ALL = { sha256: true, sm3: true, partSize: MIB, tree: true } as const;

/** The worker threads started, as the process itself reports them. */
let threads: Worker[] = [];
const onWorker = (worker: Worker): unknown => threads.push(worker);
process.on('worker', onWorker);
afterEach(() => {
  threads = [];
});

function openPool(options: DigestPoolOptions): DigestPool {
  const pool = new DigestPool(options);
  onTestFinished(() => pool.close());
  return pool;
}

async function feed(open: ContentDigest, content: Uint8Array, chunkSize = MIB): Promise<void> {
  for (let at = 0; at < content.length; at += chunkSize) await open.update(content.subarray(at, at + chunkSize));
}

function hex(algorithm: string, data: Uint8Array): string {
  return createHash(algorithm).update(data).digest('hex');
}

describe('a digest pool', () => {
  it('runs SM3 on a thread of its own, beside SHA-256', () => {
    const pool = openPool({ threads: 8 });
    pool.open(ALL);
    expect(pool.threadCount).toBe(2);
  });

  it('starts no more threads than allowed and keeps many interleaved streams apart', async () => {
    const pool = openPool({ threads: 3 });
    const contents = Array.from({ length: 12 }, (_, index) => randomBytes(MIB + index * 77_777));
    const digests = await Promise.all(
      contents.map(async (content, index) => {
        const open = pool.open(ALL);
        await feed(open, content, 10_007 * (index + 1));
        return open.finish();
      }),
    );
    expect(digests.map((digest) => digest.sm3)).toEqual(contents.map((content) => hex('sm3', content)));
    expect(digests.map((digest) => digest.sha256)).toEqual(contents.map((content) => hex('sha256', content)));
    expect(pool.threadCount).toBe(3);
  });

  it('keeps the memory bound with more streams than blocks', async () => {
    const pool = openPool({ threads: 2, memory: 2 * MIB });
    const contents = Array.from({ length: 6 }, () => randomBytes(3 * MIB + 1));
    const sums = await Promise.all(
      contents.map(async (content) => {
        const open = pool.open(ALL);
        await feed(open, content, 300_000);
        return (await open.finish()).sha256;
      }),
    );
    expect(sums).toEqual(contents.map((content) => hex('sha256', content)));
    expect(pool.memoryInUse).toBe(2 * MIB);
  });

  it('lets resting streams hold neither memory nor a thread, and continues them', async () => {
    const pool = openPool({ threads: 1, memory: MIB });
    const content = randomBytes(100_000);
    const resting = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const open = pool.open(ALL);
        await open.update(content);
        return open;
      }),
    );
    const running = pool.open(SHA256);
    const large = randomBytes(5 * MIB);
    await feed(running, large);
    expect((await running.finish()).sha256).toBe(hex('sha256', large));

    for (const open of resting) {
      await open.update(content);
      expect((await open.finish()).sm3).toBe(hex('sm3', Buffer.concat([content, content])));
    }
  });

  it('fails only the streams of a thread that dies, and replaces the thread', async () => {
    const pool = openPool({ threads: 2 });
    const doomed = pool.open(SHA256);
    const spared = pool.open(SHA256);
    const content = randomBytes(3 * MIB);
    await doomed.update(content);
    await doomed.settled();
    await spared.update(content);
    expect(threads).toHaveLength(2);

    await threads[0]?.terminate();
    await expect(doomed.update(content)).rejects.toMatchObject({ name: 'DigestError', code: 'thread_lost' });
    await expect(doomed.finish()).rejects.toMatchObject({ code: 'thread_lost' });
    expect((await spared.finish()).sha256).toBe(hex('sha256', content));

    const again = await Promise.all(
      [SHA256, SHA256].map(async (selection) => {
        const open = pool.open(selection);
        await feed(open, content);
        return (await open.finish()).sha256;
      }),
    );
    expect(again).toEqual([hex('sha256', content), hex('sha256', content)]);
    expect(threads).toHaveLength(3);
  });

  it('says why a thread died, and loses no memory with the blocks it had not read', async () => {
    const pool = openPool({ threads: 2, memory: 2 * MIB });
    const content = randomBytes(8 * MIB);
    for (let round = 0; round < 4; round++) {
      const open = pool.open(ALL);
      await open.update(Buffer.of(round));
      await open.settled();
      // A message that makes no sense ends the thread with an exception, as a defect in it would.
      threads.at(-1)?.postMessage({ kind: 'finish', stream: -1 });
      await expect(feed(open, content).then(() => open.finish())).rejects.toMatchObject({
        code: 'thread_lost',
        cause: expect.objectContaining({ message: expect.stringContaining('Stream -1') }),
      });
    }
    const open = pool.open(ALL);
    await feed(open, content);
    expect((await open.finish()).sm3).toBe(hex('sm3', content));
  });

  it('rejects waiting and later calls when it is closed', async () => {
    const pool = openPool({ threads: 1, memory: MIB });
    const first = pool.open(SM3);
    const second = pool.open(SM3);
    const pending = [first.update(randomBytes(9 * MIB)), second.update(randomBytes(9 * MIB))].map((update) =>
      expect(update).rejects.toMatchObject({ code: 'closed' }),
    );
    await pool.close();
    await Promise.all(pending);
    await expect(first.finish()).rejects.toMatchObject({ code: 'closed' });
    expect(() => pool.open(SM3)).toThrow(expect.objectContaining({ code: 'closed' }));
    expect(pool.threadCount).toBe(0);
  });
});
