import { constants } from 'node:fs';
import { type FileHandle, mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { someBytes } from '../conformance/content.ts';
import { SequentialWriter, type WrittenFile } from './sequential-writer.ts';

async function freshFile(around: boolean): Promise<{ file: WrittenFile; path: string }> {
  const directory = await mkdtemp(join(tmpdir(), 'fengcun-writer-'));
  const path = join(directory, 'file');
  const cached = await open(path, 'wx+');
  const direct = around ? await open(path, constants.O_RDWR | constants.O_DIRECT) : null;
  onTestFinished(async () => {
    await cached.close();
    await direct?.close();
    await rm(directory, { recursive: true });
  });
  return { file: { cached, direct }, path };
}

/** A handle whose writes take `most` bytes at a time, as the kernel may; direct ones whole units of the disk. */
function takingAtMost(handle: FileHandle, most: number): FileHandle {
  const short = {
    writev: (chunks: readonly Uint8Array[], position: number) => {
      const first = chunks[0]?.subarray(0, most) ?? new Uint8Array();
      return handle.write(first, 0, first.length, position);
    },
    write: (block: Uint8Array, offset: number, length: number, position: number) =>
      handle.write(block, offset, Math.min(length, Math.max(4096, most - (most % 4096))), position),
  };
  return new Proxy(handle, {
    get(target, name) {
      if (name === 'writev' || name === 'write') return short[name];
      const member: unknown = Reflect.get(target, name, target);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
}

describe.each([
  ['through the cache', false],
  ['around the cache', true],
])('a sequential writer %s', (_, around) => {
  it.each([1_000_003, 777, 100_000])('writes everything when the kernel takes %i bytes at a time', async (most) => {
    const { file, path } = await freshFile(around);
    const content = someBytes(1_500_000);
    const short = {
      cached: takingAtMost(file.cached, most),
      direct: file.direct && takingAtMost(file.direct, most),
    };
    const writer = new SequentialWriter(short, 10, 'Writing');
    for (let at = 0; at < content.length; at += 65_536) await writer.write(content.slice(at, at + 65_536));
    await writer.sync();
    expect((await readFile(path)).subarray(10).equals(content)).toBe(true);
  });

  it('keeps the order however the bytes are cut, awaited or not', async () => {
    const { file, path } = await freshFile(around);
    const content = someBytes(3_000_000);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 700_000 }), { minLength: 1, maxLength: 12 }),
        fc.boolean(),
        async (sizes, awaited) => {
          await file.cached.truncate(0);
          const writer = new SequentialWriter(file, 0, 'Writing');
          const pending: Promise<void>[] = [];
          let at = 0;
          for (const size of sizes) {
            const write = writer.write(content.slice(at, at + size));
            at = Math.min(content.length, at + size);
            if (awaited) await write;
            else pending.push(write);
          }
          await Promise.all(pending);
          await writer.sync();
          expect((await readFile(path)).equals(content.subarray(0, at))).toBe(true);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('takes a long trickle of single bytes', async () => {
    const { file, path } = await freshFile(around);
    const content = someBytes(5_000);
    const writer = new SequentialWriter(file, 0, 'Writing');
    for (const byte of content) await writer.write(Uint8Array.of(byte));
    await writer.sync();
    expect((await readFile(path)).equals(content)).toBe(true);
  });
});
