import type { FileHandle } from 'node:fs/promises';
import { ALIGNMENT, BLOCK_SIZE, giveBlock, takeBlock } from './direct-io.ts';
import { asVaultError } from './filesystem.ts';

/** bytes written before a flush to disk is begun in the background, so that the final one has little left to wait for */
const SYNC_BYTES = 4 * 1024 * 1024;

export interface WrittenFile {
  readonly cached: FileHandle;
  /** The same file opened for direct I/O, for bytes that nobody reads soon; null to have all of them in the cache. */
  readonly direct: FileHandle | null;
}

/**
 * Writes chunks one after the other from a position on, gathered in blocks: one is on its way to the file while the next is filled, so 2 MiB
 * are held. A block has the place of its bytes in the file, so that whole units of the disk are whole units of memory.
 *
 * A failure is final, because after a failed fsync the kernel may have dropped the pages and a second fsync would succeed without them. `sync`
 * or `stop` has to end it: until then it holds its blocks.
 */
export class SequentialWriter {
  readonly #file: WrittenFile;
  readonly #action: string;
  /** where the block begins in the file; a multiple of ALIGNMENT */
  #base: number;
  #block: Uint8Array | null = null;
  /** the block's bytes from here to `filled` are still to be written */
  #from: number;
  #filled: number;
  #unsynced = 0;
  #writing: Promise<void> | null = null;
  #syncing: Promise<void> | null = null;
  #failure: Error | null = null;

  constructor(file: WrittenFile, position: number, action: string) {
    this.#file = file;
    this.#action = action;
    this.#from = position % ALIGNMENT;
    this.#base = position - this.#from;
    this.#filled = this.#from;
  }

  /** Resolves when more may be written, and the chunk is the caller's again. One call at a time. */
  async write(chunk: Uint8Array): Promise<void> {
    this.#throwFailure();
    for (let at = 0; at < chunk.length; ) {
      const block = this.#block ?? (await this.#nextBlock());
      const piece = chunk.subarray(at, at + BLOCK_SIZE - this.#filled);
      block.set(piece, this.#filled);
      this.#filled += piece.length;
      at += piece.length;
      if (this.#filled === BLOCK_SIZE) await this.#flush();
    }
  }

  /** Resolves when everything written is on the disk. */
  async sync(): Promise<void> {
    await this.#flush();
    await this.#writing;
    await this.#syncing;
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
    this.#fail(reason);
    await this.#writing;
    await this.#syncing;
  }

  async #nextBlock(): Promise<Uint8Array> {
    const block = await takeBlock();
    if (this.#failure !== null) {
      giveBlock(block);
      throw this.#failure;
    }
    this.#block = block;
    return block;
  }

  /** Begins to write what is gathered, once the block before is written. */
  async #flush(): Promise<void> {
    await this.#writing;
    this.#throwFailure();
    const block = this.#block;
    if (block === null) return;
    const from = this.#from;
    const filled = this.#filled;
    this.#writing = this.#writeBlock(block, from, filled, this.#base)
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        this.#writing = null;
        giveBlock(block);
      });
    this.#block = null;
    this.#base += BLOCK_SIZE;
    this.#from = 0;
    this.#filled = 0;
  }

  /** Whole units of the disk go around the cache, where that is wanted; what is before and after them goes through it. */
  async #writeBlock(block: Uint8Array, from: number, filled: number, base: number): Promise<void> {
    const { direct } = this.#file;
    const start = Math.ceil(from / ALIGNMENT) * ALIGNMENT;
    const end = filled - (filled % ALIGNMENT);
    if (direct === null || start >= end) return this.#writeCached(block, from, filled, base);
    await this.#writeCached(block, from, start, base);
    const { bytesWritten } = await direct.write(block, start, end - start, base + start);
    // After a short write (a signal, the last free block) the rest goes through the cache, which takes any length.
    await this.#writeCached(block, start + bytesWritten, filled, base);
  }

  async #writeCached(block: Uint8Array, from: number, to: number, base: number): Promise<void> {
    for (let at = from; at < to; ) {
      const { bytesWritten } = await this.#file.cached.write(block, at, to - at, base + at);
      at += bytesWritten;
    }
    this.#unsynced += to - from;
    this.#syncInBackground();
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
    if (this.#block !== null) giveBlock(this.#block);
    this.#block = null;
  }

  #throwFailure(): void {
    if (this.#failure !== null) throw this.#failure;
  }
}
