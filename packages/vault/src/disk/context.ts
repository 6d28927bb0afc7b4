import type { FileSystem } from './filesystem.ts';
import type { Layout } from './layout.ts';
import type { ShardDirectories } from './shard-directories.ts';

/** What the driver's parts share. */
export interface DiskContext {
  readonly fileSystem: FileSystem;
  readonly layout: Layout;
  readonly shards: ShardDirectories;
  /** the file system has been seen to read and write around the kernel's cache */
  readonly directIo: boolean;
}
