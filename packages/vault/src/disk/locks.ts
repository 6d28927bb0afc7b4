import { join } from 'node:path';
import { VaultError } from '../errors.ts';
import type { ObjectVersion, Protection } from '../port.ts';
import type { Serial } from '../serial.ts';
import { attempt, except, type FileSystem, syncDirectory } from './filesystem.ts';
import { type Layout, type PlacedVersion, placeOf } from './layout.ts';
import type { ShardDirectories } from './shard-directories.ts';

const RETAIN = 'retain-until-';
const HOLD = 'legal-hold';

/**
 * Retention and holds. Each lock is an empty file whose name says it all, in a directory per version:
 *
 *     retain-until-2031-01-01T00:00:00.000Z
 *     legal-hold
 *
 * The latest date counts, and dates are only added. So nothing is ever rewritten: two processes extending at the same time
 * cannot shorten each other, no crash leaves half a lock, and whoever distrusts this program can read the locks with `ls`.
 */
export class DiskLocks {
  readonly #fs: FileSystem;
  readonly #layout: Layout;
  readonly #shards: ShardDirectories;
  readonly #serial: Serial;
  readonly #clock: () => Date;

  constructor(fileSystem: FileSystem, layout: Layout, shards: ShardDirectories, serial: Serial, clock: () => Date) {
    this.#fs = fileSystem;
    this.#layout = layout;
    this.#shards = shards;
    this.#serial = serial;
    this.#clock = clock;
  }

  async retain(version: ObjectVersion, until: Date): Promise<void> {
    if (!(until.getTime() > this.#clock().getTime())) {
      throw new VaultError('invalid', 'Retention has to end in the future.');
    }
    await this.#onExisting(version, async (place) => {
      const { retainUntil } = await this.#read(place);
      if (retainUntil !== null && until < retainUntil) {
        throw new VaultError(
          'retained',
          `The object is retained until ${retainUntil.toISOString()}; that can be extended, never shortened.`,
        );
      }
      await this.#add(place, RETAIN + until.toISOString());
    });
  }

  async setLegalHold(version: ObjectVersion, on: boolean): Promise<void> {
    await this.#onExisting(version, async (place) => {
      if (on) {
        await this.#add(place, HOLD);
      } else {
        const lifted = await except(
          'ENOENT',
          false,
          this.#fs.unlink(join(place.locks, HOLD)).then(() => true),
        );
        if (lifted) await syncDirectory(this.#fs, place.locks);
      }
    });
  }

  async protection(version: ObjectVersion): Promise<Protection> {
    const place = placeOf(this.#layout, version);
    return attempt('Reading the locks of an object', async () => {
      await this.#fs.stat(place.file);
      return this.#read(place);
    });
  }

  /** Rejects `held` or `retained`. */
  async assertDeletable(place: PlacedVersion): Promise<void> {
    const { retainUntil, legalHold } = await this.#read(place);
    if (legalHold) {
      throw new VaultError('held', 'The object is under a legal hold; it can be deleted once the hold is lifted.');
    }
    if (retainUntil !== null && retainUntil > this.#clock()) {
      throw new VaultError(
        'retained',
        `The object is retained until ${retainUntil.toISOString()}; delete it after that.`,
      );
    }
  }

  /** Removes the locks of an object that is gone. */
  async forget(place: PlacedVersion): Promise<void> {
    for (const name of await except('ENOENT', [], this.#fs.readdir(place.locks))) {
      await except('ENOENT', undefined, this.#fs.unlink(join(place.locks, name)));
    }
    await except('ENOENT', undefined, this.#fs.rmdir(place.locks));
  }

  async #onExisting(version: ObjectVersion, work: (place: PlacedVersion) => Promise<void>): Promise<void> {
    const place = placeOf(this.#layout, version);
    await this.#serial.run(place.file, () =>
      attempt('Locking an object', async () => {
        await this.#fs.stat(place.file);
        await work(place);
      }),
    );
  }

  async #read(place: PlacedVersion): Promise<Protection> {
    let latest: Date | null = null;
    let legalHold = false;
    for (const name of await except('ENOENT', [], this.#fs.readdir(place.locks))) {
      if (name === HOLD) {
        legalHold = true;
        continue;
      }
      const date = new Date(name.startsWith(RETAIN) ? name.slice(RETAIN.length) : Number.NaN);
      // Somebody's hand was in here. Guessing that the object is free would be the one unforgivable guess.
      if (Number.isNaN(date.getTime())) {
        throw new VaultError('corrupt', `${JSON.stringify(name)} among the locks is no lock this vault made.`);
      }
      if (latest === null || date > latest) latest = date;
    }
    return { mode: latest === null ? 'none' : 'compliance', retainUntil: latest, legalHold };
  }

  async #add(place: PlacedVersion, name: string): Promise<void> {
    await this.#shards.ensure(place.locksShard);
    await except('EEXIST', undefined, this.#fs.mkdir(place.locks, 0o750));
    await syncDirectory(this.#fs, place.locksShard);
    // Opened, not created exclusively: it may be there from a call that died before the next line.
    await (await this.#fs.open(join(place.locks, name), 'a', 0o440)).close();
    await syncDirectory(this.#fs, place.locks);
  }
}
