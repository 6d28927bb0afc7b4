import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { VaultError } from '../errors.ts';
import { assertPart, assertPartSize, contiguousSize } from '../parts.ts';
import type {
  Capabilities,
  ObjectKey,
  ObjectVersion,
  OpenPartOptions,
  PartWriter,
  StoredPart,
  Transfer,
  UnfinishedTransfer,
} from '../port.ts';
import { Serial } from '../serial.ts';
import type { DiskContext } from './context.ts';
import { attempt, errnoOf, except, type FileSystem, syncDirectory } from './filesystem.ts';
import { isVersionOf, type Layout, newId, parseStagedName, placeOf, stagedPaths, versionIdOf } from './layout.ts';
import { clearRecord, readRecords } from './part-records.ts';
import { DiskPartWriter, type PartPlace } from './part-writer.ts';
import { openToRead, type ReadFile, readRange } from './read-range.ts';
import type { WrittenFile } from './sequential-writer.ts';
import type { ShardDirectories } from './shard-directories.ts';

const DIRECT = constants.O_RDWR | constants.O_DIRECT;

/** Transfers under way: staging files, their parts, and how they become objects. */
export class DiskTransfers {
  readonly #fs: FileSystem;
  readonly #layout: Layout;
  readonly #capabilities: Capabilities;
  readonly #shards: ShardDirectories;
  /** open writers by transfer id, then part number */
  readonly #writers = new Map<string, Map<number, DiskPartWriter>>();
  readonly #serial = new Serial();
  readonly #directIo: boolean;

  constructor(context: DiskContext, capabilities: Capabilities) {
    const { fileSystem, layout, shards, directIo } = context;
    this.#fs = fileSystem;
    this.#layout = layout;
    this.#capabilities = capabilities;
    this.#shards = shards;
    this.#directIo = directIo;
  }

