import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { join } from 'node:path';
import type { FileSystem } from './filesystem.ts';

/**
 * Reading and writing around the kernel's cache (open(2), "O_DIRECT"), for two reasons. What is read back comes from the disk and not from
 * the memory that it was written from a moment ago. And a recording of gigabytes neither pushes everything else out of the cache nor costs
 * the time of going through it.
 */

/** bytes; memory, offset and length of direct I/O are multiples of it. Disks want 512 or 4096 */
export const ALIGNMENT = 4096;
/** bytes; one read or write. Those of 64 KiB lose 40 % of the throughput */
export const BLOCK_SIZE = 1024 * 1024;
/** blocks in a process; beyond them writers and readers wait for each other */
const MOST = 1024;

/** This compiler's libraries describe WebAssembly only for browsers. */
declare const WebAssembly: {
  readonly Memory: new (limits: {
    initial: number;
    maximum: number;
    shared: true;
  }) => {
    readonly buffer: SharedArrayBuffer;
    grow(pages: number): number;
  };
};
const WASM_PAGE = 64 * 1024;
const PAGES = BLOCK_SIZE / WASM_PAGE;

/**
 * Memory that direct I/O can be done from, shared by all of a process. A WebAssembly memory begins on a page of the machine, which nothing
 * else that JavaScript can allocate promises; a shared one keeps its place when it grows. Blocks are kept and used again: memory that was
 * ever needed at once stays.
 */
const memory = new WebAssembly.Memory({ initial: 0, maximum: MOST * PAGES, shared: true });
const free: Uint8Array[] = [];
const waiting: ((block: Uint8Array) => void)[] = [];
let allocated = 0;

/** A block, when there is one; it must come back by `giveBlock`. What is in it is left from its last use. */
export async function takeBlock(): Promise<Uint8Array> {
  const block = free.pop();
  if (block !== undefined) return block;
  if (allocated === MOST) return new Promise((resolve) => waiting.push(resolve));
  memory.grow(PAGES);
  return new Uint8Array(memory.buffer, allocated++ * BLOCK_SIZE, BLOCK_SIZE);
}

export function giveBlock(block: Uint8Array): void {
  const next = waiting.shift();
  if (next === undefined) free.push(block);
  else next(block);
}

export async function withBlock<T>(work: (block: Uint8Array) => Promise<T>): Promise<T> {
  const block = await takeBlock();
  try {
    return await work(block);
  } finally {
    giveBlock(block);
  }
}

/** Writes and reads a block in this directory around the cache; false where its file system cannot. Leaves nothing behind. */
export async function canDoDirectIo(fileSystem: FileSystem, directory: string): Promise<boolean> {
  // Linux only.
  if (constants.O_DIRECT === undefined) return false;
  // Swept like an unfinished object when the process dies here.
  const path = join(directory, `.fengcun-vault-${randomUUID()}.new`);
  const flags = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_DIRECT;
  try {
    const handle = await fileSystem.open(path, flags, 0o600);
    try {
      return await withBlock(async (block) => {
        block.fill(0, 0, ALIGNMENT);
        const written = await handle.write(block, 0, ALIGNMENT, 0);
        const read = await handle.read(block, 0, BLOCK_SIZE, 0);
        return written.bytesWritten === ALIGNMENT && read.bytesRead === ALIGNMENT;
      });
    } finally {
      await handle.close();
    }
  } catch {
    // Why it cannot does not matter: everything goes through the cache then, and the probe says so.
    return false;
  } finally {
    await fileSystem.unlink(path).catch(() => undefined);
  }
}
