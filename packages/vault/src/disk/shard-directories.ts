import { dirname } from 'node:path';
import { except, type FileSystem, syncDirectory } from './filesystem.ts';

/** Directories made on demand, each durable before anything is put into it. */
export class ShardDirectories {
  readonly #fs: FileSystem;
  /** directories known to be durable: synced into their parent by this process */
  readonly #durable = new Set<string>();

  constructor(fileSystem: FileSystem) {
    this.#fs = fileSystem;
  }

  /** Makes the directory, one level below an existing one, unless it is there. */
  async ensure(path: string): Promise<void> {
    if (this.#durable.has(path)) return;
    await except('EEXIST', undefined, this.#fs.mkdir(path, 0o750));
    // Also when it was there: whoever made it may have died before this.
    await syncDirectory(this.#fs, dirname(path));
    this.#durable.add(path);
  }

  /** Makes the directory's entries durable, and its own entry in its parent. */
  async sync(path: string): Promise<void> {
    await this.ensure(path);
    await syncDirectory(this.#fs, path);
  }
}
