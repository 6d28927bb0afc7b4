import { setTimeout as delay } from 'node:timers/promises';
import { HeadBucketCommand } from '@aws-sdk/client-s3';
import { VaultError } from '../errors.ts';
import type {
  ByteRange,
  Capabilities,
  ConcealedObject,
  ObjectKey,
  ObjectVersion,
  PartWriter,
  ProbeFinding,
  Protection,
  StoredPart,
  Transfer,
  UnfinishedTransfer,
  Vault,
  WrittenKind,
} from '../port.ts';
import { bucketState } from './buckets.ts';
import { tryEncryption } from './encryption.ts';
import { Engine } from './engine.ts';
import { type IntegrityFindings, integrityOf, tryIntegrity } from './integrity.ts';
import { Layout } from './layout.ts';
import { S3Locks } from './locks.ts';
import { S3Objects } from './objects.ts';
import { type CompleteOptions, type S3VaultOptions, withDefaults } from './options.ts';
import { PartMemory } from './part-memory.ts';
import { probeEngine } from './probe/probe.ts';
import { S3Transfers } from './transfers.ts';
import { listVersions } from './versions.ts';

/** ms; how long an answer to "are you there" counts */
const REACHED_FOR = 1_000;
/** ms; how long `close` waits for what is under way */
const LAST_WORDS = 5_000;

/**
 * Opens the vault in two buckets of an S3 engine, which must exist (`prepareS3Buckets` makes them). Several processes may have it open. `clock`
 * only spares the engine calls that it would refuse anyway; retention is measured by the engine's own. Rejects `invalid`, `read_only` or
 * `unavailable`.
 *
 * Whether the engine holds what a lock promises is not known before `probe` has tried it.
 */
export async function openS3Vault(options: S3VaultOptions, clock: () => Date = () => new Date()): Promise<Vault> {
  const complete = withDefaults(options);
  const layout = new Layout(complete);
  const engine = await Engine.open(complete);
  try {
    // One after the other where they may fail for the same reason: first what is said about keys and certificates, then about encryption.
    const { locking, defaultRetention } = await bucketState(engine, layout.bucket);
    await tryEncryption(engine, layout.staging, layout.prefix, complete.encryption);
    const integrity = await tryIntegrity(engine, layout.staging, layout.prefix, complete.encryption);
    if (!locking) {
      throw new VaultError(
        'invalid',
        `The bucket ${layout.bucket} has no Object Lock, which can only be given when a bucket is made; name another, or let \`fengcun-vault check\` make one.`,
      );
    }
    const bornRetained = defaultRetention?.mode === 'COMPLIANCE';
    const vault = new S3Vault({ options: complete, engine, layout, integrity, bornRetained, clock });
    vault.sweep(clock());
    return vault;
  } catch (error) {
    engine.close();
    throw error;
  }
}

interface S3VaultParts {
  readonly options: CompleteOptions;
  readonly engine: Engine;
  readonly layout: Layout;
  readonly integrity: IntegrityFindings;
  readonly bornRetained: boolean;
  readonly clock: () => Date;
}

/** Refuses after `close`; everything else is done by its parts. */
class S3Vault implements Vault {
  readonly driver = 's3';
  readonly capabilities: Capabilities;
  readonly #parts: S3VaultParts;
  readonly #transfers: S3Transfers;
  readonly #objects: S3Objects;
  readonly #locks: S3Locks;
  #reachedAt = Number.NEGATIVE_INFINITY;
  #closing: Promise<void> | null = null;

  constructor(parts: S3VaultParts) {
    const { engine, layout, options, clock, bornRetained } = parts;
    this.#parts = parts;
    this.capabilities = {
      protection: options.protection,
      // S3 has no way to read a part of an unfinished upload.
      readsStagedParts: false,
      minPartSize: 5 * 1024 * 1024,
      maxParts: 10_000,
      bornRetained,
    };
    const { encryption, scratchDir } = options;
    const integrity = integrityOf(parts.integrity);
    this.#locks = new S3Locks(engine, layout, clock);
    this.#objects = new S3Objects({ engine, layout, integrity, encryption, locks: this.#locks, scratchDir });
    const memory = new PartMemory(options.partMemory);
    this.#transfers = new S3Transfers({ engine, layout, integrity, encryption, memory }, this.capabilities);
  }

  async createTransfer(key: ObjectKey, partSize: number): Promise<Transfer> {
    return this.#open().transfers.create(key, partSize);
  }

