import type { FileHandle } from 'node:fs/promises';
import { VaultError } from '../errors.ts';
import { assertSha256 } from '../parts.ts';
import type { PartWriter, StoredPart } from '../port.ts';
import { attempt } from './filesystem.ts';
import { clearRecord, etagOf, writeRecord } from './part-records.ts';
import { SequentialWriter, type WrittenFile } from './sequential-writer.ts';

export interface PartPlace {
  readonly partNumber: number;
  /** bytes; where the part begins in the staging file */
  readonly start: number;
  /** bytes; the most the part may hold */
  readonly partSize: number;
  /** bytes kept earlier */
  readonly tailLength: number;
}

/** Writes one part at its place in the staging file. */
export class DiskPartWriter implements PartWriter {
  readonly #data: WrittenFile;
  readonly #records: FileHandle;
  readonly #place: PartPlace;
  readonly #writer: SequentialWriter;
  readonly #onEnd: (writer: DiskPartWriter) => void;
  #length: number;
  #ended: VaultError | null = null;
  #closing: Promise<void> | null = null;

  /** Takes all handles over and closes them when the part ends. */
  constructor(data: WrittenFile, records: FileHandle, place: PartPlace, onEnd: (writer: DiskPartWriter) => void) {
    this.#data = data;
    this.#records = records;
    this.#place = place;
    this.#onEnd = onEnd;
    this.#length = place.tailLength;
    this.#writer = new SequentialWriter(data, place.start + place.tailLength, `Writing part ${place.partNumber}`);
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.#assertOpen();
    if (this.#length + chunk.length > this.#place.partSize) {
      // Refused before a byte of it is written: the next byte on disk belongs to the next part.
      throw new VaultError(
        'invalid',
        `Part ${this.#place.partNumber} holds ${this.#place.partSize} bytes and has ${this.#length}; ${chunk.length} more do not fit. Open the next part for them.`,
      );
    }
    this.#length += chunk.length;
    await this.#writer.write(chunk);
  }

  async commit(sha256: string): Promise<StoredPart> {
    this.#assertOpen();
    assertSha256(sha256);
    if (this.#length === 0) throw new VaultError('invalid', 'A part has at least one byte; discard an empty one.');
    const { partNumber } = this.#place;
    const part: StoredPart = { partNumber, size: this.#length, sha256, etag: etagOf(this.#length, sha256) };
    return this.#end('ended by commit', async () => {
      // At once, although the record may then reach the disk before the bytes: it counts for nothing until the caller
      // names this very part to `complete`, and the caller learns of it only when both are down.
      const recording = attempt(`Recording part ${partNumber}`, () => writeRecord(this.#records, part));
      const [synced, recorded] = await Promise.allSettled([this.#writer.sync(), recording]);
      if (synced.status === 'rejected') {
        await clearRecord(this.#records, partNumber).catch(() => undefined);
        throw synced.reason;
      }
      if (recorded.status === 'rejected') throw recorded.reason;
      return part;
    });
  }

  async keep(): Promise<void> {
    this.#assertOpen();
    await this.#end('ended by keep', () => this.#writer.sync());
  }

  async discard(): Promise<void> {
    await this.cutOff(new VaultError('invalid', `This writer of part ${this.#place.partNumber} was discarded.`));
  }

  /** Ends the writer from outside; resolves when it can no longer change a byte. Never rejects. */
  async cutOff(reason: VaultError): Promise<void> {
    this.#ended ??= reason;
    await this.#writer.stop(reason);
    await this.#close();
  }

  async #end<T>(how: string, work: () => Promise<T>): Promise<T> {
    this.#ended = new VaultError(
      'invalid',
      `This writer of part ${this.#place.partNumber} was ${how}; open the part again.`,
    );
    const working = work();
    // `cutOff` waits for a commit under way: it may not change a byte after that either.
    this.#closing = working.then(
      () => this.#closeHandles(),
      () => this.#closeHandles(),
    );
    try {
      return await working;
    } finally {
      await this.#closing;
    }
  }

  #close(): Promise<void> {
    this.#closing ??= this.#closeHandles();
    return this.#closing;
  }

  async #closeHandles(): Promise<void> {
    // Nothing depends on close: what matters was synced before, or is not acknowledged.
    await Promise.allSettled([this.#data.cached.close(), this.#data.direct?.close(), this.#records.close()]);
    this.#onEnd(this);
  }

  #assertOpen(): void {
    if (this.#ended !== null) throw this.#ended;
  }
}
