import { hash } from 'node:crypto';
import {
  DeleteObjectCommand,
  type _Object as Listed,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { VaultError } from '../errors.ts';
import type { Transfer } from '../port.ts';
import type { Engine } from './engine.ts';
import { digestFields, type Integrity, signing } from './integrity.ts';
import type { Layout } from './layout.ts';
import { type Encryption, encryptionFields } from './options.ts';
import { readObject } from './read-object.ts';

/**
 * What is there of a part that is not full. S3 keeps no partial part, so each `keep` stores the bytes it adds as an object of its own in the
 * staging bucket - written once, never overwritten, so that no crash can damage what was acknowledged - and a tail is the chain of them:
 *
 *     GENERATION-START-END    bytes [START, END) of the part
 *
 * A later generation continues at its START what earlier ones hold; what they have behind that place counts no more. Kept until the
 * transfer ends. A dock that sends in small pieces makes many: from `MOST` on a `keep` stores the tail whole again.
 */
export interface Segment {
  readonly name: string;
  readonly generation: number;
  /** bytes of the part, half-open */
  readonly start: number;
  readonly end: number;
}

const MOST = 32;
const NAME = /\/(\d{6})-(\d{10})-(\d{10})$/;

export interface TailsContext {
  readonly engine: Engine;
  readonly layout: Layout;
  readonly integrity: Integrity;
  readonly encryption: Encryption;
}

export class Tails {
  readonly #context: TailsContext;

  constructor(context: TailsContext) {
    this.#context = context;
  }

  /** The chain that makes the first `length` bytes of a part. Rejects `incomplete`. */
  async chain(transfer: Transfer, partNumber: number, length: number): Promise<readonly Segment[]> {
    return this.#chain(await this.#segments(transfer, partNumber), partNumber, length);
  }

  /** The bytes of a chain, in order. */
  async *read(chain: readonly Segment[]): AsyncGenerator<Uint8Array> {
    const { engine, layout } = this.#context;
    for (const { name, end, start } of chain) {
      yield* readObject(engine, { Bucket: layout.staging, Key: name }, null, { start: 0, end: end - start });
    }
  }

  /** Reads a chain into the beginning of `target`. */
  async fill(chain: readonly Segment[], target: Uint8Array): Promise<void> {
    let at = 0;
    for await (const chunk of this.read(chain)) {
      target.set(chunk, at);
      at += chunk.length;
    }
  }

  /**
   * Makes `bytes` durable behind the first `start` bytes kept before. `whole` gives the tail from its beginning, when there are so many
   * segments that one is better.
   */
  async add(
    transfer: Transfer,
    partNumber: number,
    start: number,
    bytes: Uint8Array,
    whole: () => Promise<Uint8Array>,
  ): Promise<void> {
    const segments = await this.#segments(transfer, partNumber);
    const generation = segments.reduce((latest, segment) => Math.max(latest, segment.generation), 0) + 1;
    const merge = start > 0 && this.#chain(segments, partNumber, start).length >= MOST;
    const body = merge ? await whole() : bytes;
    const from = merge ? 0 : start;
    const name = `${this.#prefix(transfer, partNumber)}${digits(generation, 6)}-${digits(from, 10)}-${digits(start + bytes.length, 10)}`;
    const { engine, layout, integrity, encryption } = this.#context;
    const sha256 = hash('sha256', body, 'hex');
    const fields = { ...digestFields(integrity, body, sha256), ...encryptionFields(encryption) };
    await engine.call(`Keeping the tail of part ${partNumber}`, 'repeatable', (client, abort) =>
      client.send(
        signing(new PutObjectCommand({ Bucket: layout.staging, Key: name, Body: body, ...fields }), sha256),
        abort,
      ),
    );
  }

  /** Removes all tails of a transfer that has ended. */
  async remove(transferId: string): Promise<void> {
    await this.#removeAll(this.#context.layout.tailsOf(transferId));
  }

  /** Removes the tails of transfers that are not among `alive` (names as `tailsName` gives them) and were not added to since `before`. */
  async sweep(alive: ReadonlySet<string>, before: Date): Promise<void> {
    const { allTails } = this.#context.layout;
    const stale = new Map<string, boolean>();
    for await (const { Key = '', LastModified } of this.#list(allTails)) {
      const transfer = Key.slice(allTails.length).split('/', 1)[0] ?? '';
      const old = LastModified !== undefined && LastModified < before && !alive.has(transfer);
      stale.set(transfer, old && stale.get(transfer) !== false);
    }
    for (const [transfer, old] of stale) if (old) await this.#removeAll(`${allTails}${transfer}/`);
  }

  #chain(segments: readonly Segment[], partNumber: number, length: number): readonly Segment[] {
    const chain = chainOf(segments, length, Number.POSITIVE_INFINITY);
    if (chain !== null) return chain;
    throw new VaultError('incomplete', `Part ${partNumber} has no tail of ${length} bytes; begin it afresh.`);
  }

  async #segments(transfer: Transfer, partNumber: number): Promise<readonly Segment[]> {
    const segments: Segment[] = [];
    for await (const { Key = '', Size } of this.#list(this.#prefix(transfer, partNumber))) {
      const [, generation, start, end] = NAME.exec(Key) ?? [];
      const segment = { name: Key, generation: Number(generation), start: Number(start), end: Number(end) };
      if (segment.end - segment.start === Size) segments.push(segment);
    }
    return segments;
  }

  #prefix(transfer: Transfer, partNumber: number): string {
    return `${this.#context.layout.tailsOf(transfer.id)}${digits(partNumber, 5)}/`;
  }

  async #removeAll(prefix: string): Promise<void> {
    const { engine, layout } = this.#context;
    for await (const { Key } of this.#list(prefix)) {
      await engine.call('Removing a tail', 'repeatable', (client, abort) =>
        client.send(new DeleteObjectCommand({ Bucket: layout.staging, Key }), abort),
      );
    }
  }

  async *#list(prefix: string): AsyncGenerator<Listed> {
    const { engine, layout } = this.#context;
    let token: string | undefined;
    do {
      const page = await engine.call('Listing tails', 'repeatable', (client, abort) =>
        client.send(
          new ListObjectsV2Command({
            Bucket: layout.staging,
            Prefix: prefix,
            ...(token === undefined ? {} : { ContinuationToken: token }),
          }),
          abort,
        ),
      );
      yield* page.Contents ?? [];
      token = page.NextContinuationToken;
    } while (token !== undefined);
  }
}

/**
 * The segments that make the first `length` bytes, each cut to what counts of it; null when there are none. The latest generation that
 * reaches `length` wins, and what it continues must be older than itself.
 */
export function chainOf(segments: readonly Segment[], length: number, before: number): readonly Segment[] | null {
  if (length === 0) return [];
  const candidates = segments
    .filter(({ generation, start, end }) => generation < before && start < length && length <= end)
    .toSorted((a, b) => b.generation - a.generation);
  for (const candidate of candidates) {
    const earlier = chainOf(segments, candidate.start, candidate.generation);
    if (earlier !== null) return [...earlier, { ...candidate, end: length }];
  }
  return null;
}

const digits = (value: number, count: number): string => String(value).padStart(count, '0');
