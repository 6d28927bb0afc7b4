import { resolve } from 'node:path';
import { VaultError } from '../errors.ts';
import type {
  ByteRange,
  Capabilities,
  ConcealedObject,
  ObjectKey,
  ObjectVersion,
  OpenPartOptions,
  PartWriter,
  ProbeFinding,
  Protection,
  ReadOptions,
  StoredPart,
  Transfer,
  UnfinishedTransfer,
  Vault,
} from '../port.ts';
import { Serial } from '../serial.ts';
import type { DiskContext } from './context.ts';
import { canDoDirectIo } from './direct-io.ts';
import { attempt, type FileSystem, localFileSystem } from './filesystem.ts';
import { layoutOf } from './layout.ts';
import { DiskLocks } from './locks.ts';
import { DiskObjects } from './objects.ts';
import { probeDisk, readsFromMedium } from './probe.ts';
import { openRoot } from './root.ts';
import { ShardDirectories } from './shard-directories.ts';
import { DiskTransfers } from './transfers.ts';

export interface DiskVaultOptions {
  /** directory of the vault; made when absent, refused when it holds anything else */
  readonly root: string;
  /** what retention is measured by; default the machine's clock */
  readonly clock?: () => Date;
  /** bytes of the disk to leave free for databases, locks and logs; default 1 GiB */
  readonly reserveBytes?: number;
  /** for tests that stop the driver between two calls */
  readonly fileSystem?: FileSystem;
}

const DEFAULT_RESERVE = 1024 ** 3;

const CAPABILITIES: Capabilities = {
  protection: 'advisory',
  readsStagedParts: true,
  minPartSize: 1,
  maxParts: 10_000,
  bornRetained: false,
};

/**
 * Opens the vault in a directory of this machine. Several processes may have it open. Rejects `read_only`, `invalid`,
 * `no_space` or `unavailable`.
 *
 * Its protection is *advisory*: the driver refuses, file modes stop mistakes, and the process's own user or root can still
 * do as they like. That is what digests, the ledger and its witnesses are for.
 */
export async function openDiskVault(options: DiskVaultOptions): Promise<Vault> {
  const { clock = () => new Date(), reserveBytes = DEFAULT_RESERVE, fileSystem = localFileSystem } = options;
  const root = resolve(options.root);
  const layout = layoutOf(root);
  await openRoot(fileSystem, root, layout);
  const shards = new ShardDirectories(fileSystem);
  const serial = new Serial();
  const locks = new DiskLocks(fileSystem, layout, shards, serial, clock);
  const directIo = await canDoDirectIo(fileSystem, layout.staging);
  const context: DiskContext = { fileSystem, layout, shards, directIo };
  const objects = new DiskObjects(context, locks, serial);
  await attempt('Opening the vault', () => objects.sweep());
  const transfers = new DiskTransfers(context, CAPABILITIES);
  return new DiskVault({ root, reserveBytes, fileSystem, directIo, locks, objects, transfers });
}

interface DiskVaultParts {
  readonly root: string;
  readonly reserveBytes: number;
  readonly fileSystem: FileSystem;
  readonly directIo: boolean;
  readonly locks: DiskLocks;
  readonly objects: DiskObjects;
  readonly transfers: DiskTransfers;
}

/** Refuses after `close` and when the disk is full; everything else is done by its parts. */
class DiskVault implements Vault {
  readonly driver = 'disk';
  readonly capabilities = CAPABILITIES;
  readonly #parts: DiskVaultParts;
  #closed = false;

  constructor(parts: DiskVaultParts) {
    this.#parts = parts;
  }

  async createTransfer(key: ObjectKey, partSize: number): Promise<Transfer> {
    await this.#assertSpace();
    return this.#open().transfers.create(key, partSize);
  }

  async openPart(
    transfer: Transfer,
    partNumber: number,
    tailLength: number,
    options?: OpenPartOptions,
  ): Promise<PartWriter> {
    await this.#assertSpace();
    return this.#open().transfers.openPart(transfer, partNumber, tailLength, options);
  }

  async *readTail(transfer: Transfer, partNumber: number, length: number): AsyncIterable<Uint8Array> {
    yield* this.#open().transfers.readTail(transfer, partNumber, length);
  }

  async *readPart(transfer: Transfer, part: StoredPart): AsyncIterable<Uint8Array> {
    yield* this.#open().transfers.readPart(transfer, part);
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

  async write(key: ObjectKey, source: AsyncIterable<Uint8Array>): Promise<ObjectVersion> {
    await this.#assertSpace();
    return this.#open().objects.write(key, source);
  }

  async *read(
    version: ObjectVersion,
    range: ByteRange = { start: 0, end: version.size },
    { fromMedium = false }: ReadOptions = {},
  ): AsyncIterable<Uint8Array> {
    yield* this.#open().objects.read(version, range, fromMedium);
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

  // A file that was removed is gone, not hidden: reading it says `not_found`.
  async *concealed(): AsyncIterable<ConcealedObject> {}

  async headroom(): Promise<number> {
    const { fileSystem, root, reserveBytes } = this.#open();
    const { bavail, bsize } = await attempt('Asking for free space', () => fileSystem.statfs(root));
    return Math.max(0, bavail * bsize - reserveBytes);
  }

  async probe(): Promise<readonly ProbeFinding[]> {
    const { root, fileSystem, directIo } = this.#open();
    const open = (clock: () => Date) => openDiskVault({ root, clock, reserveBytes: 0, fileSystem });
    return [...(await probeDisk(open)), readsFromMedium(directIo)];
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#parts.transfers.close();
  }

  #open(): DiskVaultParts {
    if (this.#closed) throw new VaultError('unavailable', 'The vault was closed; open it again.');
    return this.#parts;
  }

  async #assertSpace(): Promise<void> {
    if ((await this.headroom()) > 0) return;
    throw new VaultError(
      'no_space',
      `Only the reserve of ${this.#parts.reserveBytes} bytes is left on the disk of the vault; free space or enlarge it, then send the bytes again.`,
    );
  }
}
