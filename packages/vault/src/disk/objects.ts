import { join } from 'node:path';
import { VaultError } from '../errors.ts';
import type { ByteRange, ObjectKey, ObjectVersion } from '../port.ts';
import type { Serial } from '../serial.ts';
import type { DiskContext } from './context.ts';
import { attempt, except, type FileSystem, syncDirectory } from './filesystem.ts';
import { type Layout, newId, newObjectPath, placeOf } from './layout.ts';
import type { DiskLocks } from './locks.ts';
import { openToRead, readRange } from './read-range.ts';
import { SequentialWriter } from './sequential-writer.ts';
import type { ShardDirectories } from './shard-directories.ts';

/** ms; an unfinished `write` that nothing was added to for this long belongs to a process that died */
const ABANDONED_AFTER = 24 * 60 * 60 * 1000;

/** Completed objects: written whole, read, removed when nothing protects them. */
export class DiskObjects {
  readonly #fs: FileSystem;
  readonly #layout: Layout;
  readonly #shards: ShardDirectories;
  readonly #locks: DiskLocks;
  readonly #serial: Serial;
  readonly #directIo: boolean;

  constructor({ fileSystem, layout, shards, directIo }: DiskContext, locks: DiskLocks, serial: Serial) {
    this.#fs = fileSystem;
    this.#layout = layout;
    this.#shards = shards;
    this.#directIo = directIo;
    this.#locks = locks;
    this.#serial = serial;
  }

  async write(key: ObjectKey, source: AsyncIterable<Uint8Array>): Promise<ObjectVersion> {
    const versionId = newId();
    const path = newObjectPath(this.#layout, key, versionId);
    const { shard, file } = placeOf(this.#layout, { key, versionId });
    const handle = await attempt('Writing an object', () => this.#fs.open(path, 'wx', 0o640));
    try {
      let size = 0;
      try {
        const writer = new SequentialWriter({ cached: handle, direct: null }, 0, 'Writing an object');
        try {
          for await (const chunk of source) {
            size += chunk.length;
            await writer.write(chunk);
          }
          await writer.sync();
        } catch (error) {
          await writer.stop(new VaultError('invalid', 'The object was given up.'));
          throw error;
        }
        await attempt('Writing an object', async () => {
          await handle.chmod(0o440);
          await handle.sync();
        });
      } finally {
        await handle.close();
      }
      await attempt('Writing an object', async () => {
        await this.#shards.ensure(shard);
        await this.#fs.link(path, file);
        await this.#shards.sync(shard);
      });
      return { key, versionId, size };
    } finally {
      // What cannot be removed now is removed by `sweep`; the object itself is either there or was never named.
      await this.#fs.unlink(path).catch(() => undefined);
    }
  }

  async *read(version: ObjectVersion, range: ByteRange, fromMedium: boolean): AsyncIterable<Uint8Array> {
    const { start, end } = range;
    if (
      !(Number.isSafeInteger(start) && Number.isSafeInteger(end) && 0 <= start && start <= end && end <= version.size)
    ) {
      throw new VaultError('invalid', `There are no bytes [${start}, ${end}) in an object of ${version.size} bytes.`);
    }
    const { file } = placeOf(this.#layout, version);
    const open = async () => {
      const opened = await attempt('Opening an object', () => openToRead(this.#fs, file, fromMedium && this.#directIo));
      const { size } = await opened.handle.stat();
      if (size === version.size) return opened;
      await opened.handle.close();
      throw new VaultError('corrupt', `The object has ${size} bytes on disk, but ${version.size} were stored.`);
    };
    yield* readRange(open, range);
  }

  async stat(version: ObjectVersion): Promise<{ readonly size: number }> {
    const { file } = placeOf(this.#layout, version);
    const { size } = await attempt('Looking up an object', () => this.#fs.stat(file));
    return { size };
  }

  async openLocal(version: ObjectVersion): Promise<{ readonly path: string; release(): Promise<void> }> {
    const { size } = await this.stat(version);
    if (size !== version.size) {
      throw new VaultError('corrupt', `The object has ${size} bytes on disk, but ${version.size} were stored.`);
    }
    // The object itself: its mode keeps a careless program from writing to it, and there is no copy to remove.
    return { path: placeOf(this.#layout, version).file, release: async () => undefined };
  }

  async delete(version: ObjectVersion): Promise<void> {
    const place = placeOf(this.#layout, version);
    await this.#serial.run(place.file, async () => {
      const removed = await attempt('Deleting an object', async () => {
        await this.#locks.assertDeletable(place);
        return except(
          'ENOENT',
          false,
          this.#fs.unlink(place.file).then(() => true),
        );
      });
      if (!removed) return;
      await attempt('Deleting an object', async () => {
        await syncDirectory(this.#fs, place.shard);
        await this.#locks.forget(place);
      });
    });
  }

  /** Removes what `write` left unfinished in processes that are gone. */
  async sweep(): Promise<void> {
    for (const name of await this.#fs.readdir(this.#layout.staging)) {
      if (!name.endsWith('.new')) continue;
      const path = join(this.#layout.staging, name);
      const found = await except('ENOENT', null, this.#fs.stat(path));
      // The file's own time, so the machine's own clock.
      if (found !== null && Date.now() - found.mtimeMs > ABANDONED_AFTER) {
        await except('ENOENT', undefined, this.#fs.unlink(path));
      }
    }
  }
}
