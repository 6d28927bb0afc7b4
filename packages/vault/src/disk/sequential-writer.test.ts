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

/** A handle whose writes take `most` bytes at a time, as the kernel may. */
function takingAtMost(handle: FileHandle, most: number): FileHandle {
  const write = (block: Uint8Array, offset: number, length: number, position: number) =>
    handle.write(block, offset, Math.min(length, most), position);
  return new Proxy(handle, {
    get(target, name) {
      if (name === 'write') return write;
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
      direct: file.direct && takingAtMost(file.direct, Math.ceil(most / 4096) * 4096),
    };
    const writer = new SequentialWriter(short, 10, 'Writing');
    for (let at = 0; at < content.length; at += 65_536) await writer.write(content.slice(at, at + 65_536));
    await writer.sync();
    expect((await readFile(path)).subarray(10).equals(content)).toBe(true);
  });

  it('keeps the bytes however they are cut, although the chunks are changed afterwards', async () => {
    const { file, path } = await freshFile(around);
    const content = someBytes(3_000_000);
    const sizes = fc.array(fc.integer({ min: 0, max: 700_000 }), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(sizes, fc.integer({ min: 0, max: 10_000 }), async (cuts, position) => {
        await file.cached.truncate(0);
        const writer = new SequentialWriter(file, position, 'Writing');
        let at = 0;
        for (const size of cuts) {
          const chunk = content.slice(at, at + size);
          at += chunk.length;
          await writer.write(chunk);
          chunk.fill(0);
        }
        await writer.sync();
        expect((await readFile(path)).subarray(position).equals(content.subarray(0, at))).toBe(true);
      }),
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
