import type { FileHandle } from 'node:fs/promises';
import { ALIGNMENT, BLOCK_SIZE, withBlock } from './direct-io.ts';
import { asVaultError } from './filesystem.ts';

/** bytes gathered before they are written: network chunks of 64 KiB cost a quarter of the throughput one by one */
const BATCH_BYTES = BLOCK_SIZE;
/** chunks in one batch; a trickle of tiny chunks must not become a long list (IOV_MAX is 1024) */
const BATCH_CHUNKS = 512;
/** bytes written before a flush to disk is begun in the background, so that the final one has little left to wait for */
const SYNC_BYTES = 4 * 1024 * 1024;

export interface WrittenFile {
  readonly cached: FileHandle;
  /** The same file opened for direct I/O, for bytes that nobody reads soon; null to have all of them in the cache. */
  readonly direct: FileHandle | null;
}

/**
 * Writes chunks one after the other from a position on: one batch is on its way to the file while the next gathers, so about 2 MiB are
 * held. A failure is final, because after a failed fsync the kernel may have dropped the pages and a second fsync would succeed without
 * them.
 */
export class SequentialWriter {
  readonly #file: WrittenFile;
  readonly #action: string;
  #position: number;
  #gathered: Uint8Array[] = [];
  #gatheredBytes = 0;
  #unsynced = 0;
  #writing: Promise<void> | null = null;
  #syncing: Promise<void> | null = null;
  #failure: Error | null = null;

  constructor(file: WrittenFile, position: number, action: string) {
    this.#file = file;
    this.#position = position;
    this.#action = action;
  }

  /** Resolves when more may be written; the chunk must not change any more. */
  async write(chunk: Uint8Array): Promise<void> {
    this.#throwFailure();
    if (chunk.length === 0) return;
    this.#gathered.push(chunk);
    this.#gatheredBytes += chunk.length;
    while (this.#gatheredBytes >= BATCH_BYTES || this.#gathered.length >= BATCH_CHUNKS) {
      if (this.#writing === null) this.#startWriting();
      else await this.#writing;
      this.#throwFailure();
    }
  }

  /** Resolves when everything written is on the disk. */
  async sync(): Promise<void> {
    await this.#drain();
    this.#throwFailure();
    try {
      await this.#file.cached.datasync();
    } catch (error) {
      this.#fail(error);
    }
    this.#throwFailure();
  }

  /** Makes every later call reject with `reason`, and resolves when no write is under way any more. Never rejects. */
  async stop(reason: Error): Promise<void> {
    this.#failure ??= reason;
    this.#gathered = [];
    this.#gatheredBytes = 0;
    await this.#writing;
    await this.#syncing;
  }

  async #drain(): Promise<void> {
    while (this.#writing !== null || this.#gatheredBytes > 0) {
      if (this.#writing === null) this.#startWriting();
      await this.#writing;
      this.#throwFailure();
    }
    await this.#syncing;
  }

  #startWriting(): void {
    const position = this.#position;
    const { bytes, direct } = this.#nextBatch();
    const chunks = this.#take(bytes);
    this.#position += bytes;
    const writing = direct
      ? this.#writeDirectly(direct, chunks, bytes, position)
      : this.#writeCached(chunks, bytes, position);
    this.#writing = writing.then(
      () => {
        this.#writing = null;
        if (direct) return;
        this.#unsynced += bytes;
        this.#syncInBackground();
      },
      (error: unknown) => {
        this.#writing = null;
        this.#fail(error);
      },
    );
  }

  /** What is gathered, or what direct I/O takes of it. Bytes before and after whole units of the disk go through the cache. */
  #nextBatch(): { readonly bytes: number; readonly direct: FileHandle | null } {
    const { direct } = this.#file;
    const gathered = this.#gatheredBytes;
    if (direct === null) return { bytes: gathered, direct };
    const before = (ALIGNMENT - (this.#position % ALIGNMENT)) % ALIGNMENT;
    if (before > 0 || gathered < ALIGNMENT) return { bytes: Math.min(gathered, before || gathered), direct: null };
    const most = Math.min(gathered, BLOCK_SIZE);
    return { bytes: most - (most % ALIGNMENT), direct };
  }

  #take(bytes: number): Uint8Array[] {
    const gathered = this.#gathered;
    this.#gathered = dropBytes(gathered, bytes);
    this.#gatheredBytes -= bytes;
    return firstBytes(gathered, bytes);
  }

  /** A write may be short (a signal, the last free block): it goes on with the rest until all is written or one fails. */
  async #writeCached(chunks: Uint8Array[], bytes: number, position: number): Promise<void> {
    let done = 0;
    let rest = chunks;
    while (done < bytes) {
      const { bytesWritten } = await this.#file.cached.writev(rest, position + done);
      done += bytesWritten;
      if (done < bytes) rest = dropBytes(rest, bytesWritten);
    }
  }

  /** After a short write the rest goes through the cache, which takes any length. */
  async #writeDirectly(direct: FileHandle, chunks: Uint8Array[], bytes: number, position: number): Promise<void> {
    const done = await withBlock(async (block) => {
      let filled = 0;
      for (const chunk of chunks) {
        block.set(chunk, filled);
        filled += chunk.length;
      }
      return (await direct.write(block, 0, bytes, position)).bytesWritten;
    });
    if (done < bytes) await this.#writeCached(dropBytes(chunks, done), bytes - done, position + done);
  }

  #syncInBackground(): void {
    if (this.#unsynced < SYNC_BYTES || this.#syncing !== null || this.#failure !== null) return;
    this.#unsynced = 0;
    this.#syncing = this.#file.cached.datasync().then(
      () => {
        this.#syncing = null;
      },
      (error: unknown) => {
        this.#syncing = null;
        this.#fail(error);
      },
    );
  }

  #fail(error: unknown): void {
    this.#failure ??= asVaultError(error, this.#action);
    this.#gathered = [];
    this.#gatheredBytes = 0;
  }

  #throwFailure(): void {
    if (this.#failure !== null) throw this.#failure;
  }
}

function dropBytes(chunks: readonly Uint8Array[], count: number): Uint8Array[] {
  let left = count;
  const rest: Uint8Array[] = [];
  for (const chunk of chunks) {
    if (left >= chunk.length) {
      left -= chunk.length;
    } else {
      rest.push(chunk.subarray(left));
      left = 0;
    }
  }
  return rest;
}

function firstBytes(chunks: readonly Uint8Array[], count: number): Uint8Array[] {
  let left = count;
  const first: Uint8Array[] = [];
  for (const chunk of chunks) {
    if (left === 0) break;
    first.push(chunk.subarray(0, left));
    left -= Math.min(left, chunk.length);
  }
  return first;
}
