import {
  AbortMultipartUploadCommand,
  type AbortMultipartUploadCommandInput,
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
} from '@aws-sdk/client-s3';
import { VaultError } from '../errors.ts';
import { assertPart, assertPartSize, contiguousSize } from '../parts.ts';
import type {
  Capabilities,
  ObjectKey,
  ObjectVersion,
  PartWriter,
  StoredPart,
  Transfer,
  UnfinishedTransfer,
} from '../port.ts';
import { Serial } from '../serial.ts';
import { completeTransfer, listParts } from './completion.ts';
import type { Engine } from './engine.ts';
import type { Integrity } from './integrity.ts';
import { type Layout, tailsName } from './layout.ts';
import { type Encryption, encryptionFields } from './options.ts';
import type { PartMemory } from './part-memory.ts';
import { S3PartWriter } from './part-writer.ts';
import { Tails } from './tails.ts';

export interface TransfersContext {
  readonly engine: Engine;
  readonly layout: Layout;
  readonly integrity: Integrity;
  readonly encryption: Encryption;
  readonly memory: PartMemory;
}

/** where a page of a list begins */
interface PageStart {
  readonly KeyMarker?: string;
  readonly UploadIdMarker?: string;
}

/** how many transfers are remembered as under way, so that opening a part need not ask the engine */
const REMEMBERED = 10_000;
/** ms; tails that belong to no transfer are kept this long after their last byte, and objects being written this long after their first */
const ABANDONED_AFTER = 24 * 60 * 60 * 1000;

/** Transfers under way: multipart uploads of the locked bucket, their parts and tails, and how they become objects. */
export class S3Transfers {
  readonly #context: TransfersContext;
  readonly #capabilities: Capabilities;
  readonly #tails: Tails;
  readonly #serial = new Serial();
  /** open writers by transfer id, then part number */
  readonly #writers = new Map<string, Map<number, S3PartWriter>>();
  /** ids known to be under way, least recently opened first */
  readonly #alive = new Set<string>();
  /** removal of what ended transfers left; never rejects */
  readonly #cleaning = new Set<Promise<void>>();

  constructor(context: TransfersContext, capabilities: Capabilities) {
    this.#context = context;
    this.#capabilities = capabilities;
    this.#tails = new Tails(context);
  }

