import { hash } from 'node:crypto';
import { UploadPartCommand } from '@aws-sdk/client-s3';
import { VaultError } from '../errors.ts';
import { assertSha256 } from '../parts.ts';
import type { PartWriter, StoredPart, Transfer } from '../port.ts';
import type { Engine } from './engine.ts';
import { digestFields, type Integrity, isDigestRefusal, signing } from './integrity.ts';
import type { Layout } from './layout.ts';
import type { PartMemory } from './part-memory.ts';
import type { Segment, Tails } from './tails.ts';

export interface PartWriterContext {
  readonly engine: Engine;
  readonly layout: Layout;
  readonly integrity: Integrity;
  readonly memory: PartMemory;
  readonly tails: Tails;
}

export interface OpenedPart {
  readonly transfer: Transfer;
  readonly partNumber: number;
  /** bytes kept earlier, and what they consist of */
  readonly tailLength: number;
  readonly tail: readonly Segment[];
}

/** how often bytes are sent again that arrived as others */
const DAMAGED_ON_THE_WAY = 3;

/**
 * Gathers one part in memory and sends it whole. The buffer is as large as the part may become, but the system gives it pages only as they are
 * written to; an earlier tail is fetched into its beginning when the part is committed, not before.
 */
export class S3PartWriter implements PartWriter {
  readonly #context: PartWriterContext;
  readonly #part: OpenedPart;
  readonly #onEnd: (writer: S3PartWriter) => void;
  #buffer: Buffer | null = null;
  /** bytes taken from `memory` */
  #held = 0;
  #length: number;
  #ended: VaultError | null = null;
  #closing: Promise<void> | null = null;

  constructor(context: PartWriterContext, part: OpenedPart, onEnd: (writer: S3PartWriter) => void) {
    this.#context = context;
    this.#part = part;
    this.#onEnd = onEnd;
    this.#length = part.tailLength;
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.#assertOpen();
    const { partNumber, transfer } = this.#part;
    if (this.#length + chunk.length > transfer.partSize) {
      throw new VaultError(
        'invalid',
        `Part ${partNumber} holds ${transfer.partSize} bytes and has ${this.#length}; ${chunk.length} more do not fit. Open the next part for them.`,
      );
    }
    const at = this.#length;
    this.#length += chunk.length;
    // At once, before any wait: writes that are not awaited one by one must keep their order, and the chunk is free again.
    this.#ensureBuffer().set(chunk, at);
    this.#held += chunk.length;
    await this.#context.memory.take(chunk.length);
    if (this.#ended !== null) throw this.#ended;
  }

  async commit(sha256: string): Promise<StoredPart> {
    this.#assertOpen();
    assertSha256(sha256);
    if (this.#length === 0) throw new VaultError('invalid', 'A part has at least one byte; discard an empty one.');
    const { partNumber } = this.#part;
    return this.#end('commit', async () => {
      const body = await this.#whole();
      const etag = await this.#send(body, sha256);
      return { partNumber, size: body.length, sha256, etag };
    });
  }

  async keep(): Promise<void> {
    this.#assertOpen();
    const { transfer, partNumber, tailLength } = this.#part;
    await this.#end('keep', async () => {
      const fresh = this.#buffer?.subarray(tailLength, this.#length);
      if (fresh === undefined || fresh.length === 0) return;
      await this.#context.tails.add(transfer, partNumber, tailLength, fresh, () => this.#whole());
    });
  }

  async discard(): Promise<void> {
    await this.cutOff(new VaultError('invalid', `This writer of part ${this.#part.partNumber} was discarded.`));
  }

  /** Ends the writer from outside; resolves when it can no longer change anything in the engine. Never rejects. */
  async cutOff(reason: VaultError): Promise<void> {
    this.#ended ??= reason;
    this.#closing ??= Promise.resolve().then(() => this.#close());
    await this.#closing;
  }

  async #end<T>(how: string, work: () => Promise<T>): Promise<T> {
    this.#ended = new VaultError(
      'invalid',
      `This writer of part ${this.#part.partNumber} was ended by ${how}; open the part again.`,
    );
    const working = this.#context.memory.sending(work);
    // `cutOff` waits for a request under way: arriving late it would replace what the next writer stores.
    this.#closing = working.then(
      () => this.#close(),
      () => this.#close(),
    );
    try {
      return await working;
    } finally {
      await this.#closing;
    }
  }

  #close(): void {
    // Left to the collector: an engine that answers early leaves a socket still reading from it, so it must be neither freed nor used again.
    this.#buffer = null;
    this.#context.memory.release(this.#held);
    this.#held = 0;
    this.#onEnd(this);
  }

  /** The part's bytes from its beginning, tail included. */
  async #whole(): Promise<Buffer> {
    const { tail } = this.#part;
    const body = this.#ensureBuffer().subarray(0, this.#length);
    await this.#context.tails.fill(tail, body);
    return body;
  }

  #ensureBuffer(): Buffer {
    this.#buffer ??= Buffer.from(new ArrayBuffer(this.#part.transfer.partSize));
    return this.#buffer;
  }

  async #send(body: Buffer, sha256: string): Promise<string> {
    const { engine, layout, integrity } = this.#context;
    const { transfer, partNumber } = this.#part;
    const fields = { ...layout.object(transfer.key), UploadId: transfer.id, PartNumber: partNumber };
    const digest = digestFields(integrity, body, sha256);
    for (let attempt = 1; ; attempt++) {
      try {
        const { ETag } = await engine.call(`Storing part ${partNumber}`, 'repeatable', (client, abort) =>
          client.send(signing(new UploadPartCommand({ ...fields, Body: body, ...digest }), sha256), abort),
        );
        if (ETag === undefined)
          throw new VaultError('unavailable', `Storing part ${partNumber}: the engine named nothing stored; retry.`);
        return ETag.replaceAll('"', '');
      } catch (error) {
        if (!isDigestRefusal(error)) throw error;
        if (hash('sha256', body, 'hex') !== sha256) {
          throw new VaultError(
            'invalid',
            `Part ${partNumber} was committed with a SHA-256 that is not that of its bytes; send it again.`,
            { cause: error },
          );
        }
        if (attempt === DAMAGED_ON_THE_WAY) {
          throw new VaultError(
            'unavailable',
            `Storing part ${partNumber}: its bytes arrive changed at the engine; check network and memory, then retry.`,
            { cause: error },
          );
        }
      }
    }
  }

  #assertOpen(): void {
    if (this.#ended !== null) throw this.#ended;
  }
}
