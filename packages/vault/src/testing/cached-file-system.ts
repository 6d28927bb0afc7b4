import { constants } from 'node:fs';
import { type FileSystem, localFileSystem } from '../disk/filesystem.ts';

/** This machine's file system, unable to go around the kernel's cache, as some are. */
export const cachedFileSystem: FileSystem = {
  ...localFileSystem,
  open: async (path, flags, mode) => {
    if (typeof flags === 'number' && flags & constants.O_DIRECT) {
      throw Object.assign(new Error('no direct I/O'), { code: 'EINVAL' });
    }
    return localFileSystem.open(path, flags, mode);
  },
};
