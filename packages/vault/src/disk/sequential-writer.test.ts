import { type FileHandle, mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { someBytes } from '../conformance/content.ts';
import { SequentialWriter } from './sequential-writer.ts';

async function freshFile(): Promise<{ handle: FileHandle; path: string }> {
  const directory = await mkdtemp(join(tmpdir(), 'fengcun-writer-'));
  const path = join(directory, 'file');
  const handle = await open(path, 'wx+');
  onTestFinished(async () => {
    await handle.close();
    await rm(directory, { recursive: true });
  });
  return { handle, path };
}

/** A handle whose vectored writes take `most` bytes at a time, as the kernel may. */
function takingAtMost(handle: FileHandle, most: number): FileHandle {
  return new Proxy(handle, {
    get(target, name) {
      if (name !== 'writev') {
        const member: unknown = Reflect.get(target, name, target);
        return typeof member === 'function' ? member.bind(target) : member;
      }
      return async (chunks: readonly Uint8Array[], position: number) => {
        const first = chunks[0]?.subarray(0, most) ?? new Uint8Array();
        return target.write(first, 0, first.length, position);
      };
    },
  });
}

describe('a sequential writer', () => {
  it.each([1_000_003, 777, 100_000])('writes everything when the kernel takes %i bytes at a time', async (most) => {
    const { handle, path } = await freshFile();
    const content = someBytes(1_500_000);
    const writer = new SequentialWriter(takingAtMost(handle, most), 10, 'Writing');
    for (let at = 0; at < content.length; at += 65_536) await writer.write(content.slice(at, at + 65_536));
    await writer.sync();
    expect((await readFile(path)).subarray(10).equals(content)).toBe(true);
  });

  it('keeps the order however the bytes are cut, awaited or not', async () => {
    const { handle, path } = await freshFile();
    const content = someBytes(3_000_000);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 700_000 }), { minLength: 1, maxLength: 12 }),
        fc.boolean(),
        async (sizes, awaited) => {
          await handle.truncate(0);
          const writer = new SequentialWriter(handle, 0, 'Writing');
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
    const { handle, path } = await freshFile();
    const content = someBytes(5_000);
    const writer = new SequentialWriter(handle, 0, 'Writing');
    for (const byte of content) await writer.write(Uint8Array.of(byte));
    await writer.sync();
    expect((await readFile(path)).equals(content)).toBe(true);
  });
});