  async create(key: ObjectKey, partSize: number): Promise<Transfer> {
    assertPartSize(partSize, this.#capabilities);
    const transfer: Transfer = { key, id: newId(), partSize };
    const paths = stagedPaths(this.#layout, transfer);
    await attempt('Beginning a transfer', async () => {
      for (const path of [paths.records, paths.data]) await (await this.#fs.open(path, 'wx', 0o640)).close();
      await syncDirectory(this.#fs, this.#layout.staging);
    });
    return transfer;
  }

  async openPart(
    transfer: Transfer,
    partNumber: number,
    tailLength: number,
    { readSoon = false }: OpenPartOptions = {},
  ): Promise<PartWriter> {
    const { partSize } = transfer;
    assertPart(partNumber, tailLength, partSize, this.#capabilities);
    const place = { partNumber, start: (partNumber - 1) * partSize, partSize, tailLength };
    const paths = stagedPaths(this.#layout, transfer);
    return this.#serial.run(transfer.id, async () => {
      const message = `Part ${partNumber} was opened again by a later writer; stop, that one has it now.`;
      await this.#writers.get(transfer.id)?.get(partNumber)?.cutOff(new VaultError('superseded', message));
      const cached = await this.#openStaged(paths.data, 'r+');
      const opened = [cached];
      try {
        const { nlink, size } = await cached.stat();
        // A second name means that the bytes already belong to an object.
        if (nlink !== 1)
          throw new VaultError('exists', 'The transfer is completed; its object is never written again.');
        if (tailLength > 0 && size < place.start + tailLength) {
          throw new VaultError(
            'incomplete',
            `Part ${partNumber} has no ${tailLength} bytes to continue from; begin it afresh.`,
          );
        }
        const records = await this.#openStaged(paths.records, 'r+');
        opened.push(records);
        const direct = this.#directIo && !readSoon ? await this.#openStaged(paths.data, DIRECT) : null;
        if (direct) opened.push(direct);
        await attempt(`Opening part ${partNumber}`, () => clearRecord(records, partNumber));
        return this.#register(transfer.id, partNumber, { cached, direct }, records, place);
      } catch (error) {
        await Promise.allSettled(opened.map((handle) => handle.close()));
        throw error;
      }
    });
  }

  async *readTail(transfer: Transfer, partNumber: number, length: number): AsyncIterable<Uint8Array> {
    const start = (partNumber - 1) * transfer.partSize;
    const { data } = stagedPaths(this.#layout, transfer);
    const open = async () => {
      const opened = await this.#openToRead(data);
      const { size } = await opened.handle.stat();
      if (size >= start + length) return opened;
      await opened.handle.close();
      throw new VaultError('incomplete', `Part ${partNumber} has no tail of ${length} bytes; begin it afresh.`);
    };
    yield* readRange(open, { start, end: start + length });
  }

  async *readPart(transfer: Transfer, part: StoredPart): AsyncIterable<Uint8Array> {
    const paths = stagedPaths(this.#layout, transfer);
    const problem = await this.#disagreement(paths.records, [part]);
    if (problem !== null) throw new VaultError('part_mismatch', problem);
    const start = (part.partNumber - 1) * transfer.partSize;
    yield* readRange(() => this.#openToRead(paths.data), { start, end: start + part.size });
  }

  async complete(transfer: Transfer, parts: readonly StoredPart[]): Promise<ObjectVersion> {
    const size = contiguousSize(transfer.partSize, parts);
    const version: ObjectVersion = { key: transfer.key, versionId: versionIdOf(transfer.id, parts), size };
    const { file } = placeOf(this.#layout, version);
    return this.#serial.run(transfer.id, async () => {
      await this.#cutOffAll(transfer.id, 'The transfer is being completed; its parts take no more bytes.');
      await attempt('Completing a transfer', async () => {
        const found = await except('ENOENT', null, this.#fs.stat(file));
        if (found === null) await this.#link(transfer, parts, version);
        else if (found.size !== size)
          throw new VaultError('corrupt', `The object has ${found.size} bytes, not ${size}.`);
        // Also after an adoption: whoever made the link may have died before it was durable.
        await this.#shards.sync(placeOf(this.#layout, version).shard);
        await this.#removeStaged(transfer);
      });
      return version;
    });
  }

  async abort(transfer: Pick<Transfer, 'key' | 'id'>): Promise<void> {
    stagedPaths(this.#layout, transfer);
    await this.#serial.run(transfer.id, async () => {
      await this.#cutOffAll(transfer.id, 'The transfer was aborted; its parts take no more bytes.');
      await attempt('Aborting a transfer', () => this.#removeStaged(transfer));
    });
  }

  async *list(): AsyncIterable<UnfinishedTransfer> {
    const names = await attempt('Listing transfers', () => this.#fs.readdir(this.#layout.staging));
    for (const name of names) {
      const transfer = parseStagedName(name);
      if (transfer === null) continue;
      const path = join(this.#layout.staging, name);
      const found = await attempt('Listing transfers', () => except('ENOENT', null, this.#fs.stat(path)));
      if (found !== null) yield { ...transfer, startedAt: found.birthtime };
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#writers.keys()].map((id) => this.#cutOffAll(id, 'The vault was closed.')));
  }

  /** Gives the staged bytes their place among the objects. Every step can be repeated; none can be seen half done. */
  async #link(transfer: Transfer, parts: readonly StoredPart[], version: ObjectVersion): Promise<void> {
    const paths = stagedPaths(this.#layout, transfer);
    const staged = await except('ENOENT', null, this.#fs.stat(paths.data));
    if (staged === null || staged.nlink !== 1) throw await this.#otherwiseCompleted(transfer);
    const problem =
      (await this.#disagreement(paths.records, parts)) ??
      (staged.size < version.size ? `Only ${staged.size} bytes of ${version.size} are stored.` : null);
    if (problem !== null) throw new VaultError('part_mismatch', problem);

    // Behind the last part there may be bytes of a part that was begun and discarded. Cut before the file turns read-only,
    // so that a repeated completion need not open it for writing again.
    if (staged.size > version.size) {
      await this.#onStaged(paths.data, 'r+', (handle) => handle.truncate(version.size));
    }
    await this.#onStaged(paths.data, 'r', async (handle) => {
      await handle.chmod(0o440);
      await handle.sync();
    });
    const { shard, file } = placeOf(this.#layout, version);
    await this.#shards.ensure(shard);
    try {
      // link(2) never replaces: an object that is there stays.
      await this.#fs.link(paths.data, file);
    } catch (error) {
      // Another process completed the same transfer from the same parts in this very moment: that is our object too.
      if (errnoOf(error) !== 'EEXIST') throw error;
    }
  }

  async #otherwiseCompleted(transfer: Transfer): Promise<VaultError> {
    const { shard } = placeOf(this.#layout, { key: transfer.key, versionId: transfer.id });
    const names = await except('ENOENT', [], this.#fs.readdir(shard));
    return names.some((name) => isVersionOf(transfer, name))
      ? new VaultError(
          'part_mismatch',
          'The transfer was completed from other parts than these; compare the part ledger.',
        )
      : new VaultError('not_found', 'The transfer is neither under way nor completed; it was aborted or never begun.');
  }

  async #disagreement(recordsPath: string, parts: readonly StoredPart[]): Promise<string | null> {
    const count = parts.reduce((most, part) => Math.max(most, part.partNumber), 0);
    const records = await this.#onStaged(recordsPath, 'r', (handle) => readRecords(handle, count));
    const wrong = parts.filter((part) => {
      const record = records.get(part.partNumber);
      return record?.size !== part.size || record.sha256 !== part.sha256 || record.etag !== part.etag;
    });
    if (wrong.length === 0) return null;
    const numbers = wrong.slice(0, 10).map((part) => part.partNumber);
    return `${wrong.length} of ${parts.length} parts are not stored as named, among them ${numbers.join(', ')}; compare the part ledger.`;
  }

  #register(
    transferId: string,
    partNumber: number,
    data: WrittenFile,
    records: FileHandle,
    place: PartPlace,
  ): PartWriter {
    const writers = this.#writers.get(transferId) ?? new Map<number, DiskPartWriter>();
    const writer = new DiskPartWriter(data, records, place, (ended) => {
      if (writers.get(partNumber) === ended) writers.delete(partNumber);
      if (writers.size === 0 && this.#writers.get(transferId) === writers) this.#writers.delete(transferId);
    });
    writers.set(partNumber, writer);
    this.#writers.set(transferId, writers);
    return writer;
  }

  async #cutOffAll(transferId: string, message: string): Promise<void> {
    const writers = [...(this.#writers.get(transferId)?.values() ?? [])];
    await Promise.all(writers.map((writer) => writer.cutOff(new VaultError('superseded', message))));
  }

  async #removeStaged(transfer: Pick<Transfer, 'key' | 'id'>): Promise<void> {
    const paths = stagedPaths(this.#layout, transfer);
    await except('ENOENT', undefined, this.#fs.unlink(paths.data));
    await except('ENOENT', undefined, this.#fs.unlink(paths.records));
    await syncDirectory(this.#fs, this.#layout.staging);
  }

  async #openStaged(path: string, flags: 'r' | 'r+' | number): Promise<FileHandle> {
    return attempt('Opening a transfer', () => this.#fs.open(path, flags));
  }

  async #openToRead(path: string): Promise<ReadFile> {
    return attempt('Opening a transfer', () => openToRead(this.#fs, path, this.#directIo));
  }

  async #onStaged<T>(path: string, flags: 'r' | 'r+', work: (handle: FileHandle) => Promise<T>): Promise<T> {
    const handle = await this.#openStaged(path, flags);
    try {
      return await work(handle);
    } finally {
      await handle.close();
    }
  }
}
