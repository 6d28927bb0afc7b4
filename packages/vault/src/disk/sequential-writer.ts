import type { FileHandle } from 'node:fs/promises';
import { asVaultError } from './filesystem.ts';

/** bytes gathered before one vectored write: network chunks of 64 KiB cost a quarter of the throughput one by one */
const BATCH_BYTES = 1024 * 1024;
/** chunks in one batch; a trickle of tiny chunks must not become a long list (IOV_MAX is 1024) */
const BATCH_CHUNKS = 512;
/** bytes written before a flush to disk is begun in the background, so that the final one has little left to wait for */
const SYNC_BYTES = 4 * 1024 * 1024;

/**
 * Writes chunks one after the other from a position on, without copying them: one batch is on its way to the file while the
 * next gathers, so about 2 MiB are held. A failure is final, because after a failed fsync the kernel may have dropped the
 * pages and a second fsync would succeed without them.
 */
export class SequentialWriter {
  readonly #handle: FileHandle;
  readonly #action: string;
  #position: number;
  #gathered: Uint8Array[] = [];
  #gatheredBytes = 0;
  #unsynced = 0;
  #writing: Promise<void> | null = null;
  #syncing: Promise<void> | null = null;
  #failure: Error | null = null;

  constructor(handle: FileHandle, position: number, action: string) {
    this.#handle = handle;
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
      await this.#handle.datasync();
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
    const chunks = this.#gathered;
    const bytes = this.#gatheredBytes;
    const position = this.#position;
    this.#gathered = [];
    this.#gatheredBytes = 0;
    this.#position += bytes;
    this.#writing = this.#writeAll(chunks, bytes, position).then(
      () => {
        this.#writing = null;
        this.#unsynced += bytes;
        this.#syncInBackground();
      },
      (error: unknown) => {
        this.#writing = null;
        this.#fail(error);
      },
    );
  }

  /** A write may be short (a signal, the last free block): it goes on with the rest until all is written or one fails. */
  async #writeAll(chunks: Uint8Array[], bytes: number, position: number): Promise<void> {
    let done = 0;
    let rest = chunks;
    while (done < bytes) {
      const { bytesWritten } = await this.#handle.writev(rest, position + done);
      done += bytesWritten;
      if (done < bytes) rest = dropBytes(rest, bytesWritten);
    }
  }

  #syncInBackground(): void {
    if (this.#unsynced < SYNC_BYTES || this.#syncing !== null || this.#failure !== null) return;
    this.#unsynced = 0;
    this.#syncing = this.#handle.datasync().then(
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