  async create(key: ObjectKey, partSize: number): Promise<Transfer> {
    const { engine, layout, integrity, encryption } = this.#context;
    assertPartSize(partSize, this.#capabilities);
    const fields = {
      ...layout.object(key),
      ContentType: 'application/octet-stream',
      ...encryptionFields(encryption),
      ...(integrity === 'checksum' ? ({ ChecksumAlgorithm: 'SHA256' } as const) : {}),
    };
    const { UploadId } = await engine.call('Beginning a transfer', 'if_refused', (client, abort) =>
      client.send(new CreateMultipartUploadCommand(fields), abort),
    );
    if (UploadId === undefined)
      throw new VaultError('unavailable', 'Beginning a transfer: the engine named none; retry.');
    this.#remember(UploadId);
    return { key, id: UploadId, partSize };
  }

  async openPart(transfer: Transfer, partNumber: number, tailLength: number): Promise<PartWriter> {
    assertPart(partNumber, tailLength, transfer.partSize, this.#capabilities);
    return this.#serial.run(transfer.id, async () => {
      const message = `Part ${partNumber} was opened again by a later writer; stop, that one has it now.`;
      await this.#writers.get(transfer.id)?.get(partNumber)?.cutOff(new VaultError('superseded', message));
      const [tail] = await Promise.all([
        this.#tails.chain(transfer, partNumber, tailLength),
        this.#assertAlive(transfer),
      ]);
      return this.#register(transfer, partNumber, (onEnd) => {
        return new S3PartWriter(
          { ...this.#context, tails: this.#tails },
          { transfer, partNumber, tailLength, tail },
          onEnd,
        );
      });
    });
  }

  async *readTail(transfer: Transfer, partNumber: number, length: number): AsyncIterable<Uint8Array> {
    assertPart(partNumber, length, transfer.partSize, this.#capabilities);
    yield* this.#tails.read(await this.#tails.chain(transfer, partNumber, length));
  }

  async complete(transfer: Transfer, parts: readonly StoredPart[]): Promise<ObjectVersion> {
    const size = contiguousSize(transfer.partSize, parts);
    return this.#serial.run(transfer.id, async () => {
      await this.#cutOffAll(transfer.id, 'The transfer is being completed; its parts take no more bytes.');
      const version = await completeTransfer(this.#context, transfer, parts, size);
      this.#alive.delete(transfer.id);
      this.#clean(async () => {
        if (parts.length === 0) await this.#abortUpload(this.#addressOf(transfer));
        await this.#tails.remove(transfer.id);
      });
      return version;
    });
  }

  async abort(transfer: Pick<Transfer, 'key' | 'id'>): Promise<void> {
    await this.#serial.run(transfer.id, async () => {
      await this.#cutOffAll(transfer.id, 'The transfer was aborted; its parts take no more bytes.');
      this.#alive.delete(transfer.id);
      await this.#abortUpload(this.#addressOf(transfer));
      await this.#tails.remove(transfer.id);
    });
  }

  async *list(): AsyncIterable<UnfinishedTransfer> {
    const { layout } = this.#context;
    for await (const { Key, UploadId, Initiated } of this.#uploads(layout.bucket)) {
      const key = layout.keyOf(Key);
      if (key !== null && UploadId !== undefined) yield { key, id: UploadId, startedAt: Initiated ?? new Date(0) };
    }
  }

  /** Removes, in the background, what processes left that died: between ending a transfer and tidying up, or while writing an object. */
  sweep(now: Date): void {
    const { layout } = this.#context;
    const before = new Date(now.getTime() - ABANDONED_AFTER);
    this.#clean(async () => {
      const alive = new Set<string>();
      for await (const { UploadId } of this.#uploads(layout.bucket)) {
        if (UploadId !== undefined) alive.add(tailsName(UploadId));
      }
      await this.#tails.sweep(alive, before);
    });
    this.#clean(async () => {
      for await (const { Key, UploadId, Initiated } of this.#uploads(layout.staging)) {
        if (Initiated !== undefined && Initiated < before)
          await this.#abortUpload({ Bucket: layout.staging, Key, UploadId });
      }
    });
  }

  async close(): Promise<void> {
    await Promise.all([...this.#writers.keys()].map((id) => this.#cutOffAll(id, 'The vault was closed.')));
    await Promise.all(this.#cleaning);
  }

  #addressOf({ key, id }: Pick<Transfer, 'key' | 'id'>) {
    return { ...this.#context.layout.object(key), UploadId: id };
  }

  async #abortUpload(address: AbortMultipartUploadCommandInput): Promise<void> {
    try {
      await this.#context.engine.call('Aborting a transfer', 'repeatable', (client, abort) =>
        client.send(new AbortMultipartUploadCommand(address), abort),
      );
    } catch (error) {
      if (!(error instanceof VaultError && error.code === 'not_found')) throw error;
    }
  }

  async *#uploads(Bucket: string) {
    const { engine, layout } = this.#context;
    let next: PageStart | null = {};
    while (next !== null) {
      const after: PageStart = next;
      const page = await engine.call('Listing transfers', 'repeatable', (client, abort) =>
        client.send(new ListMultipartUploadsCommand({ Bucket, Prefix: layout.prefix, ...after }), abort),
      );
      yield* page.Uploads ?? [];
      const { IsTruncated, NextKeyMarker: KeyMarker, NextUploadIdMarker: UploadIdMarker } = page;
      next =
        IsTruncated === true && KeyMarker !== undefined && UploadIdMarker !== undefined
          ? { KeyMarker, UploadIdMarker }
          : null;
    }
  }

  /** Another process may have ended it meanwhile: then storing the part says so. */
  async #assertAlive(transfer: Transfer): Promise<void> {
    if (!this.#alive.has(transfer.id)) {
      const { engine, layout } = this.#context;
      if ((await listParts(engine, layout, transfer, 1)) === null) {
        throw new VaultError('not_found', 'The transfer is not under way: it was completed, aborted or never begun.');
      }
    }
    this.#remember(transfer.id);
  }

  #remember(id: string): void {
    this.#alive.delete(id);
    this.#alive.add(id);
    const [oldest] = this.#alive;
    if (this.#alive.size > REMEMBERED && oldest !== undefined) this.#alive.delete(oldest);
  }

  #register(
    transfer: Transfer,
    partNumber: number,
    make: (onEnd: (ended: S3PartWriter) => void) => S3PartWriter,
  ): PartWriter {
    const writers = this.#writers.get(transfer.id) ?? new Map<number, S3PartWriter>();
    const writer = make((ended) => {
      if (writers.get(partNumber) === ended) writers.delete(partNumber);
      if (writers.size === 0 && this.#writers.get(transfer.id) === writers) this.#writers.delete(transfer.id);
    });
    writers.set(partNumber, writer);
    this.#writers.set(transfer.id, writers);
    return writer;
  }

  async #cutOffAll(transferId: string, message: string): Promise<void> {
    const writers = [...(this.#writers.get(transferId)?.values() ?? [])];
    await Promise.all(writers.map((writer) => writer.cutOff(new VaultError('superseded', message))));
  }

  /** Failing leaves litter that a later `sweep` finds, and nothing else: what it belonged to has ended. */
  #clean(work: () => Promise<void>): void {
    const cleaning = work()
      .catch(() => undefined)
      .finally(() => this.#cleaning.delete(cleaning));
    this.#cleaning.add(cleaning);
  }
}