  async openPart(transfer: Transfer, partNumber: number, tailLength: number): Promise<PartWriter> {
    return this.#open().transfers.openPart(transfer, partNumber, tailLength);
  }

  async *readTail(transfer: Transfer, partNumber: number, length: number): AsyncIterable<Uint8Array> {
    yield* this.#open().transfers.readTail(transfer, partNumber, length);
  }

  // biome-ignore lint/correctness/useYield: there is nothing this driver could yield
  async *readPart(): AsyncIterable<Uint8Array> {
    throw new VaultError('invalid', 'S3 does not show parts before completion; see `capabilities.readsStagedParts`.');
  }

  async complete(transfer: Transfer, parts: readonly StoredPart[]): Promise<ObjectVersion> {
    return this.#open().transfers.complete(transfer, parts);
  }

  async abort(transfer: Pick<Transfer, 'key' | 'id'>): Promise<void> {
    await this.#open().transfers.abort(transfer);
  }

  async *transfers(): AsyncIterable<UnfinishedTransfer> {
    yield* this.#open().transfers.list();
  }

  async write(
    key: ObjectKey,
    source: AsyncIterable<Uint8Array>,
    kind: WrittenKind = 'derivative',
  ): Promise<ObjectVersion> {
    return this.#open().objects.write(key, source, kind);
  }

  async *read(version: ObjectVersion, range: ByteRange = { start: 0, end: version.size }): AsyncIterable<Uint8Array> {
    yield* this.#open().objects.read(version, range);
  }

  async stat(version: ObjectVersion): Promise<{ readonly size: number }> {
    return this.#open().objects.stat(version);
  }

  async openLocal(version: ObjectVersion): Promise<{ readonly path: string; release(): Promise<void> }> {
    return this.#open().objects.openLocal(version);
  }

  async retain(version: ObjectVersion, until: Date): Promise<void> {
    await this.#open().locks.retain(version, until);
  }

  async setLegalHold(version: ObjectVersion, on: boolean): Promise<void> {
    await this.#open().locks.setLegalHold(version, on);
  }

  async protection(version: ObjectVersion): Promise<Protection> {
    return this.#open().locks.protection(version);
  }

  async delete(version: ObjectVersion): Promise<void> {
    await this.#open().objects.delete(version);
  }

  async *concealed(): AsyncIterable<ConcealedObject> {
    const { engine, layout } = this.#open();
    for await (const { markers } of listVersions(engine, layout.bucket, layout.prefix)) {
      for (const { Key, VersionId = 'null', LastModified } of markers) {
        const key = layout.keyOf(Key);
        if (key !== null) yield { key, marker: VersionId, since: LastModified ?? new Date(0) };
      }
    }
  }

  /** S3 has no word for free space; asking proves at least that the engine answers. */
  async headroom(): Promise<null> {
    const { engine, layout } = this.#open();
    const now = performance.now();
    if (now - this.#reachedAt > REACHED_FOR) {
      const look = () =>
        engine.call('Looking for the bucket', 'never', (client, abort) =>
          client.send(new HeadBucketCommand({ Bucket: layout.bucket }), abort),
        );
      // Twice, not for as long as other calls: whoever asks wants to know now, but a connection may have died of old age.
      await look().catch(look);
      this.#reachedAt = now;
    }
    return null;
  }

  async probe(): Promise<readonly ProbeFinding[]> {
    const { engine, layout } = this.#open();
    const { options, integrity } = this.#parts;
    return probeEngine({
      engine,
      layout,
      integrity,
      encryption: options.encryption,
      enforced: options.protection === 'enforced',
    });
  }

  async close(): Promise<void> {
    // Parts on their way may arrive; but an engine that does not answer must not keep a process from ending.
    this.#closing ??= Promise.race([this.#transfers.close(), delay(LAST_WORDS, undefined, { ref: false })]).finally(
      () => this.#parts.engine.close(),
    );
    await this.#closing;
  }

  /** Removes what earlier processes left behind, in the background. */
  sweep(now: Date): void {
    this.#transfers.sweep(now);
  }

  #open() {
    if (this.#closing !== null) throw new VaultError('unavailable', 'The vault was closed; open it again.');
    return {
      engine: this.#parts.engine,
      layout: this.#parts.layout,
      transfers: this.#transfers,
      objects: this.#objects,
      locks: this.#locks,
    };
  }
}
